import Contracts
import Messaging
import Persistence

extension Engine {
    /// How a stopped source is read again.
    public enum Resumption: String, Sendable, CaseIterable, Codable {
        /// From the same position: the source, the handler or the log has been mended.
        case same
        /// Past what stopped it. Bad records up to the log's end are set aside without stopping again; what the log has lost is given up. Of a
        /// numbered topic nothing behind lost records is applied before their owner has sent them again.
        case skip
        /// From the log's start, last numbers kept: repeats are skipped, partners' results are known by their ids.
        case fromStart = "from-start"
    }

    /// What resuming a source may be refused for.
    public enum ResumeRefused: String, Refusal {
        case notStopped = "SOURCE_NOT_STOPPED"
        /// Bad records are neither skipped nor read again by going back to the start.
        case unsuitable = "SOURCE_RESUME_UNSUITABLE"
    }

    /// One topic this service reads, as the operator sees it.
    public struct SourceStatus: Sendable {
        public let topic: String
        public let partitions: Int
        /// Partitions whose next record finds no room in the hold.
        public let paused: [Int32]
        public let held: Int
        public let stops: [SourceStops.Stop]
    }

    /// Every topic that was ever read, and every stopped one. Blocks.
    public func sources() throws -> [SourceStatus] {
        let waiting = consumer.state.withLock { $0.waiting }
        return try database.read { tx in
            let stops = try SourceStops.all(in: tx)
            let held = Dictionary(uniqueKeysWithValues: try HeldRecords.loads(in: tx).map { ($0.topic, $0.count) })
            var counts: [String: Int] = [:]
            for position in try Positions.all(in: tx) { counts[position.topic, default: 0] += 1 }
            return Set(counts.keys).union(stops.map(\.topic)).sorted().map { topic in
                SourceStatus(
                    topic: topic, partitions: counts[topic] ?? 0, paused: waiting.filter { $0.topic == topic }.map(\.partition),
                    held: held[topic] ?? 0, stops: stops.filter { $0.topic == topic })
            }
        }
    }

    /// Lifts the stops of a topic, or of one partition of it, in one transaction with what becomes of its positions. Returns them. The log is
    /// looked at again before anything is read: a fault that is still there stops the source again. Blocks.
    public func resume(_ topic: String, partition: Int32?, _ how: Resumption) throws -> [SourceStops.Stop] {
        let stops = try database.read { try SourceStops.all(in: $0) }.filter {
            $0.topic == topic && (partition == nil || $0.partition == partition)
        }
        guard !stops.isEmpty else { throw ResumeRefused.notStopped }
        guard how != .fromStart || !stops.contains(where: { $0.reason == .tooManyBad }) else { throw ResumeRefused.unsuitable }
        // The log is asked before the transaction begins: no network call hides in it.
        let starts = how == .same ? [:] : try log.starts([topic])
        let ends = how == .same ? [:] : try log.ends([topic])
        try database.write { tx in
            for stop in stops {
                guard try SourceStops.remove(stop.topic, stop.partition, in: tx) else { throw ResumeRefused.notStopped }
                for (place, start) in starts where stop.covers(place.topic, place.partition) {
                    try move(place, stop, how, start: start, end: ends[place] ?? start, in: tx)
                }
            }
        }
        return stops
    }

    private func move(
        _ place: TopicPartition, _ stop: SourceStops.Stop, _ how: Resumption, start: Int64, end: Int64, in tx: any Transaction
    ) throws {
        switch how {
        case .same: break
        case .fromStart: try Positions.place(place.topic, place.partition, at: start, in: tx)
        case .skip:
            switch stop.reason {
            case .tooManyBad: try Positions.spare(place.topic, place.partition, below: end, in: tx)
            case .retentionGap: try Positions.place(place.topic, place.partition, at: start, in: tx)
            case .logShorter, .recordChanged, .positionMissing: try Positions.place(place.topic, place.partition, at: end, in: tx)
            case .twoHistories: try Positions.place(place.topic, place.partition, at: stop.toOffset, in: tx)
            }
        }
    }
}

extension SourceStops.Stop {
    /// `topic/3`, or the topic alone.
    var place: String { partition == Self.wholeTopic ? topic : "\(topic)/\(partition)" }
}

extension SourceStops.Reason {
    /// What the operator can do about it.
    public var advice: (chinese: String, english: String) {
        switch self {
        case .tooManyBad:
            (
                "修复发布方或升级本服务后执行 careloop sources resume；--skip 将现有的坏记录全部转入死信",
                "mend the publisher or upgrade this service, then `careloop sources resume`; --skip sets the bad records there are aside"
            )
        case .logShorter, .recordChanged:
            (
                "请所有者用 careloop republish 重新填充主题，再执行 careloop sources resume --from-start；--skip 从日志末尾继续，其间的记录不再读取",
                "have the owner refill the topic with `careloop republish`, then `careloop sources resume --from-start`; --skip goes on at the log's end"
            )
        case .retentionGap:
            (
                "请所有者先用 careloop republish 重新发送，再执行 careloop sources resume --skip；有编号的主题在补齐之前不会继续生效",
                "have the owner send them again with `careloop republish`, then resume with --skip; a numbered topic's later records apply only behind them"
            )
        case .positionMissing:
            (
                "恢复本服务的数据库备份；或执行 careloop sources resume --from-start 从头读取（重复的编号会再次生效）",
                "restore this service's store; or resume with --from-start, which applies the partition's records anew"
            )
        case .twoHistories:
            (
                "所有者从较旧的备份恢复：核对两份历史后再用 careloop sources resume --skip 跳过该记录",
                "its owner was restored from an older backup: compare the two histories, then resume with --skip past this record"
            )
        }
    }
}
