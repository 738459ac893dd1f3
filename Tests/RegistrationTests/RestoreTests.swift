import Contracts
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Registration

/// An older backup of Registration's store is restored: files, directory and owners are what they were; what is sealed beside a provisional
/// file is read again, what was sealed at the window is gone.
@Suite(.enabled(if: Store.chosen == .sqlite, "a backup here is a copy of SQLite's file"))
struct RestoreTests {
    private typealias Bench = RegistrationBench

    @Test func `an older backup restored has the state of the lost store but what no topic tells`() throws {
        let bench = try Bench()
        let backup = try bench.service.backUp()
        try bench.ask(
            .post, "/organisations/import",
            #"{"organisations":[{"organisation":"rc-1","kind":"rehabilitationCentre","name":"中心","region":"370102","validFrom":"2024-01-01"}]}"#
        )
        // A provisional file, read by the centre that owns the referral; another one that turns out to be the same child.
        try bench.service.deliver(try bench.identity(bench.canary))
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        let twin = PersonID(trusted: "p1-00000000000000000000000000000001")
        try bench.service.deliver(try bench.identity(twin))
        try bench.ask(.post, "/persons/\(twin)/merges", #"{"into":"\#(bench.canary)"}"#)
        try bench.ask(.post, "/persons/\(twin)/merges/confirmation", #"{"into":"\#(bench.canary)"}"#, as: Bench.otherClerk)
        let sealed: Set = ["person_secrets", "audit"]
        let before = try bench.service.rows(except: sealed)
        let said = try bench.service.saidInOrder()
        #expect(before["persons"]?.count == 2 && before["referral_owners"]?.count == 1)

        let service = try bench.service.started(from: backup)
        let report = try service.engine.restore()
        #expect(report.notRebuilt.isEmpty && report.journalOnly.isEmpty)
        #expect(Set(report.unsaid).isSuperset(of: RebuildFiles.unsaid))
        try service.settle()
        let after = try service.rows(except: sealed)
        for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
        #expect(try service.saidInOrder() == said)

        // The owner of the referral reads the contact that was sealed again; the file that went into another stays there.
        let contact = try service.handle(
            .get, "/persons/\(bench.canary)/contact?referral=ref-1&purpose=intake", as: Bench.centre("rc-1"))
        #expect(contact.status == 200)
        let unmerge = try service.handle(.get, "/persons/\(twin)", as: Bench.clerk)
        #expect(try unmerge.decode(PersonReply.self).person == bench.canary)
    }
}
