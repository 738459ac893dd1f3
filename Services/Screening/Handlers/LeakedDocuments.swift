import Contracts
import Persistence
import Vocabulary

/// Whom a bureau's bytes are about that are no record of any kind: citizen IDs are found in them as they stand, cut off, in another encoding or
/// between broken brackets. Whoever has only another document, or none, is not found.
struct LeakedDocuments: Sendable {
    /// A birth date in the future is no reason to pass somebody over.
    private static let lastDay = LocalDate(year: 9999, month: 12, day: 31)!
    /// Characters of a citizen ID.
    private static let length = 18

    let context: ScreeningContext

    /// Each under the id this service has a case of; who has none gets the id that a case would have.
    func persons(in bytes: [UInt8], _ tx: any Transaction) throws -> Set<String> {
        var found: Set<String> = []
        for number in Self.numbers(in: bytes) {
            let ids = context.personKey.people(PersonIdentifier(.citizenID, number: number))
            let known = try ids.first { id in
                try ScreeningTopic.allCases.contains { try CaseTable.load(CaseTable.id(id, $0), in: tx) != nil }
            }
            if let id = known ?? ids.first { found.insert(id.text) }
        }
        return found
    }

    /// Seventeen digits and a check digit that holds.
    private static func numbers(in bytes: [UInt8]) -> Set<String> {
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
