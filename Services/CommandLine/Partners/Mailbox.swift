import Contracts
import Messaging
import Synchronization
import Vocabulary

/// What arrives on partners' topics: receipts for bureaus, notices and receipts for centres. One reader for all of them; each sees only its own.
final class Mailbox: Sendable {
    struct Receipt: Sendable {
        var organisation: OrganisationID
        var receipt: ResultReceipt
    }

    struct Notice: Sendable {
        var centre: OrganisationID
        var notice: ReferralNotice
    }

    private struct State {
        var receipts: [Receipt] = []
        var answers: [AnswerReceipt] = []
        var notices: [Notice] = []
        /// Records per topic, repeats left out.
        var counts: [String: Int64] = [:]
        var lastNumber: [TopicPartition: Int64] = [:]
        var failure: String?
    }

    private let state = Mutex(State())
    private let reader = Mutex<LogReader?>(nil)
    private static let receipts = TopicPattern(ResultReceipt.topic)
    private static let notices = TopicPattern(ReferralNotice.topic)
    private static let answers = TopicPattern(AnswerReceipt.topic)

    /// Begins to read. `topics` exist; they are read from their start.
    init(log: any EventLog, topics: [String]) {
        let opened = LogReader(
            log: log, .init(topics: topics), failed: { [weak self] error in self?.state.withLock { $0.failure = "\(error)" } },
            take: { [weak self] in self?.take($0) })
        reader.withLock { $0 = opened }
    }

    func stop() { reader.withLock { $0 }?.stop() }

    private func take(_ records: [LogRecord]) {
        state.withLock { state in
            for record in records {
                // A relay that lost an acknowledgement sends again: the number says that this one came before.
                if let sequence = record.header("ce_sequence").flatMap({ EventSequence($0.text) }) {
                    if sequence.number <= state.lastNumber[record.topicPartition, default: 0] { continue }
                    state.lastNumber[record.topicPartition] = sequence.number
                }
                state.counts[record.topic, default: 0] += 1
                do {
                    if let id = Self.receipts.match(record.topic) {
                        let receipt = try Self.read(record, json: ResultReceipt.init(json:), protobuf: ResultReceipt.init(protobuf:))
                        state.receipts.append(Receipt(organisation: OrganisationID(trusted: id), receipt: receipt))
                    } else if let id = Self.notices.match(record.topic) {
                        let notice = try Self.read(record, json: ReferralNotice.init(json:), protobuf: ReferralNotice.init(protobuf:))
                        state.notices.append(Notice(centre: OrganisationID(trusted: id), notice: notice))
                    } else if Self.answers.match(record.topic) != nil {
                        state.answers.append(
                            try Self.read(record, json: AnswerReceipt.init(json:), protobuf: AnswerReceipt.init(protobuf:)))
                    }
                } catch {
                    state.failure = "\(record.topic)/\(record.partition)/\(record.offset): \(error)"
                }
            }
        }
    }

    private static func read<Value>(_ record: LogRecord, json: (String) throws -> Value, protobuf: ([UInt8]) throws -> Value) throws
        -> Value
    {
        let bytes = record.value ?? []
        let isJSON = record.header("content-type")?.text.contains("json") == true
        return try isJSON ? json(String(decoding: bytes, as: UTF8.self)) : protobuf(bytes)
    }

    /// True when everything that the services say they have sent was read. Throws when the log was lost or a record could not be read.
    func hasRead(_ produced: [String: Int64]) throws -> Bool {
        try state.withLock { state in
            if let failure = state.failure {
                throw Complaint("伙伴读不到主题：\(failure)", "a partner cannot read its topic: \(failure)", code: .unreachable)
            }
            return produced.allSatisfy { topic, count in
                [Self.receipts, Self.notices, Self.answers].allSatisfy { $0.match(topic) == nil }
                    || state.counts[topic, default: 0] >= count
            }
        }
    }

    /// New receipts and notices since the last call, in an order that does not depend on arrival.
    func take() -> (receipts: [Receipt], notices: [Notice], answers: [AnswerReceipt]) {
        let (receipts, notices, answers) = state.withLock { state in
            defer {
                state.receipts = []
                state.notices = []
                state.answers = []
            }
            return (state.receipts, state.notices, state.answers)
        }
        // Stable by place: within one organisation's topic the log's order stays.
        return (
            Self.grouped(receipts) { $0.organisation.text },
            Self.grouped(notices) { "\($0.centre)/\($0.notice.referral)" },
            Self.grouped(answers) { "\($0.organisation)/\($0.referral)" }
        )
    }

    private static func grouped<Item>(_ items: [Item], by key: (Item) -> String) -> [Item] {
        items.enumerated().sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }.map(\.element)
    }
}
