import Contracts
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// A bad release at a publisher stops that publisher, keeps the place, and goes on by an operator's word.
struct SourceStopTests {
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
    let script = Scripted()
    let service: TestService
    let topic = Catalogue.name(RawScreeningResult.topic, for: Scripted.partner)

    init() throws { service = try TestService(script.definition(), today: LocalDate("2024-06-03"), elapsed: time) }

    private func append(_ words: [String]) throws {
        try service.log.ensure([Catalogue.topic(for: topic)!.plan(named: topic)])
        try service.append(
            words.map {
                OutgoingRecord(topic: topic, partition: 0, key: [1], value: Array($0.utf8), timestamp: service.clock.now)
            })
    }

    private func position() throws -> Int64? {
        try service.database.read { try Positions.position(topic, 0, in: $0)?.nextOffset }
    }

    private func next() throws {
        time.advance(milliseconds: 1_001)
        try service.settle()
    }

    @Test func `more than a hundred unusable records in a row stop their source where they began, and nobody else`() throws {
        try append(["a", "b"])
        try service.settle()
        try append(Array(repeating: "bury", count: 101) + ["c"])
        try service.settle()
        #expect(try service.letters().isEmpty)
        #expect(try service.notes() == ["a", "b"])
        #expect(try position() == 2)
        let stop = try #require(try service.stops().first)
        #expect(stop.reason == .tooManyBad && stop.topic == topic && stop.partition == SourceStops.Stop.wholeTopic)
        try service.deliver(Ledger.result("p1", "a fact"))
        try service.partner("of another", from: Scripted.other)
        #expect(try service.notes() == ["a", "b", "a fact", "of another"])
    }

    @Test(arguments: [1, 7, 4_000])
    func `sixty per cent unusable for some seconds stop the source instead of emptying it into the dead letters`(step: Int) throws {
        // Three of five, so that a count of records in a row never shows it.
        let bad = (0..<1_000).map { $0 % 5 < 3 ? "bury" : "good \($0)" }
        for start in stride(from: 0, to: bad.count, by: step) {
            try append(Array(bad[start..<min(start + step, bad.count)]))
            try service.consume()
        }
        try service.settle()
        let buried = try service.letters().count
        #expect(try service.stops().map(\.reason) == [.tooManyBad])
        #expect(buried <= CoreLimits.badWindow * 60 / 100, "\(buried)")
        #expect(try position() ?? 0 <= Int64(CoreLimits.badWindow))
        #expect(try service.notes().count + buried == Int(try position() ?? 0), "what was done stays done, nothing is skipped")
    }

    @Test func `a third unusable goes on: every one becomes a dead letter`() throws {
        try append((0..<900).map { $0 % 3 == 0 ? "bury" : "good \($0)" })
        try service.settle()
        #expect(try service.letters().count == 300)
        #expect(try service.notes().count == 600)
        #expect(try service.stops().isEmpty)
    }

