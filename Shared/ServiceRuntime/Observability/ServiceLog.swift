import Logging
import Messaging
import Persistence
import Vocabulary

/// A service's structured log: a fixed sentence and typed fields. There is no way to interpolate a person into it.
public struct ServiceLog: Sendable {
    private let logger: Logger

    /// `label` names the part of the service that speaks.
    public init(_ label: String) { logger = Logger(label: label) }

    /// Speaks through `logger`, for tests that read what is said.
    init(_ logger: Logger) { self.logger = logger }

    /// One field of a log line. Only what cannot hold personal data has a case.
    public enum Field: Sendable {
        /// A code, a type's name, a topic, a path without its query: words of the system.
        case code(String, String)
        case count(String, Int)
        case date(String, LocalDate)
        /// Milliseconds.
        case elapsed(String, Int)
        /// An opaque id of ours.
        case id(String, String)

        public static func identifier<Kind>(_ name: String, _ id: Identifier<Kind>) -> Field { .id(name, id.text) }

        /// What went wrong: in its own words for errors of ours that never hold a value, by its type for every other.
        public static func error(_ error: any Error) -> Field {
            switch error {
            case is DatabaseError, is LogError, is KeyFileError, is ConfigurationError: .code("error", "\(error)")
            case let problem as Problem: .code("error", problem.code)
            case let refusal as any Refusal: .code("error", refusal.rawValue)
            case let letter as DeadLetter: .code("error", letter.reason)
            default: .code("error", "\(type(of: error))")
            }
        }

        var pair: (String, Logger.MetadataValue) {
            switch self {
            case .code(let name, let text): (name, .string(String(text.prefix(300))))
            case .count(let name, let number): (name, .stringConvertible(number))
            case .date(let name, let date): (name, .string(date.text))
            case .elapsed(let name, let number): ("\(name)Ms", .stringConvertible(number))
            case .id(let name, let text): (name, .string(String(text.prefix(64))))
            }
        }
    }

    public func debug(_ message: StaticString, _ fields: Field...) { write(.debug, message, fields) }
    public func info(_ message: StaticString, _ fields: Field...) { write(.info, message, fields) }
    public func warning(_ message: StaticString, _ fields: Field...) { write(.warning, message, fields) }
    public func error(_ message: StaticString, _ fields: Field...) { write(.error, message, fields) }

    private func write(_ level: Logger.Level, _ message: StaticString, _ fields: [Field]) {
        guard level >= logger.logLevel else { return }
        logger.log(level: level, "\(message)", metadata: Dictionary(fields.map(\.pair)) { first, _ in first })
    }
}
