import Contracts
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Screening

/// What two instances over one store must not do to each other. Each test plays the other instance between a read and a write.
struct TwoInstancesTests {
    @Test func `a revision kept by another instance meanwhile makes this one decide again`() throws {
        let bench = try Bench()
        var withdrawal = Sample.raw("r-1", "", "", revision: 2)
        withdrawal.withdrawn = true
        withdrawal.child = nil
        try bench.send(withdrawal)
        let read = try #require(try bench.service.database.read { try ResultTable.known(Sample.bureau, "r-1", in: $0) })
        // The other instance takes revision 4, a withdrawal: it touches no case, so no case's version tells of it.
        withdrawal.revision = 4
        try bench.send(withdrawal)
        let late = KnownRevision(revision: 3, fingerprint: [1], caseID: CaseID(trusted: "case-1"))
        #expect(throws: VersionConflict.self) {
            try bench.service.database.write { try ResultTable.keep(late, replacing: read, Sample.bureau, "r-1", in: $0) }
        }
        #expect(try bench.service.database.read { try ResultTable.known(Sample.bureau, "r-1", in: $0)?.revision } == 4)
    }

    @Test func `a referral proposed again while another instance takes the sharing back makes one of them look again`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303")
        try bench.diagnose()
        let first = try #require(try bench.said(ReferralProposed.self).first)
        _ = bench.interface.handle(
            .post, "/referrals/\(first.referral)/withdraw", body: Array(#"{"reason":"moved"}"#.utf8), as: Sample.clerk)
        let read = try #require(try bench.service.database.read { try CaseTable.load(first.caseID, in: $0) })
        #expect(bench.interface.handle(.post, "/cases/\(first.caseID)/referral", as: Sample.clerk).status == 200)
        // What the other instance decided rests on the case as it was before.
        let kept = try bench.service.database.write { try CaseTable.update(first.caseID, read.state, expecting: read.version, in: $0) }
        #expect(!kept)
    }

    @Test func `a child who found no room while it appeared in another instance is looked at again the next day`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303", capacity: 1, taken: 1)
        try bench.diagnose()
        #expect(try bench.said(ReferralUnplaced.self).count == 1)
        // The other instance kept the new places before this one's unplaced referral was there to be woken.
        try bench.service.database.write { try $0.run(SQL("UPDATE institutions SET taken = 0")) }
        try bench.service.passDay(to: day("2024-06-04"))
        #expect(try bench.said(ReferralProposed.self).last?.candidates.map(\.institution) == [Sample.near])
    }

    @Test func `a child who goes on waiting is looked at every week and said to be unplaced once`() throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303", capacity: 1, taken: 1)
        try bench.diagnose()
        for date in ["2024-06-04", "2024-06-11", "2024-06-18"] {
            try bench.service.passDay(to: day(date))
            #expect(try bench.said(ReferralUnplaced.self).count == 1)
        }
        try bench.service.database.write { try $0.run(SQL("UPDATE institutions SET taken = 0")) }
        try bench.service.passDay(to: day("2024-06-24"))
        #expect(try bench.said(ReferralProposed.self).last?.candidates.isEmpty == true)
        try bench.service.passDay(to: day("2024-06-25"))
        #expect(try bench.said(ReferralProposed.self).last?.candidates.map(\.institution) == [Sample.near])
    }
}
