import Contracts
import Messaging
import Vocabulary

/// A recount of the event log: every topic from its start to its end, each numbered record once. Knows nothing of stores or partners.
struct LogColumn {
    let log: any EventLog

    /// Blocks until everything up to the ends found at its start was read.
    func count() throws -> [String: Int64] {
        let topics = try log.topics().keys.filter { $0.hasPrefix("careloop.") }.sorted()
        let ends = try log.ends(topics).filter { $0.value > 0 }
        let starts = try log.starts(topics)
        guard !ends.isEmpty else { return [:] }
        let consumer = try log.consumer(ConsumerSettings(group: "", topics: Array(Set(ends.keys.map(\.topic))).sorted()) { _ in nil })
        defer { consumer.close(within: .seconds(5)) }
        var counter = Counter()
        var left = ends.filter { $0.value > starts[$0.key, default: 0] }
        var empty = 0
        while !left.isEmpty {
            let records = try consumer.poll(max: 5000, wait: .milliseconds(500))
            empty = records.isEmpty ? empty + 1 : 0
            // Ten seconds without anything: the last records before an end are gone, and the account has to say so.
            guard empty < 20 else { throw Self.missing(left.keys) }
            for record in records {
                guard let end = ends[record.topicPartition], record.offset < end else { continue }
                counter.count(record)
                if record.offset >= end - 1 { left[record.topicPartition] = nil }
            }
        }
        return counter.column
    }

    private static func missing(_ partitions: some Collection<TopicPartition>) -> Complaint {
        let list = partitions.map { "\($0)" }.sorted().joined(separator: ", ")
        return Complaint("日志末尾的记录不见了：\(list)", "the log's last records are missing: \(list)", code: .accountDiffers)
    }

    /// Partitions from which records have vanished: a log that keeps everything begins at 0.
    func movedStarts() throws -> [String] {
        let topics = try log.topics().keys.filter { $0.hasPrefix("careloop.") }
        return try log.starts(topics.sorted()).filter { $0.value > 0 }.map { "\($0.key): \($0.value)" }.sorted()
    }

    private struct Counter {
        var column: [String: Int64] = [:]
        private var lastNumber: [TopicPartition: Int64] = [:]
        /// Standing results of each case.
        private var cases: [String: Int] = [:]
        private var referrals: Set<String> = []
        /// What became of each attempt.
        private var attempts: [String: String] = [:]
        private static let results = TopicPattern(RawScreeningResult.topic)
        private static let receipts = TopicPattern(ResultReceipt.topic)
        private static let answers = TopicPattern(RawReferralAnswer.topic)
        private static let answerReceipts = TopicPattern(AnswerReceipt.topic)

        mutating func count(_ record: LogRecord) {
            if Self.results.match(record.topic) != nil {
                add("kafka.published")
            } else if Self.receipts.match(record.topic) != nil {
                guard isNew(record, record.header("ce_sequence").flatMap { EventSequence($0.text) }) else { return }
                add("kafka.receipts")
                receipt(record)
            } else if Self.answers.match(record.topic) != nil {
                add("answers.sent")
            } else if Self.answerReceipts.match(record.topic) != nil {
                guard isNew(record, record.header("ce_sequence").flatMap { EventSequence($0.text) }) else { return }
                answerReceipt(record)
            } else if record.topic == "careloop.screening.dead-letters.v1" {
                add("kafka.deadLettered")
            } else if record.header("content-type")?.text == Envelope.contentType, let value = record.value,
                let (meta, data) = try? Envelope.decode(value), isNew(record, meta.sequence)
            {
                fact(meta.type, data)
            }
        }

        // A number that was seen is a record sent twice by a relay that lost an acknowledgement.
        private mutating func isNew(_ record: LogRecord, _ sequence: EventSequence?) -> Bool {
            guard let sequence else { return true }
            guard sequence.number > lastNumber[record.topicPartition, default: 0] else { return false }
            lastNumber[record.topicPartition] = sequence.number
            return true
        }

        private mutating func add(_ key: String, _ amount: Int64 = 1) { column[key, default: 0] += amount }

        // A case counts while a result of it stands.
        private mutating func move(_ id: String, by amount: Int) {
            let before = cases[id, default: 0]
            cases[id] = before + amount
            if before == 0, amount > 0 { add("cases") }
            if before > 0, before + amount == 0 { add("cases", -1) }
        }

        private mutating func attempt(_ referral: ReferralID, _ number: Int, _ state: String) {
            if let before = attempts.updateValue(state, forKey: "\(referral)/\(number)") { add("referrals.\(before)", -1) }
            add("referrals.\(state)")
        }

        private mutating func receipt(_ record: LogRecord) {
            let bytes = record.value ?? []
            let isJSON = record.header("content-type")?.text.contains("json") == true
            guard
                let receipt = isJSON
                    ? try? ResultReceipt(json: String(decoding: bytes, as: UTF8.self)) : try? ResultReceipt(protobuf: bytes)
            else { return add("kafka.unreadable") }
            add("kafka.\(receipt.outcome.rawValue)")
        }

