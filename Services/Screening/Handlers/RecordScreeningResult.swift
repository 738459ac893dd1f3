import Contracts
import ServiceRuntime
import Vocabulary

/// A bureau's record on its own topic becomes a result in a case, and the bureau gets exactly one receipt for it, on its receipts topic.
///
/// A record that cannot be read at all is a dead letter, and the bureau is told so like of any refusal; replayed, it gets another receipt.
struct RecordScreeningResult: Sendable {
    let context: ScreeningContext

    var subscription: Subscription {
        .ingress(RawScreeningResult.topic, "RecordScreeningResult", told: tell) { record, work in try handle(record, work) }
    }

    private func handle(_ record: IngressRecord, _ work: UnitOfWork) throws {
        let bureau = record.organisation
        let raw: RawScreeningResult
        do {
            raw = try Ingress.read(RawScreeningResult.self, value: record.value, headers: record.headers, sender: bureau)
        } catch {
            guard error.code != "UNDECODABLE" else { throw DeadLetter(reason: error.code, field: error.field) }
            let broken = RuleBroken(field: error.field ?? "", code: error.code, rule: error.rule, source: error.source)
            say(.refused([broken]), resultID: Self.named(by: record.key), revision: 0, bureau, work)
            return
        }
        let row = ResultRow(raw)
        let known = try OrganisationTable.find(bureau, in: work.tx)
        // The directory narrows what a bureau may report. Before its fact has arrived the topic alone says who writes: nobody is granted
        // one without being in the directory.
        guard known.map({ $0.kind == .healthBureau }) ?? true else {
            say(
                .refused([.told("ORGANISATION_NOT_A_BUREAU", field: "organisation")]), resultID: raw.resultID, revision: raw.revision,
                bureau, work)
            return
        }
        let recorder = ResultRecorder(context: context)
        let ending: ResultEnding
        do {
            ending = try recorder.record(
                try recorder.prepare(row, from: bureau, scope: known?.region, on: work.cause.today), from: bureau, in: work)
        } catch let broken as RulesBroken { ending = .refused(broken.rules) }
        say(ending, resultID: raw.resultID, revision: max(1, raw.revision), bureau, work)
    }

    /// A record that was set aside is answered too.
    private func tell(_ record: IngressRecord, _ reason: String, _ field: String?, _ work: UnitOfWork) throws {
        // What cannot be read may still be named by its key.
        let raw = try? Ingress.read(RawScreeningResult.self, value: record.value, headers: record.headers, sender: record.organisation)
        say(
            .refused([RuleBroken(field: field ?? "", code: reason, rule: "", source: "")]),
            resultID: raw?.resultID ?? Self.named(by: record.key),
            revision: raw?.revision ?? 0, record.organisation, work)
    }

    private func say(_ ending: ResultEnding, resultID: String, revision: Int, _ bureau: OrganisationID, _ work: UnitOfWork) {
        var receipt = ResultReceipt(organisation: bureau, resultID: resultID, revision: revision, outcome: .accepted)
        switch ending {
        case .accepted(let id), .corrected(let id): receipt.caseID = id
        case .withdrawn(let id): receipt.caseID = id
        case .repeated(let id):
            receipt.outcome = .repeated
            receipt.caseID = id
        case .conflict(let id):
            receipt.outcome = .conflict
            receipt.caseID = id
            receipt.tell(.told("RESULT_CONFLICT", field: "revision"))
        case .refused(let rules):
            receipt.outcome = .refused
            if let first = rules.first { receipt.tell(first) }
        }
        work.publish(receipt, to: bureau)
    }

    /// Bureaus key their records by result id; what cannot be read may still be named by it.
    private static func named(by key: [UInt8]) -> String {
        key.count <= 64 && key.allSatisfy { $0 > 32 && $0 < 127 } ? String(decoding: key, as: UTF8.self) : ""
    }
}

extension ResultReceipt {
    fileprivate mutating func tell(_ broken: RuleBroken) {
        let entry = ScreeningRefusals.complete[broken.code]
        code = broken.code
        field = broken.field.isEmpty ? nil : broken.field
        rule = broken.rule.isEmpty ? entry?.english : broken.rule
        source = broken.source.isEmpty ? entry?.source : broken.source
        messageZh = entry?.chinese
        messageEn = entry?.english ?? broken.rule
    }
}

extension ResultRow {
    /// A record of the published schema as the row it would be in a file.
    init(_ raw: RawScreeningResult) {
        self.init()
        self[.resultID] = raw.resultID
        self[.revision] = raw.revision == 0 ? "" : String(raw.revision)
        self[.withdrawn] = raw.withdrawn ? "1" : ""
        self[.organisation] = raw.organisation ?? ""
        self[.stage] = raw.stage
        self[.topic] = raw.topic
        self[.categoryCode] = raw.categoryCode ?? ""
        self[.codeSystem] = raw.codeSystem ?? ""
        self[.outcome] = raw.outcome
        self[.takenOn] = raw.takenOn
        self[.roundMonths] = String(raw.roundMonths)
        self[.tool] = raw.tool ?? ""
        self[.reason] = raw.reason ?? ""
        guard let child = raw.child else { return }
        self[.documentKind] = child.documentKind
        self[.documentNumber] = child.documentNumber
        self[.name] = child.name
        self[.sex] = child.sex
        self[.birthDate] = child.birthDate
        self[.birthOrder] = child.birthOrder == 0 ? "" : String(child.birthOrder)
        self[.guardianName] = child.guardianName
        self[.guardianTelephone] = child.guardianTelephone
        self[.residence] = child.residence
    }
}
