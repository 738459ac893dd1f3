#if DEBUG
    import Foundation
    import Synchronization
#endif

/// A place at which a debug build can be told to kill itself, so that a test sees what a crash between two steps leaves behind.
///
/// `CARELOOP_CRASH_AT=point:n` names the point and how often this process comes by it before it dies of SIGKILL: nothing is flushed,
/// closed or told. A release build has none of it, and refuses the variable.
package enum CrashPoint: String, CaseIterable, Sendable {
    /// A migration's first statement has run, its transaction is open.
    case migration
    /// A batch has moved its positions and applied nothing yet.
    case batchOpen = "batch-open"
    case batchBeforeCommit = "batch-before-commit"
    case batchAfterCommit = "batch-after-commit"
    /// A dead letter is written, its record's position not committed.
    case deadLetter = "dead-letter"
    case commandBeforeCommit = "command-before-commit"
    /// A command is committed, whoever asked has no answer.
    case commandAfterCommit = "command-after-commit"
    /// A refused command is rolled back, its refusal not kept.
    case refusalBeforeKept = "refusal-before-kept"
    case timerBeforeCommit = "timer-before-commit"
    case timerAfterCommit = "timer-after-commit"
    case relayBeforeSend = "relay-before-send"
    /// The log has acknowledged, no mark has moved.
    case relayAfterSend = "relay-after-send"
    case relayBeforeMarks = "relay-before-marks"
    case relayAfterMarks = "relay-after-marks"

    /// Dies here if this is the place and the time.
    @inline(__always)
    package func pass() {
        #if DEBUG
            Self.plan?.pass(self)
        #endif
    }

    #if DEBUG
        private static let plan = ProcessInfo.processInfo.environment["CARELOOP_CRASH_AT"].map(Plan.init)

        private final class Plan: Sendable {
            let point: CrashPoint
            private let left: Atomic<Int>

            init(_ text: String) {
                let parts = text.split(separator: ":").map(String.init)
                guard parts.count == 2, let point = CrashPoint(rawValue: parts[0]), let count = Int(parts[1]), count > 0 else {
                    preconditionFailure(
                        "CARELOOP_CRASH_AT must be point:n with one of \(CrashPoint.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                self.point = point
                left = Atomic(count)
            }

            func pass(_ point: CrashPoint) {
                guard point == self.point, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
                kill(getpid(), SIGKILL)
                // The signal comes before anything else runs on this thread.
                while true { pause() }
            }
        }
    #endif
}
