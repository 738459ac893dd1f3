import Contracts
import Vocabulary

/// What a bureau puts on its topic, in one of the forms the contract allows.
struct BureauRecord: Sendable {
    enum Form: Sendable {
        /// CloudEvents binary mode with JSON or protobuf data.
        case json, protobuf
        /// No header but the content type.
        case plainJSON
        /// Bytes that are nothing: a broken client.
        case garbage
        /// A field that no schema knows.
        case unknownField
        /// Says that it is from somebody else.
        case foreignClaim
    }

    /// What the bureau means by it, for the account.
    enum Meaning: String, Sendable { case new, correction, withdrawal, again, conflict, wrong, broken }

    var district: Int
    var row: ResultRow
    var form: Form
    var meaning: Meaning
    /// Of a sound initial result: what the bureau does next for the child.
    var child: ScreenedChild?
}

/// A child as the bureau that screened it remembers it.
struct ScreenedChild: Sendable {
    var district: Int
    var person: SyntheticPerson
    var topic: ScreeningTopic
    var round: Int
    /// The initial result's id; later ones add to it.
    var name: String
}

/// The health bureaus: they screen, re-screen, diagnose, correct themselves and make mistakes.
struct Bureaus: Sendable {
    let world: World
    let publisher: PartnerPublisher
    let tally: Tally

    func topic(_ district: Int) -> String { Catalogue.name(RawScreeningResult.topic, for: world.districts[district].bureau.id) }

    /// Puts a day's records on the topics; how many each topic got.
    func publish(_ records: [BureauRecord]) async throws -> [String: Int] {
        let outgoing = records.map(record)
        let sent = try await publisher.send(outgoing)
        guard sent == records.count else {
            throw Complaint(
                "只有 \(sent)/\(records.count) 条写入日志", "only \(sent) of \(records.count) records reached the log", code: .unreachable)
        }
        var counts: [String: Int] = [:]
        for (record, out) in zip(records, outgoing) {
            counts[out.topic, default: 0] += 1
            tally.add("kafka.published")
            if record.meaning == .broken { tally.add("kafka.deadLettered") }
        }
        return counts
    }

    private func record(_ record: BureauRecord) -> PartnerRecord {
        let topic = topic(record.district)
        let row = record.row
        let id = "\(row.resultID)/\(row.revision)/\(record.meaning.rawValue)"
        switch record.form {
        case .json:
            return PartnerRecord(
                topic: topic, key: row.resultID, value: row.json(), type: RawScreeningResult.type, contentType: "application/json", id: id)
        case .protobuf:
            return PartnerRecord(
                topic: topic, key: row.resultID, value: row.protobuf(), type: RawScreeningResult.type, contentType: "application/protobuf",
                id: id)
        case .plainJSON:
            return PartnerRecord(topic: topic, key: row.resultID, value: row.json(), type: nil, contentType: "application/json", id: id)
        case .garbage:
            var random = SplitMix64(seed: world.seed, stream: row.resultID)
            let bytes = (0..<40).map { _ in UInt8(truncatingIfNeeded: random.next()) | 0x80 }
            return PartnerRecord(
                topic: topic, key: row.resultID, value: bytes, type: RawScreeningResult.type, contentType: "application/protobuf", id: id)
        case .unknownField:
            return PartnerRecord(
                topic: topic, key: row.resultID, value: [UInt8]("{\"bloodType\":\"A\",".utf8) + row.json().dropFirst(),
                type: RawScreeningResult.type, contentType: "application/json", id: id)
        case .foreignClaim:
            return PartnerRecord(
                topic: topic, key: row.resultID, value: [UInt8]("{\"organisation\":\"hb-999999\",".utf8) + row.json().dropFirst(),
                type: RawScreeningResult.type, contentType: "application/json", id: id)
        }
    }

    // MARK: What a child's result leads to

    /// After an initial result was taken: the re-screen of a positive one, a correction of a few others.
    func after(initial outcome: ScreeningOutcome, of child: ScreenedChild, row: ResultRow, on day: LocalDate) -> [FollowUp] {
        let name = child.name
        guard outcome == .positive else {
            if world.chance(0.015, "correct", name) {
                var corrected = row
                corrected.revision = "2"
                corrected.tool = "复核后更正"
                corrected.reason = "复核"
                return [follow(corrected, .correction, child, day.adding(days: 2 + world.decide("correct-delay", name, below: 9)))]
            }
            if world.chance(0.007, "withdraw", name) {
                var withdrawn = row
                withdrawn.revision = "2"
                withdrawn.withdrawn = "true"
                withdrawn.reason = "录入错误"
                return [follow(withdrawn, .withdrawal, child, day.adding(days: 3 + world.decide("withdraw-delay", name, below: 9)))]
            }
            return []
        }
        // Most come within the thirty days, a few late, a few never.
        guard world.chance(0.94, "comes-to-rescreen", name) else { return [] }
        let delay = world.chance(0.06, "late-rescreen", name) ? 35 : 4
        let on = day.adding(days: delay + world.decide("rescreen-delay", name, below: 20))
        let positive = world.chance(0.62, "rescreen-positive", name)
        return [follow(result(.rescreen, positive ? .positive : .negative, child, on), .new, child, on)]
    }

