import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: agreements, who holds which place, and what centres answered, as this service's own events tell them. What Screening
/// asked and made of it is read again.
enum RebuildPlaces {
    static let rebuilding: [Rebuilding] = [
        .on(AgreementActivated.self) { event, _, work in
            let agreement = Agreement(
                institution: event.institution, region: event.region, categories: event.categories, capacity: event.capacity,
                validFrom: event.validFrom, validTo: event.validTo)
            try work.rebuild(.agreementActivated(agreement), InstitutionTable.self, event.institution)
        },
        .on(PlacesChanged.self) { event, _, work in
            guard let places = try work.state(InstitutionTable.self, event.institution)?.places,
                let holder = event.holder.flatMap(PlaceHolder.init(stored:))
            else { throw NotRebuilt("places of \(event.institution)") }
            let change: InstitutionRules.Event
            if let before = event.insteadOf.flatMap(PlaceHolder.init(stored:)) {
                change = .placeTakenOver(from: before, to: holder)
            } else if places.contains(holder) {
                change = .placeReleased(holder, taken: event.taken)
            } else {
                change = .placeReserved(holder, taken: event.taken)
            }
            try work.rebuild(change, InstitutionTable.self, event.institution)
        },
        .on(ReferralClaimed.self) { event, _, work in
            let key = AttemptKey(referral: event.referral, attempt: event.attempt)
            try ask(key, event.institution, event.question, work)
            try work.rebuild(.claimed, ReferralAnswerTable.self, key)
        },
        .on(ReferralRefused.self) { event, _, work in
            let key = AttemptKey(referral: event.referral, attempt: event.attempt)
            try ask(key, event.institution, event.question, work)
            try work.rebuild(.declined(reason: event.reason), ReferralAnswerTable.self, key)
        },
        .nothing(AnswerReceipt.self), .nothing(DeadLettered.self),
    ]

    /// The question may be younger than the backup as well; it comes again and finds itself asked.
    private static func ask(
        _ key: AttemptKey, _ institution: OrganisationID, _ question: ReferralQuestion?, _ work: UnitOfWork
    ) throws {
        guard try work.state(ReferralAnswerTable.self, key) == nil else { return }
        guard let question else { throw NotRebuilt("referral \(key.stored)") }
        try work.rebuild(
            .asked(
                ReferralAnswer.Question(
                    key: key, caseID: question.caseID, facts: question.facts, category: question.category, institution: institution,
                    respondBy: question.respondBy)), ReferralAnswerTable.self, key)
    }
}
