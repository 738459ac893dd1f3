import Contracts
import Messaging
import Persistence
import Vocabulary

/// Who is to blame when something was thrown while a record was applied.
enum Blame {
    /// True when the surroundings failed: store, log, keys on disk, or another writer was faster. The record is read again, for ever if need
    /// be, and never set aside.
    static func isSurroundings(_ error: any Error) -> Bool {
        switch error {
        case let error as DatabaseError:
            // Of an unknown outcome the stored position knows: it is read again, and what was committed is not applied again. A handler's own
            // statement is tried again some times, then it is the record's.
            error.kind.isOfStore
        case is VersionConflict, is PositionConflict, is HoldIsFull, is SourceStopped, is HeldFailed: true
        case is LogError, is KeyFile.Fault, is KeyFileError: true
        default: false
        }
    }

    /// How a record ends that failed alone, when the record itself says so; nil when only the handler's failure is known.
    static func verdict(on error: any Error) -> Verdict? {
        switch error {
        case let letter as DeadLetter: .bury(letter.reason, field: letter.field)
        case let refusal as any Refusal: .refuse(refusal.rawValue)
        case let wait as Hold: .hold(wait.subject)
        case let violation as ContractError: .bury(violation.reason, field: violation.field)
        // To be replayed once the policy is there.
        case is PolicyMissing: .bury(PolicyMissing.code, field: nil)
        case is ShortLivedKeys.Unreadable: .bury("KEY_DELETED", field: nil)
        default: nil
        }
    }

    /// How a record ends whose handler failed time and again.
    static func failed(_ error: any Error) -> Verdict { .bury("HANDLER_FAILED", field: String(describing: type(of: error))) }
}

/// How a record ends whose own transaction was rolled back.
enum Verdict: Equatable {
    /// A business outcome that left no write.
    case refuse(String)
    case bury(String, field: String?)
    case hold(String)
}

/// Another instance moved this partition's position; nothing was written.
struct PositionConflict: Error {
    let place: TopicPartition
}

/// A source is not to be read on; its position has not moved past what was found.
struct SourceStopped: Error {
    let stop: SourceStops.Stop
}

/// The hold has no room for this record: its partition waits until something is released.
struct HoldIsFull: Error {
    let place: TopicPartition
    let offset: Int64
}

/// A held record failed while it was released. It is no fault of what released it: the record goes its own way.
struct HeldFailed: Error {
    let record: StoredRecord
    let error: any Error
}

/// Counts failed attempts at the same thing; success and a verdict forget them.
struct Attempts<Key: Hashable> {
    private var counts: [Key: (mark: Int64, count: Int)] = [:]

    /// True when this was the last attempt. `mark` names what is attempted, a later one of the same key begins anew.
    mutating func isLast(_ key: Key, _ mark: Int64) -> Bool {
        let before = counts[key].flatMap { $0.mark == mark ? $0.count : nil } ?? 0
        counts[key] = (mark, before + 1)
        return before + 1 >= CoreLimits.handlerAttempts
    }

    mutating func forget(_ key: Key) { if !counts.isEmpty { counts[key] = nil } }
}
