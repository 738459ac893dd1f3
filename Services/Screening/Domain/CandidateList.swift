import Contracts
import Vocabulary

/// Screening's copy of an institution: enough to put it on a list. Capacity is decided in Rehabilitation; this is a hint.
struct InstitutionCopy: Hashable, Sendable {
    var institution: OrganisationID
    var region: RegionCode
    var categories: Set<AssistanceCategory>
    var capacity: Int
    /// Reserved places included.
    var taken: Int
    /// Referrals issued there that wait for an answer; each may still become a place.
    var openLoad: Int
    var validFrom: LocalDate
    var validTo: LocalDate

    var freePlaces: Int { max(0, capacity - taken) }

    func serves(_ category: AssistanceCategory, on date: LocalDate) -> Bool {
        categories.contains(category) && validFrom <= date && date <= validTo
    }
}

/// The ordered, explained list of institutions for one child: nearest in the region tree first, then the one with fewer open referrals,
/// then by id, so that the same facts always give the same list.
enum CandidateList {
    /// Longest list a guardian is shown.
    static let longest = 10

    /// Institutions no farther than `reach` with an agreement for `category` in force on `date` and more free places than unanswered
    /// referrals.
    static func make(
        _ category: AssistanceCategory, for home: RegionCode, reach: RegionDistance, on date: LocalDate,
        from institutions: [InstitutionCopy],
        _ regions: RegionTable = .shared
    ) -> [Candidate] {
        institutions
            .filter { $0.serves(category, on: date) && $0.freePlaces > $0.openLoad }
            .map { (distance: regions.distance(between: home, $0.region), copy: $0) }
            .filter { $0.distance <= reach }
            .sorted {
                ($0.distance, $0.copy.openLoad, $0.copy.institution) < ($1.distance, $1.copy.openLoad, $1.copy.institution)
            }
            .enumerated()
            .map { index, entry in
                Candidate(
                    institution: entry.copy.institution, rank: index + 1, distance: entry.distance, openLoad: entry.copy.openLoad,
                    freePlaces: entry.copy.freePlaces)
            }
    }
}

extension Candidate {
    /// Why the institution stands where it does, for the guardian.
    var explanation: BilingualName {
        BilingualName(
            zh: "第\(rank)位：\(distance.name.zh)；空余名额\(freePlaces)个，待答复转介\(openLoad)个",
            en: "No. \(rank): \(distance.name.en); \(freePlaces) free places, \(openLoad) referrals waiting for an answer")
    }
}
