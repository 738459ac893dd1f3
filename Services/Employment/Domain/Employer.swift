import ServiceRuntime
import Vocabulary

/// An employer (用人单位) that may report placements.
struct Employer: Hashable, Sendable {
    var region: RegionCode
}

/// The rules of an employer: registered once, from the directory or by hand.
enum EmployerRules: Decider {
    typealias State = Employer
    typealias Refused = EmployerRefusal

    enum Source: Hashable, Sendable {
        /// Registration's directory announced it.
        case directory
        /// A clerk entered it.
        case clerk
    }

    enum Command: Hashable, Sendable {
        case register(region: RegionCode, Source)
    }

    enum Event: Hashable, Sendable {
        case registered(region: RegionCode)
    }

    static func decide(_ command: Command, given employer: Employer?) throws(EmployerRefusal) -> [Event] {
        switch (command, employer) {
        case (.register(let region, _), nil): return [.registered(region: region)]
        case (.register(_, .directory), .some): return []  // Known already; the directory repeats nothing new to employment.
        case (.register(let region, .clerk), .some(let known)):
            guard known.region == region else { throw .employerExists }
            return []
        }
    }

    static func evolve(_ employer: Employer?, with event: Event) -> Employer {
        switch event {
        case .registered(let region): Employer(region: region)
        }
    }
}
