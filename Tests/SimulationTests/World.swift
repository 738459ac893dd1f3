import Foundation
import Logging
import Messaging
import Persistence
import ServiceRuntime
import Vocabulary

/// Everything there is in one run: five services, one log, the people around them, and one source of chance that decides who moves next.
///
/// A run is one thread; the same seed gives the same run.
final class World {
    let seed: UInt64
    var dice: Dice
    let plan: FaultPlan
    let mutation: Mutation?
    var statements: StatementBook
    var deadlines = DeadlineWatch()
    let time: SimulatedTime
    let log: InMemoryLog
    let definitions: [ServiceName: ServiceDefinition]
    let clocks: [ServiceName: BusinessClock]
    var instances: [Instance] = []
    private var readers: [ServiceName: SQLiteDatabase] = [:]
    let folder: URL
    var backups: Set<ServiceName> = []
    /// Whose store was lost and restored.
    var restored: Set<ServiceName> = []
    /// The day that clocks are being moved to.
    var today = LocalDate(year: 2024, month: 6, day: 3)!
    /// Batches that will come to the log once more.
    var stray: [[OutgoingRecord]] = []
    var requests: [Request] = []
    var answered: [Request] = []
    var requestCount = 0
    /// How deep in other instances' steps this one is; faults that nest do so once.
    private(set) var depth = 0
    var faultsAreOn = false
    var crashes = 0
    private var trace: [String] = []
    private(set) var steps = 0
    var partners = Partners()
    var marks = MarkWatch()
    /// Topics that were to be sent again, and where the log ended then.
    private(set) var sentAgain: [(topic: String, ends: [TopicPartition: Int64])] = []
    var memory = MutationMemory()

    /// The chassis' own log, unheard.
    static let silence: ServiceLog = {
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        return ServiceLog("simulation")
    }()

    init(seed: UInt64, plan: FaultPlan? = nil, mutation: Mutation? = nil) throws {
        _ = World.silence
        self.seed = seed
        self.mutation = mutation
        dice = Dice(seed: seed)
        self.plan = plan ?? .drawn(from: &dice)
        statements = StatementBook(mutation: mutation)
        let (time, start) = (SimulatedTime(today), today)
        self.time = time
        clocks = Dictionary(uniqueKeysWithValues: ServiceName.allCases.map { ($0, .simulated(from: start, time)) })
        log = InMemoryLog(seed: dice.next())
        definitions = try ServiceName.definitions(time).mapValues { mutation?.changed($0) ?? $0 }
        folder = try Workspace.make("\(seed)-\(UInt64.random(in: 0 ... .max))")
        for service in ServiceName.allCases {
            try FileManager.default.copyItem(at: try Template.file(of: service), to: file(of: service))
        }
    }

    deinit {
        for instance in instances { instance.close() }
        // The run is over; a leftover in memory harms nobody.
        for reader in readers.values { try? reader.close() }
        try? FileManager.default.removeItem(at: folder)
    }

    func file(of service: ServiceName) -> URL { folder.appendingPathComponent("\(service.rawValue).db") }

    /// A connection of its own, for whoever only looks.
    func reader(of service: ServiceName) throws -> SQLiteDatabase {
        if let known = readers[service] { return known }
        let made = try SQLiteDatabase(path: file(of: service).path)
        readers[service] = made
        return made
    }

    func treatment(of sql: SQL) -> Treatment { statements.treatment(of: sql) }

    func note(_ line: @autoclosure () -> String) {
        trace.append("\(steps) \(line())")
        if trace.count > 400 { trace.removeFirst(200) }
    }

    var lastSteps: String { trace.suffix(60).joined(separator: "\n") }

    // MARK: The run

    /// Lives through `steps` steps and comes to rest. Throws `Broken` when something is wrong.
    func run(steps count: Int = 320) throws {
        for service in ServiceName.allCases { try start(Instance(service, number: 1, in: self)) }
        try begin()
        faultsAreOn = true
        log.setFaults(plan.log)
        while steps < count { try step() }
        try comeToRest()
        try judge()
    }

