import Contracts
import Messaging
import Persistence
import Vocabulary

/// One transaction of the consumer: first the fence, then every record, then what they changed.
extension Consumer {
    /// The partition that a run of records comes from, and how far it is.
    private struct Source {
        let place: TopicPartition
        let plan: Topic?
        /// Whose partner topic it is.
        let organisation: OrganisationID?
        /// Below this offset everything has ended already.
        let begins: Int64
        var position: Positions.Position

        init(_ record: LogRecord, _ fenced: Fenced) {
            place = record.topicPartition
            plan = Catalogue.topic(for: record.topic)
            organisation = plan?.organisation(in: record.topic)
            begins = fenced.begins
            position = fenced.position
        }

        func isOf(_ record: LogRecord) -> Bool { record.partition == place.partition && record.topic == place.topic }
    }

    /// A partition's position as the fence left it.
    private struct Fenced {
        let begins: Int64
        var position: Positions.Position
    }

    /// The last record of each partition, in order of first appearance. Records of a partition come in runs: one look-up a run.
    static func lastRecords(_ records: ArraySlice<LogRecord>) -> [(place: TopicPartition, index: Int)] {
        var last: [(place: TopicPartition, index: Int)] = []
        var known: [TopicPartition: Int] = [:]
        var current = -1
        for index in records.indices {
            let partition = records[index].partition
            if current < 0 || partition != last[current].place.partition || records[index].topic != last[current].place.topic {
                let place = records[index].topicPartition
                current = known[place] ?? last.count
                if current == last.count {
                    known[place] = current
                    last.append((place, index))
                }
            }
            last[current].index = index
        }
        return last
    }

    func apply(_ records: ArraySlice<LogRecord>) throws {
        let began = clock.elapsed.monotonicNanoseconds
        var outcome = State()
        var fenced: [TopicPartition: Fenced] = [:]
        var windows = self.windows
        try commits.run(before: .batchBeforeCommit, after: .batchAfterCommit) { batch in
            let tx = batch.tx
            openGaps = Set(try Positions.gaps(in: tx).map { TopicPartition(topic: $0.topic, partition: $0.partition) })
            try fence(records, tx, &fenced)
            CrashPoint.batchOpen.pass()
            let numbered = fenced.mapValues(\.position)
            var source: Source?
            for record in records {
                if source?.isOf(record) != true {
                    if let source { fenced[source.place]!.position = source.position }
                    source = Source(record, fenced[record.topicPartition]!)
                }
                let ending = try apply(record, in: batch, &source!, &outcome)
                try weigh(ending, record, source!.position, &windows)
                outcome.count(ending)
            }
            if let source { fenced[source.place]!.position = source.position }
            for (place, part) in fenced where part.position != numbered[place] {
                try Positions.setNumber(
                    place.topic, place.partition, epoch: part.position.lastEpoch, number: part.position.lastNumber, in: tx)
            }
        }
        batchSeconds.observe(Double(clock.elapsed.monotonicNanoseconds - began) / 1e9)
        batchRecords.observe(Double(records.count))
        for (place, part) in fenced { positions[place] = part.position }
        self.windows = windows
        state.withLock { $0.add(outcome, batch: records.count) }
    }

    /// Ends a record whose own transaction was rolled back: its position moves, and nothing else of it remains but a dead letter.
    func conclude(_ record: LogRecord, _ verdict: Verdict) throws {
        var outcome = State()
        var windows = self.windows
        var fenced: [TopicPartition: Fenced] = [:]
        try commits.run { batch in
            let tx = batch.tx
            try fence([record], tx, &fenced)
            guard record.offset >= fenced[record.topicPartition]!.begins else { return }
            var position = fenced[record.topicPartition]!.position
            // What cannot be decoded has no number to keep.
            if let sequence = WireRecord.sequence(of: record), sequence.number == position.lastNumber + 1 {
                position.lastNumber = sequence.number
                position.lastEpoch = Int64(sequence.epoch)
                try Positions.setNumber(record.topic, record.partition, epoch: position.lastEpoch, number: position.lastNumber, in: tx)
                fenced[record.topicPartition]!.position = position
            }
            let ending: Dispatcher.Ending
            switch verdict {
            // Whoever handles a partner's records answers each; one refused without an answer is set aside, so that it gets one.
            case .refuse(let code) where Catalogue.topic(for: record.topic)?.isWrittenByPartner == true:
                try dispatcher.bury(StoredRecord(record, generation: position.generation), code, nil, in: batch)
                ending = .deadLetter(reason: code)
            case .refuse(let code): ending = .refused(code: code)
            case .bury(let reason, let field):
                try dispatcher.bury(StoredRecord(record, generation: position.generation), reason, field, in: batch)
                ending = .deadLetter(reason: reason)
            case .hold(let subject):
                try dispatcher.hold(StoredRecord(record, generation: position.generation), subject, in: batch)
                ending = .held
            }
            try weigh(ending, record, position, &windows)
            outcome.count(ending)
        }
        for (place, part) in fenced { positions[place] = part.position }
        self.windows = windows
        state.withLock { $0.add(outcome, batch: 1) }
    }

