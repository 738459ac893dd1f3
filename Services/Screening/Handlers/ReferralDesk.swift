import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// The policy around referrals: who is proposed, and who is asked next. Commands only; what they mean is for `ReferralRules` to decide.
struct ReferralDesk: Sendable {
    let context: ScreeningContext

    /// Institutions that could take the child today, in order.
    func available(_ subject: Referral.Subject, on date: LocalDate, _ tx: any Transaction) throws -> [Candidate] {
        CandidateList.make(
            subject.category, for: subject.facts.region, reach: try policy(subject, date).reach, on: date,
            from: try InstitutionTable.withRoom(subject.category, on: date, in: tx), context.regions)
    }

    /// A case was shared: an ordered list goes to the guardian.
    func propose(_ caseID: CaseID, share ordinal: Int, _ work: UnitOfWork) throws {
        try propose(caseID, ReferralTable.id(caseID, share: ordinal), work)
    }

    /// The case lacks its referral: a clerk proposes it, or another after one that was withdrawn. Returns the one that stands.
    func proposeMissing(_ caseID: CaseID, share ordinal: Int, _ work: UnitOfWork) throws -> ReferralID {
        let (id, standing) = try ReferralTable.standing(caseID, share: ordinal) { try work.state(ReferralTable.self, $0) }
        guard standing == nil else { return id }
        // Whoever takes the sharing back meanwhile withdraws the referrals there are: one of the two has to look again.
        guard let stored = try CaseTable.load(caseID, in: work.tx),
            try CaseTable.update(caseID, stored.state, expecting: stored.version, in: work.tx)
        else { throw VersionConflict() }
        try propose(caseID, id, work)
        return id
    }

    private func propose(_ caseID: CaseID, _ id: ReferralID, _ work: UnitOfWork) throws {
        guard let state = try work.state(CaseTable.self, caseID) else { preconditionFailure("a shared case is there") }
        try propose(Referral.Subject(caseID: caseID, facts: state.facts, category: state.topic.assistanceCategory), id, work)
    }

    private func propose(_ subject: Referral.Subject, _ id: ReferralID, _ work: UnitOfWork) throws {
        let today = work.cause.today
        let candidates = try available(subject, on: today, work.tx).prefix(CandidateList.longest)
        let days = try policy(subject, today).chooseWorkingDays
        try work.execute(
            .propose(subject, candidates: Array(candidates), chooseBy: context.calendar.dueDate(workingDays: days, from: today).date),
            ReferralTable.self, id)
    }

    /// By when an institution asked today must answer.
    func respondBy(_ subject: Referral.Subject, _ today: LocalDate) throws -> LocalDate {
        context.calendar.dueDate(workingDays: try policy(subject, today).respondWorkingDays, from: today).date
    }

    /// After a decline or an expiry: the next institution, or the clerk's list.
    func issueNext(_ id: ReferralID, _ work: UnitOfWork) throws {
        guard let referral = try work.state(ReferralTable.self, id) else { return }
        let today = work.cause.today
        try work.execute(
            .issueNext(
                available: try available(referral.subject, on: today, work.tx), respondBy: try respondBy(referral.subject, today)),
            ReferralTable.self, id)
    }

    /// The guardian let the time pass: the list's first with room is asked.
    func issueAsProposed(_ id: ReferralID, _ work: UnitOfWork) throws {
        guard let referral = try work.state(ReferralTable.self, id) else { return }
        let today = work.cause.today
        try work.execute(
            .issueAsProposed(
                available: try available(referral.subject, on: today, work.tx), respondBy: try respondBy(referral.subject, today)),
            ReferralTable.self, id)
    }

    /// Room appeared at an institution: children who wait for one like it get their turn, longest waiting first.
    func serveUnplaced(_ institution: OrganisationID, _ work: UnitOfWork) throws {
        guard let copy = try InstitutionTable.find(institution, in: work.tx) else { return }
        var room = copy.freePlaces - copy.openLoad
        guard room > 0 else { return }
        // Referrals that became unplaced earlier in this batch must be in the table before it is asked.
        try work.save()
        for id in try UnplacedQueue.waiting(copy, limit: room + UnplacedQueue.lookahead, in: work.tx) where room > 0 {
            guard let referral = try work.state(ReferralTable.self, id) else { continue }
            if referral.attempts.isEmpty { try propose(referral.subject, id, work) } else { try issueNext(id, work) }
            if try work.state(ReferralTable.self, id)?.status != .unplaced { room -= 1 }
        }
    }

    /// Looks once more for a child who waits for room, and comes back while it waits. Room that appears wakes those who wait, but a referral
    /// that found none in one instance while room appeared in another is seen by neither; and room also comes with a day: an agreement
    /// begins, an institution that let a referral expire has its place still.
    func lookAgain(_ id: ReferralID, _ work: UnitOfWork) throws {
        guard let referral = try work.state(ReferralTable.self, id), referral.status == .unplaced else { return }
        if referral.attempts.isEmpty { try propose(referral.subject, id, work) } else { try issueNext(id, work) }
        guard try work.state(ReferralTable.self, id)?.status == .unplaced else { return }
        try work.schedule(ReferralTable.unplacedLook, subject: id.text, due: work.cause.today.adding(days: Self.daysBetweenLooks - 1))
    }

    static let daysBetweenLooks = 7

    private func policy(_ subject: Referral.Subject, _ date: LocalDate) throws -> ScreeningPolicy {
        try context.policies.policy(in: subject.facts.region, on: date)
    }
}
