import Contracts
import Vocabulary

/// The rehabilitation centres: they read who is referred to them, answer, enrol, and report every month.
struct Centres: Sendable {
    let world: World
    let system: CareSystem
    let publisher: PartnerPublisher
    let tally: Tally

    private struct Answer: Encodable {
        var attempt: Int
        var answer: String
        var reason: String?
    }

    private struct Contact: Decodable { var person: String }

    /// What a notice leads to. Ignored referrals run out of time.
    func plan(_ item: Mailbox.Notice, on day: LocalDate, calendar: Agenda<Errand>) -> [FollowUp] {
        let notice = item.notice
        let name = "\(notice.referral)/\(notice.attempt)"
        tally.add("notices.\(notice.status.rawValue)")
        // A claim that came too late does not change what became of the attempt.
        if notice.status != .superseded { tally.set("attempt", name, to: notice.status.rawValue) }
        guard notice.status == .issued, !world.chance(0.04, "ignore", name) else { return [] }
        let declines = world.chance(0.08, "decline", name)
        let on = calendar.after(day, workingDays: world.decide("answer-delay", name, below: 7))
        return [
            FollowUp(
                errand: .answer(item, accept: !declines), name: "\(item.centre)/\(name)", phase: declines ? .decline : .answer, day: on)
        ]
    }

    /// Reads the contact, then answers, over the log or HTTP. How many records went to the answers topic.
    func answer(_ item: Mailbox.Notice, accept: Bool) async throws -> [String: Int] {
        let notice = item.notice
        let token = world.token(.rehabilitationCentre, item.centre)
        let name = "\(notice.referral)/\(notice.attempt)"
        try await readContact(of: notice, as: token, name)
        if world.chance(0.03, "nosy", name), let other = world.centres.first(where: { $0.id != item.centre }) {
            try await tryForeignContact(of: notice, as: world.token(.rehabilitationCentre, other.id), name)
        }
        let body = Answer(attempt: notice.attempt, answer: accept ? "accept" : "decline", reason: accept ? nil : "近期治疗师不足")
        tally.add(accept ? "answers.accepted" : "answers.declined")
        guard SplitMix64.hash(world.seed, "by-kafka", name) % 2 == 0 else {
            do {
                try await system.client(.rehabilitation).post(
                    "/referrals/\(notice.referral)/answer", body, token: token, key: "answer-\(notice.referral)-\(notice.attempt)")
            } catch let error as ServiceError where error.status == 409 || error.status == 422 {
                // Too late, withdrawn meanwhile, or full: the centre is told so, and the referral goes its way.
                tally.add("answers.refused")
            }
            return [:]
        }
        let topic = Catalogue.name(RawReferralAnswer.topic, for: item.centre)
        func record(_ bytes: [UInt8], _ id: String) -> PartnerRecord {
            PartnerRecord(
                topic: topic, key: notice.referral.text, value: bytes, type: RawReferralAnswer.type, contentType: "application/protobuf",
                id: "\(id)/\(name)")
        }
        var records: [PartnerRecord] = []
        // A client that is not ready yet: a word nobody knows, or bytes that are no message at all. Each is told, and sent again as it should be.
        if world.chance(0.03, "misspells", name) { records.append(record(Self.message(notice, "perhaps", nil), "misspelt")) }
        if world.chance(0.02, "garbles", name) { records.append(record([0xff, 0xfe, 0xfd], "garbled")) }
        records.append(record(Self.message(notice, body.answer, body.reason), "answer"))
        let sent = try await publisher.send(records)
        guard sent == records.count else { throw Complaint("答复没有写入日志", "an answer did not reach the log", code: .unreachable) }
        tally.add("answers.sent", Int64(sent))
        return [topic: sent]
    }

    private static func message(_ notice: ReferralNotice, _ answer: String, _ reason: String?) -> [UInt8] {
        var message = ProtobufWriter()
        message.text(1, notice.referral.text)
        message.number(2, notice.attempt)
        message.text(3, answer)
        message.text(4, reason ?? "")
        return message.bytes
    }

    /// What became of an answer that went over the log.
    func take(_ receipt: AnswerReceipt) {
        // Told to wait, it gets its receipt later.
        guard receipt.outcome != .waiting else { return }
        tally.add("answers.receipts")
        tally.add("answers.receipts.\(receipt.outcome.rawValue)")
    }

    /// Tells one asking from another in the audit: a read whose answer was lost is asked again, and both are audited. A purpose is letters.
    private static func purpose(_ why: String, _ name: String) -> String {
        var rest = SplitMix64.hash(0, why, name)
        let letters = (0..<13).map { _ in
            defer { rest /= 26 }
            return Character(Unicode.Scalar(UInt8(97 + rest % 26)))
        }
        return "\(why)-\(String(letters))"
    }

