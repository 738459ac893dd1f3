import Contracts
import Foundation
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// The journal's old rows in files.
struct ArchiveTests {
    let service: TestService
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
    let folder: String
    let engine: Engine

    init() throws {
        service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"), elapsed: time)
        folder = service.folder.appendingPathComponent("archive").path
        engine = try Engine(
            service.definition, database: service.database, log: service.log, clock: service.clock, archiveFolder: folder,
            archiveAge: .seconds(3_600))
    }

    func say(_ person: String, _ id: String) throws {
        let cause = Cause(id: id, recorded: service.clock.now, actor: .service("test"), channel: "WINDOW")
        try engine.perform(cause) { _ = try $0.execute(.count(limit: Ledger.limit), LedgerTable.self, PersonID(person)) }
    }

    func relay() throws { while try engine.relayStep() > 0 {} }
    func bytes() -> [[UInt8]?] { service.log.records(PersonsMerged.topic).map(\.value) }
    func journal() throws -> [Int64] { try service.database.read { try Outbox.rows(after: 0, limit: 99, in: $0).map(\.id) } }
    /// None before the first is written: the folder is made with it.
    func files() -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

    /// Six events, of which the first four are old and archived.
    func archived() throws {
        for id in 1...4 { try say("p\(id % 2)", "old-\(id)") }
        try relay()
        time.advance(milliseconds: 3_601_000)
        for id in 5...6 { try say("p1", "new-\(id)") }
        try relay()
        #expect(try engine.archiveStep() == 4)
        #expect(try engine.archiveStep() == 0)
    }

    @Test func `old rows move to a file, new ones and what waits stay, and republish sends the same bytes from both`() throws {
        try archived()
        #expect(try journal() == [5, 6])
        #expect(files() == ["journal-1-4.rows"])
        let once = bytes()
        #expect(try engine.republish(PersonsMerged.topic) == 6)
        try relay()
        let twice = bytes()
        #expect(twice.count == once.count * 2)
        for partition in Set(service.log.records(PersonsMerged.topic).map(\.partition)) {
            let values = service.log.records(PersonsMerged.topic).filter { $0.partition == partition }.map(\.value)
            let isRepeated = values[..<(values.count / 2)].elementsEqual(values[(values.count / 2)...])
            #expect(isRepeated)
        }
        #expect(try engine.snapshot().outboxPending == 0)
    }

    @Test func `what the log refuses is not archived, nor anything behind it, nor the newest row`() throws {
        let place = TopicPartition(topic: PersonsMerged.topic, partition: Partitioner.partition(key: "p1", partitions: 32))
        try say("p0", "a")
        service.log.refuse(place, .rejected(code: "TOPIC_AUTHORIZATION_FAILED", "for a test"))
        try say("p1", "b")
        try say("p0", "c")
        try relay()
        time.advance(milliseconds: 4_000_000)
        #expect(try engine.archiveStep() == 0)
        #expect(try journal() == [1, 2, 3])
        service.log.refuse(place, nil)
        try relay()
        time.advance(milliseconds: 61_000)
        #expect(try engine.archiveStep() == 2)
        #expect(try journal() == [3])
        try say("p0", "d")
        try relay()
        #expect(try journal() == [3, 4])
    }

    @Test func `a damaged or missing archive is refused by name, and the others' events go on`() throws {
        try archived()
        let path = folder + "/journal-1-4.rows"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let before = self.bytes().count
        try engine.republish(PersonsMerged.topic)
        try say("p9", "meanwhile")
        try relay()
        #expect(self.bytes().count == before + 1)
        let refused = try engine.snapshot().refusedStreams
        #expect(!refused.isEmpty && refused.values.allSatisfy { $0.contains("journal-1-4.rows") && $0.contains("damaged") })

        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        time.advance(milliseconds: 31_000)
        try relay()
        #expect(self.bytes().count == before + 1 + 6)
        try FileManager.default.removeItem(atPath: path)
        let again = try Engine(
            service.definition, database: service.database, log: service.log, clock: service.clock, archiveFolder: folder)
        try again.republish(PersonsMerged.topic)
        while try again.relayStep() > 0 {}
        #expect(try again.snapshot().refusedStreams.values.contains { $0.contains("cannot be read") })
    }

    @Test func `rows leave the store only behind a durable file: without a folder nothing moves`() throws {
        try say("p1", "a")
        try say("p1", "b")
        try relay()
        time.advance(milliseconds: 4_000_000)
        #expect(FileManager.default.createFile(atPath: folder, contents: Data()))
        #expect(throws: (any Error).self) { try engine.archiveStep() }
        #expect(try journal() == [1, 2])
    }

    @Test func `an archive cut anywhere is no archive`() {
        let rows = (1...3).map {
            Outbox.Row(
                id: $0, stream: 1, number: $0, key: "k", headers: [1], body: $0 == 2 ? nil : [9], recordedMs: 5,
                late: $0 == 3 ? EventSequence(epoch: 1, number: 3) : nil)
        }
        let bytes = ArchiveFormat.encode(rows)
        #expect(ArchiveFormat.decode(bytes)?.map(\.number) == [1, 2, 3])
        #expect(ArchiveFormat.decode(bytes)?[1].body == nil)
        #expect(ArchiveFormat.decode(bytes)?[2].late == EventSequence(epoch: 1, number: 3))
        for cut in 0..<bytes.count { #expect(ArchiveFormat.decode(Array(bytes[..<cut]))?.count != 3) }
    }
}
