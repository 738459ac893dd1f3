/// Which partition a key belongs to: Kafka's own default for keyed records, murmur2 modulo the count the catalogue fixes, so that records
/// written by any Kafka client with its Java-compatible partitioner meet ours.
public enum Partitioner {
    public static func partition(key: String, partitions: Int) -> Int32 {
        var key = key
        return key.withUTF8 { Int32(Int(murmur2($0) & 0x7fff_ffff) % partitions) }
    }

    /// MurmurHash2, 32 bits, with Kafka's seed.
    public static func murmur2(_ data: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let m: UInt32 = 0x5bd1_e995
        var h: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: data.count)
        var at = 0
        while at + 4 <= data.count {
            var k = UInt32(data[at]) | UInt32(data[at + 1]) << 8 | UInt32(data[at + 2]) << 16 | UInt32(data[at + 3]) << 24
            k = k &* m
            k ^= k >> 24
            k = k &* m
            h = (h &* m) ^ k
            at += 4
        }
        let rest = data.count - at
        if rest >= 3 { h ^= UInt32(data[at + 2]) << 16 }
        if rest >= 2 { h ^= UInt32(data[at + 1]) << 8 }
        if rest >= 1 {
            h ^= UInt32(data[at])
            h = h &* m
        }
        h ^= h >> 13
        h = h &* m
        return h ^ (h >> 15)
    }
}
