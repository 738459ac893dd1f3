import Messaging
import Testing
import Vocabulary

/// What every event log promises to its readers.
@Suite struct ConformanceReadingTests {
    @Test(arguments: LogUnderTest.present)
    func `records of a partition come back in the order they were sent`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "test")
            for batch in 0..<5 {
                let result = try producer.send((0..<40).map { record(topic, "\(batch * 40 + $0)") })
                #expect(result.isComplete)
                #expect(result.offsets == (0..<40).map { Int64(batch * 40 + $0) })
            }
            producer.close(within: .seconds(5))
            let consumer = try fixture.consumer([topic])
            let records = try consumer.read(200, max: 33)
            #expect(records.map(\.text) == (0..<200).map(String.init))
            #expect(records.map(\.offset) == Array(0..<200))
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `every partition keeps its own order and offsets`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 5)
            try fixture.send((0..<100).map { record(topic, Int32($0 % 5), "\($0)") })
            let consumer = try fixture.consumer([topic])
            let records = try consumer.read(100)
            #expect(Set(consumer.assignment) == Set((0..<5).map { TopicPartition(topic: topic, partition: $0) }))
            for partition in 0..<Int32(5) {
                let part = records.filter { $0.partition == partition }
                #expect(part.map(\.text) == stride(from: Int(partition), to: 100, by: 5).map(String.init))
                #expect(part.map(\.offset) == Array(0..<20))
            }
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a consumer starts at its stored position, and at the log's start without one`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            try fixture.send((0..<20).map { record(topic, Int32($0 % 2), "\($0)") })
            let consumer = try fixture.consumer([topic]) { $0.partition == 0 ? 7 : nil }
            let records = try consumer.read(13)
            #expect(records.filter { $0.partition == 0 }.map(\.offset) == [7, 8, 9])
            #expect(records.filter { $0.partition == 1 }.map(\.offset) == Array(0..<10))
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `key, value, tombstone, headers and time come back byte for byte`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            let time = Instant(milliseconds: 1_733_000_123_456)
            let headers = [
                LogHeader(name: "ce_id", text: "编号"), LogHeader(name: "empty", value: []), LogHeader(name: "ce_id", value: [0, 255]),
            ]
            func made(_ key: [UInt8], _ value: [UInt8]?, _ headers: [LogHeader]) -> OutgoingRecord {
                OutgoingRecord(topic: topic, partition: 0, key: key, value: value, headers: headers, timestamp: time)
            }
            try fixture.send([made([0, 1, 2], [3, 0, 4], headers), made([7], nil, []), made([], [], [])])
            let consumer = try fixture.consumer([topic])
            let records = try consumer.read(3)
            #expect(records.map(\.key) == [[0, 1, 2], [7], []])
            #expect(records.map(\.value) == [[3, 0, 4], nil, []])
            #expect(records.map(\.headers) == [headers, [], []])
            #expect(records.allSatisfy { $0.timestamp == time })
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `the records of one poll lie one behind the other in one piece of memory`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send((0..<50).map { record(topic, 0, "value \($0)") })
            let consumer = try fixture.consumer([topic])
            var batch: [LogRecord] = []
            var seen = 0
            try until("two records at once") {
                let records = try consumer.poll(max: 100, wait: .milliseconds(100))
                seen += records.count
                if records.count > 1 { batch = records }
                return seen >= 50
            }
            try #require(batch.count > 1)
            let places = batch.map { record in
                (start: record.keyInPlace.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }, bytes: UInt(record.byteCount))
            }
            for (a, b) in zip(places, places.dropFirst()) { #expect(a.start + a.bytes == b.start) }
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a record of nearly a megabyte passes, a larger one stops its own partition only`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            var large = record(topic, 0, "")
            large.value = (0..<990_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
            var tooLarge = record(topic, 0, "")
            tooLarge.value = Array(repeating: 1, count: LogLimits.maxRecordBytes + 100)
            let producer = try fixture.log.producer(named: "test")
            let result = try producer.send([large, tooLarge, record(topic, 0, "behind"), record(topic, 1, "beside")])
            producer.close(within: .seconds(5))
            #expect(result.offsets == [0, nil, nil, 0])
            guard case .recordTooLarge(TopicPartition(topic: topic, partition: 0), _)? = result.failures.values.first else {
                Issue.record("\(result.failures)")
                return
            }
            let consumer = try fixture.consumer([topic])
            let records = try consumer.read(2)
            #expect(records.first { $0.partition == 0 }?.value == large.value)
            #expect(records.first { $0.partition == 1 }?.text == "beside")
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a seek reads again from there`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send((0..<50).map { record(topic, "\($0)") })
            let consumer = try fixture.consumer([topic])
            #expect(try consumer.read(10, max: 10).map(\.offset) == Array(0..<10))
            try consumer.seek(TopicPartition(topic: topic, partition: 0), to: 3)
            #expect(try consumer.read(47, max: 9).map(\.offset) == Array(3..<50))
            try consumer.seek(TopicPartition(topic: topic, partition: 0), to: 48)
            #expect(try consumer.read(2).map(\.offset) == [48, 49])
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a paused partition is silent, the others are not, and nothing is lost when it goes on`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            try fixture.send((0..<60).map { record(topic, Int32($0 % 2), "\($0)") })
            let consumer = try fixture.consumer([topic])
            var records = try consumer.read(5, max: 5)
            let held = TopicPartition(topic: topic, partition: 0)
            try consumer.pause([held])
            let before = records.count { $0.partition == 0 }
            try until("the other partition's records") {
                records += try consumer.poll(max: 7, wait: .milliseconds(100))
                return records.count { $0.partition == 1 } == 30
            }
            try fixture.send([record(topic, 1, "late")])
            records += try consumer.read(1)
            #expect(records.last?.text == "late")
            #expect(records.count { $0.partition == 0 } == before)
            try consumer.resume([held])
            while records.count < 61 { records += try consumer.read(1, max: 7) }
            #expect(records.filter { $0.partition == 0 }.map(\.offset) == Array(0..<30))
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `ends, starts and last records say what is in the log`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 3)
            let other = try fixture.topic("empty")
            try fixture.send((0..<7).map { record(topic, 1, "\($0)") } + [record(topic, 2, "only")])
            let places = (0..<3).map { TopicPartition(topic: topic, partition: Int32($0)) }
            let empty = TopicPartition(topic: other, partition: 0)
            #expect(try fixture.log.ends([topic, other]) == [places[0]: 0, places[1]: 7, places[2]: 1, empty: 0])
            #expect(try fixture.log.starts([topic]) == [places[0]: 0, places[1]: 0, places[2]: 0])
            let last = try fixture.log.lastRecords(places + [empty])
            #expect(last.mapValues(\.text) == [places[1]: "6", places[2]: "only"])
            #expect(last[places[1]]?.offset == 6)
            #expect(try fixture.log.lastRecord(places[0]) == nil)
            #expect(try fixture.log.topics()[topic] == 3)
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `the record at a stored offset is found in every partition at once, and nothing where there is none`(
        _ kind: LogUnderTest
    ) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 4)
            // The second batch, so that an offset stands in the middle of what a broker gives at once.
            for batch in 0..<2 {
                try fixture.send((0..<60).map { record(topic, Int32($0 % 3), "\($0 % 3)-\(batch * 20 + $0 / 3)") })
            }
            let places = (0..<4).map { TopicPartition(topic: topic, partition: Int32($0)) }
            let found = try fixture.log.records(at: [places[0]: 0, places[1]: 27, places[2]: 40, places[3]: 0])
            #expect(found.mapValues(\.text) == [places[0]: "0-0", places[1]: "1-27"])
            #expect(found[places[1]]?.offset == 27)
            #expect(try fixture.log.records(at: [places[2]: 39, places[0]: -1]).mapValues(\.text) == [places[2]: "2-39"])
            #expect(try fixture.log.records(at: [:]).isEmpty)
            let fifth = TopicPartition(topic: topic, partition: 4)
            #expect(throws: LogError.unknownPartition(fifth)) { try fixture.log.records(at: [places[0]: 0, fifth: 0]) }
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a reader without a group reads everything and finds new topics`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let pattern = TopicPattern("test.\(fixture.unique).{part}.v1")
            let first = try fixture.topic("one", partitions: 2)
            try fixture.send([record(first, 0, "a"), record(first, 1, "b")])
            let settings = ConsumerSettings(group: "", patterns: [pattern]) { _ in nil }
            let (one, two) = (try fixture.log.consumer(settings), try fixture.log.consumer(settings))
            #expect(Set(try one.read(2).map(\.text)) == ["a", "b"])
            let three = try fixture.log.consumer(settings)
            #expect(Set(try two.read(2).map(\.text)) == ["a", "b"])
            let second = try fixture.topic("two")
            try fixture.send([record(second, "c"), record(first, 0, "d")])
            #expect(Set(try one.read(2).map(\.text)) == ["c", "d"])
            for consumer in [one, two, three] { consumer.close(within: .seconds(5)) }
        }
    }
}
