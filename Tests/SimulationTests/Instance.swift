import Foundation
import Messaging
import Persistence
import Vocabulary

@testable import ServiceRuntime

/// One process of one service: an engine over the service's store and the shared log, driven step by step, killed and started again.
final class Instance {
    let service: ServiceName
    let number: Int
    /// Was frozen for longer than its session and lease, and does not know it.
    let isZombie: Bool
    unowned let world: World
    /// Services need not agree on the day; the instances of one do.
    var clock: BusinessClock { world.clocks[service]! }
    private(set) var engine: Engine?
    private(set) var interface: ServiceInterface?
    private(set) var database: WatchedDatabase?
    private(set) lazy var log = WatchedLog(world.log, of: self)
    private var client: (any LogConsumer)?
    private(set) var isDead = false
    private(set) var isOpening = false
    private var isConsuming = false
    /// What is being answered right now.
    private(set) var answering: Request?

    init(_ service: ServiceName, number: Int, isZombie: Bool = false, in world: World) {
        self.service = service
        self.number = number
        self.isZombie = isZombie
        self.world = world
    }

    var name: String { "\(service.rawValue)-\(number)\(isZombie ? "-zombie" : "")" }
    var isRunning: Bool { engine != nil && !isDead }

    func mustLive() throws { if isDead { throw SimulatedCrash() } }

    /// The process ends here: whatever its code still tries on the way out reaches neither store nor log.
    func crash(_ place: String) throws {
        world.note("\(name) dies \(place)")
        world.crashes += 1
        isDead = true
        throw SimulatedCrash()
    }

    // MARK: Starting and ending

    /// Starts the process; false when it cannot come up yet, because its log is away.
    func open() throws {
        isDead = false
        isOpening = true
        defer { isOpening = false }
        let definition = world.definitions[service]!
        let database = WatchedDatabase(try SQLiteDatabase(path: world.file(of: service).path), of: self)
        self.database = database
        do {
            let engine = try Engine(definition, database: database, log: log, clock: clock)
            self.engine = engine
            interface = ServiceInterface(
                engine: engine, endpoints: definition.endpoints, refusals: definition.refusals, tokens: nil, log: World.silence)
        } catch let error as LogError {
            world.note("\(name) cannot start: \(error)")
            close()
        }
    }

    func close() {
        isDead = false
        client?.close(within: .zero)
        client = nil
        interface = nil
        engine = nil
        // The engine's last statement is over; a file that cannot be closed is closed with the process.
        try? database?.close()
        database = nil
        isDead = true
    }

    private func revive() throws {
        close()
        try open()
    }

    // MARK: Steps

    /// Each answers whether it found something to do.
    func consume() throws -> Bool {
        isConsuming = true
        defer { isConsuming = false }
        return try step { engine in
            let client = try client ?? engine.openConsumer()
            self.client = client
            return try engine.consumeStep(client) > 0
        }
    }

    func relay() throws -> Bool { try step { try $0.relayStep() > 0 } }
    func fireDeadlines() throws -> Bool {
        // No two transactions end in the same millisecond.
        world.time.pass(milliseconds: 1)
        return try step { try $0.timerStep() > 0 }
    }

    func operate(_ body: (Engine) throws -> Void) throws {
        _ = try step { engine in
            try body(engine)
            return true
        }
    }

    func handOver() {
        client?.close(within: .zero)
        client = nil
    }

    func moveClock() throws {
        guard clock.today < world.today else { return }
        try clock.move(to: world.today)
    }

    private func step(_ body: (Engine) throws -> Bool) throws -> Bool {
        guard let engine, !isDead else {
            if !isZombie { try revive() }
            return true
        }
        var found = true
        do { found = try body(engine) } catch {
            guard !isDead else { return try comeBack() }
            switch error {
            case is LogError:
                client?.close(within: .zero)
                client = nil
            case is VersionConflict, is PositionConflict, is HoldIsFull, is SourceStopped, is HeldFailed: break
            // A constraint: two instances made the same row; the later one finds it next time.
            case let error as DatabaseError where error.kind == .transient || error.kind == .constraint: break
            default: throw error is Broken ? error : Broken("\(name) failed with \(error)")
            }
        }
        return isDead ? try comeBack() : found
    }

    private func comeBack() throws -> Bool {
        if isZombie { close() } else { try revive() }
        return true
    }

    /// Runs `body` on a store that another instance has just written to, whatever it had to do or what `rival` asks of it: what `body` loads
    /// of aggregates is from before.
    func overtaken<Result>(by rival: Request? = nil, _ body: ((any Transaction)?) throws -> Result) throws -> Result {
        // Where there is one writer nobody comes between what a consumer reads and what it writes, and no record is held beside its subject.
        guard world.depth == 0, !isZombie, !isConsuming || world.plan.locksRows else { return try body(nil) }
        return try world.reader(of: service).read { before in
            // The first read fixes what this snapshot sees.
            _ = try before.first(Self.pin) { $0.int(0) }
            if let rival { try world.rival(of: rival, at: self) } else { try world.another(than: self) }
            return try body(before)
        }
    }

    private static let pin = SQL("SELECT count(*) FROM relay")

    /// Answers a request, or nil when the process died over it.
    func answer(_ request: Request) throws -> Reply? {
        guard let interface, !isDead else { return nil }
        answering = request
        defer { answering = nil }
        let reply = interface.handle(
            request.method, request.target, body: Array(request.body.utf8), as: request.actor,
            headers: ["accept-language": "en", "idempotency-key": request.key])
        guard isDead else { return reply }
        _ = try comeBack()
        return nil
    }
}
