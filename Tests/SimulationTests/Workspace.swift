import Foundation

/// Where the stores of simulated services lie: in memory where the machine has such a place, since nothing here is to outlive the run.
enum Workspace {
    static func make(_ name: String) throws -> URL {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let base = FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
        let folder = base.appendingPathComponent("careloop-simulation-\(ProcessInfo.processInfo.processIdentifier)-\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
