/// A citizen ID number (公民身份号码), GB 11643-1999: eighteen characters whose date and check character hold.
///
/// The region part is kept as written: an ID keeps the code of first registration for ever, abolished codes included. Twelve bytes, no
/// heap storage; `text` makes the string when somebody needs it. Personal data: never log it.
public struct CitizenID: Hashable, Sendable {
    /// The first six digits, the county of first registration.
    let prefix: UInt32
    public let birthDate: LocalDate
    /// 0 to 999; odd is male.
    let sequence: UInt16

    /// Checks in this order, one code each: `ID_LENGTH_INVALID` (18 characters), `ID_CHARACTER_INVALID` (17 digits, then a digit or X; a
    /// lower-case x is taken as X), `ID_BIRTHDATE_INVALID` (a day of the calendar from 1880-01-01 to `today`), `ID_CHECKSUM_INVALID`.
    public init(_ text: String, today: LocalDate) throws(InvalidValue) {
        let bytes = text.utf8
        guard bytes.count == 18 || text.count == 18 else { throw Self.lengthInvalid }
        var index = 0
        var sum = 0
        var prefix = 0
        var date = 0
        var sequence = 0
        var check: UInt8 = 0
        for byte in bytes {
            let digit = Int(byte) - 48
            if index < 17 {
                guard (0...9).contains(digit) else { throw Self.characterInvalid }
                sum += digit * Self.weights[index]
                if index < 6 {
                    prefix = prefix * 10 + digit
                } else if index < 14 {
                    date = date * 10 + digit
                } else {
                    sequence = sequence * 10 + digit
                }
            } else {
                check = byte == 120 ? 88 : byte
                guard index == 17, (0...9).contains(digit) || check == 88 else { throw Self.characterInvalid }
            }
            index += 1
        }
        guard let birthDate = LocalDate(year: date / 10_000, month: date / 100 % 100, day: date % 100),
            birthDate >= Self.earliestBirth, birthDate <= today
        else { throw Self.birthDateInvalid }
        guard Self.checkCharacters[sum % 11] == check else { throw Self.checksumInvalid }
        self.init(prefix: UInt32(prefix), birthDate: birthDate, sequence: UInt16(sequence))
    }

    private init(prefix: UInt32, birthDate: LocalDate, sequence: UInt16) {
        self.prefix = prefix
        self.birthDate = birthDate
        self.sequence = sequence
    }

    /// A number with the right check character, for generators and tests. `prefix` has six digits, `sequence` lies in 0...999 and its
    /// parity is the sex (odd is male).
    public static func make(prefix: Int, birth: LocalDate, sequence: Int) -> CitizenID {
        precondition((0...999_999).contains(prefix) && (0...999).contains(sequence), "an ID has six digits of region and three of sequence")
        return CitizenID(prefix: UInt32(prefix), birthDate: birth, sequence: UInt16(sequence))
    }

    /// From the parity of the seventeenth character.
    public var sex: Sex { sequence % 2 == 1 ? .male : .female }

    /// The county of first registration as written; it need not exist any more.
    public var regionAtFirstRegistration: RegionCode { RegionCode(trusted: String(text.prefix(6))) }

    /// True for numbers of regions 379999 and 419999, which are assigned to nobody: generated data.
    public var isSynthetic: Bool { prefix == 379_999 || prefix == 419_999 }

    /// The eighteen characters, with an upper-case X.
    public var text: String {
        String(unsafeUninitializedCapacity: 18) { buffer in
            let (year, month, day) = birthDate.parts
            var rest = UInt64(prefix) * 100_000_000_000 + UInt64(year * 10_000 + month * 100 + day) * 1000 + UInt64(sequence)
            var sum = 0
            for index in stride(from: 16, through: 0, by: -1) {
                let digit = Int(rest % 10)
                rest /= 10
                sum += digit * Self.weights[index]
                buffer[index] = UInt8(48 + digit)
            }
            buffer[17] = Self.checkCharacters[sum % 11]
            return 18
        }
    }

    /// For lists: stars but for the last four characters; region and birth date would already tell too much.
    public var masked: String { String(repeating: "*", count: 14) + text.suffix(4) }

    private static let earliestBirth = LocalDate(year: 1880, month: 1, day: 1)!
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    // "10X98765432" in ASCII: the character for each remainder of the weighted sum modulo 11.
    private static let checkCharacters: [UInt8] = [49, 48, 88, 57, 56, 55, 54, 53, 52, 51, 50]
    private static let standard = "GB 11643-1999"
    private static let lengthInvalid = InvalidValue(code: "ID_LENGTH_INVALID", rule: "exactly 18 characters", source: standard)
    private static let characterInvalid = InvalidValue(
        code: "ID_CHARACTER_INVALID", rule: "17 digits, then a digit or X", source: standard)
    private static let birthDateInvalid = InvalidValue(
        code: "ID_BIRTHDATE_INVALID", rule: "characters 7 to 14 are a day of the calendar, from 1880-01-01 to today", source: standard)
    private static let checksumInvalid = InvalidValue(
        code: "ID_CHECKSUM_INVALID", rule: "the last character is the ISO 7064 MOD 11-2 check of the first 17", source: standard)
}
