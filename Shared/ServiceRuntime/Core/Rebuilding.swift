import Contracts

/// What an event of the service itself means for its state, when it is read back from the log after an older backup was restored.
///
/// Events say what the world was told. What a table keeps beside its aggregates comes back with the record it came from, which is read again
/// from the position in the backup; what came over HTTP and no event says is gone, and `Unsaid` names it.
public struct Rebuilding: Sendable {
    let type: String
    let apply: @Sendable (EventMeta, [UInt8], UnitOfWork) throws -> Void

    /// `apply` changes the state with `UnitOfWork.rebuild`. It throws `NotRebuilt` before it has changed anything when it finds nothing to
    /// apply the event to.
    public static func on<Event: ContractEvent>(
        _ event: Event.Type, _ apply: @escaping @Sendable (Event, EventMeta, UnitOfWork) throws -> Void
    ) -> Rebuilding {
        Rebuilding(type: Event.type) { meta, data, work in try apply(try Event(protobuf: data), meta, work) }
    }

    /// The event tells nothing that another does not tell too, or that does not come again with the record it came from.
    public static func nothing<Event: ContractEvent>(_ event: Event.Type) -> Rebuilding { Rebuilding(type: Event.type) { _, _, _ in } }
}

/// An event was read back whose subject neither the backup nor the log knows; what it says is in the journal only.
public struct NotRebuilt: Error, Sendable {
    public let subject: String
    public init(_ subject: String) { self.subject = subject }
}

/// Something that a service keeps and no topic tells: a restore does not bring back what of it is younger than the backup.
public struct Unsaid: Sendable, Codable, Hashable {
    public let chinese: String
    public let english: String
    public init(_ chinese: String, _ english: String) {
        self.chinese = chinese
        self.english = english
    }
}
