/// A unified social credit code (统一社会信用代码), GB 32100-2015: eighteen characters whose two check characters hold.
///
/// A code can look like an ID number (`52379999000000019X`), so which of the two a field holds is never guessed from its shape. Some codes
/// of early pilot areas fail the check; they are refused here and need an administrator's override upstream.
public struct CreditCode: Hashable, Sendable, CustomStringConvertible {
    /// Upper case.
    public let text: String

    /// Checks in this order: `USCC_LENGTH_INVALID` (18 characters), `USCC_CHARACTER_INVALID` (digits and A-Z without I, O, S, V, Z; digits
    /// for the region in places 3 to 8), `USCC_CHECKSUM_INVALID` (place 17 by GB 11714 and place 18). Lower case is taken as upper case.
    public init(_ text: String) throws(InvalidValue) {
        let bytes = text.utf8
        guard bytes.count == 18 || text.count == 18 else { throw Self.lengthInvalid }
        var values = [Int](repeating: 0, count: 18)
        var characters = [UInt8](repeating: 0, count: 18)
        var index = 0
        for byte in bytes {
            let upper = (97...122).contains(byte) ? byte - 32 : byte
            guard index < 18, let value = Self.value(of: upper), !(2...7).contains(index) || value < 10 else { throw Self.characterInvalid }
            values[index] = value
            characters[index] = upper
            index += 1
        }
        guard Self.check(values) == values[17], Self.organisationCheck(characters) == characters[16] else { throw Self.checksumInvalid }
        self.init(characters)
    }

    private init(_ characters: [UInt8]) {
        text = String(decoding: characters, as: UTF8.self)
    }

    /// A code with both check characters, for generators and tests. `head` is the department and the category (`52`), `region` six digits,
    /// `organisation` 0 to 99,999,999.
    public static func make(head: String, region: Int, organisation: Int) -> CreditCode {
        precondition(
            (0...999_999).contains(region) && (0...99_999_999).contains(organisation), "six digits of region, eight of organisation")
        let digits = { (number: Int, width: Int) in
            let text = String(number)
            return String(repeating: "0", count: width - text.utf8.count) + text
        }
        var values = [Int](repeating: 0, count: 18)
        var characters = [UInt8](repeating: 48, count: 18)
        for (index, byte) in (head + digits(region, 6) + digits(organisation, 8)).utf8.enumerated() {
            guard index < 16, let value = value(of: byte) else {
                preconditionFailure("department and category are two characters of the alphabet")
            }
            values[index] = value
            characters[index] = byte
        }
        characters[16] = organisationCheck(characters)
        values[16] = value(of: characters[16])!
        values[17] = check(values)
        characters[17] = alphabet[values[17]]
        return CreditCode(characters)
    }

    /// Department and category, places 1 and 2: `52` is a private non-enterprise body, `12` a public institution, `91` an enterprise.
    public var head: String { String(text.prefix(2)) }
    public var region: RegionCode { RegionCode(trusted: String(text.dropFirst(2).prefix(6))) }
    /// True for codes of the unassigned regions 379999 and 419999: generated data.
    public var isSynthetic: Bool { region.isSynthetic }
    public var description: String { text }

    // Weighted by powers of 3 modulo 31.
    private static func check(_ values: [Int]) -> Int {
        var sum = 0
        var weight = 1
        for index in 0..<17 {
            sum += values[index] * weight
            weight = weight * 3 % 31
        }
        return (31 - sum % 31) % 31
    }

    // GB 11714 over places 9 to 16: digits as they are, A is 10, Z is 35.
    private static func organisationCheck(_ characters: [UInt8]) -> UInt8 {
        let weights = [3, 7, 9, 10, 5, 8, 4, 2]
        var sum = 0
        for index in 0..<8 {
            let byte = Int(characters[index + 8])
            sum += (byte < 58 ? byte - 48 : byte - 55) * weights[index]
        }
        let rest = 11 - sum % 11
        return rest == 10 ? 88 : rest == 11 ? 48 : UInt8(48 + rest)
    }

    private static func value(of byte: UInt8) -> Int? {
        if (48...57).contains(byte) { return Int(byte) - 48 }
        guard (65...90).contains(byte) else { return nil }
        return alphabet.firstIndex(of: byte)
    }

    private static let alphabet = [UInt8]("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
    private static let standard = "GB 32100-2015"
    private static let lengthInvalid = InvalidValue(code: "USCC_LENGTH_INVALID", rule: "exactly 18 characters", source: standard)
    private static let characterInvalid = InvalidValue(
        code: "USCC_CHARACTER_INVALID", rule: "digits and A-Z without I, O, S, V, Z; places 3 to 8 are digits", source: standard)
    private static let checksumInvalid = InvalidValue(
        code: "USCC_CHECKSUM_INVALID", rule: "place 17 is the GB 11714 check of the organisation code, place 18 the check of the first 17",
        source: standard + ", GB 11714-1997")
}
