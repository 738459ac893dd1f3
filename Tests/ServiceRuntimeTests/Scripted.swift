import Contracts
import Messaging
import Persistence
import ServiceRuntime
import Synchronization
import TestSupport
import Vocabulary

/// A service that does what its records say, for tests of what may go wrong with them.
///
/// `hold:s` waits for subject s, `here:s` makes it come, `bury` and `refuse` end so, `fail` breaks behind a write, `holdfail:s` waits and then
/// breaks, `flaky:n` meets a busy store n times, `shaky:n` breaks n times, `store` meets what `failing` says, `new…` is unusable until `upgrade`,
/// `new:n` meets a busy store up to its nth attempt as well. Everything else is noted.
final class Scripted: Sendable {
    struct Broken: Error {}
    enum Refused: String, Refusal { case no = "TOO_MANY" }

    /// How often each record was tried.
    let tries = Mutex<[String: Int]>([:])
    /// How the store fails the word `store`, and how often.
    let failing = Mutex<(kind: DatabaseError.Kind, times: Int)>((.other, 0))
    private let isUpgraded = Mutex(false)
    func upgrade() { isUpgraded.withLock { $0 = true } }

    static let partner = try! OrganisationID("hb-370303")
    static let other = try! OrganisationID("hb-370304")

    func definition(sealing: ShortLivedKeys? = nil) -> ServiceDefinition {
        ServiceDefinition(
            name: "registration", migrations: [LedgerTable.migration],
            refusals: RefusalCatalogue([.init("TOO_MANY", 422, zh: "太多", en: "Too many")]),
            subscriptions: [
                .on(ResultAccepted.self, "Obey") { [self] event, _, work in try obey(event.resultID, work) },
                .ingress(RawScreeningResult.topic, "ObeyPartner") { [self] record, work in
                    try obey(String(decoding: record.value ?? [], as: UTF8.self), work)
                },
            ], endpoints: [], sealing: sealing)
    }

    private func obey(_ text: String, _ work: UnitOfWork) throws {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let tried = tries.withLock { tries in
            tries[text, default: 0] += 1
            return tries[text]!
        }
        let subject = parts.count > 1 ? "s:\(parts[1])" : ""
        switch parts.first {
        case "bury": throw DeadLetter(reason: "BAD", field: "word")
        case "refuse": throw Refused.no
        case let word? where word.hasPrefix("new"):
            guard isUpgraded.withLock({ $0 }) else { throw DeadLetter(reason: "NOT_YET", field: "word") }
            if parts.count > 1, let busy = Int(parts[1]), tried <= busy { throw DatabaseError(kind: .transient, message: "busy") }
            try note(text, work)
            return
        case "fail":
            try note("must not stay", work)
            throw Broken()
        case "hold": if try !isHere(subject, work) { throw Hold(subject: subject) }
        case "latehold":
            if try !isHere(subject, work) {
                try note("must not stay", work)
                throw Hold(subject: subject)
            }
        case "holdfail":
            guard try isHere(subject, work) else { throw Hold(subject: subject) }
            try note("must not stay", work)
            throw Broken()
        case "here":
            try note(subject, work)
            try work.release(subject)
            return
        case "store":
            let (kind, times) = failing.withLock { $0 }
            if tried <= times { throw DatabaseError(kind: kind, message: "the store fails") }
        case "flaky": if tried <= Int(parts[1])! { throw DatabaseError(kind: .transient, message: "busy") }
        case "shaky": if tried <= Int(parts[1])! { throw Broken() }
        default: break
        }
        try note(text, work)
    }

    private func note(_ word: String, _ work: UnitOfWork) throws { try work.tx.run(LedgerTable.note, [.text(word)]) }
    private func isHere(_ subject: String, _ work: UnitOfWork) throws -> Bool {
        try work.tx.rows(LedgerTable.notes) { $0.text(0) }.contains(subject)
    }
}

extension TestService {
    /// What was done, in order.
    func notes() throws -> [String] { try database.read { tx in try tx.rows(LedgerTable.notes) { $0.text(0) } } }
    func letters() throws -> [DeadLetters.Letter] {
        try database.read { try DeadLetters.list(after: 0, limit: 1_000, all: true, in: $0) }
    }
    func stops() throws -> [SourceStops.Stop] { try database.read { try SourceStops.all(in: $0) } }
    func held() throws -> Int { try database.read { try HeldRecords.count(in: $0) } }

    /// A partner's record saying `word`.
    func partner(_ word: String, from organisation: OrganisationID = Scripted.partner, key: String = "k") throws {
        try deliver(partner: RawScreeningResult.topic, organisation: organisation, key: key, value: Array(word.utf8), headers: [])
    }

    /// The record of a numbered fact, to be appended by the test.
    func fact(_ person: String, _ word: String, number: Int64, epoch: Int = 1) throws -> OutgoingRecord {
        let event = try Ledger.result(person, word)
        let plan = Catalogue.topic(for: ResultAccepted.topic)!
        var record = WireRecord.fact(
            event, number: number, partition: Partitioner.partition(key: event.key, partitions: plan.partitions), cause: "c-\(number)",
            source: "screening", actor: .service("test"), recorded: clock.now)
        guard epoch != 1 else { return record }
        let (decoded, data) = try Envelope.decode(record.value!)
        var meta = decoded
        meta.sequence = EventSequence(epoch: epoch, number: number)
        record.value = Envelope.encode(meta, data: data)
        return record
    }

    /// Runs `settle` however often it fails, at most `times`; for faults that pass.
    func settle(patiently times: Int) throws {
        for attempt in 1...times {
            do {
                try settle()
                return
            } catch  where attempt < times {
                continue
            }
        }
    }
}
