import Contracts
import Persistence
import ServiceRuntime
import Testing
import Vocabulary

@testable import Registration

struct ContactTests {
    let bench: RegistrationBench
    let target: String
    init() throws {
        bench = try RegistrationBench()
        target = "/persons/\(bench.canary)/contact?referral=ref-1&purpose=arrange%20first%20visit"
        try bench.service.deliver(bench.identity(bench.canary))
    }

    private func audit() throws -> [AuditTrail.Entry] {
        try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 100, in: $0) }
    }

    @Test func `the owner of a referral reads name, guardian and telephone, and the read is on record`() throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        let reply = try bench.ask(.get, target, as: RegistrationBench.centre("rc-1"))
        let contact = try reply.decode(ContactRoutes.Contact.self)
        #expect(contact.name == RegistrationBench.canaryName && contact.guardianName == RegistrationBench.canaryGuardian)
        #expect(contact.guardianTelephone == RegistrationBench.canaryTelephone)
        let entries = try audit()
        #expect(entries.map(\.outcome) == ["granted"])
        #expect(entries.first?.purpose == "arrange first visit" && entries.first?.organisation == "rc-1")
    }

    @Test func `everybody else gets 404, and every attempt is on record`() throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        let others: [(Actor, String)] = [
            (RegistrationBench.centre("rc-2"), target),
            (RegistrationBench.clerk, target),
            (RegistrationBench.auditor, target),
            (RegistrationBench.centre("rc-1"), "/persons/\(bench.canary)/contact?referral=ref-2&purpose=visit"),
            (RegistrationBench.centre("rc-1"), "/persons/\(bench.canary)/contact?purpose=visit"),
            (RegistrationBench.centre("rc-1"), "/persons/somebody-else/contact?referral=ref-1&purpose=visit"),
            (RegistrationBench.centre("rc-1"), "/persons/\(RegistrationBench.canaryID)/contact?referral=ref-1&purpose=visit"),
        ]
        var bodies: Set<String> = []
        for (actor, target) in others {
            let reply = try bench.ask(.get, target, as: actor)
            #expect(try reply.status == 404 && bench.code(reply) == "NOT_FOUND", "\(actor.role) \(target)")
            bodies.insert(reply.text)
        }
        #expect(bodies.count == 1, "an answer must not tell why")
        #expect(try audit().map(\.outcome) == others.map { _ in "refused" })
        #expect(try audit().allSatisfy { $0.subject == "unknown" })
    }

    @Test func `a read without a purpose in words is refused and on record`() throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        for query in ["referral=ref-1", "referral=ref-1&purpose=a", "referral=ref-1&purpose=\(RegistrationBench.canaryID)"] {
            let reply = try bench.ask(.get, "/persons/\(bench.canary)/contact?\(query)", as: RegistrationBench.centre("rc-1"))
            #expect(try reply.status == 422 && bench.code(reply) == "PURPOSE_REQUIRED")
        }
        #expect(try audit().map(\.outcome) == ["refused", "refused", "refused"])
        #expect(try audit().allSatisfy { $0.purpose.isEmpty })
    }

    @Test func `an idempotency key neither keeps a contact nor hides a read`() throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        for _ in 1...2 { #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1"), key: "k").status == 200) }
        #expect(try audit().count == 2)
    }

    @Test func `an older attempt that is told late takes nothing from the owner of a newer one`() throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-2", attempt: 2))
        // Set aside and replayed: its turn came after the newer one's.
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1", attempt: 1))
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-2")).status == 200)
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 404)
    }

    @Test(arguments: [true, false])
    func `a centre that declined gets nothing back from a record that is replayed afterwards`(seenBefore: Bool) throws {
        if seenBefore { try bench.service.deliver(bench.issued(bench.canary, to: "rc-1")) }
        try bench.service.deliver(
            ReferralDeclined(
                referral: ReferralID(trusted: "ref-1"), attempt: 1, facts: bench.facts(bench.canary), category: .hearing,
                institution: OrganisationID(trusted: "rc-1"), reason: "full"))
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 404)
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1", attempt: 2))
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 200)
    }

    enum End: CaseIterable { case declined, expired, withdrawn, superseded, completed, applicationRejected, applicationWithdrawn }

    @Test(arguments: End.allCases)
    func `access ends with ownership`(end: End) throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        let referral = ReferralID(trusted: "ref-1")
        let centre = OrganisationID(trusted: "rc-1")
        let facts = bench.facts(bench.canary)
        switch end {
        case .declined:
            try bench.service.deliver(
                ReferralDeclined(referral: referral, attempt: 1, facts: facts, category: .hearing, institution: centre, reason: "full"))
        case .expired:
            try bench.service.deliver(
                ReferralExpired(referral: referral, attempt: 1, facts: facts, category: .hearing, institution: centre))
        case .withdrawn:
            try bench.service.deliver(
                ReferralWithdrawn(referral: referral, attempt: 1, facts: facts, category: .hearing, institution: centre, reason: "moved"))
        case .superseded: try bench.service.deliver(ReferralSuperseded(referral: referral, attempt: 1, institution: centre))
        case .completed:
            let application = ApplicationID(trusted: "app-1")
            // The end of training comes on another topic and may be read before the application it belongs to.
            try bench.service.deliver(
                EnrolmentCompleted(
                    enrolment: EnrolmentID(trusted: "en-1"), application: application, facts: facts, category: .hearing,
                    institution: centre,
                    outcome: .completed, monthsCounted: 10, endedOn: RegistrationBench.start))
            #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 200)
            try bench.service.deliver(
                AssistanceApplied(
                    application: application, facts: facts, category: .hearing, referral: referral, planYear: 2025, residenceBasis: .hukou))
        case .applicationRejected:
            try apply("app-1")
            try reject("app-1")
        case .applicationWithdrawn:
            try apply("app-1")
            #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 200)
            try bench.service.deliver(
                AssistanceWithdrawn(application: ApplicationID(trusted: "app-1"), facts: facts, category: .hearing, reason: "moved"))
        }
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 404)
        #expect(try audit().last?.outcome == "refused")
    }

    private func apply(_ id: String) throws {
        try bench.service.deliver(
            AssistanceApplied(
                application: ApplicationID(trusted: id), facts: bench.facts(bench.canary), category: .hearing,
                referral: ReferralID(trusted: "ref-1"), planYear: 2025, residenceBasis: .hukou))
    }

    private func reject(_ id: String) throws {
        try bench.service.deliver(
            AssistanceRejected(
                application: ApplicationID(trusted: id), facts: bench.facts(bench.canary), category: .hearing, reason: "papers",
                onTime: true))
    }

    @Test func `a new application on the same referral opens the contact again, until it too is rejected`() throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        for id in ["app-1", "app-2"] {
            try apply(id)
            #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 200)
            try reject(id)
            #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 404)
        }
        #expect(try audit().map(\.outcome) == ["granted", "refused", "granted", "refused"])
    }

    @Test func `the next institution owns the referral, and a late word on the old attempt changes nothing`() throws {
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-2", attempt: 2))
        try bench.service.deliver(
            ReferralSuperseded(referral: ReferralID(trusted: "ref-1"), attempt: 1, institution: OrganisationID(trusted: "rc-1")))
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 404)
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-2")).status == 200)
    }

    @Test func `ownership that was said before the file exists counts once it does`() throws {
        let other = PersonID(trusted: "p1-later")
        var issued = bench.issued(other, to: "rc-1")
        issued.referral = ReferralID(trusted: "ref-later")
        try bench.service.deliver(issued)
        let target = "/persons/p1-later/contact?referral=ref-later&purpose=visit"
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 404)
        try bench.service.deliver(bench.identity(other))
        #expect(try bench.ask(.get, target, as: RegistrationBench.centre("rc-1")).status == 200)
    }
}
