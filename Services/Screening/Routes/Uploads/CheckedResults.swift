import Synchronization

/// The results one check has seen in its file, by id: highest revision and fingerprint of the content. Bounded; what comes after it is full
/// is judged without it.
///
/// Ids and contents are kept as 64 bits of hash each. Two ids that meet by chance, once in some thousand files of this size, make a check
/// say too much; an import never uses this.
final class CheckedResults: Sendable {
    private struct Entry {
        var revision: Int32
        var content: UInt64
    }

    private let entries = Mutex<[UInt64: Entry]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { entries.withLock { $0.count >= limit } }

    /// Nil when the file has not had the result.
    func standing(of resultID: String, revision: Int, _ fingerprint: [UInt8]) -> RevisionLedger.Standing? {
        guard let entry = entries.withLock({ $0[Self.hash(resultID.utf8)] }) else { return nil }
        if revision > entry.revision { return .newer }
        if revision < entry.revision { return .outdated }
        return entry.content == Self.hash(fingerprint) ? .repeated : .conflict
    }

    func note(_ resultID: String, revision: Int, _ fingerprint: [UInt8]) {
        let (key, entry) = (Self.hash(resultID.utf8), Entry(revision: Int32(clamping: revision), content: Self.hash(fingerprint)))
        entries.withLock { entries in
            guard entries.count < limit || entries[key] != nil else { return }
            entries[key] = entry
        }
    }

    /// FNV-1a, finished so that near ids lie far apart.
    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 32
        hash = hash &* 0x9E37_79B9_7F4A_7C15
        return hash ^ (hash >> 29)
    }
}
