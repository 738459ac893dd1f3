import Contracts
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Screening

/// An older backup of Screening's store is restored: the state is what it was, and what is decided next rests on it.
@Suite(.enabled(if: Store.chosen == .sqlite, "a backup here is a copy of SQLite's file"))
struct RestoreTests {
    /// Referrals that are chosen, declined, issued again, confirmed, expired and withdrawn; results that are corrected and taken back.
    private func live(_ bench: Bench) throws {
        try bench.diagnose(sequence: 1)
        try bench.diagnose(sequence: 3)
        try bench.send(Sample.raw("w-5", "initial", "positive", on: "2024-05-06", sequence: 5))
        try bench.send(Sample.raw("w-7", "initial", "positive", on: "2024-06-01", sequence: 7))
        try bench.send(Sample.raw("w-7", "initial", "negative", on: "2024-06-01", revision: 2, sequence: 7))
        let proposed = try bench.said(ReferralProposed.self).map(\.referral)
        _ = bench.choose(Sample.near, for: proposed[0])
        try bench.service.settle()
        try bench.decline(try #require(try bench.said(ReferralIssued.self).last))
        try bench.claim(try #require(try bench.said(ReferralIssued.self).last))
        // The clerk takes the third child's back and proposes another.
        try bench.diagnose(sequence: 9)
        let third = try #require(try bench.said(ReferralProposed.self).last)
        let body = Array(#"{"reason":"family wants to think"}"#.utf8)
        #expect(bench.interface.handle(.post, "/referrals/\(third.referral)/withdraw", body: body, as: Sample.clerk).status == 200)
        #expect(bench.interface.handle(.post, "/cases/\(third.caseID)/referral", as: Sample.clerk).status == 200)
        try bench.service.settle()
        // Nobody chooses for the second child: the list's first is asked, and does not answer. The awaited re-screen of the third is missed.
        try bench.service.passDay(to: day("2024-06-12"))
        try bench.service.passDay(to: day("2024-07-20"))
        // The first child's diagnosis is taken back.
        var withdrawn = Sample.raw("d-1", "diagnosis", "positive", revision: 2, sequence: 1)
        withdrawn.withdrawn = true
        withdrawn.reason = "entered by mistake"
        try bench.send(withdrawn)
    }

    @Test(arguments: [false, true])
    func `an older backup restored has the state of the lost store, and decides by it`(_ agreementsAreYounger: Bool) throws {
        let bench = try Bench()
        func open() throws {
            try bench.open(Sample.near, at: "370303")
            try bench.open(Sample.far, at: "370302")
        }
        if !agreementsAreYounger { try open() }
        let backup = try bench.service.backUp()
        if agreementsAreYounger { try open() }
        try live(bench)
        let before = try bench.service.rows()
        let said = try bench.service.saidInOrder()

        let service = try bench.service.started(from: backup)
        let report = try service.engine.restore()
        #expect(report.notRebuilt.isEmpty && report.journalOnly.isEmpty)
        #expect(report.unsaid.contains { RebuildCases.unsaid.contains($0) })
        try service.settle()
        let after = try service.rows()
        for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
        #expect(try service.saidInOrder() == said)

        // The same revision is a repeat, other content under it a conflict, a higher one a correction.
        let restored = Bench(service)
        let receipts = try restored.said(ResultReceipt.self).count
        try restored.send(Sample.raw("w-5", "initial", "positive", on: "2024-05-06", sequence: 5))
        try restored.send(Sample.raw("w-5", "initial", "unable", on: "2024-05-06", sequence: 5))
        try restored.send(Sample.raw("w-5", "initial", "negative", on: "2024-05-06", revision: 2, sequence: 5))
        #expect(try restored.said(ResultReceipt.self).dropFirst(receipts).map(\.outcome) == [.repeated, .conflict, .accepted])
        #expect(try restored.said(ResultCorrected.self).last?.resultID == "w-5")
        // A late answer to an attempt that is over holds a place in vain.
        let first = try #require(try restored.said(ReferralIssued.self).first)
        try restored.claim(first)
        #expect(try restored.said(ReferralSuperseded.self).last?.referral == first.referral)
    }

    @Test func `a sharing whose referral was never sent is seen after the restore, and a clerk proposes it`() async throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303")
        let backup = try bench.service.backUp()
        // The log takes what became of the case and nothing about referrals, then the store is lost.
        let partitions = try #require(Catalogue.topic(for: ReferralProposed.topic)).partitions
        let places = (0..<Int32(partitions)).map { TopicPartition(topic: ReferralProposed.topic, partition: $0) }
        for place in places { bench.service.log.refuse(place, .rejected(code: "TOPIC_AUTHORIZATION_FAILED", "for a test")) }
        try bench.diagnose()
        #expect(try !bench.service.engine.snapshot().refusedStreams.isEmpty)
        for place in places { bench.service.log.refuse(place, nil) }
        let restored = Bench(try bench.service.started(from: backup))
        #expect(try restored.service.engine.restore().notRebuilt.isEmpty)
        try restored.service.settle()
        #expect(try restored.said(ReferralProposed.self).isEmpty)

        func waiting(_ query: String = "", as actor: Actor = Sample.clerk) throws -> [WorkItem] {
            try restored.interface.handle(.get, "/worklist?kind=unreferred\(query)", as: actor).decode(PageOf<WorkItem>.self).items
        }
        let item = try #require(try waiting().first)
        let shared = try #require(try restored.said(CaseShared.self).first)
        #expect(item.subject == shared.caseID.text && item.person == shared.facts.person && item.due == day("2024-06-03"))
        let clerk = try await TestBrowser(restored.service, as: Sample.clerk)
        #expect(clerk.get("/desk").text.contains("<strong>1</strong> 已共享而未转介"))
        #expect(clerk.get("/desk/work?kind=unreferred").text.contains("href=\"/desk/cases/\(item.subject)\""))
        let page = clerk.get("/desk/cases/\(item.subject)")
        #expect(page.text.contains("确诊") && page.text.contains("缺转介"))
        let sent = try await clerk.send("propose", on: page)
        #expect(sent.status == 303)
        try restored.service.settle()
        let proposed = try #require(try restored.said(ReferralProposed.self).first)
        #expect(proposed.caseID == shared.caseID && proposed.candidates.map(\.institution) == [Sample.near])
        #expect(try waiting().isEmpty)
        #expect(!clerk.get("/desk/cases/\(item.subject)").text.contains("缺转介"))
        // Asked again, the one there is.
        let again = restored.interface.handle(.post, "/cases/\(item.subject)/referral", as: Sample.clerk)
        #expect(try again.decode(ReferralView.self).referral == proposed.referral)
        try restored.service.settle()
        #expect(try restored.said(ReferralProposed.self).count == 1)
        // An earlier sharing's referral that is missing for ever keeps nobody waiting.
        try restored.service.database.write { tx in
            _ = try tx.run(SQL("UPDATE screening_cases SET shares = 2 WHERE id = ?"), [.text(item.subject)])
            _ = try tx.run(
                SQL("UPDATE referrals SET id = ? WHERE case_id = ?"),
                [.text(ReferralTable.id(shared.caseID, share: 2).text), .text(item.subject)])
        }
        #expect(try waiting().isEmpty)
        #expect(restored.interface.handle(.post, "/cases/case-of-nobody/referral", as: Sample.clerk).status == 404)
    }

    @Test func `a referral that came back while nobody was asked next is seen after the restore, and a clerk goes on`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303")
        try bench.open(Sample.far, at: "370302")
        try bench.diagnose()
        _ = bench.choose(Sample.near, for: try #require(try bench.said(ReferralProposed.self).first).referral)
        try bench.service.settle()
        func waiting() throws -> [WorkItem] {
            try bench.interface.handle(.get, "/worklist?kind=returned", as: Sample.clerk).decode(PageOf<WorkItem>.self).items
        }
        let issued = try #require(try bench.said(ReferralIssued.self).last)
        try bench.decline(issued)
        // As it goes: the next is asked in the same breath.
        #expect(try bench.said(ReferralIssued.self).last?.institution == Sample.far && waiting().isEmpty)
        // As a restore may leave it.
        try bench.service.database.write { tx in
            _ = try tx.run(SQL("UPDATE referrals SET status = 'expired' WHERE id = ?"), [.text(issued.referral.text)])
        }
        #expect(try waiting().map(\.subject) == [issued.referral.text])
        #expect(bench.choose(Sample.near, for: issued.referral).status == 200)
        #expect(try waiting().isEmpty)
    }

    @Test func `a fingerprint nobody can give back makes the same revision a repeat`() {
        let known = KnownRevision(revision: 2, fingerprint: KnownRevision.unknownContent, caseID: nil)
        #expect(RevisionLedger.standing(revision: 2, fingerprint: [1], given: known) == .repeated)
        #expect(RevisionLedger.standing(revision: 1, fingerprint: [1], given: known) == .outdated)
        #expect(RevisionLedger.standing(revision: 3, fingerprint: [1], given: known) == .newer)
    }
}
