import Foundation
import Testing
import Vocabulary

@testable import ServiceRuntime

struct ConfigurationTests {
    static let good = ["CARELOOP_DATABASE": "sqlite:///tmp/a.db", "CARELOOP_EVENT_LOG": "sqlite:///tmp/events.db", "PATH": "/usr/bin"]

    func faults(_ changes: [String: String]) -> [String] {
        do {
            _ = try Configuration(environment: Self.good.merging(changes) { $1 })
            return []
        } catch let error as ConfigurationError {
            return error.faults
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `what is not said has its default`() throws {
        let configuration = try Configuration(environment: Self.good)
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 0)
        #expect(configuration.profile == .development)
        #expect(configuration.simulatedFrom == nil)
        #expect(configuration.logLevel == .info)
        #expect(configuration.outboxCapRows == CoreLimits.outboxRows)
        #expect(configuration.recordsPerDay == DailyReads.recordsPerDay)
    }

    @Test func `a folder for short-lived keys that cannot be written refuses the start, not the first thing that is to be sealed`() throws {
        // Nobody writes there, not even root; the person key of an installation lies on a volume that is mounted read-only.
        let fixed = try Configuration(environment: Self.good.merging(["CARELOOP_PERSON_KEY": "/proc/version"]) { $1 })
        #expect(fixed.shortLivedKeyFolder == "/proc")
        #expect(throws: ConfigurationError.self) { try fixed.shortLivedKeys(keptDays: 7) }
        let folder = FileManager.default.temporaryDirectory.path
        let own = ["CARELOOP_PERSON_KEY": "/proc/version", "CARELOOP_SHORT_LIVED_KEYS": folder]
        _ = try Configuration(environment: Self.good.merging(own) { $1 }).shortLivedKeys(keptDays: 7)
    }

    @Test func `an unknown key refuses the start and names its nearest neighbour`() {
        let faults = faults(["CARELOOP_DATABSE": "x"])
        #expect(faults == ["CARELOOP_DATABSE is no key of CareLoop; the nearest one is CARELOOP_DATABASE"])
    }

    @Test(arguments: [
        ("CARELOOP_SERVICE_PORT", "70000"), ("CARELOOP_SERVICE_PORT", "http"), ("CARELOOP_DATABASE", "/tmp/a.db"),
        ("CARELOOP_DATABASE", ""),
        ("CARELOOP_EVENT_LOG", "amqp://x"), ("CARELOOP_CLOCK", "fast"), ("CARELOOP_PROFILE", "prod"), ("CARELOOP_LOG_LEVEL", "loud"),
        ("CARELOOP_TOKEN_KEYS", "/nowhere/keys.json"), ("CARELOOP_OUTBOX_CAP_ROWS", "0"), ("CARELOOP_CLOCK_START", "2024-02-30"),
        ("CARELOOP_PORT_FILE", "/nowhere/port"), ("CARELOOP_REQUESTS_PER_SECOND", "-1"),
        ("CARELOOP_RECORDS_PER_DAY", "1.5"),
    ])
    func `a bad value refuses the start, names the key and what it may be, and never repeats the value`(_ key: String, _ value: String)
        throws
    {
        let faults = faults([key: value])
        #expect(faults.count == 1)
        let allowed = try #require(Configuration.schema.first { $0.name == key }?.allowed)
        #expect(faults.first == "\(key) must be \(allowed)")
    }

    @Test func `a missing key is named, and all faults come at once`() {
        #expect(throws: ConfigurationError.self) { try Configuration(environment: [:]) }
        do { _ = try Configuration(environment: ["CARELOOP_CLOCK": "fast", "CARELOOP_X": "1"]) } catch let error as ConfigurationError {
            #expect(error.faults.count == 4)
            #expect(error.faults.contains { $0.hasPrefix("CARELOOP_DATABASE is missing") })
            #expect(error.faults.contains { $0.hasPrefix("CARELOOP_EVENT_LOG is missing") })
        } catch { Issue.record(error) }
    }

    @Test func `a simulated clock needs its first day and is refused in production`() throws {
        #expect(
            try Configuration(environment: Self.good.merging(["CARELOOP_CLOCK": "simulated", "CARELOOP_CLOCK_START": "2024-06-01"]) { $1 })
                .simulatedFrom?.text == "2024-06-01")
        #expect(faults(["CARELOOP_CLOCK": "simulated"]).contains { $0.hasPrefix("CARELOOP_CLOCK_START is missing") })
        let production = faults(["CARELOOP_CLOCK": "simulated", "CARELOOP_CLOCK_START": "2024-06-01", "CARELOOP_PROFILE": "production"])
        #expect(production.contains { $0.hasPrefix("CARELOOP_CLOCK must be system") })
        #expect(production.contains { $0.hasPrefix("CARELOOP_TOKEN_KEYS is missing") })
    }

