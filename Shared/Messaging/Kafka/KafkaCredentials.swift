import Foundation
import Synchronization

/// Passwords and certificates in files. Whoever rotates them tells nobody: the files are looked at again while clients work, and when one says
/// something else, producers and consumers go on with new clients (`KafkaProducer.send`, `KafkaConsumer.poll`).
final class KafkaCredentials: Sendable {
    /// How long a replaced file may go unnoticed.
    static let lookInterval = Duration.seconds(2)
    /// A secret is a line, a token a few kilobytes; what is larger is some other file.
    private static let largestSecret = 64 << 10

    /// For each property of librdkafka whose value is a file's content, the file.
    private let secrets: [String: String]
    /// Of a file with a bearer token.
    let tokenFile: String?
    private let watched: [String]

    private struct State {
        var version = 0
        var marks: [String: Int?]
        var nextLook: ContinuousClock.Instant
    }
    private let state: Mutex<State>

    /// `secretFiles` name the secrets' files by property, `token` among them; `properties` those that librdkafka reads itself.
    init(secretFiles: [String: String], properties: [String: String]) {
        var secrets = secretFiles
        tokenFile = secrets.removeValue(forKey: Self.token)
        self.secrets = secrets
        let read = ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.keystore.location"].compactMap {
            properties[$0]
        }
        // A token is asked for anew by librdkafka itself, whenever one is about to expire.
        watched = (Array(secrets.values) + read).sorted()
        state = Mutex(
            State(marks: Dictionary(uniqueKeysWithValues: Set(watched).map { ($0, Self.mark($0)) }), nextLook: .now + Self.lookInterval))
    }

    /// The name under which the file with a bearer token is given.
    static let token = "sasl.oauthbearer.token"

    /// Grows whenever a file was found to say something else.
    var version: Int {
        guard !watched.isEmpty else { return 0 }
        return state.withLock { state in
            guard ContinuousClock.now >= state.nextLook else { return state.version }
            state.nextLook = .now + Self.lookInterval
            var hasChanged = false
            for file in state.marks.keys {
                // One that is being replaced may be missing for a moment: what cannot be read has not changed.
                guard let mark = Self.mark(file), state.marks[file] != mark else { continue }
                state.marks[file] = mark
                hasChanged = true
            }
            if hasChanged { state.version += 1 }
            return state.version
        }
    }

    /// `properties` with the secrets as their files have them now.
    func added(to properties: [String: String]) throws(LogError) -> [String: String] {
        var all = properties
        for (property, file) in secrets {
            guard let text = Self.text(file), !text.isEmpty else {
                throw .unavailable("the file of \(property) cannot be read or is empty")
            }
            all[property] = text
        }
        return all
    }

    /// A file's text without the line's end; nil when it cannot be read.
    static func text(_ file: String) -> String? {
        guard let data = FileManager.default.contents(atPath: file), data.count <= largestSecret else { return nil }
        return String(data: data, encoding: .utf8)?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // Tells contents apart without keeping them. The bytes as an array: `Data` hashes only its first ones.
    private static func mark(_ file: String) -> Int? { FileManager.default.contents(atPath: file).map { [UInt8]($0).hashValue } }
}
