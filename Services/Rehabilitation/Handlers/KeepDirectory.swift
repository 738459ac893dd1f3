import Contracts
import ServiceRuntime

/// Copies of what Registration owns: organisations, persons and their aliases. Nothing is decided by them here; they are read.
enum KeepDirectory {
    static let subscriptions = [
        Subscription.on(OrganisationRegistered.self, "KeepOrganisation") { event, _, work in try DirectoryTables.keep(event, in: work.tx) },
        Subscription.on(PersonRegistered.self, "KeepPerson") { event, _, work in try DirectoryTables.keep(event.facts, in: work.tx) },
        Subscription.on(PersonsMerged.self, "KeepAlias") { event, _, work in
            try DirectoryTables.addAlias(event.merged, of: event.kept, in: work.tx)
        },
        Subscription.on(PersonsUnmerged.self, "DropAlias") { event, _, work in
            try DirectoryTables.removeAlias(event.merged, of: event.kept, in: work.tx)
        },
    ]
}
