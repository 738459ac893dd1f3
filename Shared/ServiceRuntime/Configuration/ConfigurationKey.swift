import Foundation
import Vocabulary

/// One key a service reads from its environment: what it is for and what it may be.
public struct ConfigurationKey: Sendable {
    /// What a value must look like.
    public enum Kind: Sendable, Equatable {
        case text
        /// 0 takes any free port.
        case port
        case count(ClosedRange<Int>)
        case oneOf([String])
        case date
        /// A path to an existing file this process can read.
        case file
        /// A path that may not exist yet, in a directory that does.
        case newFile
        /// An address with one of these schemes.
        case address([String])
        /// Read by the command-line tool or the build; a service lets it stand.
        case tool
    }

    /// As it stands in the environment, `CARELOOP_…`.
    public let name: String
    public let kind: Kind
    /// What an absent key means; nil is nothing.
    public let standard: String?
    /// True when a service does not start without it.
    public let isRequired: Bool
    /// English; what it is for.
    public let doc: String

    init(_ name: String, _ kind: Kind, default standard: String? = nil, required: Bool = false, _ doc: String) {
        self.name = name
        self.kind = kind
        self.standard = standard
        isRequired = required
        self.doc = doc
    }

    /// What would have been allowed, in words.
    public var allowed: String {
        switch kind {
        case .text, .tool: "any text"
        case .port: "a port from 0 to 65535, 0 for any free one"
        case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .oneOf(let words): "one of \(words.joined(separator: ", "))"
        case .date: "a date YYYY-MM-DD"
        case .file: "the path of a readable file"
        case .newFile: "a path in a directory that exists"
        case .address(let schemes): "an address beginning with \(schemes.joined(separator: " or "))"
        }
    }

    /// Whether `value` may stand there, as far as this machine can tell: files must exist on it.
    public func accepts(_ value: String) -> Bool {
        switch kind {
        case .tool: true
        case .text: !value.isEmpty
        case .port: Int(value).map { (0...65535).contains($0) } ?? false
        case .count(let range): Int(value).map { range.contains($0) } ?? false
        case .oneOf(let words): words.contains(value)
        case .date: (try? LocalDate(value)) != nil
        case .file: FileManager.default.isReadableFile(atPath: value)
        case .newFile:
            FileManager.default.fileExists(atPath: URL(fileURLWithPath: value).deletingLastPathComponent().path)
        case .address(let schemes): schemes.contains { value.hasPrefix($0) }
        }
    }
}

/// Why a service does not start: every key that is wrong, each with what it may be. Values are not repeated; one might be a secret.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// One sentence a key, beginning with its name.
    public let faults: [String]
    public init(faults: [String]) { self.faults = faults }
    public var description: String { faults.joined(separator: "\n") }
}