    private func readContact(of notice: ReferralNotice, as token: String, _ name: String) async throws {
        do {
            let _: Contact = try await system.client(.registration).get(
                "/persons/\(notice.person)/contact?referral=\(notice.referral)&purpose=\(Self.purpose("intake", name))", token: token)
            tally.add("contacts.read")
        } catch let error as ServiceError where error.status == 404 {
            tally.add("contacts.refused")
        }
    }

    /// Somebody who does not own the referral asks: the answer must be that there is nothing.
    private func tryForeignContact(of notice: ReferralNotice, as token: String, _ name: String) async throws {
        do {
            _ = try await system.client(.registration).get(
                "/persons/\(notice.person)/contact?referral=\(notice.referral)&purpose=\(Self.purpose("curiosity", name))", token: token)
            throw Complaint("外人读到了联系方式", "somebody who does not own a referral read its contact")
        } catch let error as ServiceError where error.status == 404 {
            tally.add("contacts.refused")
        }
    }

    // MARK: Training

    private struct Enrol: Encodable {
        var application: String
        var startedOn: String
    }

    private struct Enrolment: Decodable { var enrolment: String }

    func enrol(_ assistance: Assistance, on day: LocalDate) async throws -> [FollowUp] {
        do {
            let enrolment = try await system.client(.rehabilitation).post(
                "/enrolments", Enrol(application: assistance.application, startedOn: day.text),
                token: world.token(.rehabilitationCentre, assistance.centre), key: "enrol-\(assistance.application)", as: Enrolment.self)
            tally.add("enrolments")
            let training = Training(
                enrolment: enrolment.enrolment, centre: assistance.centre, startedOn: day, month: day.month, name: assistance.name,
                region: assistance.region)
            return [next(training)]
        } catch let error as ServiceError where error.status == 409 || error.status == 422 {
            tally.add("enrolments.refused")
            return []
        }
    }

    private struct Month: Encodable {
        var month: String
        var serviceDays: Int
        var grossFen: Int64
        var basicInsuranceFen: Int64
        var seriousIllnessFen: Int64
        var medicalReliefFen: Int64
        var otherInsuranceFen: Int64
    }

    private struct Recorded: Decodable {
        struct Line: Decodable {
            var counted: Bool
            var subsidyFen: Int64
            var grossFen: Int64
            var parentsFen: Int64
        }

        var line: Line
        var ended: Bool
    }

    private struct End: Encodable {
        var outcome: String
        var endedOn: String
    }

    /// Reports a month, insurance first. A few families stop early.
    func record(_ training: Training, on day: LocalDate) async throws -> [FollowUp] {
        let name = "\(training.name)/\(training.month)"
        let token = world.token(.rehabilitationCentre, training.centre)
        if training.month > training.startedOn.month.adding(2), world.chance(0.006, "drops-out", name) {
            try await system.client(.rehabilitation).post(
                "/enrolments/\(training.enrolment)/end", End(outcome: "droppedOut", endedOn: training.month.first.text), token: token,
                key: "end-\(training.enrolment)")
            tally.add("enrolments.ended")
            return []
        }
        let isFirst = training.month == training.startedOn.month
        let isWhole = !isFirst || training.startedOn.parts.day <= 5
        let daysInTraining = (isFirst ? training.startedOn : training.month.first).distance(to: training.month.last) + 1
        let days =
            isWhole && !world.chance(0.08, "ill", name)
            ? 20 + world.decide("days", name, below: 4) : 6 + world.decide("few-days", name, below: 8)
        let gross = Int64(150_000 + world.decide("gross", name, below: 90_000))
        let insured = world.chance(0.7, "insured", training.name)
        let basic = insured ? gross * Int64(25 + world.decide("basic", name, below: 20)) / 100 : 0
        let relief = insured && world.chance(0.2, "relief", training.name) ? gross * 8 / 100 : 0
        let recorded = try await system.client(.rehabilitation).post(
            "/enrolments/\(training.enrolment)/months",
            Month(
                month: training.month.text, serviceDays: min(days, daysInTraining), grossFen: gross, basicInsuranceFen: basic,
                seriousIllnessFen: 0, medicalReliefFen: relief, otherInsuranceFen: 0),
            token: token, key: "month-\(training.enrolment)-\(training.month)", as: Recorded.self)
        tally.add("months")
        tally.add("subsidyFen", recorded.line.subsidyFen)
        if recorded.line.counted { tally.add("months.counted") }
        tally.once("centres.with-lines", training.centre.text)
        if recorded.ended {
            tally.add("enrolments.ended")
            return []
        }
        var following = training
        following.month = training.month.adding(1)
        return [next(following)]
    }

    private func next(_ training: Training) -> FollowUp {
        FollowUp(
            errand: .month(training), name: "\(training.enrolment)/\(training.month)", phase: .months,
            day: training.month.adding(1).first.adding(days: world.decide("month-day", training.enrolment, below: 3)))
    }
}
