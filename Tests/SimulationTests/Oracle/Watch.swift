import Contracts
import Persistence

extension World {
    /// What must hold at every moment.
    func watch() throws {
        try Places(self).watch()
        for service in dice.pick(ServiceName.allCases).map({ [$0] }) ?? [] { try marks.look(at: service, self) }
    }

    /// What must hold when nothing moves any more.
    func judge() throws {
        try watch()
        for instance in instances {
            guard let status = try instance.engine?.snapshot() else { throw Broken("\(instance.name) is down") }
            if let stopped = status.consumerStopped { throw Broken("\(instance.name) has stopped: \(stopped)") }
            if let restore = status.restoreNeeded { throw Broken("\(instance.name) asks to be restored: \(restore)") }
        }
        let wire = try Wire(self)
        let results = try ResultOracle(self, wire.facts)
        let oracles: [() throws -> Void] = [
            results.check, { try ReferralOracle(self, wire.facts).check() }, MoneyOracle(world: self, facts: wire.facts).check,
            PersonOracle(world: self, facts: wire.facts, results: results).check, { try FigureOracle(self, wire.facts, results).check() },
            DeadlineOracle(world: self, facts: wire.facts).check, wire.check,
        ]
        for oracle in oracles { try oracle() }
    }
}

/// Positions and marks only move forward, except where an operator has a topic sent again.
struct MarkWatch {
    private var seen: [String: Int64] = [:]
    var republished: Set<String> = []

    mutating func look(at service: ServiceName, _ world: World) throws {
        for (topic, partition, number) in try world.look(at: service, Self.positions, { ($0.text(0), $0.int(1), $0.int(2)) }) {
            try follow("\(service.rawValue)'s position in \(topic)/\(partition)", number)
        }
        for (topic, partition, number) in try world.look(at: service, Self.marks, { ($0.text(0), $0.int(1), $0.int(2)) })
        where !republished.contains(topic) {
            try follow("\(service.rawValue)'s mark in \(topic)/\(partition)", number)
        }
    }

    /// Its store was lost: an older one goes on.
    mutating func forget(_ service: ServiceName) { seen = seen.filter { !$0.key.hasPrefix("\(service.rawValue)'s") } }

    private mutating func follow(_ what: String, _ number: Int64) throws {
        if let before = seen[what], before > number { throw Broken("\(what) went back from \(before) to \(number)") }
        seen[what] = number
    }

    private static let positions = SQL("SELECT topic, partition_no, next_offset FROM positions")
    private static let marks = SQL("SELECT topic, partition_no, acknowledged FROM streams")
}
