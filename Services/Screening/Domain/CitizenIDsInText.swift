import Vocabulary

/// Citizen IDs in bytes that are no field for one.
enum CitizenIDsInText {
    /// A birth date in the future is no reason to pass somebody over.
    private static let lastDay = LocalDate(year: 9999, month: 12, day: 31)!
    /// Characters of a citizen ID.
    static let length = 18

    /// Seventeen digits and a check digit that holds.
    static func numbers(in bytes: [UInt8]) -> Set<String> {
        var found: Set<String> = []
        for run in bytes.split(whereSeparator: { !isAlphanumeric($0) }) where run.count == length {
            let text = String(decoding: run, as: UTF8.self).uppercased()
            // Most runs of this length are none, and nobody asks why.
            if (try? CitizenID(text, today: lastDay)) != nil { found.insert(text) }
        }
        return found
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
