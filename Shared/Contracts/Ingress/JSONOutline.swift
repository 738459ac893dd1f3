/// The outline of a JSON text: its depth and the members of its outermost object, without building anything. What stands inside a member is
/// for the schema's own decoder to judge.
package struct JSONOutline {
    private let bytes: [UInt8]
    private let maxDepth: Int
    private var index = 0

    /// True when no bracket outside strings is nested deeper than `depth`; never recurses, whatever the text.
    static func isShallow(_ bytes: [UInt8], depth: Int) -> Bool {
        var outline = JSONOutline(bytes, depth)
        outline.skipSpace()
        return outline.skipValue() && outline.isAtEnd
    }

    /// Names and values of the outermost object, in order; nil when it is not an object, is too deep, or a name comes twice.
    static func members(of bytes: [UInt8], depth: Int) -> [String: ArraySlice<UInt8>]? {
        var outline = JSONOutline(bytes, depth)
        return outline.members()
    }

    /// `object` without its outermost member `name`, and what that member held; nil when there is none, or no single object.
    package static func removing(_ name: String, from object: [UInt8]) -> (rest: [UInt8], member: [UInt8])? {
        guard var found = members(of: object, depth: Ingress.Limits.jsonDepth), let member = found.removeValue(forKey: name) else {
            return nil
        }
        let rest = found.map { name, value in Array("\"\(name)\":".utf8) + value }.joined(separator: [0x2C])
        return ([0x7B] + rest + [0x7D], Array(member))
    }

    private init(_ bytes: [UInt8], _ maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    private mutating func members() -> [String: ArraySlice<UInt8>]? {
        var found: [String: ArraySlice<UInt8>] = [:]
        skipSpace()
        guard take(0x7B) else { return nil }
        skipSpace()
        if take(0x7D) { return isAtEnd ? found : nil }
        while true {
            skipSpace()
            let nameStart = index
            guard skipString(), let name = String(validating: bytes[(nameStart + 1)..<(index - 1)], as: UTF8.self) else { return nil }
            skipSpace()
            guard take(0x3A) else { return nil }
            skipSpace()
            let start = index
            guard skipValue(), found.updateValue(bytes[start..<index], forKey: name) == nil else { return nil }
            skipSpace()
            if take(0x2C) { continue }
            return take(0x7D) && isAtEnd ? found : nil
        }
    }

    private var isAtEnd: Bool {
        var copy = self
        copy.skipSpace()
        return copy.index == bytes.count
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// Past a string, quotes included.
    private mutating func skipString() -> Bool {
        guard take(0x22) else { return false }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == 0x22 { return true }
            if byte == 0x5C { index += 1 }
        }
        return false
    }

    /// Past a number, `true` and the like: up to the next character that has a meaning in JSON.
    private mutating func skipWord() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x22, 0x2C, 0x3A, 0x7B, 0x7D, 0x5B, 0x5D, 0x20, 0x09, 0x0A, 0x0D: return
            default: index += 1
            }
        }
    }

    /// Past one value: a string, a bracketed value or a word.
    private mutating func skipValue() -> Bool {
        var depth = 0
        repeat {
            guard index < bytes.count else { return false }
            switch bytes[index] {
            case 0x22:
                guard skipString() else { return false }
            case 0x7B, 0x5B:
                depth += 1
                index += 1
                guard depth <= maxDepth else { return false }
            case 0x7D, 0x5D:
                guard depth > 0 else { return false }
                depth -= 1
                index += 1
            case 0x2C, 0x3A, 0x20, 0x09, 0x0A, 0x0D:
                guard depth > 0 else { return false }
                index += 1
            default: skipWord()
            }
        } while depth > 0
        return true
    }
}
