import Persistence

/// A service's store between the engine and real SQLite: it fails, dies with its process and tells what was committed.
final class WatchedDatabase: Database, @unchecked Sendable {
    // One run is one thread: nothing here is ever touched by two.
    let inner: SQLiteDatabase
    private unowned let instance: Instance

    init(_ inner: SQLiteDatabase, of instance: Instance) {
        self.inner = inner
        self.instance = instance
    }

    var description: String { inner.description }

    private enum Fault {
        case busy
        case full(statement: Int)
        case crashBefore, crashAfter, overtaken
        case rival(Request)
    }

    private func drawFault() -> Fault? {
        let world = instance.world
        guard world.faultsAreOn, !instance.isOpening else { return nil }
        if world.dice.happens(world.plan.busy) { return .busy }
        if world.dice.happens(world.plan.full) { return .full(statement: 1 + world.dice.below(12)) }
        if world.dice.happens(world.plan.crashBeforeCommit) { return .crashBefore }
        if world.dice.happens(world.plan.crashAfterCommit) { return .crashAfter }
        if world.dice.happens(world.plan.overtaken) { return .overtaken }
        if let request = instance.answering, world.dice.happens(world.plan.rival) { return .rival(request) }
        return nil
    }

    @discardableResult
    func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        try instance.mustLive()
        let world = instance.world
        let fault = drawFault()
        switch fault {
        case .busy:
            world.note("\(instance.name): the store is busy")
            throw DatabaseError(kind: .transient, message: "database is locked (simulated)")
        case .overtaken: return try instance.overtaken { stale in try commit(nil, stale: stale, body) }
        case .rival(let request): return try instance.overtaken(by: request) { stale in try commit(nil, stale: stale, body) }
        case .full, .crashBefore, .crashAfter, nil: return try commit(fault, stale: nil, body)
        }
    }

    private func commit<Result>(_ fault: Fault?, stale: (any Transaction)?, _ body: (any Transaction) throws -> Result) throws -> Result {
        let world = instance.world
        var watched: WatchedTransaction?
        let result = try inner.write { tx in
            let transaction = WatchedTransaction(tx, stale: stale, instance)
            if case .full(let statement) = fault { transaction.fullAt = statement }
            watched = transaction
            let result = try body(transaction)
            try transaction.atEnd()
            switch fault {
            case .full:
                world.note("\(instance.name): disk full at the commit")
                throw DatabaseError(kind: .transient, message: "database or disk is full (simulated)")
            case .crashBefore: try instance.crash("before a commit")
            case .crashAfter, .busy, .overtaken, .rival, nil: break
            }
            return result
        }
        if let watched { try watched.committed(inner) }
        if case .crashAfter = fault { try instance.crash("after a commit") }
        return result
    }

    func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        try instance.mustLive()
        return try inner.read { try body(WatchedTransaction($0, stale: nil, instance)) }
    }

    func close() throws { try inner.close() }
}

/// A transaction that a disk may fill up under, whose statements a mutation may change, and which remembers the deadlines it claimed.
final class WatchedTransaction: Transaction {
    private let base: any Transaction
    /// What the store held before another instance committed; versioned aggregates are loaded from it.
    private let stale: (any Transaction)?
    private unowned let instance: Instance
    private var statements = 0
    var fullAt: Int?
    private var claimed: [[Value]] = []
    private var scheduled: [[Value]] = []
    private var apart: [(SQL, [Value])] = []
    private var moves: [[Value]] = []
    private var buries = false

    init(_ base: any Transaction, stale: (any Transaction)?, _ instance: Instance) {
        self.base = base
        self.stale = stale
        self.instance = instance
    }

    var changes: Int { base.changes }
    /// True where the run plays a store that locks row by row; then the relay gives the numbers.
    var locksRows: Bool { instance.world.plan.locksRows }

    func run(_ sql: SQL, _ values: [Value]) throws -> Int {
        try instance.mustLive()
        statements += 1
        if statements == fullAt {
            instance.world.note("\(instance.name): disk full at statement \(statements)")
            throw DatabaseError(kind: .transient, message: "database or disk is full (simulated)")
        }
        switch instance.world.treatment(of: sql) {
        case .plain, .load: return try base.run(sql, values)
        case .schedule:
            scheduled.append(values)
            return try base.run(sql, values)
        case .claim:
            let count = try base.run(sql, values)
            if count == 1 { claimed.append(values) }
            return count
        case .keepClaimed:
            claimed.append(values)
            return 1
        case .instead(let other, let change): return try base.run(other, change(values))
        case .never(let answer): return answer
        case .apart:
            apart.append((sql, values))
            return 1
        case .move:
            moves.append(values)
            return try base.run(sql, values)
        case .burial:
            buries = true
            return try base.run(sql, values)
        }
    }

    func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws {
        try instance.mustLive()
        switch instance.world.treatment(of: sql) {
        case .load: try (stale ?? base).each(sql, values, body)
        case .instead(let other, let change): try base.each(other, change(values), body)
        case .plain, .schedule, .claim, .keepClaimed, .never, .apart, .move, .burial: try base.each(sql, values, body)
        }
    }

    /// What a mutation does before the transaction ends.
    func atEnd() throws {
        guard buries else { return }
        for values in moves { try base.run(Self.putBack, [values[6], values[4], values[5]]) }
    }

    private static let putBack = SQL("UPDATE positions SET next_offset = ? WHERE topic = ? AND partition_no = ?")

    /// What a monitor and a mutation do once the transaction stands.
    func committed(_ database: SQLiteDatabase) throws {
        for values in claimed { try instance.world.deadlines.claimed(instance.service, values) }
        for values in scheduled { instance.world.deadlines.set(instance.service, values) }
        guard !apart.isEmpty else { return }
        // The mutation's own transaction can be lost like any other.
        if instance.world.dice.happens(instance.world.plan.crashAfterCommit) { try instance.crash("between the effect and its position") }
        try database.write { tx in for (sql, values) in apart { try tx.run(sql, values) } }
    }
}
