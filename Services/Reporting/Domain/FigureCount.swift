import ServiceRuntime

/// An amount to add to one stored figure. Amounts add up in any order, so nothing is loaded and nothing can conflict.
struct FigureCount: Hashable, Sendable {
    var amount: Int64 = 0
}

enum FigureCountRules: Decider {
    struct Command: Sendable { let amount: Int64 }
    struct Event: Sendable { let amount: Int64 }
    enum Refused: String, Refusal { case never = "NEVER_REFUSED" }

    static func decide(_ command: Command, given state: FigureCount?) throws(Refused) -> [Event] { [Event(amount: command.amount)] }

    static func evolve(_ state: FigureCount?, with event: Event) -> FigureCount { FigureCount(amount: (state?.amount ?? 0) + event.amount) }
}
