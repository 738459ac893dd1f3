import Contracts
import Persistence

/// What is held, as one transaction sees it: read once, then kept in step with what the transaction itself holds and releases.
struct HeldLines {
    private struct Line {
        var subject: String
        var count: Int
    }

    private var lines: [String: Line] = [:]
    private var topics: [String: Int] = [:]
    private(set) var total = 0

    init(_ rows: [HeldRecords.Line]) {
        for row in rows {
            topics[row.topic, default: 0] += row.count
            total += row.count
            guard Self.isOrdered(row.topic) else { continue }
            let id = Self.id(row.topic, row.key)
            lines[id] = Line(subject: row.subject, count: row.count + (lines[id]?.count ?? 0))
        }
    }

    /// Partners' topics promise no order: their records wait each for itself.
    static func isOrdered(_ topic: String) -> Bool { !(Catalogue.topic(for: topic)?.isPartner ?? false) }

    private static func id(_ topic: String, _ key: String) -> String { "\(topic)\u{0}\(key)" }

    var isEmpty: Bool { total == 0 }

    /// What earlier held records of this topic and key wait for, if there are any.
    func subject(topic: String, key: String) -> String? { lines.isEmpty ? nil : lines[Self.id(topic, key)]?.subject }

    /// Room for one more record of `topic`.
    func hasRoom(for topic: String) -> Bool {
        guard total < CoreLimits.heldRecords else { return false }
        return Self.isOrdered(topic) || topics[topic, default: 0] < CoreLimits.heldPerPartnerTopic
    }

    mutating func added(_ record: StoredRecord, _ subject: String) {
        total += 1
        topics[record.topic, default: 0] += 1
        guard Self.isOrdered(record.topic) else { return }
        lines[Self.id(record.topic, record.key), default: Line(subject: subject, count: 0)].count += 1
    }

    mutating func removed(_ record: StoredRecord) {
        total -= 1
        topics[record.topic, default: 1] -= 1
        guard Self.isOrdered(record.topic) else { return }
        let id = Self.id(record.topic, record.key)
        guard let line = lines[id] else { return }
        lines[id] = line.count > 1 ? Line(subject: line.subject, count: line.count - 1) : nil
    }

    mutating func moved(_ record: StoredRecord, to subject: String) { lines[Self.id(record.topic, record.key)]?.subject = subject }
}
