import Contracts
import Foundation
import Messaging
import Persistence

/// Backups of stores, and what happens when somebody puts an older one in place.
extension World {
    func backUp(_ service: ServiceName) throws {
        note("\(service.rawValue) is backed up")
        backups.insert(service)
        try copyStore(from: file(of: service), to: backup(of: service))
    }

    /// An older backup is started. Where the log has heard more from this service than the backup knows, it must send nothing and say so; then
    /// the newer store is put back.
    func startOlder(_ service: ServiceName) throws {
        guard backups.contains(service) else { return }
        note("\(service.rawValue) is started from an older backup")
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
        }
        instance.close()
        closeEverything(of: service)
        try copyStore(from: newer, to: file(of: service))
        try start(Instance(service, number: 1, in: self))
    }

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
        let known = try log.topics()
        return Catalogue.producedTopics(by: service.rawValue).filter { known[$0] != nil }
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