        private mutating func answerReceipt(_ record: LogRecord) {
            let bytes = record.value ?? []
            let isJSON = record.header("content-type")?.text.contains("json") == true
            guard
                let receipt = isJSON
                    ? try? AnswerReceipt(json: String(decoding: bytes, as: UTF8.self)) : try? AnswerReceipt(protobuf: bytes)
            else { return add("answers.unreadable") }
            // Told to wait: the receipt follows.
            guard receipt.outcome != .waiting else { return }
            add("answers.receipts")
            add("answers.receipts.\(receipt.outcome.rawValue)")
        }

        private mutating func fact(_ type: String, _ data: [UInt8]) {
            switch type {
            case ResultAccepted.type:
                add("results.new")
                add("results.standing")
                if let event = try? ResultAccepted(protobuf: data) { move(event.caseID.text, by: 1) }
            case ResultCorrected.type: add("results.corrected")
            case ResultWithdrawn.type:
                add("results.withdrawn")
                add("results.standing", -1)
                if let event = try? ResultWithdrawn(protobuf: data) { move(event.caseID.text, by: -1) }
            case CaseShared.type: add("cases.shared")
            case CaseShareRevoked.type: add("cases.shared", -1)
            case ReferralProposed.type:
                if let event = try? ReferralProposed(protobuf: data), referrals.insert(event.referral.text).inserted { add("referrals") }
            case ReferralUnplaced.type:
                if let event = try? ReferralUnplaced(protobuf: data), referrals.insert(event.referral.text).inserted { add("referrals") }
            case ReferralIssued.type:
                add("referrals.issued")
                if let event = try? ReferralIssued(protobuf: data) { attempt(event.referral, event.attempt, "open") }
            case ReferralConfirmed.type:
                add("referrals.taken")
                if let event = try? ReferralConfirmed(protobuf: data) { attempt(event.referral, event.attempt, "confirmed") }
            case ReferralDeclined.type:
                if let event = try? ReferralDeclined(protobuf: data) { attempt(event.referral, event.attempt, "declined") }
            case ReferralExpired.type:
                if let event = try? ReferralExpired(protobuf: data) { attempt(event.referral, event.attempt, "expired") }
            case ReferralWithdrawn.type:
                // Withdrawn before anybody was asked, or after the last one said no: no attempt ends with it.
                if let event = try? ReferralWithdrawn(protobuf: data), event.attempt > 0 {
                    attempt(event.referral, event.attempt, "withdrawn")
                }
            case AssistanceApplied.type: add("applications")
            case AssistanceApproved.type: add("applications.approved")
            case AssistanceRejected.type: add("applications.rejected")
            case AssistanceWithdrawn.type: add("applications.withdrawn")
            case Enrolled.type: add("enrolments")
            case EnrolmentCompleted.type: add("enrolments.ended")
            case TrainingMonthRecorded.type:
                add("months")
                if let event = try? TrainingMonthRecorded(protobuf: data) {
                    add("subsidyFen", event.line.subsidyFen.value)
                    if event.line.counted { add("months.counted") }
                }
            case TrainingMonthCorrected.type:
                if let event = try? TrainingMonthCorrected(protobuf: data) {
                    add("subsidyFen", event.after.subsidyFen.value - event.before.subsidyFen.value)
                    add("months.counted", (event.after.counted ? 1 : 0) - (event.before.counted ? 1 : 0))
                }
            case SettlementSubmitted.type:
                add("settlements")
                if let event = try? SettlementSubmitted(protobuf: data) {
                    add("settlements.fen", event.totalFen.value)
                    add("settlements.lines", Int64(event.lines))
                }
            case SettlementApproved.type: add("settlements.approved")
            case SettlementRejected.type:
                add("settlements.rejected")
                if let event = try? SettlementRejected(protobuf: data) {
                    add("settlements.fen", -event.totalFen.value)
                    add("settlements.lines", -Int64(event.lines))
                }
            case SettlementPaid.type:
                add("settlements.paid")
                if let event = try? SettlementPaid(protobuf: data) { add("settlements.paidFen", event.totalFen.value) }
            case PersonRegistered.type:
                if let event = try? PersonRegistered(protobuf: data) {
                    add(event.origin == .window ? "persons.window" : "persons.proactive")
                }
            case CertificateIssued.type: add("certificates.issued")
            case JobSeekerRegistered.type:
                if let event = try? JobSeekerRegistered(protobuf: data) {
                    add(event.origin == .registration ? "jobSeekers.registered" : "jobSeekers.rehabilitation")
                    if event.consentToShare { add("jobSeekers.consenting") }
                }
            case ConsentChanged.type:
                if let event = try? ConsentChanged(protobuf: data) { add("jobSeekers.consenting", event.consentToShare ? 1 : -1) }
            case TrainingCompleted.type: add("trainings")
            case PlacementRecorded.type: add("placements")
            case EmploymentConfirmed.type: add("confirmations")
            case ConfirmationMissed.type: add("confirmations.missed")
            case StableEmploymentReached.type: add("placements.stable")
            case EmploymentEnded.type: add("placements.ended")
            default: break
            }
        }
    }
}