    /// Nobody has the service's file open any more.
    func closeEverything(of service: ServiceName) {
        for instance in instances where instance.service == service { instance.close() }
        instances.removeAll { $0.service == service }
        // It was opened to look; what it cannot close it does not hold.
        if let reader = readers.removeValue(forKey: service) { try? reader.close() }
    }

    func start(_ instance: Instance) throws {
        instances.append(instance)
        try instance.open()
    }

    func instances(of service: ServiceName) -> [Instance] { instances.filter { $0.service == service && !$0.isZombie } }

    private func step() throws {
        steps += 1
        time.pass(milliseconds: Int64(1 + dice.below(400)))
        for instance in instances where instance.log.cutFor > 0 { instance.log.cutFor -= 1 }
        if dice.happens(560) {
            if let instance = dice.pick(instances) { try move(instance) }
        } else if dice.happens(880) {
            try act()
        } else {
            try disturb()
        }
        if dice.happens(100) { try watch() }
    }

    /// One step of one process.
    private func move(_ instance: Instance) throws {
        // Mostly what a busy process does in one breath, sometimes a single step of it.
        switch dice.weighted([(0, weight: 50), (1, weight: 15), (2, weight: 15), (3, weight: 10), (4, weight: 10)]) {
        case 0:
            _ = try instance.consume()
            if instance.isRunning { _ = try instance.relay() }
        case 1: _ = try instance.consume()
        case 2: _ = try instance.relay()
        case 3: _ = try instance.fireDeadlines()
        default: try instance.moveClock()
        }
        instances.removeAll { $0.isZombie && !$0.isRunning }
    }

    /// What goes wrong between steps.
    private func disturb() throws {
        if dice.happens(plan.cut * 8), let instance = dice.pick(instances) {
            instance.log.cutFor = 5 + dice.below(20)
            note("\(instance.name) loses the log for \(instance.log.cutFor) steps")
        }
        if dice.happens(plan.clockJump * 8) {
            let hours = dice.below(72) - 36
            note("the machine's clock jumps by \(hours) hours")
            time.jump(milliseconds: Int64(hours) * 3_600_000)
        }
        if dice.happens(plan.lateArrival * 8), !stray.isEmpty { try arrive(stray.remove(at: dice.below(stray.count))) }
        if dice.happens(plan.zombie * 8), instances.count < 8, let service = dice.pick(ServiceName.allCases) {
            let zombie = Instance(service, number: 9, isZombie: true, in: self)
            note("\(zombie.name) wakes")
            try start(zombie)
        }
        if depth == 0, dice.happens(plan.olderBackup), let service = dice.pick(ServiceName.allCases) {
            if dice.happens(400) { try backUp(service) } else { try startOlder(service) }
        }
        if dice.happens(60), let instance = dice.pick(instances) {
            note("\(instance.name) hands its partitions over")
            instance.handOver()
        }
        if dice.happens(40), let instance = dice.pick(instances.filter { !$0.isZombie && $0.number > 1 }) {
            note("\(instance.name) leaves")
            instance.close()
            instances.removeAll { $0 === instance }
        }
    }

    /// What was sent long ago comes in now, if the log still knows its topics.
    private func arrive(_ batch: [OutgoingRecord]) throws {
        note("\(batch.count) records of an old send arrive")
        do { _ = try log.producer(named: "late").send(batch) } catch is LogError {
            // Lost on the way after all.
        }
    }

    // MARK: Others in between

    /// A second instance of the same service does something, between what the first has read and what it writes.
    func another(than instance: Instance) throws {
        depth += 1
        defer { depth -= 1 }
        if let other = instances(of: instance.service).first(where: { $0 !== instance }) {
            note("\(other.name) overtakes \(instance.name)")
            try nested(other)
        } else {
            let other = Instance(instance.service, number: 2, in: self)
            note("\(other.name) joins")
            try start(other)
        }
    }

