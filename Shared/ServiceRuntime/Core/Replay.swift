import Contracts
import Messaging
import Persistence
import Vocabulary

extension Engine {
    /// What a replay may be refused for.
    public enum ReplayRefused: String, Refusal {
        case unknown = "DEAD_LETTER_UNKNOWN"
        case alreadyReplayed = "DEAD_LETTER_REPLAYED"
        case tooManyAttempts = "DEAD_LETTER_ATTEMPTS"
        /// It failed again; the letter stays, with one attempt more.
        case failedAgain = "DEAD_LETTER_FAILED_AGAIN"
        /// It would have to wait for its subject, and nothing more can be held now; the letter stays as it is.
        case noRoom = "HOLD_FULL"
    }

    /// Applies a dead letter through the same validation, in the transaction that marks it replayed: exactly once, in this service only.
    /// Later records of its key have run by now, so the rules must refuse or absorb it. Blocks.
    public func replay(_ id: Int64) throws -> String {
        do {
            return try perform(Cause(id: "replay-\(id)", recorded: clock.now, actor: .service(name), channel: "WINDOW")) { work in
                guard let letter = try DeadLetters.letter(id, in: work.tx) else { throw ReplayRefused.unknown }
                guard !letter.replayed else { throw ReplayRefused.alreadyReplayed }
                guard letter.attempts < CoreLimits.replayAttempts else { throw ReplayRefused.tooManyAttempts }
                let ending = try dispatcher.replay(letter, in: work.batch)
                if case .deadLetter = ending { throw ReplayRefused.failedAgain }
                guard try DeadLetters.markReplayed(id, in: work.tx) else { throw ReplayRefused.alreadyReplayed }
                return ending.word
            }
        } catch is HoldIsFull {
            throw ReplayRefused.noRoom
        } catch let error where !Blame.isSurroundings(error) && (error as? ReplayRefused ?? .failedAgain) == .failedAgain {
            // A store that is busy is no fault of the letter's and costs it no attempt.
            try database.write { try DeadLetters.countAttempt(id, in: $0) }
            throw ReplayRefused.failedAgain
        }
    }

    /// Moves the marks of a topic back, so that the relay sends it again from `number`, in all its partitions or in one. Consumers skip what
    /// they have. Returns how many records will be sent again. Blocks.
    @discardableResult
    public func republish(_ topic: String, partition: Int32? = nil, from number: Int64 = 1) throws -> Int64 {
        let again = try database.write { try Outbox.republish(topic: topic, partition: partition, from: number, in: $0) }
        republishAsked.withLock { $0 = true }
        outbox.recount(try database.read { try Outbox.backlog(in: $0) })
        return again
    }
}

extension Dispatcher {
    /// Runs a stored record once more, whatever topic it came from.
    func replay(_ letter: DeadLetters.Letter, in batch: Batch) throws -> Ending {
        // As a record of the log: the id is the letter's, not that of a held record.
        let record = LogRecord(try opened(letter.record))
        let generation = letter.record.generation
        if let plan = Catalogue.topic(for: record.topic), let organisation = plan.organisation(in: record.topic) {
            return try apply(ingress: record, template: plan.name, organisation: organisation, generation: generation, in: batch)
        }
        let (meta, data) = try WireRecord.decodeFact(record.valueInPlace ?? [])
        return try apply(fact: meta, data: data, record: record, generation: generation, in: batch)
    }
}

extension Dispatcher.Ending {
    /// One word for reports.
    var word: String {
        switch self {
        case .done: "done"
        case .skipped: "skipped"
        case .refused(let code): "refused \(code)"
        case .held: "held"
        case .deadLetter(let reason): "dead letter \(reason)"
        }
    }
}
