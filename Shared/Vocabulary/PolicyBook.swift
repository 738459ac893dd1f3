/// One effective-dated rule: what holds in a region and everything below it, from a day, until a day.
public struct PolicyRule<Value: Sendable>: Sendable {
    /// What the rule is about, for instance `referral.respond`.
    public let code: String
    /// Nil for the whole nation.
    public let region: RegionCode?
    public let validFrom: LocalDate
    /// The last day it holds; nil while it has no end.
    public let validTo: LocalDate?
    public let value: Value
    /// The document, quoted.
    public let source: String
    public let standing: PolicyStanding
    /// Recorded with every decision that rests on the rule, for instance `jiyuan-2024.1`.
    public let version: String

    public init(
        code: String, region: RegionCode?, validFrom: LocalDate, validTo: LocalDate? = nil, value: Value, source: String,
        standing: PolicyStanding, version: String
    ) {
        self.code = code
        self.region = region
        self.validFrom = validFrom
        self.validTo = validTo
        self.value = value
        self.source = source
        self.standing = standing
        self.version = version
    }

    func holds(on date: LocalDate) -> Bool { validFrom <= date && date <= validTo ?? LocalDate(days: .max) }
}

/// What a lookup found, with everything a decision must record and a page must show.
public struct Policy<Value: Sendable>: Sendable {
    public let value: Value
    public let version: String
    public let source: String
    public let standing: PolicyStanding
    /// Whose rule it is; nil for the nation's.
    public let region: RegionCode?
    public let validFrom: LocalDate
    public let validTo: LocalDate?
}

extension Policy: Equatable where Value: Equatable {}
extension Policy: Hashable where Value: Hashable {}

/// No rule of this code holds there on that day. A refusal, `POLICY_MISSING`: there is no default.
public struct PolicyMissing: Error, Hashable, Sendable {
    public static let code = "POLICY_MISSING"
    public let policy: String
    public let region: RegionCode?
    public let date: LocalDate

    public init(policy: String, region: RegionCode?, date: LocalDate) {
        self.policy = policy
        self.region = region
        self.date = date
    }
}

/// Rules of one kind, found by region and day. Pure and immutable: a value built once from data.
public struct PolicyBook<Value: Sendable>: Sendable {
    public let rules: [PolicyRule<Value>]
    private let places: [String: [String: [Int]]]

    /// Two rules of one code and region never hold on the same day; a book that says otherwise is a bug in its data and traps.
    public init(_ rules: [PolicyRule<Value>]) {
        var places: [String: [String: [Int]]] = [:]
        for (index, rule) in rules.enumerated() {
            let place = rule.region?.text ?? ""
            for other in places[rule.code]?[place] ?? [] {
                let first = rules[other].validFrom <= rule.validFrom ? rules[other] : rule
                let second = rules[other].validFrom <= rule.validFrom ? rule : rules[other]
                precondition(
                    !first.holds(on: second.validFrom), "two rules for \(rule.code) in \(place.isEmpty ? "the nation" : place) overlap")
            }
            places[rule.code, default: [:]][place, default: []].append(index)
        }
        self.rules = rules
        self.places = places
    }

    /// The rule of `code` on `date` of the smallest region around `region` that has one: village, township, county, prefecture, province,
    /// nation. Nil asks for the nation's. Throws `PolicyMissing`.
    public func lookup(_ code: String, region: RegionCode?, on date: LocalDate) throws(PolicyMissing) -> Policy<Value> {
        if let byPlace = places[code] {
            var place = region
            while true {
                for index in byPlace[place?.text ?? ""] ?? [] where rules[index].holds(on: date) {
                    let rule = rules[index]
                    return Policy(
                        value: rule.value, version: rule.version, source: rule.source, standing: rule.standing, region: rule.region,
                        validFrom: rule.validFrom, validTo: rule.validTo)
                }
                guard let here = place else { break }
                place = here.parent
            }
        }
        throw PolicyMissing(policy: code, region: region, date: date)
    }
}
