import Contracts

/// What an event of the service itself means for its state, when it is read back from the log after an older backup was restored.
///
/// The events say what the world was told, not everything the store held: what a service keeps beside its aggregates and says to nobody is not
/// rebuilt, and each service says so where it lists these.
public struct Rebuilding: Sendable {
    let type: String
    let apply: @Sendable (EventMeta, [UInt8], UnitOfWork) throws -> Bool

    /// `apply` changes the state with `UnitOfWork.rebuild` and says nothing. It answers whether the event's cause has all its effects with
    /// that and is not to be applied again; false lets the consumed record that caused it do what is left when it is read again from the
    /// position in the backup. What it then says once more is suppressed.
    public static func on<Event: ContractEvent>(
        _ event: Event.Type, _ apply: @escaping @Sendable (Event, EventMeta, UnitOfWork) throws -> Bool
    ) -> Rebuilding {
        Rebuilding(type: Event.type) { meta, data, work in try apply(try Event(protobuf: data), meta, work) }
    }

    /// The state comes back by itself, when the record that caused the event is read again.
    public static func comesAgain<Event: ContractEvent>(_ event: Event.Type) -> Rebuilding {
        Rebuilding(type: Event.type) { _, _, _ in false }
    }
}
