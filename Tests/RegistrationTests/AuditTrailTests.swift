import Contracts
import Persistence
import ServiceRuntime
import Testing
import Vocabulary

@testable import Registration

struct AuditTrailTests {
    let bench: RegistrationBench
    init() throws {
        bench = try RegistrationBench()
        for number in 1...5 {
            try bench.service.command(as: RegistrationBench.clerk) { work in
                try AuditTrail.record("read-timeline", subject: "p1-\(number)", purpose: "", outcome: .granted, in: work)
            }
        }
    }

    private func tamper(_ sql: String, _ values: [Value] = []) throws {
        _ = try bench.service.database.write { try $0.run(SQL(sql), values) }
    }

    private func verify(kept: AuditTrail.Head? = nil) throws -> AuditTrail.Break? {
        try bench.service.database.read { try AuditTrail.firstBreak(kept: kept, in: $0) }
    }

    @Test func `an untouched trail verifies, and says so to an auditor only`() throws {
        #expect(try verify() == nil)
        let reply = try bench.ask(.get, "/audit/verification", as: RegistrationBench.auditor)
        #expect(reply.text.contains(#""intact":true"#) && reply.text.contains(#""entries":5"#))
        #expect(try bench.ask(.get, "/audit/verification", as: RegistrationBench.clerk).status == 403)
        #expect(try bench.ask(.get, "/audit?limit=2", as: RegistrationBench.auditor).text.contains(#""next""#))
    }

    @Test(arguments: ["subject", "purpose", "outcome", "actor", "recorded"])
    func `a changed field is found at its row`(column: String) throws {
        try tamper("UPDATE audit SET \(column) = 'other' WHERE number = 3")
        #expect(try verify() == AuditTrail.Break(number: 3, reason: .contents))
    }

    @Test func `a deleted row is found`() throws {
        try tamper("DELETE FROM audit WHERE number = 3")
        #expect(try verify() == AuditTrail.Break(number: 3, reason: .gap))
    }

    @Test func `a row put in the middle or swapped is found`() throws {
        try tamper("UPDATE audit SET number = 100 WHERE number = 3")
        try tamper("UPDATE audit SET number = 3 WHERE number = 4")
        try tamper("UPDATE audit SET number = 4 WHERE number = 100")
        #expect(try verify() == AuditTrail.Break(number: 3, reason: .chain))
    }

    @Test func `a row added by hand at the end is found`() throws {
        try tamper(
            """
            INSERT INTO audit (number, recorded, role, actor, action, subject, purpose, outcome, previous, hash)
            VALUES (6, 'now', 'clerk', 'x', 'read', 'p', '', 'granted', 'made-up', 'made-up')
            """)
        #expect(try verify() == AuditTrail.Break(number: 6, reason: .chain))
    }

    @Test func `a cut tail is found with a head kept elsewhere`() throws {
        let head = try bench.service.database.read { try AuditTrail.head(in: $0) }
        try tamper("DELETE FROM audit WHERE number > 3")
        #expect(try verify() == nil)
        #expect(try verify(kept: head) == AuditTrail.Break(number: 4, reason: .truncated))
        let reply = try bench.ask(.get, "/audit/verification?number=\(head.number)&hash=\(head.hash)", as: RegistrationBench.auditor)
        #expect(reply.text.contains(#""intact":false"#) && reply.text.contains("truncated"))
    }
}
