import Vocabulary

/// An organisation of the demonstration: its id says what and where it is.
struct SyntheticOrganisation: Hashable, Sendable {
    var id: OrganisationID
    var kind: OrganisationKind
    var name: String
    var creditCode: String
    var region: RegionCode
    /// A centre's agreement; empty and 0 for others.
    var categories: [AssistanceCategory] = []
    var capacity = 0
}

/// Makes organisations over real counties.
struct SyntheticOrganisations: Sendable {
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    func bureau(of county: RegionCode, name: String) -> SyntheticOrganisation {
        organisation("hb-\(county)", .healthBureau, "\(name)卫生健康局（模拟）", "11", county, 1)
    }

    func federation(of county: RegionCode, name: String) -> SyntheticOrganisation {
        organisation("dpf-\(county)", .disabledPersonsFederation, "\(name)残疾人联合会（模拟）", "13", county, 2)
    }

    func finance(of county: RegionCode, name: String) -> SyntheticOrganisation {
        organisation("fin-\(county)", .financeBureau, "\(name)财政局（模拟）", "11", county, 3)
    }

    /// The `number`-th centre of a county: three to six categories and a capacity of 6 to 40.
    func centre(of county: RegionCode, name: String, number: Int) -> SyntheticOrganisation {
        var random = SplitMix64(seed: seed, stream: "centre-\(county)", index: number)
        var centre = organisation("rc-\(county)-\(number)", .rehabilitationCentre, "\(name)第\(number)儿童康复中心（模拟）", "52", county, 10 + number)
        let left = Set((0..<random.below(4)).map { _ in random.pick(AssistanceCategory.allCases) })
        centre.categories = AssistanceCategory.allCases.filter { !left.contains($0) }
        centre.capacity = 6 + random.below(35)
        return centre
    }

    func employer(of county: RegionCode, name: String, number: Int) -> SyntheticOrganisation {
        organisation("em-\(county)-\(number)", .employer, "\(name)第\(number)用人单位（模拟）", "91", county, 50 + number)
    }

    private func organisation(
        _ id: String, _ kind: OrganisationKind, _ name: String, _ codeKind: String, _ county: RegionCode, _ number: Int
    ) -> SyntheticOrganisation {
        let prefix = county.text.hasPrefix("41") ? "419999" : "379999"
        let index = Int(county.text.suffix(4))! * 1000 + number + (county.text.hasPrefix("41") ? 90_000_000 : 0)
        return SyntheticOrganisation(
            id: OrganisationID(trusted: id), kind: kind, name: name,
            creditCode: SyntheticIdentitySource.creditCode(kind: codeKind, prefix: prefix, index: index), region: county)
    }
}
