import Configuration
import Contracts
import Foundation
import Logging
import Vocabulary

/// What a service was told at its start, read from `CARELOOP_…` environment variables and checked against `schema`.
public struct Configuration: Sendable {
    /// Whether mistakes that only hurt real people are allowed.
    public enum Profile: String, Sendable {
        case development, production
    }

    /// Every key there is. A `CARELOOP_` key that is not here refuses the start.
    public static let schema: [ConfigurationKey] =
        [
            ConfigurationKey("CARELOOP_SERVICE_HOST", .text, default: "127.0.0.1", "Address the HTTP server listens on."),
            ConfigurationKey("CARELOOP_SERVICE_PORT", .port, default: "0", "Port the HTTP server listens on."),
            ConfigurationKey("CARELOOP_PORT_FILE", .newFile, "File the bound port is written to once the server listens."),
            ConfigurationKey(
                "CARELOOP_DATABASE", .address(["sqlite://", "postgres://"]), required: true,
                "The service's own store: sqlite:///path/service.db, or postgres://user:password@host/database?schema=name."),
            ConfigurationKey(
                "CARELOOP_EVENT_LOG", .address(["kafka://", "sqlite://", "memory:"]), required: true,
                "The event log: sqlite:///path/events.db or kafka://host:9092,host2:9092."),
            ConfigurationKey(
                "CARELOOP_PROFILE", .oneOf(["development", "production"]), default: "development",
                "production refuses a simulated clock and a service without token keys."),
            ConfigurationKey("CARELOOP_CLOCK", .oneOf(["system", "simulated"]), default: "system", "Where business time comes from."),
            ConfigurationKey("CARELOOP_CLOCK_START", .date, "First business date of a simulated clock."),
            ConfigurationKey(
                "CARELOOP_TOKEN_KEYS", .file, "Public keys tokens are checked with, made by `careloop token`. Read again when it changes."),
            ConfigurationKey(
                "CARELOOP_PAGE_ADDRESSES", .newFile,
                "File with the other services' addresses as a browser knows them, one `service address` a line, for links between pages; "
                    + "with OpenID Connect this service's own as well."),
            ConfigurationKey("CARELOOP_PERSON_KEY", .file, "Key that person identifiers are made with; registration and screening only."),
            ConfigurationKey(
                "CARELOOP_PERSON_KEY_STORE", .address(["sqlite://", "postgres://"]),
                "Registration's store of one key a person, apart from everything they seal; beside CARELOOP_DATABASE when not given."),
            ConfigurationKey(
                "CARELOOP_SHORT_LIVED_KEYS", .newFile,
                "Folder for the keys that live for days, one of its own for each service and shared by its instances; the person key's when not given."
            ),
            ConfigurationKey(
                "CARELOOP_LOG_LEVEL", .oneOf(["debug", "info", "warning", "error"]), default: "info", "Least level that is logged."),
            ConfigurationKey(
                "CARELOOP_OUTBOX_CAP_ROWS", .count(1...100_000_000), default: "\(CoreLimits.outboxRows)", "Events that may wait to be sent."
            ),
            ConfigurationKey("CARELOOP_OUTBOX_CAP_BYTES", .count(1024...(1 << 40)), default: "\(CoreLimits.outboxBytes)", "Their bytes."),
            ConfigurationKey(
                "CARELOOP_JOURNAL_ARCHIVE", .newFile,
                "Folder for archives of the journal's old rows; beside a SQLite store when not given, and on PostgreSQL none is kept."),
            ConfigurationKey(
                "CARELOOP_REQUESTS_PER_SECOND", .count(0...1_000_000), default: "5000",
                "Requests one principal may send a second; 0 is no limit."),
            ConfigurationKey(
                "CARELOOP_RECORDS_PER_DAY", .count(0...1_000_000), default: "\(DailyReads.recordsPerDay)",
                "Different records of persons one principal may see in 24 hours at one instance; 0 is no limit."),
            ConfigurationKey("CARELOOP_TESTS", .tool, "Which test targets the package builds."),
            ConfigurationKey("CARELOOP_RUN", .tool, "Directory of a local run, for the command-line tool."),
            ConfigurationKey("CARELOOP_TOKEN", .tool, "Token the command-line tool sends."),
        ]
        + KafkaSecurity.keys + OpenIDSettings.keys
        + Catalogue.services.map { ConfigurationKey("CARELOOP_\($0.uppercased())_URL", .tool, "Where the command-line tool finds \($0).") }
        + debugging

    #if DEBUG
        private static let debugging = [
            ConfigurationKey("CARELOOP_CRASH_AT", .text, "Where this process is to kill itself: point:n, the n-th time it comes by.")
        ]
    #else
        private static let debugging: [ConfigurationKey] = []
    #endif

    public let host: String
    public let port: Int
    public let portFile: String?
    public let database: String
    public let eventLog: String
    public let kafka: KafkaSecurity
    /// Nil when people sign in by link only.
    public let openID: OpenIDSettings?
    public let profile: Profile
    /// First day of a simulated clock; nil on the system clock.
    public let simulatedFrom: LocalDate?
    public let tokenKeys: String?
    /// Where the other services' pages are; nil when pages link to none.
    public let pageAddresses: String?
    public let personKey: String?
    /// Store of the keys that seal persons' data.
    public let personKeyStore: String
    /// Folder of `ShortLivedKeys`.
    public let shortLivedKeyFolder: String
    public let logLevel: Logger.Level
    public let outboxCapRows: Int
    public let outboxCapBytes: Int
    public let requestsPerSecond: Int
    public let recordsPerDay: Int
    /// Where archives of the journal lie; nil when none are kept.
    public let journalArchive: String?

