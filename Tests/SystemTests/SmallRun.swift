import Foundation
import SQLiteStatements

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Three months of a small CareLoop on the embedded log, lived once for all suites that look at what it leaves behind.
struct SmallRun: Sendable {
    /// What the demonstration said, and what each service said of itself over HTTP at its end.
    let output: String
    let spoken: [String: String]
    /// The run directory, its processes ended.
    let directory: URL
    private let demo: DemoProcess

    struct Failed: Error, CustomStringConvertible { var description: String }

    /// The one run; whoever asks first starts it.
    static let shared = Task { try await live() }

    private static func live() async throws -> SmallRun {
        let demo = try DemoProcess()
        kept.append(demo.directory)
        do {
            try demo.start(["run", "--children", "300", "--through", "2024-08-31"])
            guard await demo.says("Ctrl-C", within: .seconds(240)), demo.output().contains("the account ties out") else {
                throw Failed(description: demo.output())
            }
            var spoken: [String: String] = [:]
            for service in ["registration", "screening", "rehabilitation", "employment", "reporting"] {
                let port = try String(contentsOf: demo.run.appendingPathComponent("\(service).port"), encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines)
                for page in ["metrics", "ready", "openapi.json"] {
                    guard let address = URL(string: "http://127.0.0.1:\(port)/\(page)") else {
                        throw Failed(description: "\(service): port \(port)")
                    }
                    spoken["\(service)/\(page)"] = String(decoding: try await URLSession.shared.data(from: address).0, as: UTF8.self)
                }
            }
            await demo.stop()
            return SmallRun(output: demo.output(), spoken: spoken, directory: demo.run.resolvingSymlinksInPath(), demo: demo)
        } catch {
            await demo.stop()
            throw error
        }
    }

    /// A copy whose account can be taken by itself; removed with what is returned.
    func copy() throws -> Copy { try Copy(of: directory) }

    final class Copy: Sendable {
        let directory: URL

        fileprivate init(of original: URL) throws {
            directory = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-copy-\(UUID().uuidString)")
            try FileManager.default.copyItem(at: original, to: directory)
            try Data("sqlite://\(directory.path)/events.db\n".utf8).write(to: directory.appendingPathComponent("event-log"))
        }

        deinit {
            // It is temporary; what is left of it harms nobody.
            try? FileManager.default.removeItem(at: directory)
        }

        /// Of the `careloop account` command.
        func account() async throws -> Program.Result {
            try await Program.careloop.run(["account"], in: directory, environment: ["CARELOOP_RUN": directory.path])
        }

        func database(_ name: String) throws -> SQLiteConnection { try SQLiteConnection(path: directory.appendingPathComponent(name).path) }
    }

    /// Removed when this process ends.
    private static let kept = Leftovers()

    private final class Leftovers: @unchecked Sendable {
        private let lock = NSLock()
        private var directories: [URL] = []

        init() { atexit { SmallRun.kept.remove() } }

        func append(_ directory: URL) { lock.withLock { directories.append(directory) } }
        private func remove() { lock.withLock { for directory in directories { try? FileManager.default.removeItem(at: directory) } } }
    }
}
