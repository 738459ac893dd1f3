/// Which partition a key belongs to: what Kafka's own clients compute, so every producer of a topic agrees.
public enum Partitioner {
    /// `murmur2(key)` made positive, modulo `partitions`; `partitions > 0`. The same as Kafka's Java default partitioner for keyed records.
    public static func partition(key: String, partitions: Int) -> Int32 {
        precondition(partitions > 0, "a topic has at least one partition")
        var key = key
        return key.withUTF8 { Int32((murmur2($0) & 0x7FFF_FFFF) % UInt32(partitions)) }
    }

    public static func partition(key: [UInt8], partitions: Int) -> Int32 {
        precondition(partitions > 0, "a topic has at least one partition")
        return key.withUnsafeBufferPointer { Int32((murmur2($0) & 0x7FFF_FFFF) % UInt32(partitions)) }
    }

    /// Kafka's 32 bit murmur2 with its fixed seed, `org.apache.kafka.common.utils.Utils.murmur2`.
    public static func murmur2(_ key: [UInt8]) -> UInt32 { key.withUnsafeBufferPointer { murmur2($0) } }

    private static func murmur2(_ key: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let m: UInt32 = 0x5BD1_E995
        var h: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: key.count)
        var index = 0
        while index + 4 <= key.count {
            var k = UInt32(key[index]) | UInt32(key[index + 1]) << 8 | UInt32(key[index + 2]) << 16 | UInt32(key[index + 3]) << 24
            k = k &* m
            k ^= k >> 24
            h = (h &* m) ^ (k &* m)
            index += 4
        }
        let rest = key.count - index
        if rest > 0 {
            if rest == 3 { h ^= UInt32(key[index + 2]) << 16 }
            if rest >= 2 { h ^= UInt32(key[index + 1]) << 8 }
            h = (h ^ UInt32(key[index])) &* m
        }
        h ^= h >> 13
        h = h &* m
        return h ^ (h >> 15)
    }
}
