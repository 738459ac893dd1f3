import Synchronization

/// A bucket of requests per principal and one per organisation, so that neither one user nor one organisation with many can take the
/// service from the others.
final class RateLimiter: Sendable {
    /// Principals remembered at a time. A full table forgets those whose bucket is full again, who lose nothing by it.
    static let maximumPrincipals = 10_000

    /// How many principals' worth of requests one organisation has for all its users together.
    static let organisationShare = 4.0

    private struct Bucket {
        var tokens: Double
        var at: Int64
    }

    private let perSecond: Double
    private let burst: Double
    private let elapsed: any ElapsedTime
    private let buckets = Mutex<[String: Bucket]>([:])

    /// 0 per second is no limit.
    init(perSecond: Int, elapsed: any ElapsedTime) {
        self.perSecond = Double(perSecond)
        burst = Double(perSecond * 2)
        self.elapsed = elapsed
    }

    /// Takes one request. Throws 429 with the seconds to wait when the bucket is empty.
    func take(_ principal: String) throws(Problem) { try take(principal, perSecond, burst) }

    /// The same of an organisation's bucket, which all its users share.
    func take(organisation: String) throws(Problem) {
        // No principal looks so: its organisation is followed by a role.
        try take("organisation \(organisation)", perSecond * Self.organisationShare, burst * Self.organisationShare)
    }

    private func take(_ principal: String, _ perSecond: Double, _ burst: Double) throws(Problem) {
        guard perSecond > 0 else { return }
        let now = elapsed.monotonicNanoseconds
        let missing: Double = buckets.withLock { buckets in
            if buckets.count >= Self.maximumPrincipals, buckets[principal] == nil {
                buckets = buckets.filter { $0.value.tokens + Double(now - $0.value.at) * perSecond / 1e9 < burst }
                if buckets.count >= Self.maximumPrincipals { buckets.removeAll(keepingCapacity: true) }
            }
            var bucket = buckets[principal] ?? Bucket(tokens: burst, at: now)
            bucket.tokens = min(burst, bucket.tokens + Double(now - bucket.at) * perSecond / 1e9)
            bucket.at = now
            let missing = max(0, 1 - bucket.tokens)
            if missing == 0 { bucket.tokens -= 1 }
            buckets[principal] = bucket
            return missing
        }
        guard missing == 0 else {
            throw Problem("TOO_MANY_REQUESTS", status: 429, retryAfterSeconds: max(1, Int((missing / perSecond).rounded(.up))))
        }
    }
}
