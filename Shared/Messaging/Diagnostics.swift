import Synchronization

/// What the logs' clients have to say to an operator: connections lost, partitions assigned, gaps. Never a record's content.
public enum EventLogDiagnostics {
    /// How bad it is, worst first.
    public enum Level: Int, Comparable, Sendable {
        case error, warning, info
        public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    private static let handler = Mutex<(@Sendable (Level, String) -> Void)?>(nil)

    /// Sends what follows to `report`, which is called on any thread and must not block. Until then nothing is reported.
    public static func install(_ report: @escaping @Sendable (Level, String) -> Void) {
        handler.withLock { $0 = report }
    }

    static func report(_ level: Level, _ text: @autoclosure () -> String) {
        guard let report = handler.withLock({ $0 }) else { return }
        report(level, text())
    }
}
