import Contracts
import ServiceRuntime
import Vocabulary

/// Registration's word on persons → what this service knows of them, and release of what waited for them.
enum FollowPersons {
    /// What a record waits for until the person's file is known.
    static func subject(_ person: PersonID) -> String { "person:\(person.text)" }

    static let subscriptions: [Subscription] = [
        .on(PersonRegistered.self, "KnowPerson") { event, _, work in
            try KnownPersons.keep(event.facts, in: work.tx)
            try work.release(subject(event.facts.person))
        },
        .on(PersonsMerged.self, "KnowAlias") { event, _, work in
            try KnownPersons.merge(event.merged, into: event.kept, in: work.tx)
        },
        .on(PersonsUnmerged.self, "ForgetAlias") { event, _, work in
            try KnownPersons.unmerge(event.merged, from: event.kept, in: work.tx)
        },
    ]
}
