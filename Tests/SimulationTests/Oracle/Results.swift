import Contracts
import Foundation
import Messaging
import Persistence
import Vocabulary

/// What bureaus sent, what they were told, and what counts now.
struct ResultOracle {
    /// A result that counts, as the log's events add up to it.
    struct Standing: Hashable {
        let caseID: String
        let bureau: String
        let resultID: String
    }

    private let world: World
    private var standing: [Standing: ResultFacts] = [:]
    private var receipts: [String: [ResultReceipt]] = [:]
    private(set) var shared: [String: (facts: PersonFacts, isShared: Bool, inTime: Bool)] = [:]

    init(_ world: World, _ facts: [Fact]) throws {
        self.world = world
        // Facts of one case share a key, and so a partition: their order is the order they were decided in.
        for fact in facts {
            switch fact.meta.type {
            case ResultAccepted.type:
                let event = try ResultAccepted(protobuf: fact.data)
                let key = Standing(caseID: event.caseID.text, bureau: event.bureau.text, resultID: event.resultID)
                guard standing.updateValue(event.result, forKey: key) == nil else { throw Broken("\(key.resultID) was accepted twice") }
            case ResultCorrected.type:
                let event = try ResultCorrected(protobuf: fact.data)
                let key = Standing(caseID: event.caseID.text, bureau: event.bureau.text, resultID: event.resultID)
                guard standing[key] == event.before else { throw Broken("\(key.resultID) was corrected from what it was not") }
                standing[key] = event.after
            case ResultWithdrawn.type:
                let event = try ResultWithdrawn(protobuf: fact.data)
                let key = Standing(caseID: event.caseID.text, bureau: event.bureau.text, resultID: event.resultID)
                guard standing.removeValue(forKey: key) == event.result else {
                    throw Broken("\(key.resultID) was withdrawn from what it was not")
                }
            case CaseShared.type:
                let event = try CaseShared(protobuf: fact.data)
                guard shared[event.caseID.text]?.isShared != true else { throw Broken("\(event.caseID) was shared twice") }
                // The fifth working day is the last one: fewer have gone by before it.
                let yesterday = fact.meta.recorded.date.adding(days: -1)
                let gone = try WorkingCalendar.shared.workingDays(after: event.diagnosedOn, through: yesterday)
                shared[event.caseID.text] = (event.facts, true, gone < 5)
            case CaseShareRevoked.type:
                let event = try CaseShareRevoked(protobuf: fact.data)
                guard shared[event.caseID.text]?.isShared == true else { throw Broken("\(event.caseID) was revoked and not shared") }
                shared[event.caseID.text]?.isShared = false
            case ResultReceipt.type:
                receipts[fact.topic, default: []].append(try ResultReceipt(protobuf: fact.data))
            default: break
            }
        }
    }

    /// What counts now, by case.
    var cases: [String: [ResultFacts]] {
        standing.reduce(into: [:]) { $0[$1.key.caseID, default: []].append($1.value) }
    }

    func check() throws {
        for bureau in Cast.bureaus { try checkReceipts(bureau) }
        for (id, entries, isShared) in try world.look(at: .screening, Self.cases, { ($0.text(0), $0.text(1), $0.bool(2)) }) {
            let kept = Set(
                entries.split(separator: "\n").map { line in
                    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                    return "\(fields[0])/\(fields[1])/\(fields[3])/\(fields[4])"
                })
            let told = Set(
                standing.filter { $0.key.caseID == id }
                    .map { "\($0.key.bureau)/\($0.key.resultID)/\($0.value.stage.rawValue)/\($0.value.outcome.rawValue)" })
            guard kept == told else { throw Broken("case \(id) keeps \(kept.sorted()), the log says \(told.sorted())") }
            guard (shared[id]?.isShared ?? false) == isShared else { throw Broken("case \(id) and the log differ on its sharing") }
        }
        let missed = try world.look(at: .screening, Self.awaited) { "\($0.text(0)) by \($0.text(1))" }.filter {
            $0.suffix(10) < world.today.text
        }
        guard missed.isEmpty else { throw Broken("nobody noticed that these are overdue: \(missed)") }
    }

    /// Every record of a bureau has one receipt, one that was set aside too, and another when it is replayed; and the newest revision that was not refused is the one that is known.
    private func checkReceipts(_ bureau: String) throws {
        let organisation = OrganisationID(trusted: bureau)
        let topic = Catalogue.name(RawScreeningResult.topic, for: organisation)
        let told = receipts[Catalogue.name(ResultReceipt.topic, for: organisation)] ?? []
        let records = world.log.records(topic)
        let letters = try world.look(at: .screening, Self.letters) { (topic: $0.text(0), offset: $0.int(1), isReplayed: $0.bool(2)) }
            .filter { $0.topic == topic }
        let dead = letters.filter { !$0.isReplayed }
        guard Set(dead.map(\.offset)).count == dead.count else { throw Broken("a record of \(bureau) is dead twice") }
        guard told.count == records.count + letters.count - dead.count else {
            throw Broken(
                "\(bureau) wrote \(records.count) records and got \(told.count) receipts; \(letters.count - dead.count) were replayed")
        }
        var newest: [String: Int] = [:]
        for record in records {
            guard let value = record.value, let sent = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any],
                let id = sent["resultId"] as? String, let revision = sent["revision"] as? Int
            else { continue }
            newest[id] = max(newest[id] ?? 0, revision)
        }
        let refused = Set(told.filter { $0.outcome == .refused }.map(\.resultID))
        let known = Dictionary(
            uniqueKeysWithValues: try world.look(at: .screening, Self.results) { ($0.text(0) + "/" + $0.text(1), Int($0.int(2))) })
        for (id, revision) in newest where !refused.contains(id) {
            guard known["\(bureau)/\(id)"] == revision else {
                throw Broken("\(bureau) sent revision \(revision) of \(id), Screening knows \(known["\(bureau)/\(id)"] ?? 0)")
            }
        }
        for receipt in told where receipt.outcome == .accepted {
            guard (known["\(bureau)/\(receipt.resultID)"] ?? 0) >= receipt.revision else {
                throw Broken("\(receipt.resultID) revision \(receipt.revision) was accepted and is not known")
            }
        }
    }

    private static let cases = SQL("SELECT id, entries, shared FROM screening_cases")
    private static let awaited = SQL("SELECT id, awaited_due FROM screening_cases WHERE awaited_due IS NOT NULL")
    private static let letters = SQL("SELECT topic, record_offset, replayed FROM dead_letters")
    private static let results = SQL("SELECT organisation, result_id, revision FROM screening_results")
}
