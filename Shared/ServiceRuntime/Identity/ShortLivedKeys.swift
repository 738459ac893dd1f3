import Contracts
import Crypto
import Synchronization
import Vocabulary

/// Seals bytes that may only be read for a few days, such as rows of an upload that were refused: AES-256-GCM under one key a day, kept in
/// files beside the store and not in it. Once a day's file is gone, what was sealed on that day cannot be read from any copy of the store.
///
/// Safe to use from several threads. Days are elapsed time, never business time.
public final class ShortLivedKeys: Sendable {
    /// The key of that day is gone, or the bytes were not sealed under it.
    public struct Unreadable: Error, Hashable, Sendable {}

    /// What stands beside every ciphertext or digest: the algorithm and the day of the key.
    public struct Sealed: Hashable, Sendable {
        /// `A256GCM/2026-05-31`, `HS256/2026-05-31` for a digest.
        public let key: String
        public let bytes: [UInt8]

        public init(key: String, bytes: [UInt8]) {
            self.key = key
            self.bytes = bytes
        }
    }

    /// Where keys lie; nil keeps them in memory only, so that they die with the process.
    private let directory: String?
    private let keptDays: Int
    private let elapsed: any ElapsedTime
    private let keys = Mutex<[String: SymmetricKey]>([:])
    /// Since when the wall clock has kept pace with the monotonic one, in milliseconds of both.
    private let pace: Mutex<(wall: Int64, steady: Int64)>
    /// The day on which keys were ended last.
    private let prunedOn = Mutex("")
    private static let algorithm = "A256GCM"
    private static let digestAlgorithm = "HS256"

    /// `keptDays` days after its own a key is deleted, when something is sealed.
    public init(directory: String?, keptDays: Int, elapsed: any ElapsedTime = SystemTime()) {
        self.directory = directory
        self.keptDays = keptDays
        self.elapsed = elapsed
        pace = Mutex((elapsed.wallMilliseconds, elapsed.monotonicNanoseconds / 1_000_000))
    }

    /// Throws `KeyFile.Fault` when today's key cannot be written.
    public func seal(_ bytes: [UInt8]) throws -> Sealed {
        let day = elapsed.wall.date.text
        let box = try AES.GCM.seal(bytes, using: try key(making: day))
        guard let combined = box.combined else { preconditionFailure("AES-GCM with a 12 byte nonce has a combined form") }
        return Sealed(key: "\(Self.algorithm)/\(day)", bytes: Array(combined))
    }

    /// Throws `Unreadable` when the day's key was deleted.
    public func open(_ sealed: Sealed) throws -> [UInt8] {
        let parts = sealed.key.split(separator: "/")
        guard parts.count == 2, parts[0] == Self.algorithm, let key = try known(String(parts[1])) else { throw Unreadable() }
        do { return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed.bytes), using: key)) } catch { throw Unreadable() }
    }

    /// A digest (HMAC-SHA-256) that only whoever has the key can make, under today's key or the one that an earlier digest names. Throws
    /// `Unreadable` when that one was deleted, `KeyFile.Fault` when today's cannot be written.
    public func digest(_ bytes: [UInt8], under name: String? = nil) throws -> Sealed {
        let day: String
        let secret: SymmetricKey
        if let name {
            let parts = name.split(separator: "/")
            guard parts.count == 2, parts[0] == Self.digestAlgorithm, let known = try known(String(parts[1])) else { throw Unreadable() }
            (day, secret) = (String(parts[1]), known)
        } else {
            day = elapsed.wall.date.text
            secret = try key(making: day)
        }
        // A key of its own for digests: the day's key seals, and does nothing else.
        let own = HKDF<SHA256>.deriveKey(inputKeyMaterial: secret, info: Array(Self.digestAlgorithm.utf8), outputByteCount: 32)
        let code = HMAC<SHA256>.authenticationCode(for: bytes, using: own)
        return Sealed(key: "\(Self.digestAlgorithm)/\(day)", bytes: Array(code))
    }

    /// What is sealed under a key that sorts before this one cannot be read any more.
    public var oldestKept: String {
        "\(Self.algorithm)/" + (isClockTrusted ? elapsed.wall.date.adding(days: -keptDays).text : "")
    }

    /// False within the first hour, and for an hour behind a jump of the wall clock: a machine that starts days ahead of the time, until it is
    /// told the right one, must not end what is still needed. A key then lives an hour longer, and until something is sealed.
    private var isClockTrusted: Bool {
        pace.withLock { pace in
            let (wall, steady) = (elapsed.wallMilliseconds, elapsed.monotonicNanoseconds / 1_000_000)
            guard abs(wall - pace.wall - (steady - pace.steady)) <= CoreLimits.clockTrust.wholeMilliseconds else {
                pace = (wall, steady)
                return false
            }
            return steady - pace.steady >= CoreLimits.clockTrust.wholeMilliseconds
        }
    }

    private func key(making day: String) throws -> SymmetricKey {
        try keys.withLock { keys in
            if let directory { prune(directory, today: day) }
            if let key = keys[day] { return key }
            let made: SymmetricKey
            if let directory {
                let path = Self.path(directory, day)
                if let key = try Self.key(in: path) {
                    made = key
                } else {
                    // Another instance may be making it at this moment: whichever is in the file is everybody's.
                    let proposed = SymmetricKey(size: .bits256)
                    try KeyFile.saveUnlessThere(Hex.text(proposed.withUnsafeBytes { Array($0) }) + "\n", to: path)
                    guard let key = try Self.key(in: path) else { throw KeyFile.Fault(path: path, reason: "holds no key") }
                    made = key
                }
            } else {
                made = SymmetricKey(size: .bits256)
            }
            keys[day] = made
            forget(&keys, today: day)
            return made
        }
    }

    private func known(_ day: String) throws -> SymmetricKey? {
        try keys.withLock { keys in
            guard isKept(day, today: elapsed.wall.date.text) else { return nil }
            if let key = keys[day] { return key }
            guard let directory, let key = try Self.key(in: Self.path(directory, day)) else { return nil }
            keys[day] = key
            return key
        }
    }

    private func isKept(_ day: String, today: String) -> Bool {
        guard let date = try? LocalDate(day), let now = try? LocalDate(today) else { return false }  // Not a day: no key of ours.
        return now.days - date.days <= Int32(keptDays) || !isClockTrusted
    }

    private func forget(_ keys: inout [String: SymmetricKey], today: String) { keys = keys.filter { isKept($0.key, today: today) } }

    /// Once a day, as soon as the clock is trusted.
    private func prune(_ directory: String, today: String) {
        guard prunedOn.withLock({ $0 != today }), isClockTrusted else { return }
        prunedOn.withLock { $0 = today }
        for name in KeyFile.names(in: directory) {
            guard name.hasPrefix("rows-"), name.hasSuffix(".key") else { continue }
            if !isKept(String(name.dropFirst(5).dropLast(4)), today: today) { KeyFile.remove("\(directory)/\(name)") }
        }
    }

    private static func key(in path: String) throws -> SymmetricKey? {
        guard let text = try KeyFile.text(at: path), let bytes = Hex.bytes(text.prefix { $0 != "\n" }), bytes.count == 32 else {
            return nil
        }
        return SymmetricKey(data: bytes)
    }

    private static func path(_ directory: String, _ day: String) -> String { "\(directory)/rows-\(day).key" }
}
