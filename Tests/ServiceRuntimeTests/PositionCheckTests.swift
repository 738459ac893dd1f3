import Contracts
import Foundation
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// A log that changed under a stored position is noticed before anything is read from it, and only an operator goes on.
struct PositionCheckTests {
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
    let script = Scripted()
    let service: TestService
    let place = TopicPartition(
        topic: ResultAccepted.topic, partition: Partitioner.partition(key: "p1", partitions: 32))
    let partnerTopic = Catalogue.name(RawScreeningResult.topic, for: Scripted.partner)

    init() throws { service = try TestService(script.definition(), today: LocalDate("2024-06-03"), elapsed: time) }

    private func send(_ numbers: ClosedRange<Int64>, _ word: String = "w") throws {
        try service.append(try numbers.map { try service.fact("p1", "\(word)\($0)", number: $0) })
    }

    /// The service once more on the same store and log, as after a restart; what it has done is in `service`.
    private func restarted(_ body: (Engine, any LogConsumer) throws -> Void) throws {
        service.disconnect()
        let engine = try Engine(script.definition(), database: service.database, log: service.log, clock: service.clock)
        let client = try engine.openConsumer()
        defer { client.close(within: .zero) }
        try body(engine, client)
    }

    private func run(_ engine: Engine, _ client: any LogConsumer) throws {
        for _ in 0..<5 { _ = try engine.consumeStep(client) }
    }

    @Test func `an unchanged log is read on after a restart`() throws {
        try send(1...3)
        try service.settle()
        try send(4...5)
        try restarted { engine, client in
            try run(engine, client)
            #expect(try service.stops().isEmpty)
            #expect(try service.notes() == ["w1", "w2", "w3", "w4", "w5"])
        }
    }

    @Test(arguments: [(2 as Int64, SourceStops.Reason.logShorter), (3, .recordChanged), (9, .recordChanged)])
    func `a topic made anew stops its partition, and once refilled nothing is applied twice`(
        refilled: Int64, reason: SourceStops.Reason
    ) throws {
        try send(1...3)
        try service.deliver(Ledger.result("p4", "other"))
        service.log.makeAnew(place.topic)
        // Not by its owner's relay yet: other records stand where ours stood.
        try service.append((1...refilled).map { try service.fact("p1", "changed\($0)", number: $0) })
        try restarted { engine, client in
            try run(engine, client)
            let stop = try #require(try service.stops().first { $0.partition == place.partition })
            #expect(stop.reason == reason, "\(stop)")
            #expect(try engine.snapshot().consumerStopped?.contains("\(place)") ?? false)
            #expect(try service.notes() == ["w1", "w2", "w3", "other"], "nothing applied, nothing skipped")
            // The owner sends everything again, and then goes on.
            service.log.makeAnew(place.topic)
            try send(1...5)
            _ = try engine.resume(place.topic, partition: nil, .fromStart)
            try run(engine, client)
            #expect(try service.stops().isEmpty)
            #expect(try service.notes() == ["w1", "w2", "w3", "other", "w4", "w5"])
            #expect(try engine.snapshot().openGaps.isEmpty)
        }
    }

    @Test func `a fault that is still there stops the source again, and the right log goes on where it was`() throws {
        try send(1...3)
        try service.settle()
        service.log.makeAnew(place.topic)
        try restarted { engine, client in
            try run(engine, client)
            #expect(try service.stops().map(\.reason) == [.logShorter])
            _ = try engine.resume(place.topic, partition: nil, .same)
            try run(engine, client)
            #expect(try service.stops().map(\.reason) == [.logShorter])
            try send(1...4)
            _ = try engine.resume(place.topic, partition: nil, .same)
            try run(engine, client)
            #expect(try service.stops().isEmpty)
            #expect(try service.notes() == ["w1", "w2", "w3", "w4"])
        }
    }

    @Test func `a log that still holds other records where ours stood stops its source again when it is resumed`() throws {
        try send(1...3)
        try service.settle()
        service.log.makeAnew(place.topic)
        try send(1...3, "other")
        try restarted { engine, client in
            try run(engine, client)
            #expect(try service.stops().map(\.reason) == [.recordChanged])
            _ = try engine.resume(place.topic, partition: nil, .same)
            try send(4...4, "other")
            try run(engine, client)
            #expect(try service.stops().map(\.reason) == [.recordChanged])
            #expect(try service.notes() == ["w1", "w2", "w3"], "nothing of the other log is applied")
        }
    }

    @Test func `records dropped by retention before they were read are a gap with its range, passed only by an operator's word`() throws {
        try service.partner("a")
        try service.append(
            ["b", "c", "d"].map {
                OutgoingRecord(topic: partnerTopic, partition: 0, key: [1], value: Array($0.utf8), timestamp: service.clock.now)
            })
        service.log.trim(TopicPartition(topic: partnerTopic, partition: 0), below: 3)
        try restarted { engine, client in
            try run(engine, client)
            let stop = try #require(try service.stops().first)
            #expect(stop.reason == .retentionGap && stop.fromOffset == 1 && stop.toOffset == 3)
            #expect(stop.detail.contains("2 records, 1 to 2"))
            #expect(try service.notes() == ["a"])
            _ = try engine.resume(partnerTopic, partition: nil, .skip)
            try run(engine, client)
            #expect(try service.stops().isEmpty)
            #expect(try service.notes() == ["a", "d"])
        }
    }

