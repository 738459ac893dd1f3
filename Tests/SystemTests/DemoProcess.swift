import Foundation
import Synchronization

/// `careloop demo` as a person would run it: the built executables, a directory of its own, nothing shared with this
/// process but the file system.
final class DemoProcess: Sendable {
    /// Where `swift build` put the executables: beside this test bundle.
    static let binaries: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent()
    }()

    let directory: URL
    private let process = Mutex(Process())

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        // The directory is temporary; what is left of it harms nobody.
        try? FileManager.default.removeItem(at: directory)
    }

    var run: URL { directory.appendingPathComponent(".run/current") }

    /// Starts `careloop` with `arguments`; output goes to `<name>.out` in the directory.
    func start(_ arguments: [String], environment: [String: String] = [:], name: String = "demo") throws {
        let output = directory.appendingPathComponent("\(name).out")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let handle = try FileHandle(forWritingTo: output)
        try process.withLock { process in
            process = Process()
            process.executableURL =
                Self.binaries.appendingPathComponent("CareLoopTool").isReachable
                ? Self.binaries.appendingPathComponent("CareLoopTool") : Self.binaries.appendingPathComponent("careloop")
            process.arguments = arguments
            process.currentDirectoryURL = directory
            process.environment = Program.environment.merging(
                ["LANG": "en_GB.UTF-8", "SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 }
            ) { $1 }
            process.standardOutput = handle
            process.standardError = handle
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Waits for the end, at most `bound`; nil when it did not come, and then the process is killed.
    func status(within bound: Duration) async -> Int32? {
        let end = ContinuousClock.now + bound
        while isRunning, ContinuousClock.now < end {
            // Waiting for another process: there is no condition to be told of, so look often, with a bound.
            try? await Task.sleep(for: .milliseconds(20))
        }
        return process.withLock { process in
            guard process.isRunning else { return process.terminationStatus }
            kill(process.processIdentifier, SIGKILL)
            return nil
        }
    }

    /// Waits until its output contains `text`, at most `bound`; false when it ended or took too long.
    func says(_ text: String, within bound: Duration, name: String = "demo") async -> Bool {
        let end = ContinuousClock.now + bound
        while !output(name).contains(text) {
            guard isRunning, ContinuousClock.now < end else { return output(name).contains(text) }
            // Another process's output: there is no condition to be told of, so look often, with a bound.
            try? await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    /// SIGTERM.
    func terminate() { process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGTERM) } } }

    /// Ends it as `kill` would; nil when it had to be killed. Either way nothing it started goes on.
    @discardableResult
    func stop(name: String = "demo", within bound: Duration = .seconds(30)) async -> Int32? {
        terminate()
        let status = await status(within: bound)
        for service in services(name) { kill(service, SIGKILL) }
        return status
    }

    /// Processes it started, as its output names them, that still run.
    func services(_ name: String = "demo") -> [Int32] {
        output(name).matches(of: /\ pid (\d+)\ /).compactMap { Int32($0.output.1) }.filter { number in
            // A number may belong to somebody else by now.
            ((try? String(contentsOfFile: "/proc/\(number)/cmdline", encoding: .utf8)) ?? "").contains("careloop")
        }
    }

    func output(_ name: String = "demo") -> String {
        (try? String(contentsOf: directory.appendingPathComponent("\(name).out"), encoding: .utf8)) ?? ""
    }

    /// Runs `careloop` to its end.
    func finish(
        _ arguments: [String], environment: [String: String] = [:], name: String = "demo", within bound: Duration = .seconds(600)
    ) async throws -> Int32? {
        try start(arguments, environment: environment, name: name)
        return await status(within: bound)
    }
}

extension URL {
    fileprivate var isReachable: Bool { FileManager.default.isExecutableFile(atPath: path) }
}
