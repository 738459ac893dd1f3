import Contracts
import Crypto
import Messaging
import Persistence

/// Compares stored positions with the log before anything is read from them: a log that was lost, cut, made anew or trimmed under its reader
/// is noticed, never applied again and never skipped.
struct PositionCheck {
    let log: any EventLog
    let database: any Database
    let elapsed: any ElapsedTime

    /// What a record is, in 32 bits: enough to tell another one, too little to tell what stands in it.
    static func identity(_ record: LogRecord) -> Int64 {
        var hash = SHA256()
        record.keyInPlace.withUnsafeBytes { hash.update(bufferPointer: $0) }
        hash.update(data: [0])
        record.valueInPlace?.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().withUnsafeBytes { Int64($0[0]) << 24 | Int64($0[1]) << 16 | Int64($0[2]) << 8 | Int64($0[3]) }
    }

    /// The stops that follow for `places`. A topic read for the first time gets its positions here, at the log's start.
    func stops(_ places: Set<TopicPartition>) throws -> [SourceStops.Stop] {
        guard !places.isEmpty else { return [] }
        let topics = Set(places.map(\.topic)).sorted()
        let starts = try log.starts(topics)
        let ends = try log.ends(topics)
        let positions = try stored(topics, starts)
        var stops: [SourceStops.Stop] = []
        var last: [TopicPartition: (offset: Int64, identity: Int64)] = [:]
        for place in places.sorted() {
            guard let start = starts[place], let end = ends[place] else { continue }
            guard let position = positions[place] else {
                stops.append(missing(place, start: start, end: end))
                continue
            }
            if let stop = outside(place, position.nextOffset, start: start, end: end) {
                stops.append(stop)
            } else if let identity = position.identity, position.nextOffset > start, Catalogue.topic(for: place.topic)?.compacted != true {
                last[place] = (position.nextOffset - 1, identity)
            }
        }
        return try stops + changed(last, ends)
    }

    private func stored(_ topics: [String], _ starts: [TopicPartition: Int64]) throws -> [TopicPartition: Positions.Position] {
        let new = try database.read { tx in try topics.filter { try !Positions.hasBegun($0, in: tx) } }
        if !new.isEmpty {
            try database.write { tx in
                for topic in new {
                    let own = starts.filter { $0.key.topic == topic }.map { ($0.key.partition, $0.value) }
                    try Positions.begin(topic, at: Dictionary(uniqueKeysWithValues: own), in: tx)
                }
            }
        }
        let all = try database.read { try Positions.all(in: $0) }
        return Dictionary(
            all.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0.position) }, uniquingKeysWith: { first, _ in first })
    }

    /// The stop of a position that the log cannot serve; nil when it lies inside the log.
    func outside(_ place: TopicPartition, _ next: Int64, start: Int64, end: Int64) -> SourceStops.Stop? {
        if next > end {
            return stop(
                place, .logShorter, "the stored position is \(next), the log ends before \(end): it was lost, cut or made anew", end, next)
        }
        if next < start {
            return stop(
                place, .retentionGap, "\(start - next) records, \(next) to \(start - 1), were dropped before they were read", next, start)
        }
        return nil
    }

    private func missing(_ place: TopicPartition, start: Int64, end: Int64) -> SourceStops.Stop {
        stop(
            place, .positionMissing, "the topic was read before and this partition's position is gone; the log holds \(start) to \(end)",
            start, end)
    }

    private func changed(
        _ last: [TopicPartition: (offset: Int64, identity: Int64)], _ ends: [TopicPartition: Int64]
    ) throws -> [SourceStops.Stop] {
        guard !last.isEmpty else { return [] }
        let found = try log.records(at: last.mapValues(\.offset))
        var starts: [TopicPartition: Int64]?
        var stops: [SourceStops.Stop] = []
        for (place, mark) in last.sorted(by: { $0.key < $1.key }) {
            let words: String
            if let record = found[place] {
                guard Self.identity(record) != mark.identity else { continue }
                words = "another record stands at \(mark.offset), where the last one was read"
            } else {
                // Retention may have dropped it since the start was asked for.
                let known = try starts ?? log.starts(Set(last.keys.map(\.topic)).sorted())
                starts = known
                guard let start = known[place], start <= mark.offset else { continue }
                words = "no record stands at \(mark.offset), where the last one was read"
            }
            let end = ends[place] ?? mark.offset
            stops.append(
                stop(place, .recordChanged, "\(words); the log ends before \(end): it was made anew or rewritten", mark.offset, end))
        }
        return stops
    }

    private func stop(
        _ place: TopicPartition, _ reason: SourceStops.Reason, _ detail: String, _ from: Int64, _ to: Int64
    ) -> SourceStops.Stop {
        SourceStops.Stop(
            topic: place.topic, partition: place.partition, reason: reason, detail: detail, fromOffset: from, toOffset: to,
            sinceMs: elapsed.wallMilliseconds)
    }
}