    @Test func `every default is a value its key accepts, and every key is documented`() {
        for key in Configuration.schema {
            #expect(key.name.hasPrefix("CARELOOP_"))
            #expect(!key.doc.isEmpty)
            if let standard = key.standard { #expect(key.accepts(standard), "\(key.name)") }
        }
        #expect(Set(Configuration.schema.map(\.name)).count == Configuration.schema.count)
    }

    @Test func `the brokers' password stays in its file, whose name reaches librdkafka's client and nobody else`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-password-\(UUID().uuidString)")
        try Data("hunter2\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // A leftover harms nobody.
        let configuration = try Configuration(
            environment: Self.good.merging([
                "CARELOOP_KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "CARELOOP_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
                "CARELOOP_KAFKA_SASL_USERNAME": "careloop-screening", "CARELOOP_KAFKA_SASL_PASSWORD_FILE": file.path,
            ]) { $1 })
        let expected = ["security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "careloop-screening"]
        #expect(configuration.kafka.options == expected)
        #expect(configuration.kafka.secretFiles == ["sasl.password": file.path])
        #expect(configuration.kafka.isOn && !String(describing: configuration).contains("hunter2"))
    }

    /// Each set of keys and the librdkafka properties it means, by hand from librdkafka's CONFIGURATION.md.
    @Test(
        arguments: [
            (
                ["SECURITY_PROTOCOL": "ssl", "CA_FILE": "/etc/hostname"], ["security.protocol": "ssl", "ssl.ca.location": "/etc/hostname"],
                [:]
            ),
            (
                [
                    "SECURITY_PROTOCOL": "ssl", "CERTIFICATE_FILE": "/etc/hostname", "KEY_FILE": "/etc/passwd",
                    "KEY_PASSWORD_FILE": "/etc/hostname",
                ],
                ["security.protocol": "ssl", "ssl.certificate.location": "/etc/hostname", "ssl.key.location": "/etc/passwd"],
                ["ssl.key.password": "/etc/hostname"]
            ),
            (
                ["SECURITY_PROTOCOL": "sasl_plaintext", "SASL_MECHANISM": "PLAIN", "SASL_USERNAME": "u", "SASL_PASSWORD": "p"],
                ["security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN", "sasl.username": "u", "sasl.password": "p"], [:]
            ),
            (
                ["SECURITY_PROTOCOL": "sasl_ssl", "SASL_MECHANISM": "OAUTHBEARER", "TOKEN_FILE": "/etc/hostname"],
                ["security.protocol": "sasl_ssl", "sasl.mechanism": "OAUTHBEARER"], ["sasl.oauthbearer.token": "/etc/hostname"]
            ),
        ] as [([String: String], [String: String], [String: String])])
    func `the keys of Kafka's security mean these properties`(
        _ keys: [String: String], _ options: [String: String], _ files: [String: String]
    ) throws {
        let environment = Dictionary(uniqueKeysWithValues: keys.map { ("CARELOOP_KAFKA_\($0.key)", $0.value) })
        let service = try Configuration(environment: Self.good.merging(environment) { $1 }).kafka
        let tool = try KafkaSecurity(environment: environment.merging(["PATH": "/bin"]) { $1 })
        for security in [service, tool] { #expect(security.options == options && security.secretFiles == files) }
    }

    static let openID = [
        "CARELOOP_OPENID_ISSUER": "https://id.example.org/realms/one", "CARELOOP_OPENID_CLIENT_ID": "careloop",
        "CARELOOP_OPENID_CLIENT_SECRET_FILE": "/etc/hostname", "CARELOOP_OPENID_MAPPING": "/etc/hostname",
        "CARELOOP_PAGE_ADDRESSES": "/tmp/page-addresses",
    ]

    @Test func `signing in by OpenID Connect is off unless it is told of, and asks for openid alone unless told otherwise`() throws {
        #expect(try Configuration(environment: Self.good).openID == nil)
        let settings = try #require(try Configuration(environment: Self.good.merging(Self.openID) { $1 }).openID)
        #expect(settings.issuer == "https://id.example.org/realms/one" && settings.clientID == "careloop" && settings.scopes == "openid")
        #expect(settings.secretFile == "/etc/hostname" && settings.mappingFile == "/etc/hostname")
        let scoped = Self.openID.merging(["CARELOOP_OPENID_SCOPES": "openid groups"]) { $1 }
        #expect(try Configuration(environment: Self.good.merging(scoped) { $1 }).openID?.scopes == "openid groups")
    }

    @Test(
        arguments: openID.keys.sorted().map { ($0, nil, "\($0) is missing") } + [
            ("CARELOOP_OPENID_ISSUER", "id.example.org", "CARELOOP_OPENID_ISSUER must be an address beginning with https://"),
            ("CARELOOP_OPENID_ISSUER", "https://", "CARELOOP_OPENID_ISSUER must be an address with a host"),
            ("CARELOOP_OPENID_ISSUER", "https://id.example.org/?realm=1", "CARELOOP_OPENID_ISSUER must be an address with a host"),
            ("CARELOOP_OPENID_ISSUER", "https://canary-secret@id.example.org", "CARELOOP_OPENID_ISSUER must be an address with a host"),
            ("CARELOOP_OPENID_SCOPES", "profile email", "CARELOOP_OPENID_SCOPES must have openid"),
            ("CARELOOP_OPENID_CLIENT_ID", "", "CARELOOP_OPENID_CLIENT_ID must be any text"),
            ("CARELOOP_OPENID_MAPPING", "/nowhere/mapping", "CARELOOP_OPENID_MAPPING must be the path"),
            ("CARELOOP_OPENID_ISSUE", "x", "CARELOOP_OPENID_ISSUE is no key of CareLoop; the nearest one is CARELOOP_OPENID_ISSUER"),
        ] as [(String, String?, String)])
    func `half a provider, or one that is no address, refuses the start with the key`(_ key: String, _ value: String?, _ fault: String) {
        var environment = Self.openID
        environment[key] = value
        let found = faults(environment)
        #expect(found.contains { $0.hasPrefix(fault) } && !found.contains { $0.contains("canary-secret") }, "\(found)")
    }

    @Test func `a provider without TLS will do in development and refuses the start in production`() throws {
        let plain = Self.openID.merging(["CARELOOP_OPENID_ISSUER": "http://127.0.0.1:9"]) { $1 }
        #expect(faults(plain) == [])
        let production = plain.merging(["CARELOOP_PROFILE": "production", "CARELOOP_TOKEN_KEYS": "/etc/hostname"]) { $1 }
        #expect(faults(production) == ["CARELOOP_OPENID_ISSUER must begin with https:// when CARELOOP_PROFILE is production"])
    }

    @Test(arguments: [("CARELOOP_OPENID_CLIENT_SECRET_FILE", ""), ("CARELOOP_OPENID_MAPPING", "{}")])
    func `a secret that is empty and a mapping that lists nobody refuse the start with the key`(_ key: String, _ text: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-openid-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // A leftover harms nobody.
        func file(_ name: String, _ good: String) throws -> String {
            let path = folder.appendingPathComponent(name)
            try Data((name == key ? text : good).utf8).write(to: path)
            return path.path
        }
        let settings = OpenIDSettings(
            issuer: "https://id.example.org", clientID: "careloop", secretFile: try file("CARELOOP_OPENID_CLIENT_SECRET_FILE", "s"),
            mappingFile: try file("CARELOOP_OPENID_MAPPING", OpenIDHouse.mapping))
        let error = #expect(throws: ConfigurationError.self) {
            try OpenIDProvider(settings, elapsed: SystemTime(), log: ServiceLog("careloop.test"))
        }
        #expect(error?.faults.count == 1 && error?.faults.first?.hasPrefix("\(key): ") == true, "\(error?.faults ?? [])")
    }

    @Test(arguments: [
        (["SECURITY_PROTOCOL": "sasl_ssl"], "CARELOOP_KAFKA_SASL_MECHANISM"),
        (["SECURITY_PROTOCOL": "sasl_ssl", "SASL_MECHANISM": "PLAIN"], "CARELOOP_KAFKA_SASL_USERNAME"),
        (["SECURITY_PROTOCOL": "sasl_ssl", "SASL_MECHANISM": "SCRAM-SHA-256", "SASL_USERNAME": "u"], "CARELOOP_KAFKA_SASL_PASSWORD_FILE"),
        (["SECURITY_PROTOCOL": "sasl_ssl", "SASL_MECHANISM": "OAUTHBEARER"], "CARELOOP_KAFKA_TOKEN_FILE"),
        (["SASL_PASSWORD": "canary-secret", "SASL_PASSWORD_FILE": "/etc/hostname"], "CARELOOP_KAFKA_SASL_PASSWORD and"),
        (["CERTIFICATE_FILE": "/etc/hostname"], "CARELOOP_KAFKA_CERTIFICATE_FILE and"),
        (["SECURITY_PROTOCOL": "canary-secret"], "CARELOOP_KAFKA_SECURITY_PROTOCOL must be"),
    ])
    func `half a login refuses the start with the key that is missing and no secret`(_ keys: [String: String], _ fault: String) {
        let environment = Dictionary(uniqueKeysWithValues: keys.map { ("CARELOOP_KAFKA_\($0.key)", $0.value) })
        let found = faults(environment)
        #expect(found.contains { $0.hasPrefix(fault) } && !found.contains { $0.contains("canary-secret") })
        #expect(throws: ConfigurationError.self) { try KafkaSecurity(environment: environment) }
    }
}
