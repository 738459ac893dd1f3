import Vocabulary

/// A child or adult who does not exist: unassigned ID numbers and telephones, a name that says so, a residence that is real.
struct SyntheticPerson: Hashable, Sendable {
    var index: Int
    var name: String
    var male: Bool
    var birth: LocalDate
    var documentKind: DocumentKind
    var documentNumber: String
    /// Among children of the same guardian born the same day; meaningful with a guardian's document.
    var birthOrder: Int
    var guardianName: String
    var guardianTelephone: String
    /// A township.
    var residence: RegionCode

    var county: RegionCode { RegionCode(trusted: String(residence.text.prefix(6))) }
}

/// Makes persons one after the other; the same seed and calls make the same persons.
struct SyntheticPeople: Sendable {
    private let townships: [RegionCode]
    private var random: SplitMix64
    private var identities: SyntheticIdentitySource
    private var next = 0
    /// Birth certificates' numbers of all lanes, and where this seed begins among them.
    private let certificates: Int
    private let firstCertificate: Int

    /// `townships` must not be empty. Sources in different lanes never give the same document twice.
    init(seed: UInt64, townships: [RegionCode], lane: Int = 0, lanes: Int = 1) {
        precondition(!townships.isEmpty, "people live somewhere")
        self.townships = townships
        identities = SyntheticIdentitySource(seed: seed, lane: lane, lanes: lanes)
        certificates = 10_000_000 / lanes * lanes
        var start = SplitMix64(seed: seed, stream: "birth certificates")
        firstCertificate = start.below(10_000_000 / lanes) * lanes
        random = SplitMix64(seed: seed, stream: "people")
    }

    /// A child younger than seven and at least a month old on `day`.
    mutating func child(on day: LocalDate) -> SyntheticPerson {
        person(bornFrom: day.adding(months: -83), through: day.adding(days: -31), word: "测试童", canLackNumber: true)
    }

    /// Somebody of `ages` completed years on `day`; `place` instead of anywhere.
    mutating func person(on day: LocalDate, ages: ClosedRange<Int>, place: RegionCode? = nil) -> SyntheticPerson {
        let earliest = day.adding(months: -12 * (ages.upperBound + 1)).adding(days: 1)
        var person = person(bornFrom: earliest, through: day.adding(months: -12 * ages.lowerBound), word: "测试员", canLackNumber: false)
        if let place { person.residence = place }
        return person
    }

    private mutating func person(bornFrom: LocalDate, through: LocalDate, word: String, canLackNumber: Bool) -> SyntheticPerson {
        let index = next * identities.lanes + identities.lane
        next += 1
        let male = random.chance(0.52)
        let residence = random.pick(townships)
        let prefix = residence.text.hasPrefix("41") ? "419999" : "379999"
        var birth = bornFrom.adding(days: random.below(bornFrom.distance(to: through) + 1))
        var kind = DocumentKind.citizenID
        var document = ""
        if canLackNumber, birth.distance(to: through) < 150, random.chance(0.3) {
            // A newborn without a number of its own is known by the birth certificate, a few by the guardian's document.
            kind = random.chance(0.8) ? .birthCertificate : .guardianDocument
        }
        switch kind {
        case .birthCertificate: document = (prefix == "379999" ? "Y37" : "Y41") + padded((firstCertificate + index) % certificates, 7)
        case .guardianDocument:
            let guardianBirth = birth.adding(days: -(25 * 365 + random.below(3000)))
            document = SyntheticIdentitySource.number(prefix: prefix, birth: guardianBirth, sequence: index % 1000)
        case .citizenID:
            while true {
                if let number = identities.number(prefix: prefix, birth: birth, male: male) {
                    document = number
                    break
                }
                birth = birth == through ? bornFrom : birth.adding(days: 1)
            }
        }
        return SyntheticPerson(
            index: index, name: "\(word)\(padded(index + 1, 6))", male: male, birth: birth, documentKind: kind, documentNumber: document,
            birthOrder: 1, guardianName: "测试家长\(padded(index + 1, 6))", guardianTelephone: SyntheticIdentitySource.telephone(index + 1),
            residence: residence)
    }
}
