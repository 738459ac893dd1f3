import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: the directory and the person files as this service's own events tell them.
///
/// The log names nobody, so what is sealed beside a file (name, number, guardian, telephone) comes back only where it is read again: of
/// provisional files, from Screening while its topic keeps it. Files opened at the window come back without it, as do requests to merge and
/// applications that were never said to anybody; what an event leaves out, such as a guardian, counts as not there. Certificates are not
/// rebuilt: their event does not say who assessed and what.
enum RebuildFiles {
    static let rebuilding: [Rebuilding] = [
        .on(OrganisationRegistered.self) { event, _, work in
            let details = Organisation(
                kind: event.kind, name: event.name, creditCode: event.creditCode, region: event.region, validFrom: event.validFrom)
            try work.rebuild(.registered(details), OrganisationTable.self, event.organisation)
            return true
        },
        .on(PersonRegistered.self) { event, _, work in
            let person = event.facts.person
            try work.rebuild(
                event.provisional
                    ? .openedProvisionally(event.facts, document: .birthCertificate, hasGuardian: false)
                    : .registered(event.facts, hasGuardian: false), PersonTable.self, person)
            try Timeline.add(.personRegistered, person, detail: event.origin.rawValue, in: work)
            // A shared identity is read again, finds the file open, and seals beside it who the child is.
            return !event.provisional
        },
        .on(IdentityAttached.self) { event, _, work in
            try work.rebuild(.identityAttached, PersonTable.self, event.person)
            try Timeline.add(.identityAttached, event.person, detail: event.documentKind.rawValue, in: work)
            return true
        },
        .on(PersonsMerged.self) { event, _, work in
            try work.rebuild(.merged(into: event.kept), PersonTable.self, event.merged)
            try work.rebuild(.absorbed, PersonTable.self, event.kept)
            try Timeline.add(.personsMerged, event.merged, detail: event.kept.text, in: work)
            return true
        },
        .on(PersonsUnmerged.self) { event, _, work in
            try work.rebuild(.unmerged(from: event.kept), PersonTable.self, event.merged)
            try work.rebuild(.released, PersonTable.self, event.kept)
            try Timeline.add(.personsUnmerged, event.merged, detail: event.kept.text, in: work)
            return true
        },
        .comesAgain(DeadLettered.self),
    ]
}
