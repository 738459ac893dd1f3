import Foundation

/// How a process proves to the brokers who it is and checks who they are: `CARELOOP_KAFKA_…` of its environment. Secrets stay in files where
/// they can; where one comes from the environment it reaches librdkafka's options and nothing else.
public struct KafkaSecurity: Sendable {
    /// The keys of the schema that are read here.
    static let keys = [
        ConfigurationKey(
            "CARELOOP_KAFKA_SECURITY_PROTOCOL", .oneOf(["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]), "How to talk to the brokers."),
        ConfigurationKey(
            "CARELOOP_KAFKA_SASL_MECHANISM", .oneOf(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]),
            "How to log in to the brokers."),
        ConfigurationKey("CARELOOP_KAFKA_SASL_USERNAME", .text, "Principal of this service, careloop-<service>."),
        ConfigurationKey(
            "CARELOOP_KAFKA_SASL_PASSWORD_FILE", .file, "File that holds the password and nothing else. Taken up when it changes."),
        ConfigurationKey("CARELOOP_KAFKA_SASL_PASSWORD", .text, "The password itself, where there are no files for secrets."),
        ConfigurationKey(
            "CARELOOP_KAFKA_TOKEN_FILE", .file, "File with a JSON Web Token, kept fresh by somebody else; for OAUTHBEARER."),
        ConfigurationKey(
            "CARELOOP_KAFKA_CA_FILE", .file, "Certificate authorities the brokers are checked against, PEM. Taken up when it changes."),
        ConfigurationKey("CARELOOP_KAFKA_CERTIFICATE_FILE", .file, "This service's certificate, PEM. Taken up when it changes."),
        ConfigurationKey("CARELOOP_KAFKA_KEY_FILE", .file, "This service's private key, PEM. Taken up when it changes."),
        ConfigurationKey("CARELOOP_KAFKA_KEY_PASSWORD_FILE", .file, "File that holds the password of the private key and nothing else."),
    ]

    private static let properties = [
        "CARELOOP_KAFKA_SECURITY_PROTOCOL": "security.protocol", "CARELOOP_KAFKA_SASL_MECHANISM": "sasl.mechanism",
        "CARELOOP_KAFKA_SASL_USERNAME": "sasl.username", "CARELOOP_KAFKA_SASL_PASSWORD": "sasl.password",
        "CARELOOP_KAFKA_CA_FILE": "ssl.ca.location", "CARELOOP_KAFKA_CERTIFICATE_FILE": "ssl.certificate.location",
        "CARELOOP_KAFKA_KEY_FILE": "ssl.key.location",
    ]
    private static let files = [
        "CARELOOP_KAFKA_SASL_PASSWORD_FILE": "sasl.password", "CARELOOP_KAFKA_KEY_PASSWORD_FILE": "ssl.key.password",
        "CARELOOP_KAFKA_TOKEN_FILE": "sasl.oauthbearer.token",
    ]

    /// librdkafka's properties; may hold a secret and is never logged.
    public let options: [String: String]
    /// Files of secrets, by the property whose value they hold.
    public let secretFiles: [String: String]

    /// Whether the brokers are asked who they are, or ask us.
    public var isOn: Bool { options["security.protocol"].map { $0 != "plaintext" } ?? false }
    /// Who we are to the brokers; nil without a login.
    public var username: String? { options["sasl.username"] }

    /// `values` that the schema has accepted, by key.
    init(_ values: [String: String]) {
        func renamed(_ names: [String: String]) -> [String: String] {
            names.reduce(into: [:]) { found, name in found[name.value] = values[name.key] }
        }
        options = renamed(Self.properties)
        secretFiles = renamed(Self.files)
    }

    /// For a process that is no service. Throws every fault at once.
    public init(environment: [String: String]) throws {
        let given = environment.filter { name, _ in Self.keys.contains { $0.name == name } }
        let wrong = Self.keys.filter { key in given[key.name].map { !key.accepts($0) } ?? false }
        let faults = wrong.map { "\($0.name) must be \($0.allowed)" } + Self.contradictions(given)
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
        self.init(given)
    }

    /// What cannot be meant, or would only show as a login that fails.
    static func contradictions(_ values: [String: String]) -> [String] {
        func has(_ name: String) -> Bool { values["CARELOOP_KAFKA_\(name)"] != nil }
        var faults: [String] = []
        if has("SASL_PASSWORD"), has("SASL_PASSWORD_FILE") {
            faults.append("CARELOOP_KAFKA_SASL_PASSWORD and CARELOOP_KAFKA_SASL_PASSWORD_FILE exclude each other")
        }
        let mechanism = values["CARELOOP_KAFKA_SASL_MECHANISM"]
        if values["CARELOOP_KAFKA_SECURITY_PROTOCOL"]?.hasPrefix("sasl") == true {
            if mechanism == nil { faults.append("CARELOOP_KAFKA_SASL_MECHANISM is missing; the security protocol asks for a login") }
            if mechanism == "OAUTHBEARER", !has("TOKEN_FILE") {
                faults.append("CARELOOP_KAFKA_TOKEN_FILE is missing; OAUTHBEARER needs the path of a file with a token")
            }
            if mechanism != nil, mechanism != "OAUTHBEARER" {
                if !has("SASL_USERNAME") { faults.append("CARELOOP_KAFKA_SASL_USERNAME is missing; \(mechanism ?? "") needs it") }
                if !has("SASL_PASSWORD"), !has("SASL_PASSWORD_FILE") {
                    faults.append(
                        "CARELOOP_KAFKA_SASL_PASSWORD_FILE is missing; \(mechanism ?? "") needs the path of a file with the password")
                }
            }
        }
        if has("CERTIFICATE_FILE") != has("KEY_FILE") {
            faults.append("CARELOOP_KAFKA_CERTIFICATE_FILE and CARELOOP_KAFKA_KEY_FILE belong together")
        }
        return faults
    }
}
