import Foundation
import Logging

/// Writes each event as one JSON line to standard error, in one write so that lines of two threads never mix.
struct JSONLogHandler: LogHandler {
    let label: String
    let service: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let time: any ElapsedTime
    let sink: @Sendable ([UInt8]) -> Void

    /// Standard error. A full pipe loses the line rather than stop the service.
    static let standardError: @Sendable ([UInt8]) -> Void = { line in
        line.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members: [(String, JSONValue)] = [
            ("time", .string(time.wall.text)), ("level", .string(event.level.rawValue)), ("service", .string(service)),
            ("part", .string(label)), ("message", .string(String(event.message.description.prefix(500)))),
        ]
        let fields = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        let taken: Set<String> = ["time", "level", "service", "part", "message"]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !taken.contains(name) { members.append((name, Self.json(value))) }
        var line = JSONValue.object(members).bytes
        line.append(UInt8(ascii: "\n"))
        sink(line)
    }

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .stringConvertible(let number as Int): .number(String(number))
        default: .string(String(value.description.prefix(300)))
        }
    }
}

extension ServiceLog {
    /// Makes every logger of the process write JSON lines. Once a process, before the first logger is made.
    static func bootstrap(service: String, level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            // What libraries log below warning is of no use to an operator, and not ours to vouch for.
            let ours = label.hasPrefix("careloop.") || !label.contains("ummingbird")
            return JSONLogHandler(
                label: label, service: service, logLevel: ours ? level : max(level, .warning), time: SystemTime(),
                sink: JSONLogHandler.standardError)
        }
    }
}
