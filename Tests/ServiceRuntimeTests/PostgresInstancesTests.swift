import Contracts
import Foundation
import Messaging
import Persistence
import ServiceRuntime
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// Two instances of one service over one PostgreSQL, really at the same time: what one writer alone used to make safe.
struct PostgresInstancesTests {
    /// Stores of their own connections and engines over them; the first consumes, every one takes commands.
    final class Pair {
        let service: TestService
        let store: any Database
        let other: Engine

        init() throws {
            service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"), store: .postgres)
            store = try openDatabase(service.url)
            other = try Engine(service.definition, database: store, log: service.log, clock: service.clock)
        }

        deinit {
            // The test is over; a connection left open harms nobody.
            try? store.close()
        }

        func count(_ person: String, _ index: Int, on engine: Engine) throws {
            let cause = Cause(id: "c-\(person)-\(index)", recorded: service.clock.now, actor: .service("test"), channel: "WINDOW")
            // What the interface answers with 503 or 409 and Retry-After is asked again by its caller.
            while true {
                do {
                    try engine.perform(cause) { _ = try $0.execute(.count(limit: 9999), LedgerTable.self, PersonID(person)) }
                    return
                } catch let error as DatabaseError where error.kind == .transient || error.kind == .constraint {} catch
                    where "\(type(of: error))" == "VersionConflict"
                {}
            }
        }

        func counted(_ person: String) throws -> Int {
            try service.database.read { tx in try LedgerTable.load(PersonID(person), in: tx)?.state.count ?? 0 }
        }
    }

    private func numbers(_ log: InMemoryLog) throws -> [Int32: [Int64]] {
        try Dictionary(grouping: log.records(PersonsMerged.topic), by: \.partition).mapValues { records in
            try records.map { try Envelope.decode($0.value ?? []).meta.sequence?.number ?? -1 }
        }
    }

    @Test func `commands on both instances and records from the log all count once, whoever comes first`() throws {
        let pair = try Pair()
        let failures = Mutex<[String]>([])
        let persons = ["p1", "p2", "p3"]
        let work: [@Sendable (Pair) throws -> Void] = [
            { pair in for index in 0..<30 { for person in persons { try pair.count(person, index, on: pair.service.engine) } } },
            { pair in for index in 30..<60 { for person in persons.reversed() { try pair.count(person, index, on: pair.other) } } },
            { pair in
                for index in 0..<20 {
                    for person in persons { try pair.service.deliver(Ledger.result(person, "r\(index)"), settling: false) }
                }
                try pair.service.consumeAll()
            },
            { pair in for _ in 0..<40 { _ = try pair.other.relayStep() } },
        ]
        // Each body uses what the others do not: one engine's commands, the other's, the consumer, the relay.
        nonisolated(unsafe) let shared = pair
        DispatchQueue.concurrentPerform(iterations: work.count) { index in
            do { try work[index](shared) } catch { failures.withLock { $0.append("\(index): \(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
        for person in persons { #expect(try pair.counted(person) == 80) }
        while try pair.other.relayStep() > 0 {}
        let numbers = try numbers(pair.service.log)
        #expect(numbers.values.reduce(0) { $0 + $1.count } == 240)
        for (partition, numbers) in numbers { #expect(numbers == Array(1...Int64(numbers.count)), "partition \(partition)") }
    }

    @Test func `a deadline fires once though two instances look at the same moment`() throws {
        let pair = try Pair()
        for index in 0..<60 { try pair.service.deliver(Ledger.result("d\(index)", "r"), settling: false) }
        try pair.service.consumeAll()
        try pair.service.clock.move(to: LocalDate("2024-06-10"))
        let failures = Mutex<[String]>([])
        // Each body uses an engine of its own; the pair itself is only read.
        nonisolated(unsafe) let shared = pair
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            let engine = index == 0 ? shared.service.engine : shared.other
            for _ in 0..<20 {
                do { if try engine.timerStep() == 0 { return } } catch let error as DatabaseError where error.kind == .transient {} catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
        let missed = try pair.service.database.read { tx in try tx.rows(LedgerTable.notes) { $0.text(0) } }.filter {
            $0.hasPrefix("missed")
        }
        #expect(missed.count == 60)
        #expect(Set(missed).count == 60)
    }
}
