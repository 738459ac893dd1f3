/// One right of one principal on the brokers. Brokers deny what no rule allows, so a set of rules says all of who may do what.
public struct AccessRule: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// What a right is about. `other` is what this build gives no rights on.
    public enum Resource: String, Sendable { case topic, group, cluster, other }
    /// Whether the name is the resource's, or what its name begins with.
    public enum Pattern: String, Sendable { case literal, prefixed, other }
    /// Kafka's operations. Read and write imply describe.
    public enum Operation: String, Sendable {
        case all, read, write, create, delete, alter, describe, clusterAction, describeConfigs, alterConfigs, idempotentWrite, other
    }

    /// `User:careloop-screening`.
    public var principal: String
    public var operation: Operation
    public var resource: Resource
    public var pattern: Pattern
    public var name: String
    /// Where the principal may come from; `*` is anywhere.
    public var host: String
    /// False for a rule that denies. CareLoop makes none.
    public var isAllowed: Bool

    public init(
        _ principal: String, _ operation: Operation, _ resource: Resource, _ name: String, pattern: Pattern = .literal, host: String = "*",
        isAllowed: Bool = true
    ) {
        self.principal = principal
        self.operation = operation
        self.resource = resource
        self.pattern = pattern
        self.name = name
        self.host = host
        self.isAllowed = isAllowed
    }

    /// Kafka's name of the one cluster.
    public static let cluster = "kafka-cluster"

    /// `User:careloop-screening read topic careloop.registration.persons.v1`.
    public var description: String {
        "\(principal)\(isAllowed ? "" : " may not") \(operation.rawValue) \(resource.rawValue) \(name)\(pattern == .prefixed ? "*" : "")"
            + (host == "*" ? "" : " from \(host)")
    }

    public static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}

/// How the brokers' rules differ from what was planned.
public struct AccessDrift: Sendable {
    /// Planned and not there: somebody cannot do its work.
    public var missing: [AccessRule]
    /// There, about us, and planned by nobody: somebody can do more than its work.
    public var surplus: [AccessRule]

    public var isEmpty: Bool { missing.isEmpty && surplus.isEmpty }

    /// Compares. Of what was not planned only rules count that touch a name or a principal beginning with one of `own`, or everything.
    public init(planned: Set<AccessRule>, actual: Set<AccessRule>, own: [String]) {
        missing = planned.subtracting(actual).sorted()
        surplus = actual.subtracting(planned).filter { rule in
            own.contains { rule.principal.hasPrefix("User:\($0)") || Self.touches(rule, $0) }
        }.sorted()
    }

    private static func touches(_ rule: AccessRule, _ own: String) -> Bool {
        switch rule.pattern {
        case .prefixed: rule.name.hasPrefix(own) || own.hasPrefix(rule.name)
        // A star among literal names stands for every name.
        case .literal, .other: rule.name.hasPrefix(own) || rule.name == "*"
        }
    }
}

/// A log whose brokers keep rules of access.
public protocol AccessControlled: EventLog {
    /// Every rule there is. Throws `LogError.rejected` when this client may not see them or the brokers keep none.
    func accessRules() throws -> Set<AccessRule>
    /// Adds rules; one that is there already stays. Nothing here removes any: that is for people.
    func grant(_ rules: [AccessRule]) throws
}