    func after(rescreen outcome: ScreeningOutcome, of child: ScreenedChild, on day: LocalDate) -> [FollowUp] {
        guard outcome == .positive, world.chance(0.95, "comes-to-diagnosis", child.name) else { return [] }
        let on = day.adding(days: 7 + world.decide("diagnosis-delay", child.name, below: 70))
        let positive = world.chance(0.74, "diagnosis-positive", child.name)
        return [follow(result(.diagnosis, positive ? .positive : .negative, child, on), .new, child, on)]
    }

    /// A few diagnoses are taken back a little later, and a few children are screened again although the diagnosis stands.
    func after(diagnosis outcome: ScreeningOutcome, of child: ScreenedChild, row: ResultRow, on day: LocalDate) -> [FollowUp] {
        guard outcome == .positive else { return [] }
        if world.chance(0.03, "diagnosis-revised", child.name) {
            var corrected = row
            corrected.revision = "2"
            corrected.outcome = ScreeningOutcome.negative.rawValue
            corrected.reason = "复诊排除"
            return [follow(corrected, .correction, child, day.adding(days: 1 + world.decide("revision-delay", child.name, below: 6)))]
        }
        if world.chance(0.06, "screened-again", child.name) {
            let on = day.adding(days: 20 + world.decide("again-delay", child.name, below: 40))
            var row = result(.initial, .positive, child, on)
            row.resultID = "\(child.name)-again"
            row.roundMonths = String(child.round + 6)
            return [follow(row, .wrong, child, on)]
        }
        return []
    }

    private func result(_ stage: ScreeningStage, _ outcome: ScreeningOutcome, _ child: ScreenedChild, _ day: LocalDate) -> ResultRow {
        ResultRow(
            resultID: "\(child.name)-\(stage == .rescreen ? "2" : "3")", stage: stage, topic: child.topic, outcome: outcome, takenOn: day,
            roundMonths: child.round, of: child.person)
    }

    private func follow(_ row: ResultRow, _ meaning: BureauRecord.Meaning, _ child: ScreenedChild, _ day: LocalDate) -> FollowUp {
        var row = row
        // Offices are closed on the others: the examination is on the day the record is sent.
        let open = Agenda<Errand>().workingDay(day)
        if meaning == .new || meaning == .wrong { row.takenOn = open.text }
        let form: BureauRecord.Form = SplitMix64.hash(world.seed, "form", row.resultID) % 2 == 0 ? .json : .protobuf
        return FollowUp(
            errand: .publish(BureauRecord(district: child.district, row: row, form: form, meaning: meaning, child: child)),
            name: "\(child.district)/\(row.resultID)/\(row.revision)", phase: .publish, day: open)
    }

    // MARK: Every day

    /// New children screened on `day`, with the share of mistakes that bureaus make.
    func daily(_ day: LocalDate, count: Int, people: inout [SyntheticPeople]) -> [BureauRecord] {
        var records: [BureauRecord] = []
        var random = SplitMix64(seed: world.seed, stream: "daily", index: Int(day.days))
        for number in 0..<count {
            let district = random.below(world.districts.count)
            let person = people[district].child(on: day)
            let topics = person.residence.text.hasPrefix("37") ? ScreeningTopic.allCases : ScreeningTopic.allCases.filter { $0 != .speech }
            let topic = random.pick(topics)
            let outcome: ScreeningOutcome = random.chance(0.05) ? .positive : .negative
            let round = ResultRowSource.round(person.birth, day)
            let name = "d\(day.text.filter { $0 != "-" })-\(padded(number, 3))"
            var row = ResultRow(
                resultID: name, stage: .initial, topic: topic, outcome: outcome, takenOn: day, roundMonths: round, of: person)
            let child = ScreenedChild(district: district, person: person, topic: topic, round: round, name: name)
            let form: BureauRecord.Form = number % 10 == 9 ? .plainJSON : number % 2 == 0 ? .json : .protobuf
            var record = BureauRecord(district: district, row: row, form: form, meaning: .new, child: child)
            switch random.below(200) {
            case 0...1:
                records.append(record)
                record.meaning = .again
            case 2:
                records.append(record)
                row.outcome = outcome == .positive ? "negative" : "positive"
                record = BureauRecord(district: district, row: row, form: form, meaning: .conflict, child: nil)
            case 3: record = BureauRecord(district: district, row: row, form: .garbage, meaning: .broken, child: nil)
            case 4: record = BureauRecord(district: district, row: row, form: .unknownField, meaning: .wrong, child: nil)
            case 5: record = BureauRecord(district: district, row: row, form: .foreignClaim, meaning: .wrong, child: nil)
            case 6...7:
                let fault = random.pick([
                    RowFault.idChecksum, .impossibleDate, .unknownRegion, .sexContradictsID, .shiftedCategoryCode, .unknownCategory,
                ])
                fault.spoil(&row, earlier: row, random: &random)
                record = BureauRecord(district: district, row: row, form: form, meaning: .wrong, child: nil)
            default: break
            }
            records.append(record)
        }
        return records
    }
}
