import Contracts
import Foundation
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Vocabulary

/// One store, said to lock rows as PostgreSQL does, and as many engines over it as a test wants, all on one log and one elapsed time.
final class Instances {
    let store: TestService
    let database: RowLockingDatabase
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
    let engine: Engine

    init(_ definition: ServiceDefinition = Ledger.definition()) throws {
        store = try TestService(definition, today: LocalDate("2024-06-03"), elapsed: time)
        database = RowLockingDatabase(store.database)
        engine = try Engine(definition, database: database, log: store.log, clock: store.clock)
    }

    func another() throws -> Engine {
        try Engine(store.definition, database: database, log: store.log, clock: store.clock)
    }

    /// A command on one instance that says one event of `person`.
    func count(_ person: String, on engine: Engine? = nil) throws {
        let cause = Cause(id: "\(person)-\(UUID())", recorded: store.clock.now, actor: .service("test"), channel: "WINDOW")
        try (engine ?? self.engine).perform(cause) { _ = try $0.execute(.count(limit: 9999), LedgerTable.self, PersonID(person)) }
    }

    /// Numbers on the log by partition, read from the records' own bytes.
    func numbers() throws -> [Int32: [Int64]] {
        try Dictionary(grouping: store.log.records(PersonsMerged.topic), by: \.partition).mapValues { records in
            try records.map { try Envelope.decode($0.value ?? []).meta.sequence?.number ?? -1 }
        }
    }
}