    /// Somebody at another counter asks another instance for the same at the same moment, under a key of their own.
    func rival(of request: Request, at instance: Instance) throws {
        depth += 1
        defer { depth -= 1 }
        if !instances(of: instance.service).contains(where: { $0 !== instance }) {
            try start(Instance(instance.service, number: 2, in: self))
        }
        guard let other = instances(of: instance.service).first(where: { $0 !== instance }) else { return }
        note("\(other.name) is asked for \(request.target) too")
        post(request.service, request.target, request.body, as: request.actor)
        try ask(requests.count - 1, of: other)
    }

    /// The rest of the world moves while a frozen instance has its records in hand.
    func othersGoOn(instead instance: Instance) throws {
        guard depth == 0 else { return }
        depth += 1
        defer { depth -= 1 }
        for _ in 0..<(1 + dice.below(4)) {
            if let other = dice.pick(instances.filter { $0 !== instance && !$0.isZombie }) { try nested(other) }
        }
    }

    private func nested(_ other: Instance) throws {
        time.pass(milliseconds: 1)
        switch dice.weighted([(0, weight: 5), (1, weight: 2), (2, weight: 2), (3, weight: 4)]) {
        case 0: _ = try other.consume()
        case 1: _ = try other.relay()
        case 2: _ = try other.fireDeadlines()
        default: if let index = requests.indices.first(where: { requests[$0].service == other.service }) { try ask(index, of: other) }
        }
    }

    // MARK: Rest

    /// No fault any more: everything that is under way ends.
    private func comeToRest() throws {
        faultsAreOn = false
        log.setFaults(.none)
        note("— no more faults —")
        for instance in instances where instance.isZombie { instance.close() }
        instances.removeAll(where: \.isZombie)
        for instance in instances { instance.log.cutFor = 0 }
        for batch in stray { try arrive(batch) }
        stray = []
        try settle()
        if plan.log.swallowed > 0 { try mendLog() }
        // A last stretch of days, so that every deadline that is set for the time of the run has its hour.
        for _ in 0..<4 {
            today = today.adding(days: 9)
            try settle()
        }
    }

    /// The log lost records that it had acknowledged: every owner sends its topics again, and nobody applies anything twice.
    private func mendLog() throws {
        for service in ServiceName.allCases {
            for topic in Set(try look(at: service, Self.streamTopics) { $0.text(0) }).sorted() {
                try republish(topic, at: instances(of: service)[0])
            }
        }
        try settle()
    }

    private static let streamTopics = SQL("SELECT topic FROM streams")

    func republish(_ topic: String, at instance: Instance) throws {
        note("\(instance.name) is told to send \(topic) again")
        marks.republished.insert(topic)
        let ends = try log.topics()[topic] == nil ? [:] : log.ends([topic])
        var isDone = false
        try instance.operate { engine in
            _ = try engine.republish(topic)
            engine.forgetRelayMarks()
            isDone = true
        }
        // Another process hears of it by the lease, which ends. Where there is one process only, its one relay is told, whichever this run plays.
        if isDone, !plan.locksRows { for other in instances(of: instance.service) { other.engine?.forgetRelayMarks() } }
        if isDone, !faultsAreOn || plan.log.swallowed == 0 { sentAgain.append((topic, ends)) }
    }

    private func settle() throws {
        var quiet = 0
        var rounds = 0
        while quiet < 2 {
            rounds += 1
            guard rounds < 300 else { throw Broken("the services never come to rest: \(try backlog())") }
            // Long enough for a lease to run out and for the longest pause of whoever was refused.
            time.pass(milliseconds: Int64(CoreLimits.refusedLargest.components.seconds + 1) * 1_000)
            var found = try askAll()
            for instance in instances {
                try instance.moveClock()
                found = try instance.consume() || found
                found = try instance.fireDeadlines() || found
                found = try instance.relay() || found
            }
            quiet = found ? 0 : quiet + 1
        }
    }

    private func backlog() throws -> String {
        try instances.map { instance in
            guard let status = try instance.engine?.snapshot() else { return "\(instance.name) is down" }
            return
                "\(instance.name): \(status.outboxPending) to send, \(status.deadlinesDue) deadlines, failure \(status.sendFailure ?? "-")"
        }.joined(separator: "; ")
    }
}
