import Contracts
import ServiceRuntime
import Vocabulary

/// Screening's word on a referral → who may read the child's contact now, and a line in the child's file.
enum FollowReferrals {
    static let subscriptions: [Subscription] = [
        .on(ReferralProposed.self, "NoteProposal") { event, meta, work in
            try note(
                "ReferralProposed", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.candidates.count)", nil,
                work)
        },
        .on(ReferralIssued.self, "BeginOwnership") { event, meta, work in
            try ReferralOwners.begin(
                event.referral, attempt: event.attempt, institution: event.institution, person: event.facts.person, in: work.tx)
            try note(
                "ReferralIssued", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.attempt)",
                event.institution, work)
        },
        .on(ReferralConfirmed.self, "ConfirmOwnership") { event, meta, work in
            try ReferralOwners.begin(
                event.referral, attempt: event.attempt, institution: event.institution, person: event.facts.person, in: work.tx)
            try note(
                "ReferralConfirmed", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.attempt)",
                event.institution, work)
        },
        .on(ReferralDeclined.self, "EndOwnership") { event, meta, work in
            try ReferralOwners.end(
                event.referral, attempt: event.attempt, institution: event.institution, person: event.facts.person, in: work.tx)
            try note(
                "ReferralDeclined", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.attempt)",
                event.institution, work)
        },
        .on(ReferralExpired.self, "EndOwnership") { event, meta, work in
            try ReferralOwners.end(
                event.referral, attempt: event.attempt, institution: event.institution, person: event.facts.person, in: work.tx)
            try note(
                "ReferralExpired", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.attempt)",
                event.institution, work)
        },
        .on(ReferralDeadlineMoved.self, "NoteMovedDeadline") { event, meta, work in
            try note(
                "ReferralDeadlineMoved", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.attempt)",
                event.institution, work)
        },
        .on(ReferralWithdrawn.self, "EndOwnership") { event, meta, work in
            if let institution = event.institution {
                try ReferralOwners.end(
                    event.referral, attempt: event.attempt, institution: institution, person: event.facts.person, in: work.tx)
            }
            try note(
                "ReferralWithdrawn", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.attempt)",
                event.institution, work)
        },
        .on(ReferralSuperseded.self, "EndOwnership") { event, meta, work in
            try ReferralOwners.supersede(event.referral, attempt: event.attempt, institution: event.institution, in: work.tx)
            try note("ReferralSuperseded", meta, nil, event.referral, "\(event.attempt)", event.institution, work)
        },
        .on(ReferralUnplaced.self, "NoteUnplaced") { event, meta, work in
            try note(
                "ReferralUnplaced", meta, event.facts.person, event.referral, "\(event.category.rawValue)/\(event.attempts)", nil, work)
        },
        .on(ReferralClaimed.self, "NoteClaim") { event, meta, work in
            try note("ReferralClaimed", meta, nil, event.referral, "\(event.attempt)", event.institution, work)
        },
        .on(ReferralRefused.self, "NoteRefusal") { event, meta, work in
            try note("ReferralRefused", meta, nil, event.referral, "\(event.attempt)", event.institution, work)
        },
    ]

    private static func note(
        _ fact: String, _ meta: EventMeta, _ person: PersonID?, _ referral: ReferralID, _ detail: String, _ organisation: OrganisationID?,
        _ work: UnitOfWork
    ) throws {
        try Timeline.add(
            id: meta.id, fact: fact, person: person, referral: referral, on: meta.time.date, detail: detail, organisation: organisation,
            in: work.tx)
    }
}
