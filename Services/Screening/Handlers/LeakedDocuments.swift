import Contracts
import Persistence
import Vocabulary

/// Whom a bureau's bytes are about that are no record of any kind: citizen IDs are found in them as they stand, cut off, in another encoding or
/// between broken brackets. Whoever has only another document, or none, is not found.
struct LeakedDocuments: Sendable {
    let context: ScreeningContext

    /// Each under the id this service has a case of; who has none gets the id that a case would have.
    func persons(in bytes: [UInt8], _ tx: any Transaction) throws -> Set<String> {
        var found: Set<String> = []
        for number in CitizenIDsInText.numbers(in: bytes) {
            let ids = context.personKey.people(PersonIdentifier(.citizenID, number: number))
            let known = try ids.first { id in
                try ScreeningTopic.allCases.contains { try CaseTable.load(CaseTable.id(id, $0), in: tx) != nil }
            }
            if let id = known ?? ids.first { found.insert(id.text) }
        }
        return found
    }
}
