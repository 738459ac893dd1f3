import Dispatch
import Persistence
import Synchronization

/// How much waits for the relay, known without asking the store, and the bell that wakes the relay.
final class OutboxGauge: Sendable {
    private struct Level {
        var rows: Int
        var bytes: Int
        var isClosed = false
    }

    private let level: Mutex<Level>
    private let bell = DispatchSemaphore(value: 0)
    private let capRows: Int
    private let capBytes: Int

    init(_ backlog: Outbox.Backlog, capRows: Int = CoreLimits.outboxRows, capBytes: Int = CoreLimits.outboxBytes) {
        level = Mutex(Level(rows: backlog.rows, bytes: backlog.bytes))
        self.capRows = capRows
        self.capBytes = capBytes
    }

    var rows: Int { level.withLock { $0.rows } }
    var bytes: Int { level.withLock { $0.bytes } }
    /// False at the cap and while it is closed: HTTP writes get 503, consumers and timers pause.
    var hasRoom: Bool { level.withLock { $0.rows < capRows && $0.bytes < capBytes && !$0.isClosed } }
    /// Nothing may be said: an older backup was restored, and a new row would get a number that is taken.
    func setClosed(_ isClosed: Bool) { level.withLock { $0.isClosed = isClosed } }

    func appended(rows: Int, bytes: Int) {
        guard rows > 0 else { return }
        level.withLock {
            $0.rows += rows
            $0.bytes += bytes
        }
        bell.signal()
    }

    func sent(rows: Int, bytes: Int) {
        level.withLock {
            $0.rows = max(0, $0.rows - rows)
            $0.bytes = max(0, $0.bytes - bytes)
        }
    }

    /// Takes the store's own count, after marks were moved back.
    func recount(_ backlog: Outbox.Backlog) {
        set(backlog)
        bell.signal()
    }

    /// Takes the store's own count without waking the relay.
    func set(_ backlog: Outbox.Backlog) {
        level.withLock {
            $0.rows = backlog.rows
            $0.bytes = backlog.bytes
        }
    }

    /// Blocks until something is appended or the wait is over; for the relay's own thread.
    func waitForRows(_ wait: Duration) { _ = bell.wait(timeout: .now() + .milliseconds(wait.wholeMilliseconds)) }

    func wake() { bell.signal() }
}
