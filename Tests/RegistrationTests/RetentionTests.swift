import Contracts
import Foundation
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import Registration
@testable import ServiceRuntime

/// What is kept for years and what for days, while the years pass: every loop that ever deletes anything runs as it would.
struct RetentionTests {
    /// Impact assessments and the record of their processing are kept at least three years (个人信息保护法 art. 56).
    private static let years = 4
    /// How often the loops look while time passes: the clean-up of kept answers looks hourly, and all of them find the same each time.
    private static let stepDays = 30

    @Test func `audit entries and the record of an erasure outlast four years of clean-up, what is short-lived does not`() throws {
        let time = ManualTime(Instant(startOf: RegistrationBench.start))
        let bench = try RegistrationBench(elapsed: time, archived: true)
        try bench.service.deliver(bench.identity(bench.canary))
        // A later child, so that the journal's newest row, which never moves, is not the erased one's.
        let later = bench.personKey.person(PersonIdentifier(.citizenID, number: "379999201901010016"))
        try bench.service.deliver(bench.identity(later))
        let lookup = #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#
        #expect(try bench.ask(.post, "/persons/lookup", lookup, key: "k1").status == 200)
        #expect(try bench.ask(.get, "/persons/\(bench.canary)/timeline").status == 200)
        #expect(
            try bench.ask(.get, "/persons/\(bench.canary)/contact?referral=r&purpose=intake", as: RegistrationBench.centre("rc-1")).status
                == 404)
        #expect(try bench.erase("\(bench.canary)", key: "k2").status == 200)
        let before = try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 10, in: $0) }
        #expect(before.map(\.action) == ["look-up-person", "read-timeline", "read-contact", "request-erasure", "erase-person"])
        // The erasure's: a search is answered anew each time.
        #expect(try Self.count("idempotency", bench) == 1)
        #expect(try Self.count("outbox", bench) > 1)

        for step in 1...(Self.years * 366 / Self.stepDays) {
            time.advance(milliseconds: Int64(Self.stepDays) * 86_400_000)
            try bench.service.passDay(to: RegistrationBench.start.adding(days: step * Self.stepDays))
            while try bench.service.engine.archiveStep() > 0 {}
            // Somebody looks all the time: what is old stands behind what is new.
            _ = try bench.ask(.get, "/persons/\(bench.canary)/timeline")
        }

        let after = try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 10_000, in: $0) }
        #expect(Array(after.prefix(before.count)) == before)
        #expect(after.count == before.count + Self.years * 366 / Self.stepDays)
        #expect(try bench.service.database.read { try AuditTrail.firstBreak(in: $0) } == nil)
        #expect(try bench.ask(.get, "/persons/\(bench.canary)").text.contains(#""status":"erased""#))
        #expect(try Self.count("idempotency", bench) == 0, "kept answers are deleted after seven days")
        // The newest row stays: the next number follows from it.
        #expect(try Self.count("outbox", bench) == 1, "old rows of the journal move to the archive")

        // What lies in archive files is looked through as well when somebody asks whom a leaked topic is about.
        let chassis = ServiceAssembly(
            bench.service.definition, engine: bench.service.engine, tokens: nil, requestsPerSecond: 0, secureCookie: false,
            log: ServiceLog("careloop.test"))
        func leaked() -> Reply { chassis.interface.handle(.get, "/leaks/careloop.registration.persons.v1", as: RegistrationBench.auditor) }
        #expect(leaked().text.contains(bench.canary.text))
        try FileManager.default.removeItem(at: bench.service.folder.appendingPathComponent("archive"))
        #expect(leaked().status == 503)
    }

    private static func count(_ table: String, _ bench: RegistrationBench) throws -> Int {
        try bench.service.database.read { try $0.first(SQL("SELECT count(*) FROM \(table)")) { Int($0.int(0)) } ?? 0 }
    }
}
