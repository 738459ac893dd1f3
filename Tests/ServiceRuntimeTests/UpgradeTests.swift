import Contracts
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Old and new builds beside each other: a newer producer before an older consumer, a newer schema under an older build.
struct UpgradeTests {
    /// What a producer of a later build puts on the log: its envelope, with the type and data of that build.
    private func record(
        _ event: ResultAccepted, number: Int64, type: String = ResultAccepted.type, extra: [UInt8] = []
    ) throws -> OutgoingRecord {
        let partition = Partitioner.partition(key: event.key, partitions: 32)
        var record = WireRecord.fact(
            event, number: number, partition: partition, cause: "later-\(event.key)-\(number)", source: "screening",
            actor: .service("screening"),
            recorded: Instant(startOf: try LocalDate("2024-06-03")))
        var (meta, data) = try Envelope.decode(record.value ?? [])
        meta.type = type
        data += extra
        record.value = Envelope.encode(meta, data: data)
        return record
    }

    /// Field 1000 of a later schema, a text; and field 1001, a number.
    private static let unknownFields: [UInt8] = [0xC2, 0x3E, 5] + Array("later".utf8) + [0xC8, 0x3E, 7]

    private func notes(_ service: TestService) throws -> [String] {
        try service.database.read { try $0.rows(LedgerTable.notes) { $0.text(0) } }
    }

    @Test func `an older consumer applies what a newer producer added a field to, and holds a newer type with what follows it`() throws {
        let service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"))
        // Two people of one partition, so that one stands behind the other's newer event in the stream.
        let people = (1...200).map { "p\($0)" }.filter { Partitioner.partition(key: $0, partitions: 32) == 3 }
        let (first, second) = (people[0], people[1])
        try service.append([
            record(try Ledger.result(first, "plain"), number: 1),
            record(try Ledger.result(first, "more-fields"), number: 2, extra: Self.unknownFields),
            record(try Ledger.result(first, "newer-type"), number: 3, type: "careloop.screening.result-accepted.v9"),
            record(try Ledger.result(first, "behind"), number: 4),
            record(try Ledger.result(second, "beside"), number: 5),
        ])
        try service.consumeAll()
        let status = try service.engine.snapshot()
        #expect(try notes(service) == ["plain", "more-fields", "beside"])
        #expect(status.held == 2 && status.deadLetters == 0 && status.openGaps.isEmpty && status.stops.isEmpty)
        // Nothing is read twice and nothing is lost: the number has moved past what waits.
        #expect(status.applied[ResultAccepted.topic] == 5)
        let waits = try service.database.read { try HeldRecords.list(after: 0, limit: 9, in: $0) }
        #expect(waits.map(\.subject).allSatisfy { $0 == "type:careloop.screening.result-accepted.v9" })
    }

    @Test func `while a newer build migrates the store the older one works on, and started again it is refused with the migration's name`()
        throws
    {
        let service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"))
        try service.deliver(Ledger.result("p1", "before"))
        let newer = ServiceDefinition(
            name: "registration",
            migrations: [LedgerTable.migration, Migration("ledger-2-later", ["ALTER TABLE notes ADD COLUMN later TEXT"])],
            refusals: RefusalCatalogue([]), subscriptions: Ledger.definition().subscriptions, endpoints: [])
        let second = try openDatabase(service.url)
        let upgraded = try Engine(newer, database: second, log: service.log, clock: service.clock)
        try service.deliver(Ledger.result("p1", "between"))
        #expect(try notes(service) == ["before", "between"])
        service.leave()
        let consumer = try upgraded.openConsumer()
        try service.deliver(Ledger.result("p1", "after"), settling: false)
        while try upgraded.consumeStep(consumer) > 0 {}
        #expect(try notes(service) == ["before", "between", "after"])
        consumer.close(within: .seconds(1))
        let error = #expect(throws: DatabaseError.self) {
            _ = try Engine(Ledger.definition(), database: second, log: service.log, clock: service.clock)
        }
        #expect(error?.kind == .newerStore && error?.message.contains("ledger-2-later") == true)
        try second.close()
    }
}
