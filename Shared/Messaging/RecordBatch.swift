import Vocabulary

/// The records of one poll: their bytes in one piece, and the partitions they came from.
final class RecordBatch: Sendable {
    let bytes: [UInt8]
    let places: [TopicPartition]

    init(bytes: [UInt8], places: [TopicPartition]) {
        self.bytes = bytes
        self.places = places
    }
}

/// Where a record lies in its batch: key, value and headers one behind the other.
struct RecordLayout {
    /// Index of its partition among the batch's.
    let place: Int32
    let isTombstone: Bool
    let start: Int
    private let keyEnd: Int
    private let valueEnd: Int
    var end: Int

    var key: Range<Int> { start..<keyEnd }
    var value: Range<Int> { keyEnd..<valueEnd }
    var headers: Range<Int> { valueEnd..<end }

    init(place: Int32, start: Int, keyCount: Int, valueCount: Int?) {
        self.place = place
        self.start = start
        isTombstone = valueCount == nil
        keyEnd = start + keyCount
        valueEnd = keyEnd + (valueCount ?? 0)
        end = valueEnd
    }
}

/// Collects the records of one poll. The bytes given are copied at once.
struct RecordBatchBuilder {
    /// One record, as long as its batch is not complete.
    struct Line {
        let offset: Int64
        let timestamp: Instant
        var layout: RecordLayout
    }

    private var bytes: [UInt8] = []
    private var places: [TopicPartition] = []
    private var lines: [Line] = []

    /// With room for so many records and bytes; more is no error.
    init(records: Int = 0, bytes count: Int = 0) {
        bytes.reserveCapacity(count)
        lines.reserveCapacity(records)
    }

    var count: Int { lines.count }
    var byteCount: Int { bytes.count }

    /// What follows belongs to `partition`.
    mutating func begin(_ partition: TopicPartition) {
        if places.last != partition { places.append(partition) }
    }

    /// Adds a record of the partition begun last. A nil value is a tombstone.
    mutating func append(offset: Int64, timestamp: Instant, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        let layout = RecordLayout(place: Int32(places.count - 1), start: bytes.count, keyCount: key.count, valueCount: value?.count)
        bytes.append(contentsOf: key)
        if let value { bytes.append(contentsOf: value) }
        lines.append(Line(offset: offset, timestamp: timestamp, layout: layout))
    }

    /// Adds a header to the record appended last.
    mutating func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        HeaderBytes.append(name: name, value: value, to: &bytes)
        lines[lines.count - 1].layout.end = bytes.count
    }

    /// Gives the record appended last its headers, in the form of `HeaderBytes`.
    mutating func headers(_ encoded: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: encoded)
        lines[lines.count - 1].layout.end = bytes.count
    }

    mutating func append(offset: Int64, timestamp: Instant, key: [UInt8], value: [UInt8]?, headers: [LogHeader]) {
        key.withUnsafeBytes { key in
            // An empty array need not have a place in memory; an empty value is a value all the same.
            if let value {
                value.withUnsafeBytes { append(offset: offset, timestamp: timestamp, key: key, value: $0) }
            } else {
                append(offset: offset, timestamp: timestamp, key: key, value: nil)
            }
        }
        for header in headers { HeaderBytes.append(header, to: &bytes) }
        lines[lines.count - 1].layout.end = bytes.count
    }

    /// The records, in the order they were appended.
    consuming func finish() -> [LogRecord] {
        let batch = RecordBatch(bytes: bytes, places: places)
        return lines.map { LogRecord(batch, $0) }
    }
}
