/// Ends the blocking call of a client from any thread: `poll` returns early, `send` throws `LogError.interrupted`.
///
/// A wake that finds no call in progress is kept for the next one. Waking a closed client does nothing.
public struct Waker: Sendable {
    private let action: @Sendable () -> Void

    init(_ action: @escaping @Sendable () -> Void) { self.action = action }

    public func wake() { action() }
}
