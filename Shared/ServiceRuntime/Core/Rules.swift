import Persistence

/// A business outcome that says no. The raw value is the public code, `UPPER_SNAKE`, and stands in the service's `RefusalCatalogue`.
public protocol Refusal: Error, RawRepresentable<String>, CaseIterable, Sendable {}

/// The rules of one kind of aggregate as two pure functions: no I/O, no clock, no randomness; time, ids and policy arrive inside the command.
public protocol Decider {
    associatedtype State
    associatedtype Command
    associatedtype Event
    associatedtype Refused: Refusal

    /// What follows from `command`, given the aggregate as it is (nil: it does not exist). No events: nothing to do, and that is fine.
    static func decide(_ command: Command, given state: State?) throws(Refused) -> [Event]
    /// The aggregate after `event`. Total: an event that was decided can always be applied.
    static func evolve(_ state: State?, with event: Event) -> State
}

/// An aggregate as loaded, with the version that fences its next save.
public struct Stored<State> {
    public let state: State
    public let version: Int64

    public init(_ state: State, version: Int64) {
        self.state = state
        self.version = version
    }
}

/// Where a `Decider`'s aggregates live, and what the world hears of their events.
public protocol AggregateTable {
    associatedtype Rules: Decider
    associatedtype Key: Hashable & Comparable & Sendable

    static func load(_ key: Key, in tx: any Transaction) throws -> Stored<Rules.State>?
    /// Writes a new aggregate as version 1.
    static func insert(_ key: Key, _ state: Rules.State, in tx: any Transaction) throws
    /// Writes version + 1 where `version` still stands; false when it does not.
    static func update(_ key: Key, _ state: Rules.State, expecting version: Int64, in tx: any Transaction) throws -> Bool
    /// Turns one domain event into contract events and deadlines. `state` is the aggregate behind the event.
    static func publish(_ event: Rules.Event, _ key: Key, state: Rules.State, in work: UnitOfWork) throws
    /// True, as for most, when this service rebuilds the event from what it said itself (`Rebuilding`). False for an event that only the record
    /// or request it came from tells: after an older backup was restored, that is acted on once more.
    static func isTold(_ event: Rules.Event) -> Bool
}

extension AggregateTable {
    public static func isTold(_ event: Rules.Event) -> Bool { true }
}

/// Thrown by a handler whose subject is not there yet: the record is kept and applied when `UnitOfWork.release` names the same subject.
public struct Hold: Error, Sendable {
    public let subject: String
    public init(subject: String) { self.subject = subject }
}

/// Thrown by a handler for a record that can never be applied as it is. Carries no personal data: a code and a field name.
public struct DeadLetter: Error, Sendable {
    public let reason: String
    public let field: String?
    public init(reason: String, field: String? = nil) {
        self.reason = reason
        self.field = field
    }
}

/// Somebody else saved first what this transaction rests on; it runs again on fresh state. Thrown by a table that keeps more than its
/// aggregate's row and finds that changed.
public struct VersionConflict: Error {
    @inlinable public init() {}
}
