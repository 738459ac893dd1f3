import Contracts
import ServiceRuntime
import Vocabulary

/// The rules decisions rest on, with their source and how firm it is.
enum PolicyRoutes {
    struct PolicyReply: Codable, Sendable {
        var code: String
        var region: RegionCode?
        var validFrom: LocalDate
        var validTo: LocalDate?
        /// One number, or the months of a list; money in fen.
        var values: [Int64]
        var source: String
        var standing: PolicyStanding
        var version: String

        init<Value>(_ rule: PolicyRule<Value>, _ values: [Int64]) {
            code = rule.code
            region = rule.region
            validFrom = rule.validFrom
            validTo = rule.validTo
            self.values = values
            source = rule.source
            standing = rule.standing
            version = rule.version
        }
    }

    static let endpoints: [Endpoint] = [
        .query(.get, "/policies", roles: .anyRole, summary: "政策依据 / Policies in force", returns: [PolicyReply].self) { _, _ in
            .json(
                EmploymentPolicies.numbers.rules.map { PolicyReply($0, [Int64($0.value)]) }
                    + EmploymentPolicies.confirmationMonths.rules.map { PolicyReply($0, $0.value.map { Int64($0) }) }
                    + EmploymentPolicies.minimumWages.rules.map { PolicyReply($0, [$0.value.value]) })
        }
    ]
}
