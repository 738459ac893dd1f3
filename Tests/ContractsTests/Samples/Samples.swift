import Contracts

/// One event with known values: `full` says everything it can, `least` only what it must.
struct Sample: CustomStringConvertible, Sendable {
    let name: String
    let event: any ContractEvent

    init(_ name: String, _ event: any ContractEvent) {
        self.name = name
        self.event = event
    }

    var type: String { Swift.type(of: event).type }
    var description: String { "\(type) \(name)" }
}

/// A full and a least sample of every event type.
enum Samples {
    static let all: [Sample] = registration + screening + rehabilitation + employment + partner + reporting + operations
}
