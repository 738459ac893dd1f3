import Contracts
import Foundation
import Testing

/// Keys land where Kafka's own clients put them, and ids follow from their cause.
struct PartitionerTests {
    // org.apache.kafka.common.utils.UtilsTest.testMurmur2
    static let known: [(String, Int32)] = [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829), ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ]

    @Test func `murmur2 gives what Kafka's own test expects`() {
        for (key, hash) in Self.known { #expect(Int32(bitPattern: Partitioner.murmur2(Array(key.utf8))) == hash, "\(key)") }
    }

    @Test func `a partition is the positive hash modulo the count`() {
        for (key, hash) in Self.known {
            for count in [1, 8, 32, 7] {
                let expected = Int32(Int(hash) & 0x7FFF_FFFF) % Int32(count)
                #expect(Partitioner.partition(key: key, partitions: count) == expected)
                #expect(Partitioner.partition(key: Array(key.utf8), partitions: count) == expected)
            }
        }
    }

    @Test func `keys spread over all partitions`() {
        var counts = [Int](repeating: 0, count: 32)
        for index in 0..<32_000 { counts[Int(Partitioner.partition(key: "person-\(index)", partitions: 32))] += 1 }
        #expect(counts.allSatisfy { (800...1200).contains($0) }, "\(counts)")
    }

    @Test func `an id is the first half of SHA-256 over its parts`() {
        // Python: hashlib.sha256(b'cause-1\0Handler\0' b'1\0careloop.x.v1\0').hexdigest()[:32]
        #expect(
            EventID.derive(cause: "cause-1", handler: "Handler", ordinal: 1, type: "careloop.x.v1") == "aac7636942c9572f9654c5c6fd0ec6f4")
    }

    @Test func `another cause, handler, ordinal or type is another id, and a retry is the same`() {
        let ids = [
            ("a", "h", 1, "t"), ("b", "h", 1, "t"), ("a", "i", 1, "t"), ("a", "h", 2, "t"), ("a", "h", 1, "u"), ("ah", "", 1, "t"),
            ("a", "h1", 0, "t"),
        ]
        .map { EventID.derive(cause: $0.0, handler: $0.1, ordinal: $0.2, type: $0.3) }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } })
        #expect(EventID.derive(cause: "a", handler: "h", ordinal: 1, type: "t") == ids[0])
    }
}
