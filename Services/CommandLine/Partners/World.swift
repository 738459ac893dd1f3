import Vocabulary

/// A prefecture, or a county directly under its province, with the organisations that work there.
struct District: Sendable {
    let code: RegionCode
    let name: String
    let townships: [RegionCode]
    let bureau: SyntheticOrganisation
    let centres: [SyntheticOrganisation]
    let employers: [SyntheticOrganisation]
}

/// The federation and finance bureau of a province (济源 has its own).
struct Authority: Sendable {
    let code: RegionCode
    let name: String
    let federation: SyntheticOrganisation
    let finance: SyntheticOrganisation

    func isHome(of region: RegionCode) -> Bool { code.contains(region) }
}

/// Everybody who takes part, and what they hold: one token each.
struct World: Sendable {
    let seed: UInt64
    let districts: [District]
    let authorities: [Authority]
    private let tokens: [String: String]

    var centres: [SyntheticOrganisation] { districts.flatMap(\.centres) }
    var employers: [SyntheticOrganisation] { districts.flatMap(\.employers) }
    var bureaus: [SyntheticOrganisation] { districts.map(\.bureau) }
    var organisations: [SyntheticOrganisation] { authorities.flatMap { [$0.federation, $0.finance] } + bureaus + centres + employers }

    /// Over the prefectures of Shandong and over Jiyuan; `centresEach` and `employersEach` in every district.
    init(seed: UInt64, keys: KeyStore, centresEach: Int = 4, employersEach: Int = 2) throws {
        self.seed = seed
        let maker = SyntheticOrganisations(seed: seed)
        let table = RegionTable.shared
        let shandong = RegionCode(trusted: "37")
        let jiyuan = RegionCode(trusted: "419001")
        func name(_ code: RegionCode) -> String { table.name(of: code) ?? code.text }
        districts = try (table.children(of: shandong) + [jiyuan]).map { code in
            let places = try Places.load(in: [code])
            let counties = places.counties
            return District(
                code: code, name: name(code), townships: places.townships, bureau: maker.bureau(of: code, name: name(code)),
                centres: (0..<centresEach).map { index in
                    // Spread over the district's counties; several in one where there are few.
                    let county = counties[index * counties.count / centresEach % counties.count]
                    return maker.centre(of: county.code, name: county.name, number: index + 1)
                },
                employers: (0..<employersEach).map { index in
                    let county = counties[index % counties.count]
                    return maker.employer(of: county.code, name: county.name, number: index + 1)
                })
        }
        authorities = [shandong, jiyuan].map {
            Authority(
                code: $0, name: name($0), federation: maker.federation(of: $0, name: name($0)),
                finance: maker.finance(of: $0, name: name($0)))
        }
        var tokens: [String: String] = [:]
        func issue(_ role: Grant.Kind, _ organisation: SyntheticOrganisation, _ user: String) throws {
            tokens["\(organisation.id)/\(role.rawValue)"] = try keys.issue(
                Grant(role: role, organisation: organisation.id, region: organisation.region, user: user), lifetime: .seconds(7 * 86_400))
        }
        for authority in authorities {
            try issue(.clerk, authority.federation, "clerk-\(authority.code)")
            try issue(.reviewer, authority.federation, "reviewer-\(authority.code)")
            try issue(.dashboard, authority.federation, "dashboard-\(authority.code)")
            try issue(.auditor, authority.federation, "auditor-\(authority.code)")
            try issue(.finance, authority.finance, "finance-\(authority.code)")
        }
        for district in districts {
            try issue(.healthBureau, district.bureau, "bureau-\(district.code)")
            for centre in district.centres { try issue(.rehabilitationCentre, centre, "centre-\(centre.id)") }
            for employer in district.employers { try issue(.employer, employer, "employer-\(employer.id)") }
        }
        self.tokens = tokens
    }

    func token(_ role: Grant.Kind, _ organisation: OrganisationID) -> String {
        guard let token = tokens["\(organisation)/\(role.rawValue)"] else { preconditionFailure("\(organisation) has no \(role)") }
        return token
    }

    func authority(of region: RegionCode) -> Authority {
        guard let authority = authorities.first(where: { $0.isHome(of: region) }) else {
            preconditionFailure("\(region) has no federation here")
        }
        return authority
    }

    func clerk(_ region: RegionCode) -> String { token(.clerk, authority(of: region).federation.id) }
    func reviewer(_ region: RegionCode) -> String { token(.reviewer, authority(of: region).federation.id) }
    func finance(_ region: RegionCode) -> String { token(.finance, authority(of: region).finance.id) }

    func centre(_ id: OrganisationID) -> SyntheticOrganisation? { centres.first { $0.id == id } }

    /// What a partner decides about one thing depends on the seed and the thing alone: 0 ..< bound.
    func decide(_ what: String, _ thing: String, below bound: Int) -> Int {
        var random = SplitMix64(seed: SplitMix64.hash(seed, what, thing))
        return random.below(bound)
    }

    func chance(_ share: Double, _ what: String, _ thing: String) -> Bool {
        var random = SplitMix64(seed: SplitMix64.hash(seed, what, thing))
        return random.chance(share)
    }
}
