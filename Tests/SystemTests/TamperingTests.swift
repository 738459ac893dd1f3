import Foundation
import SQLiteStatements
import Testing

/// The account of a run is worth something only if it fails when something is gone.
@Suite struct TamperingTests {
    @Test(.timeLimit(.minutes(6)))
    func `an untouched run ties out when its account is taken again`() async throws {
        let copy = try await SmallRun.shared.value.copy()
        let account = try await copy.account()
        #expect(account.status == 0, "\(account.output)")
    }

    @Test(
        .timeLimit(.minutes(6)),
        arguments: [
            ("rehabilitation.db", "lines"), ("rehabilitation.db", "enrolments"), ("rehabilitation.db", "applications"),
            ("screening.db", "referrals"), ("screening.db", "screening_cases"), ("employment.db", "placements"),
            ("registration.db", "certificates"),
        ])
    func `one row deleted by hand makes it fail`(_ store: String, _ table: String) async throws {
        let copy = try await SmallRun.shared.value.copy()
        let database = try copy.database(store)
        let before = try database.number("SELECT count(*) FROM \(table)") ?? 0
        try database.execute("DELETE FROM \(table) WHERE rowid = (SELECT min(rowid) FROM \(table))")
        #expect(try database.number("SELECT count(*) FROM \(table)") == before - 1)
        let account = try await copy.account()
        #expect(account.status == 2, "\(account.output)")
        #expect(account.output.contains("✗"))
    }

    /// From the middle of a partition, so that only counting can notice.
    @Test(
        .timeLimit(.minutes(6)),
        arguments: [
            "careloop.screening.referral-issued.v1", "careloop.screening.result-accepted.v1", "careloop.registration.person-registered.v1",
            "careloop.rehabilitation.assistance-applied.v1",
        ])
    func `one swallowed event makes it fail`(_ type: String) async throws {
        let copy = try await SmallRun.shared.value.copy()
        let log = try copy.database("events.db")
        let place = try #require(
            try log.number(
                """
                SELECT min(record.position) FROM record JOIN head ON head.id = record.position >> 40
                WHERE instr(record.value, CAST('\(type)' AS BLOB)) > 0 AND record.position & ((1 << 40) - 1) < head.next - 1
                """))
        try log.execute("DELETE FROM record WHERE position = \(place)")
        let account = try await copy.account()
        #expect(account.status == 2, "\(account.output)")
        #expect(account.output.contains("✗"))
    }

    @Test(.timeLimit(.minutes(6)))
    func `the last event of a partition cut off makes it fail, and it does not wait for ever`() async throws {
        let copy = try await SmallRun.shared.value.copy()
        let log = try copy.database("events.db")
        try log.execute(
            """
            DELETE FROM record WHERE position = (
                SELECT head.id << 40 | head.next - 1 FROM head JOIN topic ON topic.id = head.topic_id
                WHERE topic.name = 'careloop.screening.cases.v1' AND head.next > 0 LIMIT 1)
            """)
        let account = try await copy.account()
        #expect(account.status == 2, "\(account.output)")
        #expect(account.output.contains("careloop.screening.cases.v1"))
    }
}
