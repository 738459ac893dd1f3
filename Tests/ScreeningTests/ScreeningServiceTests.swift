import Contracts
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Screening

struct ScreeningServiceTests {
    @Test func `a result becomes a case, and its bureau gets one receipt`() throws {
        let bench = try Bench()
        try bench.send(Sample.raw("r-1", "initial", "negative"))
        let accepted = try #require(try bench.said(ResultAccepted.self).first)
        #expect(accepted.result.outcome == .negative && accepted.bureau == Sample.bureau)
        let receipts = try bench.said(ResultReceipt.self)
        #expect(receipts.map(\.outcome) == [.accepted])
        #expect(receipts[0].caseID == accepted.caseID)
        #expect(try bench.service.said().first { $0.meta.type == ResultReceipt.type }?.topic == "careloop.partner.hb-370303.receipts.v1")
    }

    @Test func `repeats, conflicts, corrections, outdated revisions and withdrawals each get their receipt and no double effect`() throws {
        let bench = try Bench()
        try bench.send(Sample.raw("r-1", "initial", "positive"))
        try bench.send(Sample.raw("r-1", "initial", "positive"))
        try bench.send(Sample.raw("r-1", "initial", "negative"))
        try bench.send(Sample.raw("r-1", "initial", "negative", revision: 3))
        try bench.send(Sample.raw("r-1", "initial", "unable", revision: 2))
        var withdrawal = Sample.raw("r-1", "", "", revision: 4)
        withdrawal.withdrawn = true
        withdrawal.child = nil
        try bench.send(withdrawal)
        try bench.send(withdrawal)
        #expect(
            try bench.said(ResultReceipt.self).map(\.outcome)
                == [.accepted, .repeated, .conflict, .accepted, .repeated, .accepted, .repeated])
        #expect(try bench.said(ResultReceipt.self)[2].code == "RESULT_CONFLICT")
        #expect(try bench.said(ResultAccepted.self).count == 1)
        #expect(try bench.said(ResultCorrected.self).map(\.revision) == [3])
        #expect(try bench.said(ResultWithdrawn.self).map(\.result.outcome) == [.negative])
    }

    @Test func `the same record delivered again is the same event and counts once`() throws {
        let bench = try Bench()
        for _ in 0..<3 { try bench.send(Sample.raw("r-1", "initial", "positive")) }
        #expect(try bench.said(ResultAccepted.self).count == 1)
        #expect(try bench.said(ResultReceipt.self).map(\.outcome) == [.accepted, .repeated, .repeated])
    }

    @Test func `a policy that is missing for the referral leaves nothing of the result, and the result is kept for later`() throws {
        // In force when the child was seen, out of force today: the case could be recorded, the proposal that follows from it could not.
        let rules = ScreeningPolicies.rules.map {
            PolicyRule(
                code: $0.code, region: $0.region, validFrom: $0.validFrom, validTo: day("2024-06-03"), value: $0.value, source: $0.source,
                standing: $0.standing, version: $0.version)
        }
        let bench = try Bench(Sample.context(policies: ScreeningPolicies(rules)), today: day("2024-06-05"))
        try bench.diagnose()
        #expect(try bench.said(ResultAccepted.self).map(\.resultID) == ["i-1", "r-1"])
        #expect(try bench.said(CaseShared.self).isEmpty)
        let receipts = try bench.said(ResultReceipt.self)
        #expect(receipts.map(\.outcome) == [.accepted, .accepted, .refused])
        let last = try #require(receipts.last)
        #expect(last.resultID == "d-1" && last.code == "POLICY_MISSING" && last.messageEn?.isEmpty == false)
        let letters = try bench.service.database.read { try DeadLetters.list(after: 0, limit: 9, all: false, in: $0) }
        #expect(letters.map(\.reason) == ["POLICY_MISSING"])
    }

    @Test(arguments: ["", " ", "\u{3000}\u{3000}"])
    func `a diagnosis withdrawn without a reason in words takes its referral with it`(reason: String) throws {
        let bench = try Bench()
        try bench.diagnose()
        var withdrawal = Sample.raw("d-1", "", "", revision: 2)
        withdrawal.withdrawn = true
        withdrawal.child = nil
        withdrawal.reason = reason
        try bench.send(withdrawal)
        #expect(try bench.said(ReferralWithdrawn.self).count == 1)
        #expect(try bench.said(ResultReceipt.self).map(\.outcome) == [.accepted, .accepted, .accepted, .accepted])
    }

    @Test func `a withdrawal that overtakes its result makes it outdated`() throws {
        let bench = try Bench()
        var withdrawal = Sample.raw("r-1", "", "", revision: 2)
        withdrawal.withdrawn = true
        withdrawal.child = nil
        try bench.send(withdrawal)
        try bench.send(Sample.raw("r-1", "initial", "positive"))
        #expect(try bench.said(ResultAccepted.self).isEmpty)
        #expect(try bench.said(ResultReceipt.self).map(\.outcome) == [.accepted, .repeated])
    }

    @Test func `a correction that names another child moves the result to that child's case`() throws {
        let bench = try Bench()
        try bench.send(Sample.raw("r-1", "initial", "positive", sequence: 1))
        try bench.send(Sample.raw("r-1", "initial", "positive", revision: 2, sequence: 3))
        let accepted = try bench.said(ResultAccepted.self)
        #expect(Set(accepted.map(\.caseID)).count == 2)
        #expect(try bench.said(ResultWithdrawn.self).map(\.caseID) == [accepted[0].caseID])
    }

    @Test func `a faulty record is refused with field, rule, source and both languages`() throws {
        let bench = try Bench()
        var raw = Sample.raw("r-1", "initial", "negative")
        raw.child?.sex = "女"
        try bench.send(raw)
        let receipt = try #require(try bench.said(ResultReceipt.self).first)
        #expect(receipt.outcome == .refused && receipt.code == "ID_SEX_MISMATCH" && receipt.field == "sex")
        #expect(receipt.source == "GB 11643-1999" && receipt.messageZh != nil && receipt.messageEn != nil)
        #expect(try bench.said(ResultAccepted.self).isEmpty)
    }

    @Test(
        arguments: [
            ("{\"bloodType\":\"A\"}", "UNKNOWN_FIELD"), ("{\"resultId\":\"r-1\",\"organisation\":\"hb-other\"}", "CLAIM_MISMATCH"),
        ])
    func `an unknown field and a foreign claim are refused by receipt`(json: String, code: String) throws {
        let bench = try Bench()
        try bench.service.deliver(
            partner: RawScreeningResult.topic, organisation: Sample.bureau, key: "r-1", value: Array(json.utf8), headers: [])
        let receipt = try #require(try bench.said(ResultReceipt.self).first)
        #expect(receipt.outcome == .refused && receipt.code == code && receipt.resultID == "r-1")
    }

    @Test func `what is no record at all is a dead letter, and the next record is taken`() throws {
        let bench = try Bench()
        try bench.service.deliver(
            partner: RawScreeningResult.topic, organisation: Sample.bureau, key: "x", value: [0xff, 0xff],
            headers: [LogHeader(name: "content-type", value: Array("application/protobuf".utf8))])
        try bench.send(Sample.raw("r-1", "initial", "negative"))
        #expect(try bench.service.engine.snapshot().deadLetters == 1)
        #expect(try bench.said(ResultReceipt.self).map(\.outcome) == [.refused, .accepted])
        #expect(try bench.said(ResultReceipt.self)[0].resultID == "x" && bench.said(ResultReceipt.self)[0].code == "UNDECODABLE")
    }

    @Test func `a bureau of the directory reports its own region only, and nobody but a bureau reports`() throws {
        let bench = try Bench()
        func register(_ id: OrganisationID, _ kind: OrganisationKind, _ region: String) throws {
            try bench.service.deliver(
                OrganisationRegistered(
                    organisation: id, kind: kind, name: "x", region: RegionCode(trusted: region), validFrom: day("2024-01-01")))
        }
        let centre = OrganisationID(trusted: "rc-1")
        try register(Sample.bureau, .healthBureau, "370102")
        try register(centre, .rehabilitationCentre, "3703")
        try bench.send(Sample.raw("r-1", "initial", "negative"))
        try bench.send(Sample.raw("r-2", "initial", "negative"), from: centre)
        #expect(try bench.said(ResultReceipt.self).map(\.code) == ["REGION_OUT_OF_SCOPE", "ORGANISATION_NOT_A_BUREAU"])
    }

    @Test func `names that an older build passed over are read from the directory's start after the upgrade`() throws {
        let bench = try Bench()
        for number in 1...9 {
            try bench.service.deliver(
                OrganisationRegistered(
                    organisation: OrganisationID(trusted: "rc-\(number)"), kind: .rehabilitationCentre, name: "康复中心\(number)",
                    region: RegionCode(trusted: "370303"), validFrom: day("2024-01-01")))
        }
        func names() throws -> [String] {
            try bench.service.database.read { tx in
                try (1...9).map { try InstitutionNames(tx).name(of: OrganisationID(trusted: "rc-\($0)")).name }
            }
        }
        let all = (1...9).map { "康复中心\($0)" }
        #expect(try names() == all)
        try bench.service.database.write { tx in _ = try tx.run(SQL("UPDATE organisations SET name = ''")) }
        try bench.service.settle()
        #expect(try names() == all.map { _ in "" })
        bench.service.leave()
        try bench.service.database.write { tx in
            for statement in ScreeningSchema.readDirectoryAgain { _ = try tx.run(SQL(statement)) }
        }
        let upgraded = try Engine(
            bench.service.definition, database: bench.service.database, log: bench.service.log, clock: bench.service.clock)
        let consumer = try upgraded.openConsumer()
        while try upgraded.consumeStep(consumer) > 0 {}
        consumer.close(within: .seconds(1))
        #expect(try names() == all)
        let status = try upgraded.snapshot()
        #expect(status.openGaps.isEmpty && status.stops.isEmpty && status.deadLetters == 0)
    }

    // MARK: The loop

    @Test func `result, case, referral, choice, claim, confirmed`() throws {
        let bench = try Bench()
        try bench.open(Sample.far, at: "370302001")
        try bench.open(Sample.near, at: "370303002")
        try bench.diagnose()
        let shared = try #require(try bench.said(CaseShared.self).first)
        let identity = try #require(try bench.said(IdentityShared.self).first)
        #expect(shared.category == .hearing && identity.person == shared.facts.person && identity.guardianName == "测试监护人")
        let proposed = try #require(try bench.said(ReferralProposed.self).first)
        #expect(proposed.candidates.map(\.institution) == [Sample.near, Sample.far])
        #expect(proposed.chooseBy == day("2024-06-11"))

        #expect(bench.choose(Sample.far, for: proposed.referral).status == 200)
        let issued = try #require(try bench.said(ReferralIssued.self).first)
        #expect(issued.institution == Sample.far && issued.chosenBy == .guardian && issued.attempt == 1)
        #expect(issued.respondBy == day("2024-06-18"))
        let choice = try #require(try bench.service.said().first { $0.meta.type == ReferralIssued.type })
        #expect(choice.meta.onBehalfOf == "guardian" && choice.meta.actor.user == "c1")

        try bench.claim(issued)
        #expect(try bench.said(ReferralConfirmed.self).map(\.institution) == [Sample.far])
        #expect(try bench.said(ReferralNotice.self).map(\.status) == [.issued, .confirmed])
        try bench.claim(issued)
        #expect(try bench.said(ReferralConfirmed.self).count == 1)
        #expect(try bench.said(ReferralSuperseded.self).isEmpty)
        // Nothing that names the child is said anywhere but on the identities topic.
        for said in try bench.service.said() where said.topic != IdentityShared.topic {
            #expect(!String(decoding: said.data, as: UTF8.self).contains("测试"))
        }
    }

    @Test func `a guardian who lets the time pass gets the first of the list with room`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002", capacity: 1)
        try bench.open(Sample.far, at: "370302001")
        try bench.diagnose()
        try bench.service.passDay(to: day("2024-06-11"))
        #expect(try bench.said(ReferralIssued.self).isEmpty)
        try bench.service.deliver(PlacesChanged(institution: Sample.near, capacity: 1, taken: 1))
        try bench.service.passDay(to: day("2024-06-12"))
        let issued = try #require(try bench.said(ReferralIssued.self).first)
        #expect(issued.institution == Sample.far && issued.chosenBy == .asProposed)
    }

    @Test func `a declined referral goes to the next, a second decline leaves the child on the clerk's list`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002")
        try bench.open(Sample.far, at: "370302001")
        try bench.diagnose()
        try bench.service.passDay(to: day("2024-06-12"))
        try bench.decline(try #require(try bench.said(ReferralIssued.self).first))
        let second = try #require(try bench.said(ReferralIssued.self).last)
        #expect(second.institution == Sample.far && second.attempt == 2)
        try bench.decline(second)
        #expect(try bench.said(ReferralDeclined.self).map(\.reason) == ["no therapist", "no therapist"])
        #expect(try bench.said(ReferralUnplaced.self).map(\.attempts) == [2])
        let list = bench.interface.handle(.get, "/worklist?kind=unplaced", as: Sample.clerk)
        #expect(try list.decode(PageOf<WorkItem>.self).items.map(\.subject) == [second.referral.text])
    }

    @Test func `no answer in time expires the attempt, and a late claim gives the place back`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002")
        try bench.open(Sample.far, at: "370302001")
        try bench.diagnose()
        try bench.service.passDay(to: day("2024-06-12"))
        let first = try #require(try bench.said(ReferralIssued.self).first)
        try bench.service.passDay(to: first.respondBy.adding(days: 1))
        #expect(try bench.said(ReferralExpired.self).map(\.attempt) == [1])
        let second = try #require(try bench.said(ReferralIssued.self).last)
        #expect(second.attempt == 2 && second.institution == Sample.far)
        try bench.claim(first)
        #expect(try bench.said(ReferralSuperseded.self).map(\.institution) == [Sample.near])
        try bench.claim(second)
        #expect(try bench.said(ReferralConfirmed.self).map(\.attempt) == [2])
    }

    @Test func `a withdrawal and an acceptance that cross end as a withdrawal, and the place is given back`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002")
        try bench.diagnose()
        try bench.service.passDay(to: day("2024-06-12"))
        let issued = try #require(try bench.said(ReferralIssued.self).first)
        func withdraw(_ reason: String) -> Reply {
            bench.interface.handle(
                .post, "/referrals/\(issued.referral)/withdraw", body: Array("{\"reason\":\"\(reason)\"}".utf8), as: Sample.clerk)
        }
        let long = withdraw(String(repeating: "搬", count: 501))
        #expect(long.status == 422 && long.text.contains("TEXT_TOO_LONG"))
        #expect(withdraw("moved away").status == 200)
        try bench.claim(issued)
        #expect(try bench.said(ReferralWithdrawn.self).map(\.institution) == [Sample.near])
        #expect(try bench.said(ReferralSuperseded.self).map(\.attempt) == [1])
        #expect(try bench.said(ReferralConfirmed.self).isEmpty)
        #expect(try bench.said(ReferralNotice.self).map(\.status) == [.issued, .withdrawn, .superseded])
    }

    @Test func `a correction is taken though the referral it would withdraw was lost with a store`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002")
        try bench.diagnose()
        try bench.service.database.write { tx in _ = try tx.run(SQL("DELETE FROM referrals WHERE id <> ?"), [.text("")]) }
        try bench.send(Sample.raw("d-1", "diagnosis", "negative", revision: 2))
        #expect(try bench.said(CaseShareRevoked.self).count == 1)
        #expect(try bench.said(ReferralWithdrawn.self).isEmpty)
    }

    @Test func `a correction that takes the diagnosis back withdraws even a confirmed referral`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002")
        try bench.diagnose()
        try bench.service.passDay(to: day("2024-06-12"))
        try bench.claim(try #require(try bench.said(ReferralIssued.self).first))
        try bench.send(Sample.raw("d-1", "diagnosis", "negative", revision: 2))
        #expect(try bench.said(CaseShareRevoked.self).count == 1)
        #expect(try bench.said(ReferralWithdrawn.self).map(\.institution) == [Sample.near])
        // A new diagnosis is a new sharing with a referral of its own.
        try bench.send(Sample.raw("d-1", "diagnosis", "positive", revision: 3))
        #expect(Set(try bench.said(ReferralProposed.self).map(\.referral)).count == 2)
    }

    private func waiting(_ bench: Bench) throws -> [String] {
        try bench.interface.handle(.get, "/worklist?kind=unreferred", as: Sample.clerk).decode(PageOf<WorkItem>.self).items.map(\.subject)
    }

    @Test func `a child whose referral a clerk withdrew waits on the list until another is proposed, which goes the whole way`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002")
        try bench.open(Sample.far, at: "370302001")
        try bench.diagnose()
        let first = try #require(try bench.said(ReferralProposed.self).first)
        func proposed() throws -> ReferralID {
            let reply = bench.interface.handle(.post, "/cases/\(first.caseID)/referral", as: Sample.clerk)
            try bench.service.settle()
            return try reply.decode(ReferralView.self).referral
        }
        func withdraw(_ referral: ReferralID) throws {
            let body = Array("{\"reason\":\"moved away\"}".utf8)
            #expect(bench.interface.handle(.post, "/referrals/\(referral)/withdraw", body: body, as: Sample.clerk).status == 200)
            try bench.service.settle()
        }
        #expect(try waiting(bench) == [] && proposed() == first.referral)
        try withdraw(first.referral)
        #expect(try waiting(bench) == [first.caseID.text])
        let second = try proposed()
        #expect(try second != first.referral && waiting(bench) == [] && proposed() == second)
        #expect(try bench.said(ReferralProposed.self).map(\.referral) == [first.referral, second])
        try withdraw(second)
        let third = try proposed()
        #expect(Set([first.referral, second, third]).count == 3)
        #expect(bench.choose(Sample.far, for: third).status == 200)
        try bench.service.settle()
        try bench.claim(try #require(try bench.said(ReferralIssued.self).last))
        #expect(try bench.said(ReferralConfirmed.self).map(\.referral) == [third] && waiting(bench) == [])

        // A correction takes back the referral that stands; then nothing waits, and nothing can be proposed.
        try bench.send(Sample.raw("d-1", "diagnosis", "negative", revision: 2))
        #expect(try bench.said(ReferralWithdrawn.self).map(\.referral) == [first.referral, second, third])
        #expect(try waiting(bench) == [])
        #expect(bench.interface.handle(.post, "/cases/\(first.caseID)/referral", as: Sample.clerk).status == 409)
        // A new sharing has a referral of its own.
        try bench.send(Sample.raw("d-1", "diagnosis", "positive", revision: 3))
        #expect(Set(try bench.said(ReferralProposed.self).map(\.referral)).count == 4)
    }

    @Test func `a child nobody has room for gets a list when room appears`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002", capacity: 2, taken: 2)
        try bench.diagnose()
        #expect(try bench.said(ReferralUnplaced.self).map(\.attempts) == [0])
        try bench.service.deliver(PlacesChanged(institution: Sample.near, capacity: 2, taken: 1))
        #expect(try bench.said(ReferralProposed.self).last?.candidates.map(\.institution) == [Sample.near])
        #expect(bench.interface.handle(.get, "/worklist?kind=undecided", as: Sample.clerk).text.contains("undecided"))
    }

    @Test func `one free place is offered to one child at a time`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002", capacity: 1)
        try bench.diagnose(sequence: 1)
        try bench.diagnose(sequence: 3)
        try bench.service.passDay(to: day("2024-06-12"))
        #expect(try bench.said(ReferralIssued.self).count == 1)
        #expect(try bench.said(ReferralUnplaced.self).count == 1)
    }

    @Test func `places of an institution without an agreement are a dead letter, and a renewed agreement keeps the places taken`() throws {
        let bench = try Bench()
        try bench.service.deliver(PlacesChanged(institution: Sample.near, capacity: 4, taken: 3))
        #expect(try bench.service.engine.snapshot().deadLetters == 1)
        try bench.open(Sample.near, at: "370303002", capacity: 4, taken: 3)
        try bench.service.deliver(
            AgreementActivated(
                institution: Sample.near, region: RegionCode(trusted: "370303002"), categories: [.vision], capacity: 6,
                validFrom: day("2024-01-01"), validTo: day("2027-12-31")))
        let copy = try #require(try bench.service.database.read { try InstitutionTable.find(Sample.near, in: $0) })
        #expect(copy.taken == 3 && copy.capacity == 6 && copy.categories == [.vision] && copy.openLoad == 0)
        // What was set aside and is replayed now was said before what is kept.
        let after = try bench.service.database.write { tx in
            let early = EventSequence(epoch: 1, number: 1)
            try InstitutionTable.keep(
                AgreementActivated(
                    institution: Sample.near, region: RegionCode(trusted: "370303002"), categories: [.hearing], capacity: 9,
                    validFrom: day("2024-01-01"), validTo: day("2027-12-31")), early, in: tx)
            #expect(try InstitutionTable.keep(PlacesChanged(institution: Sample.near, capacity: 9, taken: 0), early, in: tx))
            return try InstitutionTable.find(Sample.near, in: tx)
        }
        #expect(after == copy)
    }

    @Test func `an answer to a referral that was never made is a dead letter`() throws {
        let bench = try Bench()
        try bench.service.deliver(ReferralClaimed(referral: ReferralID(trusted: "nobody"), attempt: 1, institution: Sample.near))
        #expect(try bench.service.engine.snapshot().deadLetters == 1)
    }

    // MARK: Deadlines of the pathway

    @Test func `a re-screen that does not come escalates on the day after it was due`() throws {
        let bench = try Bench()
        try bench.send(Sample.raw("i-1", "initial", "positive"))
        try bench.service.passDay(to: day("2024-07-03"))
        #expect(try bench.said(ScreeningDeadlineMissed.self).isEmpty)
        try bench.service.passDay(to: day("2024-07-04"))
        #expect(try bench.said(ScreeningDeadlineMissed.self).map(\.step) == [.rescreen])
        let items = try bench.interface.handle(.get, "/worklist?kind=overdue", as: Sample.clerk).decode(PageOf<WorkItem>.self).items
        #expect(items.map(\.step) == ["rescreen"])
        try bench.send(Sample.raw("r-1", "rescreen", "negative", on: "2024-07-04"))
        #expect(bench.interface.handle(.get, "/worklist?kind=overdue", as: Sample.clerk).text == "{\"items\":[]}")
    }

    private func overdue(_ bench: Bench) throws -> [String?] {
        try bench.interface.handle(.get, "/worklist?kind=overdue", as: Sample.clerk).decode(PageOf<WorkItem>.self).items.map(\.step)
    }

    @Test func `a child whose re-screen is overdue stays on the list when the next round could not be examined`() throws {
        let bench = try Bench()
        try bench.send(Sample.raw("i-1", "initial", "positive", round: 24))
        try bench.service.passDay(to: day("2024-12-03"))
        #expect(try overdue(bench) == ["rescreen"])
        try bench.send(Sample.raw("i-2", "initial", "unable", on: "2024-12-03", round: 30))
        #expect(try overdue(bench) == ["rescreen"])
        #expect(try bench.said(ScreeningDeadlineMissed.self).count == 1)
    }

    @Test func `what an older build let disappear behind a round without examination is on the list again after the upgrade`() throws {
        let bench = try Bench(today: day("2024-12-03"))
        try bench.send(Sample.raw("i-1", "initial", "positive", round: 24))
        try bench.send(Sample.raw("i-2", "initial", "unable", on: "2024-12-03", round: 30))
        try bench.send(Sample.raw("n-1", "initial", "unable", on: "2024-12-03", sequence: 3, round: 30))
        try bench.service.database.write { tx in
            for statement in [
                """
                UPDATE screening_cases SET status = 'unable', awaited_stage = NULL, awaited_due = NULL, overdue_stage = NULL,
                  overdue_due = NULL
                """, "DELETE FROM deadlines",
            ] { _ = try tx.run(SQL(statement)) }
        }
        #expect(try overdue(bench) == [])
        let said = try bench.said(ScreeningDeadlineMissed.self).count
        let migration = try #require(ScreeningSchema.migrations.first { $0.name == "screening-8-hidden-positives" })
        try bench.service.database.write { tx in for statement in migration.statements { _ = try tx.run(SQL(statement)) } }
        try bench.service.settle()
        #expect(try overdue(bench) == ["rescreen"])
        #expect(try bench.said(ScreeningDeadlineMissed.self).count == said + 1)
        let person = try #require(try bench.said(ResultAccepted.self).first).result.facts.person
        let cases = try bench.interface.handle(.get, "/persons/\(person)/cases", as: Sample.clerk).decode([CaseView].self)
        #expect(cases.map(\.status) == ["initialPositive"] && cases[0].overdue)
    }

    // MARK: Who may see what

    @Test func `a clerk of another region finds no referral, and asking for another region is refused`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002")
        try bench.diagnose()
        let referral = try #require(try bench.said(ReferralProposed.self).first).referral
        let stranger = Actor(
            organisation: OrganisationID(trusted: "dpf-370102"), role: .clerk, user: "c2", region: RegionCode(trusted: "370102"))
        #expect(bench.interface.handle(.get, "/referrals/\(referral)", as: stranger).status == 404)
        #expect(bench.interface.handle(.get, "/referrals", as: stranger).text == "{\"items\":[]}")
        #expect(bench.interface.handle(.get, "/referrals?region=370303", as: stranger).status == 403)
        #expect(bench.interface.handle(.get, "/referrals/\(referral)", as: Sample.clerk).status == 200)
        let employer = Actor(organisation: OrganisationID(trusted: "e-1"), role: .employer, user: "e", region: RegionCode(trusted: "37"))
        #expect(bench.interface.handle(.get, "/referrals", as: employer).status == 403)
    }

    @Test func `lists are paged without gaps or repeats`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002", capacity: 100)
        for child in 0..<7 { try bench.diagnose(sequence: 2 * child + 1) }
        var seen: [ReferralID] = []
        var after: String?
        repeat {
            let target = "/referrals?status=proposed&limit=3" + (after.map { "&after=\($0)" } ?? "")
            let page = try bench.interface.handle(.get, target, as: Sample.clerk).decode(PageOf<ReferralView>.self)
            seen += page.items.map(\.referral)
            after = page.next
        } while after != nil
        #expect(seen.count == 7 && Set(seen).count == 7)
    }

    @Test func `a choice that is not possible says why in the caller's language`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303002", capacity: 1)
        try bench.diagnose()
        let referral = try #require(try bench.said(ReferralProposed.self).first).referral
        let stranger = bench.choose(Sample.far, for: referral)
        #expect(stranger.status == 422 && stranger.text.contains("INSTITUTION_NOT_A_CANDIDATE") && stranger.text.contains("不在可选名单"))
        try bench.service.deliver(PlacesChanged(institution: Sample.near, capacity: 1, taken: 1))
        #expect(bench.choose(Sample.near, for: referral).status == 409)
        #expect(try bench.said(ReferralIssued.self).isEmpty)
    }

    @Test func `a child's cases and the rules they rest on can be read`() throws {
        let bench = try Bench()
        try bench.send(Sample.raw("i-1", "initial", "positive"))
        let accepted = try #require(try bench.said(ResultAccepted.self).first)
        let cases = try bench.interface.handle(.get, "/persons/\(accepted.result.facts.person)/cases", as: Sample.clerk).decode(
            [CaseView].self)
        #expect(cases.map(\.status) == ["initialPositive"] && cases[0].nextStep == "rescreen")
        #expect(bench.interface.handle(.get, "/cases/\(accepted.caseID)", as: Sample.clerk).status == 200)
        let policies = bench.interface.handle(.get, "/policies").text
        #expect(policies.contains("[assumption]") && policies.contains("screening.rescreen"))
    }
}
