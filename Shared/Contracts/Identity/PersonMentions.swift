/// Ids of persons in bytes, whatever the bytes are: text stands in protobuf, JSON and half a record of either as it is.
public enum PersonMentions {
    /// `p1-` and 32 hexadecimal digits, as `PersonKey` makes them.
    public static func find(in bytes: [UInt8]) -> Set<String> {
        var found: Set<String> = []
        var index = 0
        while let start = bytes[index...].firstIndex(of: UInt8(ascii: "p")) {
            index = start + 1
            let version = bytes[index...].prefix(4).prefix { (48...57).contains($0) }
            let dash = version.endIndex
            guard (1...3).contains(version.count), dash < bytes.count, bytes[dash] == UInt8(ascii: "-") else { continue }
            let digits = bytes[(dash + 1)...].prefix(32)
            guard digits.count == 32, digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { continue }
            found.insert(String(decoding: bytes[start..<digits.endIndex], as: UTF8.self))
            index = digits.endIndex
        }
        return found
    }
}
