import Contracts
import ServiceRuntime

/// Keeps copies of institutions and organisations, and lets room at an institution reach children who wait for it.
struct KeepDirectory: Sendable {
    let context: ScreeningContext

    var subscriptions: [Subscription] {
        [
            .on(OrganisationRegistered.self, "KeepOrganisation") { organisation, _, work in
                try OrganisationTable.keep(organisation, in: work.tx)
            },
            .on(AgreementActivated.self, "KeepAgreement") { agreement, meta, work in
                try InstitutionTable.keep(agreement, meta.sequence, in: work.tx)
                try ReferralDesk(context: context).serveUnplaced(agreement.institution, work)
            },
            .on(PlacesChanged.self, "KeepPlaces") { places, meta, work in
                // Agreement and places share a topic and a key, so the agreement came first: without it this is nothing we can ever use.
                guard try InstitutionTable.keep(places, meta.sequence, in: work.tx) else {
                    throw DeadLetter(reason: "AGREEMENT_UNKNOWN", field: "institution")
                }
                try ReferralDesk(context: context).serveUnplaced(places.institution, work)
            },
        ]
    }
}
