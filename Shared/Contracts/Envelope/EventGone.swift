import Vocabulary

/// What stands on the log under a number whose event is gone: its short-lived key was deleted before it was sent, or sent again, or a store
/// was lost and the log had lost it too.
///
/// An envelope without data, whose type nobody handles: every reader counts the number, and nothing waits for it for ever.
public enum EventGone {
    public static let type = "careloop.journal.event-gone.v1"

    /// The same number of the same stream gives the same envelope.
    public static func meta(_ sequence: EventSequence, topic: String, partition: Int32, recorded: Instant) -> EventMeta {
        let service = Catalogue.topic(for: topic)?.producer ?? ""
        let id = EventID.derive(cause: "\(topic)/\(partition)/\(sequence.number)", handler: service, ordinal: 0, type: type)
        return EventMeta(
            id: id, source: "/\(service)", type: type, time: recorded, sequence: sequence, recorded: recorded, correlation: id,
            causation: id,
            actor: ActorStamp(role: "service", user: service), channel: "KAFKA", legalBasis: "STATUTORY",
            dataClass: Catalogue.topic(for: topic)?.dataClass.rawValue ?? "")
    }
}