    @Test func `a stop outlives a restart, is red in readiness, and ends by an operator's word at the same position`() throws {
        try append(["a"] + Array(repeating: "bury", count: 150) + ["z"])
        try service.settle()
        service.disconnect()
        let again = try Engine(script.definition(), database: service.database, log: service.log, clock: service.clock)
        let client = try again.openConsumer()
        defer { client.close(within: .zero) }
        for _ in 0..<3 { #expect(try again.consumeStep(client) == 0) }
        #expect(try service.notes().isEmpty)
        let report = StatusReport(engine: try again.snapshot(), lag: [:], nowMs: time.wallMilliseconds, outboxHasRoom: true)
        #expect(!report.readiness.isReady)
        #expect(String(decoding: report.readiness.json.bytes, as: UTF8.self).contains("TOO_MANY_BAD"))
        // Bad as it is, it stops again at the same place.
        _ = try again.resume(topic, partition: nil, .same)
        for _ in 0..<3 { #expect(try again.consumeStep(client) == 0) }
        #expect(try service.stops().count == 1)
        #expect(try service.letters().isEmpty)
        // Its owner has no better: what is there is set aside, what comes is read.
        _ = try again.resume(topic, partition: nil, .skip)
        for _ in 0..<3 { _ = try again.consumeStep(client) }
        #expect(try service.stops().isEmpty)
        #expect(try service.notes() == ["a", "z"])
        #expect(try service.letters().count == 150)
        try append(Array(repeating: "bury", count: 101))
        for _ in 0..<3 { _ = try again.consumeStep(client) }
        #expect(try service.stops().count == 1, "the licence ends where the log ended")
    }

    @Test func `a source that was resumed is judged by what it sends from then on`() throws {
        for _ in 0..<150 {
            try append(["bury"])
            try service.consume()
        }
        #expect(try service.stops().count == 1)
        #expect(try service.letters().count == CoreLimits.consecutiveBadRecords)
        _ = try service.engine.resume(topic, partition: nil, .same)
        for _ in 0..<3 { try service.consume() }
        #expect(try service.stops().isEmpty)
        #expect(try service.letters().count == 150)
    }

    @Test func `a source resumed after a fix applies what stopped it, in order and once`() throws {
        let words = (0..<150).map { "new \($0)" }
        try append(words)
        try service.settle()
        #expect(try service.stops().count == 1)
        #expect(throws: Engine.ResumeRefused.notStopped) { try service.engine.resume("careloop.unknown.v1", partition: nil, .same) }
        #expect(throws: Engine.ResumeRefused.unsuitable) { try service.engine.resume(topic, partition: nil, .fromStart) }
        script.upgrade()
        _ = try service.engine.resume(topic, partition: nil, .same)
        try service.settle()
        #expect(try service.notes() == words)
        #expect(try service.letters().isEmpty)
        #expect(throws: Engine.ResumeRefused.notStopped) { try service.engine.resume(topic, partition: nil, .same) }
    }

    @Test func `a handler that fails on everything stops the source as well`() throws {
        try append((0..<150).map { "fail:\($0)" })
        try service.settle(patiently: 1_000)
        #expect(try service.stops().map(\.reason) == [.tooManyBad])
        #expect(try service.letters().count == CoreLimits.consecutiveBadRecords)
        #expect(try service.notes().isEmpty)
    }

    @Test func `a transient fault never becomes poison, and poison never blocks its partition`() throws {
        try append(["a", "flaky:20", "b", "shaky:2", "c", "fail", "d", "refuse", "latehold:q", "e"])
        try service.settle(patiently: 200)
        #expect(try service.notes() == ["a", "flaky:20", "b", "shaky:2", "c", "d", "e"])
        #expect(try service.letters().map(\.reason) == ["HANDLER_FAILED"])
        #expect(script.tries.withLock { $0["flaky:20"] } ?? 0 > 20)
        #expect(try service.held() == 1, "what waits after a write waits as well")
    }

    @Test(arguments: [DatabaseError.Kind.transient, .unknown, .corrupt, .unusable])
    func `a store that fails, however long and in whatever way, is never the record's fault`(_ kind: DatabaseError.Kind) throws {
        script.failing.withLock { $0 = (kind, CoreLimits.handlerAttempts * 3) }
        try append(["a", "store", "b"])
        try service.settle(patiently: 50)
        #expect(try service.notes() == ["a", "store", "b"])
        #expect(try service.letters().isEmpty)
    }

    @Test func `a statement that the engine does not take is the record's fault after some attempts`() throws {
        script.failing.withLock { $0 = (.other, 1_000) }
        try append(["a", "store", "b"])
        try service.settle(patiently: 50)
        #expect(try service.notes() == ["a", "b"])
        #expect(try service.letters().map(\.reason) == ["HANDLER_FAILED"])
    }

    @Test func `the operator sees sources and lifts a stop over HTTP, and nobody else does`() async throws {
        try append(Array(repeating: "bury", count: 120) + ["z"])
        try service.settle()
        let probe = StatusProbe(engine: service.engine, workers: [], metrics: Metrics())
        let endpoints = ChassisEndpoints.all(
            own: [], engine: service.engine, probe: probe, metrics: Metrics(),
            refusals: service.definition.refusals)
        let interface = ServiceInterface(
            engine: service.engine, endpoints: endpoints, refusals: service.definition.refusals, tokens: nil)
        func actor(_ role: Role) -> Actor { Actor(organisation: nil, role: role, user: "u1", region: nil) }
        let listed = await interface.handleStream(.get, "/sources", as: actor(.operator))
        #expect(listed.status == 200)
        #expect(listed.text.contains("TOO_MANY_BAD") && listed.text.contains("stopped"))
        let body = Array(#"{"topic":"\#(topic)","from":"skip"}"#.utf8)
        #expect(await interface.handleStream(.post, "/sources/resume", body: body, as: actor(.auditor)).status == 403)
        #expect(await interface.handleStream(.post, "/sources/resume", body: body, as: actor(.operator)).status == 202)
        try next()
        #expect(try service.notes() == ["z"])
        #expect(await interface.handleStream(.post, "/sources/resume", body: body, as: actor(.operator)).status == 409)
        try service.partner("hold:someone")
        let held = interface.handle(.get, "/held", as: actor(.operator))
        #expect(held.text.contains("s:someone") && held.text.contains(topic) && held.text.contains("ageSeconds"))
        #expect(interface.handle(.get, "/held", as: actor(.clerk)).status == 403)
    }
}