    @Test func `of a numbered topic nothing behind lost records is applied before its owner has sent them again, and the gap stays named`()
        throws
    {
        try send(1...1)
        try service.settle()
        try send(2...4)
        service.log.trim(place, below: 3)
        try restarted { engine, client in
            try run(engine, client)
            _ = try engine.resume(place.topic, partition: nil, .skip)
            try run(engine, client)
            #expect(try service.stops().isEmpty && service.notes() == ["w1"])
        }
        // Whoever starts later, and has read nothing yet, knows of it too.
        let later = try Engine(script.definition(), database: service.database, log: service.log, clock: service.clock)
        #expect(try later.snapshot().openGaps == ["\(place): expected 2, saw 4"])
        try send(2...4)
        try restarted { engine, client in
            try run(engine, client)
            #expect(try service.notes() == ["w1", "w2", "w3", "w4"] && engine.snapshot().openGaps.isEmpty)
        }
    }

    @Test func `retention behind the reader is nothing to stop for`() throws {
        for word in ["a", "b", "c"] { try service.partner(word) }
        service.log.trim(TopicPartition(topic: partnerTopic, partition: 0), below: 3)
        try restarted { engine, client in
            try run(engine, client)
            #expect(try service.stops().isEmpty)
            try service.append([
                OutgoingRecord(topic: partnerTopic, partition: 0, key: [1], value: Array("d".utf8), timestamp: service.clock.now)
            ])
            try run(engine, client)
            #expect(try service.notes() == ["a", "b", "c", "d"])
        }
    }

    @Test func `a position that got lost stops its partition instead of reading everything again`() throws {
        try send(1...3)
        try service.settle()
        try service.database.write {
            try $0.run(
                SQL("DELETE FROM positions WHERE topic = ? AND partition_no = ?"), [.text(place.topic), .int(Int64(place.partition))])
        }
        try restarted { engine, client in
            try run(engine, client)
            #expect(try service.stops().map(\.reason) == [.positionMissing])
            #expect(try service.notes() == ["w1", "w2", "w3"])
            #expect(try service.stops().first?.partition == place.partition)
        }
    }

    @Test func `a client that meets the changed log while it reads stops that partition and reads the others`() throws {
        try send(1...3)
        try service.deliver(Ledger.result("p4", "other"))
        service.log.trim(place, below: 3)
        try send(4...6)
        service.log.trim(place, below: 5)
        try service.deliver(Ledger.result("p4", "more"))
        try service.settle()
        #expect(try service.stops().map(\.reason) == [.retentionGap])
        #expect(try service.notes() == ["w1", "w2", "w3", "other", "more"])
    }

    @Test func `an owner restored to before what was applied stops its partition: two histories`() throws {
        try send(1...5)
        try service.settle()
        try service.append([try service.fact("p1", "again", number: 4, epoch: 2)])
        try service.settle()
        #expect(try service.stops().map(\.reason) == [.twoHistories])
        #expect(try service.notes() == ["w1", "w2", "w3", "w4", "w5"])
        // What it continues from lies beyond: one history.
        _ = try service.engine.resume(place.topic, partition: place.partition, .skip)
        try service.append([try service.fact("p1", "w6", number: 6, epoch: 2)])
        try service.settle()
        #expect(try service.notes().last == "w6")
    }

    @Test func `a partner's log made anew gives other ids to other records at the same places`() throws {
        try service.partner("bury", key: "one")
        service.log.makeAnew(partnerTopic)
        try restarted { engine, client in
            try run(engine, client)
            #expect(try service.stops().map(\.reason) == [.logShorter])
            _ = try engine.resume(partnerTopic, partition: nil, .fromStart)
            try service.append([
                OutgoingRecord(topic: partnerTopic, partition: 0, key: [2], value: Array("bury".utf8), timestamp: service.clock.now)
            ])
            try run(engine, client)
        }
        let ids = try service.said().filter { $0.meta.type == DeadLettered.type }.map(\.meta.id)
        #expect(ids.count == 2 && Set(ids).count == 2)
    }

    @Test func `the embedded log deleted and made again is noticed`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-log-\(UUID().uuidString)")
        defer { do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) } }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("log").path
        func open() throws -> (Engine, any LogConsumer) {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let log = try openEventLog("sqlite://\(path)/events.db")
            let engine = try Engine(script.definition(), database: service.database, log: log, clock: service.clock)
            return (engine, try engine.openConsumer())
        }
        func send(_ engine: Engine, _ numbers: ClosedRange<Int64>, _ word: String) throws {
            let producer = try engine.log.producer(named: "test")
            #expect(try producer.send(try numbers.map { try service.fact("p1", "\(word)\($0)", number: $0) }).isComplete)
            producer.close(within: .seconds(1))
        }
        do {
            let (engine, client) = try open()
            try send(engine, 1...3, "w")
            try run(engine, client)
            client.close(within: .seconds(1))
            #expect(try service.notes() == ["w1", "w2", "w3"])
        }
        try FileManager.default.removeItem(atPath: path)
        let (engine, client) = try open()
        defer { client.close(within: .seconds(1)) }
        try send(engine, 1...4, "w")
        try send(engine, 5...5, "w")
        // The same bytes at the same places: this is the log as it was. Another record at the last place is not.
        try run(engine, client)
        #expect(try service.notes() == ["w1", "w2", "w3", "w4", "w5"])
        client.close(within: .seconds(1))
        try FileManager.default.removeItem(atPath: path)
        let (second, reader) = try open()
        defer { reader.close(within: .seconds(1)) }
        try send(second, 1...9, "other")
        try run(second, reader)
        #expect(try service.stops().map(\.reason) == [.recordChanged])
        #expect(try service.notes() == ["w1", "w2", "w3", "w4", "w5"])
    }
}
