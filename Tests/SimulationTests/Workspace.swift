import Foundation

/// Where the stores of simulated services lie: in memory where the machine has such a place, since nothing here is to outlive the process.
enum Workspace {
    private static let root: URL = {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let base = FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
        atexit {
            // The process ends; what cannot be removed now nobody can remove.
            try? FileManager.default.removeItem(at: Workspace.root)
        }
        return base.appendingPathComponent("careloop-simulation-\(ProcessInfo.processInfo.processIdentifier)")
    }()

    static func make(_ name: String) throws -> URL {
        let folder = root.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
