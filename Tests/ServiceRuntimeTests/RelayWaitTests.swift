import Dispatch
import Logging
import Persistence
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Messaging
@testable import ServiceRuntime

/// A send that the log keeps waiting: neither the lease nor the thread's good name is lost over it, and a stop ends it.
struct RelayWaitTests {
    let instances: Instances
    let log: WaitingLog
    let engine: Engine

    init() throws {
        instances = try Instances()
        log = WaitingLog(instances.store.log)
        engine = try Engine(instances.store.definition, database: instances.database, log: log, clock: instances.store.clock)
    }

    private func acknowledged() throws -> Int64 { try instances.database.read { try Outbox.streams(in: $0) }[0].acknowledged }

    @Test func `a send longer than the lease's length keeps the lease, and nobody sends the same beside it`() throws {
        let second = try instances.another()
        for _ in 0..<3 { try instances.count("p1") }
        log.wait = { [instances] waiting in
            for _ in 0..<12 {
                instances.time.advance(milliseconds: 1_000)
                try waiting()
                #expect(try second.relayStep() == 0)
            }
        }
        #expect(try engine.relayStep() == 3)
        #expect(try instances.numbers().values.first == [1, 2, 3])
        #expect(try acknowledged() == 3)
        #expect(try second.snapshot().relayWaitsFor?.isEmpty == false)
    }

    @Test func `a send whose lease was lost in its wait ends, which is nobody's failure`() throws {
        let second = try instances.another()
        for _ in 0..<3 { try instances.count("p1") }
        let hasGoneOn = Mutex(false)
        log.wait = { [instances] waiting in
            // Frozen in between.
            #expect(try second.relayStep() == 0)
            instances.time.advance(milliseconds: 5_000)
            #expect(try second.relayStep() == 3)
            try waiting()
            hasGoneOn.withLock { $0 = true }
        }
        #expect(try engine.relayStep() == 0)
        #expect(!hasGoneOn.withLock { $0 })
        #expect(try engine.snapshot().sendFailure == nil)
        #expect(try acknowledged() == 3)
        #expect(try engine.relayStep() == 0)
        #expect(try engine.snapshot().relayWaitsFor != nil)
    }

    @Test func `a relay whose log is away is not stuck, and its stop ends the wait and gives the lease back`() async throws {
        /// The log's side of the wait: a second passes, or the waker is rung.
        enum Passing { case second, woken }
        let passing = Mutex<[Passing]>([])
        let bell = DispatchSemaphore(value: 0)
        let (turns, turned) = AsyncStream<Bool>.makeStream()
        func pass(_ what: Passing) {
            passing.withLock { $0.append(what) }
            bell.signal()
        }
        log.waker = Waker {
            passing.withLock { $0.append(.woken) }
            bell.signal()
        }
        log.wait = { waiting in
            turned.yield(true)
            while true {
                bell.wait()
                switch passing.withLock({ $0.removeFirst() }) {
                case .second: try waiting()
                case .woken: throw LogError.interrupted
                }
                turned.yield(true)
            }
        }
        try instances.count("p1")
        let assembly = ServiceAssembly(
            instances.store.definition, engine: engine, tokens: nil, requestsPerSecond: 1, secureCookie: false, log: ServiceLog("test"))
        let relay = try #require(assembly.workers.first { $0.name == "relay" })
        let group = LifecycleTests.group([relay])
        let running = Task { try await group.run() }
        var turn = turns.makeAsyncIterator()
        _ = await turn.next()
        instances.time.advance(milliseconds: 121_000)
        #expect(relay.isStuck)
        pass(.second)
        _ = await turn.next()
        #expect(!relay.isStuck)
        #expect(try holder() != "")
        let began = ContinuousClock.now
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(ContinuousClock.now - began < .seconds(7))
        #expect(try holder() == "")
        // Ends the thread where nobody woke it.
        pass(.woken)
    }

    private func holder() throws -> String? { try instances.database.read { try Leases.lease(RelayLease.name, in: $0)?.holder } }
}