    /// Reads and checks `environment`. Throws every fault at once.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
        var faults = Self.unknownKeys(environment)
        var values: [String: String] = [:]
        for key in Self.schema {
            let parts = key.name.lowercased().split(separator: "_").map(String.init)
            guard let value = reader.string(forKey: ConfigKey(parts), isSecret: true) ?? key.standard else {
                if key.isRequired { faults.append("\(key.name) is missing; it must be \(key.allowed). \(key.doc)") }
                continue
            }
            if key.accepts(value) { values[key.name] = value } else { faults.append("\(key.name) must be \(key.allowed)") }
        }
        faults += Self.contradictions(values) + KafkaSecurity.contradictions(values) + OpenIDSettings.contradictions(values)
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }

        func number(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }
        host = values["CARELOOP_SERVICE_HOST"] ?? ""
        port = number("CARELOOP_SERVICE_PORT")
        portFile = values["CARELOOP_PORT_FILE"]
        database = values["CARELOOP_DATABASE"] ?? ""
        eventLog = values["CARELOOP_EVENT_LOG"] ?? ""
        kafka = KafkaSecurity(values)
        openID = OpenIDSettings(values)
        profile = values["CARELOOP_PROFILE"].flatMap(Profile.init(rawValue:)) ?? .production
        simulatedFrom = values["CARELOOP_CLOCK"] == "simulated" ? try values["CARELOOP_CLOCK_START"].map { try LocalDate($0) } : nil
        pageAddresses = values["CARELOOP_PAGE_ADDRESSES"]
        tokenKeys = values["CARELOOP_TOKEN_KEYS"]
        personKey = values["CARELOOP_PERSON_KEY"]
        personKeyStore = values["CARELOOP_PERSON_KEY_STORE"] ?? Self.keyStore(beside: database)
        shortLivedKeyFolder =
            values["CARELOOP_SHORT_LIVED_KEYS"]
            ?? Self.folder(of: personKey ?? (database.hasPrefix("sqlite://") ? String(database.dropFirst("sqlite://".count)) : ""))
        logLevel = values["CARELOOP_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .info
        outboxCapRows = number("CARELOOP_OUTBOX_CAP_ROWS")
        outboxCapBytes = number("CARELOOP_OUTBOX_CAP_BYTES")
        requestsPerSecond = number("CARELOOP_REQUESTS_PER_SECOND")
        recordsPerDay = number("CARELOOP_RECORDS_PER_DAY")
        let sqlite = "sqlite://"
        journalArchive =
            values["CARELOOP_JOURNAL_ARCHIVE"]
            ?? (database.hasPrefix(sqlite) ? database.dropFirst(sqlite.count) + "-archive" : nil)
    }

    /// The file `CARELOOP_PERSON_KEY` names. Throws, with the key's name, when a service that needs it was not told.
    public func requiredPersonKey() throws -> String {
        guard let personKey else {
            throw ConfigurationError(faults: ["CARELOOP_PERSON_KEY is missing; this service needs the path of the person key"])
        }
        return personKey
    }

    /// Keys that live for `keptDays` days. Throws, with the key's name, when none can be made where they are to lie.
    public func shortLivedKeys(keptDays: Int) throws -> ShortLivedKeys {
        // Tried, not asked for: a folder may let itself be written by its mode and lie on a volume that does not.
        let probe = "\(shortLivedKeyFolder)/.probe-\(getpid())"
        do { try KeyFile.save("", to: probe) } catch {
            throw ConfigurationError(faults: ["CARELOOP_SHORT_LIVED_KEYS must be a folder that this service can write: \(error.reason)"])
        }
        KeyFile.remove(probe)
        return ShortLivedKeys(directory: shortLivedKeyFolder, keptDays: keptDays)
    }

    private static func folder(of file: String) -> String {
        file.lastIndex(of: "/").map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
    }

    /// The file or the schema of the same name with `keys` behind it.
    private static func keyStore(beside database: String) -> String {
        guard database.hasPrefix("postgres") else { return database + "-keys" }
        guard let schema = database.firstMatch(of: /[?&]schema=[^&]*/) else {
            return database + (database.contains("?") ? "&" : "?") + "schema=keys"
        }
        return database.replacingCharacters(in: schema.range, with: schema.output + "_keys")
    }

    private static func unknownKeys(_ environment: [String: String]) -> [String] {
        let known = Set(schema.map(\.name))
        return environment.keys.filter { $0.hasPrefix("CARELOOP_") && !known.contains($0) }.sorted().map { name in
            let nearest = schema.map(\.name).min { distance($0, name) < distance($1, name) } ?? ""
            return "\(name) is no key of CareLoop; the nearest one is \(nearest)"
        }
    }

    private static func contradictions(_ values: [String: String]) -> [String] {
        var faults: [String] = []
        let production = values["CARELOOP_PROFILE"] == "production"
        if values["CARELOOP_CLOCK"] == "simulated" {
            if production { faults.append("CARELOOP_CLOCK must be system when CARELOOP_PROFILE is production") }
            if values["CARELOOP_CLOCK_START"] == nil {
                faults.append("CARELOOP_CLOCK_START is missing; a simulated clock needs a date YYYY-MM-DD")
            }
        }
        if production, values["CARELOOP_TOKEN_KEYS"] == nil {
            faults.append("CARELOOP_TOKEN_KEYS is missing; with CARELOOP_PROFILE production it must be the path of a readable file")
        }
        return faults
    }

    /// Edit distance, to name the key somebody probably meant.
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
