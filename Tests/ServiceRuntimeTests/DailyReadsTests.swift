import HTTPTypes
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// How many persons' records one principal may see in a day. Time stands still unless a test moves it.
struct DailyReadsTests {
    private static func actor(_ user: String, _ role: Role = .clerk) -> Actor {
        Actor(organisation: OrganisationID(trusted: "org-1"), role: role, user: user, region: RegionCode(trusted: "37"))
    }

    private static func assembly(_ perDay: Int, _ time: ManualTime) throws -> (ServiceAssembly, TestService) {
        let service = try TestService(Desk.definition(), today: LocalDate("2024-06-03"), elapsed: time)
        let assembly = ServiceAssembly(
            service.definition, engine: service.engine, tokens: nil, requestsPerSecond: 0, recordsPerDay: perDay, secureCookie: false,
            log: ServiceLog("careloop.test"))
        return (assembly, service)
    }

    private static func records(_ route: String, _ range: Range<Int>) -> [DailyReads.Record] {
        range.map { DailyReads.Record(route: route, of: String($0)) }
    }

    @Test func `whoever reads beyond the day's number is 429, named by organisation and role in the alarm, and reads on the next day`()
        throws
    {
        let time = TestKeys().time
        let (assembly, service) = try Self.assembly(10, time)
        defer { withExtendedLifetime(service) {} }
        func ask(_ target: String, _ user: String = "copyist") -> Reply { assembly.interface.handle(.get, target, as: Self.actor(user)) }

        // Seven names on the list, however often it is looked at; then one file after the other, found or not.
        for _ in 0..<50 { #expect(ask("/people").status == 200) }
        #expect(ask("/people/x1").status == 404 && ask("/people/x2").status == 404 && ask("/people/x3").status == 404)
        #expect(!assembly.metrics.text.contains("careloop_readers_used_up{"))
        let refused = ask("/people/x4")
        #expect(refused.status == 429)
        #expect(refused.text.contains("RECORDS_PER_DAY"))
        #expect(refused.headers.contains { $0.name.lowercased() == "retry-after" && $0.value == "86400" })
        // What was seen already is no news, and nobody else is held up.
        #expect(ask("/people").status == 200 && ask("/people/x1").status == 404)
        #expect(ask("/people/x4", "calm").status == 404)
        let metrics = assembly.metrics.text
        #expect(metrics.contains(#"careloop_readers_used_up{organisation="org-1",role="clerk"} 1"#))
        #expect(!metrics.contains("copyist") && !metrics.contains("x4"))

        time.advance(milliseconds: 24 * 3_600_000 - 1)
        #expect(ask("/people/x4").status == 429)
        time.advance(milliseconds: 1)
        #expect(ask("/people/x4").status == 404)
        #expect(!assembly.metrics.text.contains("careloop_readers_used_up{"))
    }

    @Test func `a list that does not fit in is not shown, and takes nothing of what is left`() throws {
        let (assembly, service) = try Self.assembly(5, TestKeys().time)
        defer { withExtendedLifetime(service) {} }
        func ask(_ target: String) -> Reply { assembly.interface.handle(.get, target, as: Self.actor("copyist")) }
        let refused = ask("/people?limit=6")
        #expect(refused.status == 429)
        for name in Desk.names { #expect(!refused.text.contains("\"\(name)\"")) }
        #expect(ask("/people?limit=5").status == 200)
        #expect(ask("/people?limit=6").status == 429)
    }

    @Test func `a clerk's full day fits into the default: a page a minute at three addresses each, and a work list between any two`() throws
    {
        let reads = DailyReads(perDay: DailyReads.recordsPerDay, elapsed: TestKeys().time)
        for minute in 0..<480 {
            for route in ["timeline", "file", "certificates"] {
                try reads.take(Self.records(route, minute..<minute + 1), by: Self.actor("clerk"), route: route)
            }
            // Of fifty that wait one is done with each minute, and another comes.
            try reads.take(Self.records("worklist", minute..<minute + 50), by: Self.actor("clerk"), route: "worklist")
        }
        #expect(reads.usedUp.isEmpty)
    }

    @Test func `a hundred thousand records cannot be pulled, and it is told once`() throws {
        let told = Mutex<[String]>([])
        let reads = DailyReads(perDay: DailyReads.recordsPerDay, elapsed: TestKeys().time) { reader, route in
            told.withLock { $0.append("\(reader.principal) \(route)") }
        }
        var seen = 0
        for page in 0..<200 {
            do throws(Problem) {
                try reads.take(Self.records("list", page * 500..<(page + 1) * 500), by: Self.actor("copyist"), route: "GET /people")
                seen += 500
            } catch { #expect(error.status == 429) }
        }
        #expect(seen == DailyReads.recordsPerDay)
        #expect(told.withLock { $0 } == ["org-1/clerk/copyist GET /people"])
    }

    @Test func `a crowd of others makes nobody be forgotten who has read much`() throws {
        let reads = DailyReads(perDay: 100, elapsed: TestKeys().time)
        let copyist = Self.actor("copyist")
        try reads.take(Self.records("list", 0..<100), by: copyist, route: "list")
        for user in 0...DailyReads.maximumReaders + 1 {
            try reads.take(Self.records("list", 0..<1), by: Self.actor("u\(user)"), route: "list")
        }
        #expect(throws: Problem.self) { try reads.take(Self.records("list", 100..<101), by: copyist, route: "list") }
    }
}
