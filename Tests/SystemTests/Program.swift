import Foundation

/// Some other program, run to its end.
struct Program {
    struct Result {
        var status: Int32
        var output: String
        var lines: [Substring] { output.split(separator: "\n") }
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The environment without what a person's shell may say about a run of their own: a test's processes must not meet that log or store.
    static let environment = ProcessInfo.processInfo.environment.filter { name, _ in
        (!name.hasPrefix("CARELOOP_") || name.hasPrefix("CARELOOP_TEST_")) && !["STORE", "KEEP", "KAFKA", "ACCOUNT"].contains(name)
    }

    let path: String

    /// The tool beside this test bundle.
    static var careloop: Program { Program(path: DemoProcess.binaries.appendingPathComponent("careloop").path) }

    init(path: String) { self.path = path }

    /// The first of that name in PATH.
    init(named name: String) throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
            throw Missing(description: "\(name) is not installed; `make test` installs it")
        }
        path = "\(folder)/\(name)"
    }

    /// Both outputs together. A program that takes longer than `bound` is killed; its status is then -1.
    func run(
        _ arguments: [String], in directory: URL, environment: [String: String] = [:], within bound: Duration = .seconds(60)
    ) async throws -> Result {
        let file = directory.appendingPathComponent("\(UUID().uuidString).out")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: file) }
        let handle = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.environment = Self.environment.merging(["LANG": "en_GB.UTF-8"].merging(environment) { $1 }) { $1 }
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let end = ContinuousClock.now + bound
        while process.isRunning, ContinuousClock.now < end {
            // Waiting for another process: look often, with a bound.
            try await Task.sleep(for: .milliseconds(5))
        }
        let inTime = !process.isRunning
        if !inTime { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return Result(status: inTime ? process.terminationStatus : -1, output: String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}
