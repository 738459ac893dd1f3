/// Cuts a streamed JSON array into its objects without reading them; each is parsed by its schema afterwards. Memory is bounded by the
/// longest object.
struct JSONListReader {
    static let longestObject = 64 << 10
    /// What may stand beside that: the note with which a refused object was given back.
    static let longestNote = 16 << 10

    enum Fault: String, Error, Hashable, Sendable {
        case notAList = "UPLOAD_NOT_A_LIST"
        case objectTooLong = "RECORD_TOO_LARGE"
    }

    private enum Place { case beforeList, betweenObjects, inObject, afterList }

    private var buffer: [UInt8] = []
    private var at = 0
    private var place = Place.beforeList
    private var start = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Objects given out so far.
    private(set) var count = 0

    mutating func feed(_ bytes: some Collection<UInt8>) {
        let keep = place == .inObject ? start : at
        if keep > 0 {
            buffer.removeSubrange(0..<keep)
            at -= keep
            start = max(0, start - keep)
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next object's bytes; nil when more are needed or, at the end, when there are no more.
    mutating func next(atEnd: Bool) throws(Fault) -> ArraySlice<UInt8>? {
        while at < buffer.count {
            let byte = buffer[at]
            switch place {
            case .inObject:
                at += 1
                if step(byte) {
                    place = .betweenObjects
                    count += 1
                    return buffer[start..<at]
                }
                guard at - start <= Self.longestObject + Self.longestNote else { throw .objectTooLong }
            case .beforeList:
                at += 1
                if Self.isBlank(byte) || byte == 0xEF || byte == 0xBB || byte == 0xBF { continue }
                guard byte == UInt8(ascii: "[") else { throw .notAList }
                place = .betweenObjects
            case .betweenObjects:
                if byte == UInt8(ascii: "{") {
                    place = .inObject
                    start = at
                    depth = 0
                    continue
                }
                at += 1
                if Self.isBlank(byte) || byte == UInt8(ascii: ",") { continue }
                guard byte == UInt8(ascii: "]") else { throw .notAList }
                place = .afterList
            case .afterList:
                at += 1
                guard Self.isBlank(byte) else { throw .notAList }
            }
        }
        if atEnd, place != .afterList { throw .notAList }
        return nil
    }

    /// True when the object is closed by this byte.
    private mutating func step(_ byte: UInt8) -> Bool {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
        return depth == 0
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
