/// Something of another server's that is fetched when it is needed and believed for a while. Who comes during a fetch waits for that one; after
/// one that failed the next begins no sooner than `OpenIDLimits.againSeconds`.
actor KeptDocument<Value: Sendable> {
    private let lifetimeSeconds: Int64
    private let elapsed: any ElapsedTime
    private let fetch: @Sendable () async throws -> Value
    private var kept: (value: Value, at: Int64)?
    private var failed: (error: any Error, at: Int64)?
    private var running: Task<Value, any Error>?

    init(lifetimeSeconds: Int64, elapsed: any ElapsedTime, fetch: @escaping @Sendable () async throws -> Value) {
        self.lifetimeSeconds = lifetimeSeconds
        self.elapsed = elapsed
        self.fetch = fetch
    }

    /// The value, at most `seconds` old where that is less than its lifetime.
    func value(atMost seconds: Int64 = .max) async throws -> Value {
        if let kept, now - kept.at < min(seconds, lifetimeSeconds) { return kept.value }
        if let running { return try await running.value }
        if let failed, now - failed.at < OpenIDLimits.againSeconds { throw failed.error }
        let task = Task { try await fetch() }
        running = task
        defer { running = nil }
        do {
            let value = try await task.value
            kept = (value, now)
            failed = nil
            return value
        } catch {
            failed = (error, now)
            throw error
        }
    }

    private var now: Int64 { elapsed.monotonicNanoseconds / 1_000_000_000 }
}