    /// Adds an ending to what its source sent lately. Throws `SourceStopped` when that is too much, so that the batch leaves nothing.
    private func weigh(
        _ ending: Dispatcher.Ending, _ record: LogRecord, _ position: Positions.Position, _ windows: inout [String: BadWindow]
    ) throws {
        let isBad: Bool
        switch ending {
        case .deadLetter: isBad = record.offset >= position.sparedBelow
        case .done, .skipped, .refused, .held: isBad = false
        }
        guard isBad || !windows.isEmpty, isBad || windows[record.topic] != nil else { return }
        var window = windows.removeValue(forKey: record.topic) ?? BadWindow()
        let why = window.add(isBad: isBad)
        if !window.isClean { windows[record.topic] = window }
        guard let why else { return }
        throw SourceStopped(
            stop: SourceStops.Stop(
                topic: record.topic, partition: SourceStops.Stop.wholeTopic, reason: .tooManyBad,
                detail: "\(why), last seen at \(record.partition)/\(record.offset)", fromOffset: record.offset, toOffset: record.offset + 1,
                sinceMs: clock.elapsed.wallMilliseconds))
    }

    private func current(_ place: TopicPartition, _ tx: any Transaction) throws -> Positions.Position? {
        if let known = positions[place] { return known }
        let read = try Positions.position(place.topic, place.partition, in: tx)
        positions[place] = read
        return read
    }

    /// Moves every position of the batch by compare-and-set from what was read to what will have been finished.
    private func fence(_ records: ArraySlice<LogRecord>, _ tx: any Transaction, _ fenced: inout [TopicPartition: Fenced]) throws {
        for (place, index) in Self.lastRecords(records) {
            let old = try current(place, tx)
            var new = old ?? Positions.Position(nextOffset: 0)
            // Read again after somebody else went further, old records must not take the position back.
            if records[index].offset >= new.nextOffset {
                new.nextOffset = records[index].offset + 1
                new.identity = PositionCheck.identity(records[index])
            }
            guard try Positions.move(place.topic, place.partition, from: old, to: new, in: tx) else { throw PositionConflict(place: place) }
            fenced[place] = Fenced(begins: old?.nextOffset ?? 0, position: new)
        }
    }

    private func apply(
        _ record: LogRecord, in batch: Batch, _ source: inout Source, _ outcome: inout State
    ) throws -> Dispatcher.Ending {
        guard record.offset >= source.begins else {
            outcome.repeats += 1
            return .skipped
        }
        guard let plan = source.plan else { return .skipped }
        let position = source.position
        if let organisation = source.organisation {
            return try dispatcher.apply(
                ingress: record, template: plan.name, organisation: organisation, generation: position.generation, in: batch)
        }
        let meta: EventMeta
        let data: [UInt8]
        do { (meta, data) = try WireRecord.decodeFact(record.valueInPlace ?? []) } catch {
            return try bury(record, "UNDECODABLE", position, in: batch)
        }
        guard let sequence = meta.sequence else { return try bury(record, "SEQUENCE_MISSING", position, in: batch) }
        if sequence.number <= position.lastNumber {
            if Int64(sequence.epoch) > position.lastEpoch, position.lastEpoch > 0 { throw twoHistories(record, sequence, position) }
            outcome.repeats += 1
            return .skipped
        }
        guard sequence.number == position.lastNumber + 1 else {
            // Not applied: the rightful relay sends the missing numbers, and this one again behind them.
            try Positions.openGap(
                Positions.Gap(
                    topic: record.topic, partition: record.partition, expected: position.lastNumber + 1, seen: sequence.number,
                    sinceMs: clock.elapsed.wallMilliseconds), in: batch.tx)
            openGaps.insert(source.place)
            return .skipped
        }
        // What an older epoch says behind a newer one comes from a store that went on beside the restored one.
        guard Int64(sequence.epoch) >= position.lastEpoch else { throw twoHistories(record, sequence, position) }
        source.position.lastNumber = sequence.number
        source.position.lastEpoch = Int64(sequence.epoch)
        if !openGaps.isEmpty, openGaps.contains(source.place) { try Positions.closeGap(record.topic, record.partition, in: batch.tx) }
        return try dispatcher.apply(fact: meta, data: data, record: record, generation: position.generation, in: batch)
    }

    private func bury(
        _ record: LogRecord, _ reason: String, _ position: Positions.Position, in batch: Batch
    ) throws -> Dispatcher.Ending {
        try dispatcher.bury(StoredRecord(record, generation: position.generation), reason, nil, in: batch)
        return .deadLetter(reason: reason)
    }

    /// A restored owner continued from a number that this service is beyond: what it applied and what it reads contradict each other.
    private func twoHistories(_ record: LogRecord, _ sequence: EventSequence, _ position: Positions.Position) -> SourceStopped {
        SourceStopped(
            stop: SourceStops.Stop(
                topic: record.topic, partition: record.partition, reason: .twoHistories,
                detail: Int64(sequence.epoch) > position.lastEpoch
                    ? "epoch \(sequence.epoch) begins at number \(sequence.number), number \(position.lastNumber) was applied already"
                    : "epoch \(sequence.epoch) goes on with number \(sequence.number) behind epoch \(position.lastEpoch)",
                fromOffset: record.offset, toOffset: record.offset + 1, sinceMs: clock.elapsed.wallMilliseconds))
    }
}
