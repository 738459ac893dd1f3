import Foundation
import Synchronization

/// A process of this run, its output in a file. Stopped with SIGTERM, after a bound with SIGKILL.
final class ChildProcess: Sendable {
    let name: String
    let logFile: String
    private let process: Mutex<Process>
    /// Held so that the child's input stays open as long as this object.
    private let input: Pipe?

    /// Starts `executable` with `environment` and nothing else from this process's but PATH, HOME, LANG and TZ.
    init(name: String, executable: String, arguments: [String] = [], environment: [String: String], logFile: String, input: Pipe? = nil)
        throws
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let own = ProcessInfo.processInfo.environment
        var all = environment
        for kept in ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH"] where all[kept] == nil { all[kept] = own[kept] }
        process.environment = all
        if !FileManager.default.fileExists(atPath: logFile) { _ = FileManager.default.createFile(atPath: logFile, contents: nil) }
        guard let output = FileHandle(forWritingAtPath: logFile) else {
            throw FileTrouble(path: logFile, reason: String(cString: strerror(errno)))
        }
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        if let input { process.standardInput = input } else { process.standardInput = FileHandle.nullDevice }
        do {
            try process.run()
        } catch {
            throw FileTrouble(path: executable, reason: Text("无法启动", "cannot be started").here)
        }
        self.name = name
        self.logFile = logFile
        self.process = Mutex(process)
        self.input = input
        Self.started.withLock { $0.append(self) }
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }
    var identifier: Int32 { process.withLock { $0.processIdentifier } }
    /// Nil while it runs.
    var exitStatus: Int32? { process.withLock { $0.isRunning ? nil : $0.terminationStatus } }

    func signal(_ number: Int32) { if isRunning { Foundation.kill(identifier, number) } }

    /// SIGKILL and nothing else; returns when it is gone.
    func kill() async {
        signal(SIGKILL)
        while isRunning { try? await Task.sleep(for: .milliseconds(1)) }
    }

    /// Asks it to stop; after `patience` seconds it is killed.
    func stop(patience: Double = 10) async {
        signal(SIGTERM)
        let end = ContinuousClock.now + .seconds(patience)
        while isRunning, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(20)) }
        signal(SIGKILL)
        while isRunning { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// Everything this tool has started, for when it is told to end before its time.
    private static let started = Mutex<[ChildProcess]>([])

    /// Stops whatever runs, all at once. A process that reads its input until the end stops by itself when this one ends.
    static func stopAll() async {
        let running = started.withLock { $0.filter { $0.isRunning && $0.input == nil } }
        await withTaskGroup(of: Void.self) { group in
            for process in running { group.addTask { await process.stop() } }
        }
    }

    /// The last lines it wrote, for a message about its end.
    func lastLines(_ count: Int = 5) -> String {
        guard let text = try? String(contentsOfFile: logFile, encoding: .utf8) else { return "" }
        return text.split(separator: "\n").suffix(count).joined(separator: "\n")
    }
}
