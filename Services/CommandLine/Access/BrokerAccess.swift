import Foundation
import Messaging
import ServiceRuntime

/// Opens the log at `url` as whom the environment names: the services' own `CARELOOP_KAFKA_…` keys.
func openLog(_ url: String) throws -> any EventLog {
    let security = try KafkaSecurity.here(for: url)
    return try openEventLog(url, options: security.options, secretFiles: security.secretFiles)
}

extension KafkaSecurity {
    /// This process's; nothing for a log without brokers. Throws a `Complaint` that names every fault.
    static func here(for url: String, _ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> KafkaSecurity {
        do { return try KafkaSecurity(environment: url.hasPrefix("kafka:") ? environment : [:]) } catch {
            throw Complaint("连接 Kafka 的配置不对：\(error)", "how to log in to Kafka is not right: \(error)", code: .badInput)
        }
    }
}

/// The rules of access of a log, where its brokers keep any.
enum BrokerAccess {
    /// The log's rules are compared with the catalogue's only where a login is configured: brokers that ask nobody who he is keep no rules.
    static func isKept(by url: String) throws -> Bool { try KafkaSecurity.here(for: url).isOn }

    static func drift(_ log: any EventLog, _ planned: Set<AccessRule>) throws -> AccessDrift {
        guard let log = log as? any AccessControlled else { return AccessDrift(planned: [], actual: [], own: []) }
        return AccessDrift(planned: planned, actual: try log.accessRules(), own: [AccessPlan.own])
    }

    /// Grants what is missing; what was granted.
    static func apply(_ planned: Set<AccessRule>, to log: any EventLog) throws -> [AccessRule] {
        guard let controlled = log as? any AccessControlled else { return [] }
        let missing = try drift(log, planned).missing
        try controlled.grant(missing)
        return missing
    }
}

/// A rule as JSON shows it.
struct AccessEntry: Encodable {
    var principal: String
    var operation: String
    var resource: String
    var pattern: String
    var name: String

    init(_ rule: AccessRule) {
        principal = rule.principal
        operation = rule.operation.rawValue
        resource = rule.resource.rawValue
        pattern = rule.pattern.rawValue
        name = rule.name
    }
}
