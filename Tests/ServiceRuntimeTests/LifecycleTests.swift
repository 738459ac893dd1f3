import Dispatch
import Glibc
import Logging
import Persistence
import ServiceLifecycle
import Synchronization
import Testing
import Vocabulary

@testable import ServiceRuntime

struct LifecycleTests {
    static let day = LocalDate(year: 2024, month: 6, day: 3)!

    @Test func `a simulated clock stays on its day however much time passes`() throws {
        let time = ManualTime(Instant(milliseconds: 5_000))
        let clock = BusinessClock.simulated(from: Self.day, time)
        #expect(clock.today == Self.day)
        let first = clock.now
        time.advance(milliseconds: 1)
        #expect(clock.now == first.adding(milliseconds: 1))
        time.advance(milliseconds: 30 * 86_400_000)
        #expect(clock.today == Self.day)
    }

    @Test func `the clock moves forward only, tells who listens, and is not moved twice to the same day`() throws {
        let clock = BusinessClock.simulated(from: Self.day, ManualTime(Instant(milliseconds: 0)))
        let heard = Mutex<[LocalDate]>([])
        clock.onMove { date in heard.withLock { $0.append(date) } }
        let next = Self.day.adding(days: 1)
        try clock.move(to: next)
        try clock.move(to: next)
        #expect(heard.withLock { $0 } == [next])
        #expect(throws: BusinessClock.Refused.backwards) { try clock.move(to: Self.day) }
        #expect(clock.today == next)
    }

    @Test func `the machine's clock cannot be moved`() {
        let clock = BusinessClock.system(ManualTime(Instant(startOf: Self.day)))
        #expect(clock.today == Self.day)
        #expect(throws: BusinessClock.Refused.notSimulated) { try clock.move(to: Self.day.adding(days: 1)) }
    }

    @Test(arguments: [true, false]) func `a loop that nobody waits for stands back behind the others`(yields: Bool) async throws {
        let (nices, told) = AsyncStream<Int32>.makeStream()
        let worker = WorkerThread(
            "test", elapsed: SystemTime(), yields: yields, wake: {},
            loop: { _ in
                told.yield(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
                told.finish()
            })
        let running = Task { try await worker.run() }
        let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        for await nice in nices { #expect(yields ? nice > own : nice == own) }
        running.cancel()
        // Cancelled is how it was to end.
        _ = await running.result
    }

    @Test func `a change before the wait is not missed and a cancelled wait ends`() async {
        let signal = ChangeSignal()
        let seen = signal.version
        signal.notify()
        await signal.changed(since: seen)
        let waiting = Task { await signal.changed(since: signal.version) }
        waiting.cancel()
        await waiting.value
        let (waits, began) = AsyncStream<Void>.makeStream()
        let woken = Task {
            let version = signal.version
            began.yield()
            await signal.changed(since: version)
        }
        for await _ in waits { break }
        signal.notify()
        await woken.value
    }

    static func group(_ services: [any Service]) -> ServiceGroup {
        var logger = Logger(label: "careloop.test")
        logger.logLevel = .critical
        return ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: logger))
    }

    @Test func `workers stop in reverse order, each woken and waited for`() async throws {
        let order = Mutex<[String]>([])
        let (starts, started) = AsyncStream<Void>.makeStream()
        let workers = ["relay", "consumer"].map { name in
            let bell = DispatchSemaphore(value: 0)
            return WorkerThread(
                name, elapsed: SystemTime(), wake: { bell.signal() },
                loop: { stopping in
                    started.yield()
                    while !stopping() { bell.wait() }
                    order.withLock { $0.append(name) }
                })
        }
        let group = Self.group(workers)
        let running = Task { try await group.run() }
        var count = 0
        for await _ in starts {
            count += 1
            if count == 2 { break }
        }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(order.withLock { $0 } == ["consumer", "relay"])
    }

    @Test func `a worker with nothing to do leaves the others running, one that fails ends the group`() async throws {
        struct Failed: Error {}
        let (ends, ended) = AsyncStream<Void>.makeStream()
        let fail = DispatchSemaphore(value: 0)
        let idle = WorkerThread("idle", elapsed: SystemTime(), wake: {}, loop: { _ in ended.yield() })
        let failing = WorkerThread(
            "failing", elapsed: SystemTime(), wake: { fail.signal() },
            loop: { _ in
                fail.wait()
                throw Failed()
            })
        let group = Self.group([idle, failing])
        let running = Task { try await group.run() }
        for await _ in ends { break }
        fail.signal()
        await #expect(throws: Failed.self) { try await running.value }
    }

    @Test func `a loop that no longer turns is stuck, an ended one is not`() async throws {
        let time = ManualTime(Instant(milliseconds: 0))
        let bell = DispatchSemaphore(value: 0)
        let (starts, started) = AsyncStream<Void>.makeStream()
        let worker = WorkerThread(
            "slow", elapsed: time, wake: { bell.signal() },
            loop: { stopping in
                while !stopping() {
                    started.yield()
                    bell.wait()
                }
            })
        #expect(!worker.isStuck)
        let group = Self.group([worker])
        let running = Task { try await group.run() }
        for await _ in starts { break }
        #expect(!worker.isStuck)
        time.advance(milliseconds: 121_000)
        #expect(worker.isStuck)
        await group.triggerGracefulShutdown()
        try await running.value
        time.advance(milliseconds: 121_000)
        #expect(!worker.isStuck)
    }
}
