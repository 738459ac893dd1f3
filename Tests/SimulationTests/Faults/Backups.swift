import Contracts
import Foundation
import Messaging
import Persistence
import ServiceRuntime

/// Backups of stores, and what happens when somebody puts an older one in place.
extension World {
    func backUp(_ service: ServiceName) throws {
        note("\(service.rawValue) is backed up")
        backups.insert(service)
        try copyStore(from: file(of: service), to: backup(of: service))
    }

    /// An older backup is started. Where the log has heard more from this service than the backup knows, it must send nothing and say so; then
    /// the newer store is put back, or is lost and the older one restored.
    func startOlder(_ service: ServiceName) throws {
        guard backups.contains(service) else { return }
        note("\(service.rawValue) is started from an older backup")
        // What only the lost store knew is lost with it: here it has said everything, to a log that keeps everything.
        let isLost = plan.log.swallowed == 0 && dice.happens(600)
        if isLost {
            log.setFaults(.none)
            try sayEverything(service)
        }
        defer { if isLost, faultsAreOn { log.setFaults(plan.log) } }
        let newer = folder.appendingPathComponent("\(service.rawValue)-newer.db")
        closeEverything(of: service)
        try copyStore(from: file(of: service), to: newer)
        try copyStore(from: backup(of: service), to: file(of: service))
        let place = try firstUnknown(to: service)
        let ends = try log.ends(produced(by: service))
        let instance = Instance(service, number: 1, in: self)
        let faults = faultsAreOn
        faultsAreOn = false
        defer { faultsAreOn = faults }
        try instance.open()
        if let place, let engine = instance.engine {
            for _ in 0..<2 { _ = try instance.relay() }
            guard try engine.snapshot().restoreNeeded != nil else {
                throw Broken("\(service.rawValue) does not notice that the log knows more of \(place) than its backup")
            }
            guard try log.ends(produced(by: service)) == ends else {
                throw Broken("\(service.rawValue) sends from an older backup: two histories of \(place)")
            }
            if isLost { return try restore(instance, engine) }
        }
        instance.close()
        closeEverything(of: service)
        try copyStore(from: newer, to: file(of: service))
        try start(Instance(service, number: 1, in: self))
    }

    private func restore(_ instance: Instance, _ engine: Engine) throws {
        let report = try engine.restore()
        note("\(instance.name) is restored: \(report.records) records")
        guard report.notRebuilt.isEmpty, report.streams.allSatisfy(\.lost.isEmpty) else {
            throw Broken("\(instance.name) does not find \(report.notRebuilt) \(report.streams.flatMap(\.lost)) again")
        }
        instances.append(instance)
        marks.forget(instance.service)
        deadlines.forget(instance.service)
        // Outcomes of requests are in no event: asked again, they are answered as things stand.
        answered.removeAll { $0.service == instance.service }
        for index in requests.indices where requests[index].service == instance.service { requests[index].outcome = nil }
        restored.insert(instance.service)
    }

    /// Everything in the service's journal is on the log.
    private func sayEverything(_ service: ServiceName) throws {
        let faults = faultsAreOn
        faultsAreOn = false
        defer { faultsAreOn = faults }
        for _ in 0..<200 {
            guard let instance = instances(of: service).first else { throw Broken("nobody of \(service.rawValue) is there") }
            instance.log.cutFor = 0
            time.pass(milliseconds: Int64(CoreLimits.refusedLargest.components.seconds + 1) * 1_000)
            _ = try instance.relay()
            let waiting = try look(at: service, Self.unsaid) { $0.int(0) + $0.int(1) }[0]
            if instance.isRunning, waiting == 0 { return }
        }
        throw Broken("\(service.rawValue) never says everything")
    }

    private static let unsaid = SQL(
        "SELECT (SELECT count(*) FROM streams WHERE acknowledged < next_number - 1), (SELECT count(*) FROM outbox_new)")

    /// A partition that holds a number the store has not given yet.
    private func firstUnknown(to service: ServiceName) throws -> TopicPartition? {
        var next: [TopicPartition: Int64] = [:]
        for (topic, partition, number) in try look(at: service, Self.streams, { ($0.text(0), Int32($0.int(1)), $0.int(2)) }) {
            next[TopicPartition(topic: topic, partition: partition)] = number
        }
        for topic in try produced(by: service) {
            for record in log.records(topic) {
                guard let number = Wire.number(record.value ?? [], record.headers) else { continue }
                if number >= next[record.topicPartition] ?? 1 { return record.topicPartition }
            }
        }
        return nil
    }

    private func produced(by service: ServiceName) throws -> [String] {
        // Those of single partners as well.
        try log.topics().keys.filter { Catalogue.topic(for: $0)?.producer == service.rawValue }.sorted()
    }

    private func backup(of service: ServiceName) -> URL { folder.appendingPathComponent("\(service.rawValue)-backup.db") }

    /// The file and what of it still lies in the write-ahead log; nobody writes meanwhile, a run is one thread.
    private func copyStore(from: URL, to: URL) throws {
        for suffix in ["", "-wal", "-shm"] {
            let (source, target) = (from.path + suffix, to.path + suffix)
            if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
            if suffix != "-shm", FileManager.default.fileExists(atPath: source) {
                try FileManager.default.copyItem(atPath: source, toPath: target)
            }
        }
    }

    private static let streams = SQL("SELECT topic, partition_no, next_number FROM streams")
}
