/// One level of the region tree: codes in ascending order, and their names in one block of bytes.
struct RegionLevel: Sendable {
    let codes: [UInt32]
    /// Where the name of each row begins; one entry more than `codes`.
    private let starts: [UInt32]
    private let names: [UInt8]

    /// Reads `code,"name",…` lines after a heading; further columns say nothing the code does not. The rows stand in code order.
    init(csv bytes: [UInt8]) {
        var codes: [UInt32] = []
        var starts: [UInt32] = [0]
        var names: [UInt8] = []
        codes.reserveCapacity(bytes.count / 36)
        starts.reserveCapacity(bytes.count / 36)
        names.reserveCapacity(bytes.count / 2)
        bytes.withUnsafeBufferPointer { text in
            var at = (text.firstIndex(of: 10) ?? text.count) + 1
            while at < text.count {
                var code: UInt32 = 0
                while at < text.count, (48...57).contains(text[at]) {
                    code = code * 10 + UInt32(text[at] - 48)
                    at += 1
                }
                precondition(at < text.count && text[at] == 44 && code > codes.last ?? 0, "region rows are code,\"name\",… in code order")
                at += 1
                while at < text.count, text[at] != 44, text[at] != 10 {
                    if text[at] != 34 && text[at] != 13 { names.append(text[at]) }
                    at += 1
                }
                while at < text.count, text[at] != 10 { at += 1 }
                at += 1
                codes.append(code)
                starts.append(UInt32(names.count))
            }
        }
        self.codes = codes
        self.starts = starts
        self.names = names
    }

    func index(of code: Int) -> Int? {
        let index = lowerBound(code)
        return index < codes.count && codes[index] == code ? index : nil
    }

    func range(_ bounds: Range<Int>) -> [Int] { codes[lowerBound(bounds.lowerBound)..<lowerBound(bounds.upperBound)].map(Int.init) }

    func name(_ index: Int) -> String { String(decoding: names[Int(starts[index])..<Int(starts[index + 1])], as: UTF8.self) }

    private func lowerBound(_ code: Int) -> Int {
        var low = 0
        var high = codes.count
        while low < high {
            let middle = (low + high) / 2
            if codes[middle] < code { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension RegionCode {
    /// The digits as a number; nil when a trusted text holds anything else.
    var number: Int? {
        var number = 0
        for byte in text.utf8 {
            guard (48...57).contains(byte) else { return nil }
            number = number * 10 + Int(byte) - 48
        }
        return number
    }

    init(number: Int, digits: Int) {
        self.init(
            trusted: String(unsafeUninitializedCapacity: digits) { buffer in
                var rest = number
                for index in stride(from: digits - 1, through: 0, by: -1) {
                    buffer[index] = UInt8(48 + rest % 10)
                    rest /= 10
                }
                return digits
            })
    }

    /// True in 379999 and 419999, which are assigned to nobody: generated identities start with them. They are known to be synthetic and
    /// still unknown as a residence.
    public var isSynthetic: Bool { text.hasPrefix("379999") || text.hasPrefix("419999") }

    /// Province 2 to village 12.
    public var digits: Int { text.utf8.count }

    /// The region of `digits` digits around this one; nil when this one is larger than that.
    public func ancestor(digits wanted: Int) -> RegionCode? {
        wanted <= digits ? RegionCode(trusted: String(text.prefix(wanted))) : nil
    }
}
