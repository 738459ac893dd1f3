import Vocabulary

/// A record read from the log.
///
/// The bytes of all records of one poll lie in one piece of memory that they share: reading a thousand records costs a few allocations, not
/// some for each, and passing a record on costs one reference count. Keeping a single record keeps its batch.
public struct LogRecord: Sendable {
    private let batch: RecordBatch
    /// Position in the partition. Grows; may leave gaps (compaction, transaction markers).
    public internal(set) var offset: Int64
    public let timestamp: Instant
    public let partition: Int32
    private let layout: RecordLayout

    init(_ batch: RecordBatch, _ line: RecordBatchBuilder.Line) {
        self.batch = batch
        offset = line.offset
        timestamp = line.timestamp
        partition = batch.places[Int(line.layout.place)].partition
        layout = line.layout
    }

    /// A record by itself.
    public init(
        topic: String, partition: Int32, offset: Int64, key: [UInt8], value: [UInt8]?, headers: [LogHeader] = [], timestamp: Instant
    ) {
        var builder = RecordBatchBuilder()
        builder.begin(TopicPartition(topic: topic, partition: partition))
        builder.append(offset: offset, timestamp: timestamp, key: key, value: value, headers: headers)
        self = builder.finish()[0]
    }

    public var topic: String { batch.places[Int(layout.place)].topic }
    public var topicPartition: TopicPartition { batch.places[Int(layout.place)] }

    /// The key where it lies. Empty: the record has none.
    public var keyInPlace: ArraySlice<UInt8> { batch.bytes[layout.key] }
    /// The value where it lies, which is not where its indices begin. Nil is a tombstone.
    public var valueInPlace: ArraySlice<UInt8>? { layout.isTombstone ? nil : batch.bytes[layout.value] }

    /// A copy of the key.
    public var key: [UInt8] { Array(keyInPlace) }
    /// A copy of the value; nil is a tombstone. Who reads many records reads `valueInPlace`.
    public var value: [UInt8]? { valueInPlace.map { Array($0) } }

    /// The headers, read out of the record's bytes at each call.
    public var headers: [LogHeader] {
        guard !layout.headers.isEmpty else { return [] }
        return headerBytes.withUnsafeBytes { HeaderBytes.decode($0) } ?? []
    }

    /// The first header of this name, nil when there is none.
    public func header(_ name: String) -> LogHeader? {
        headerBytes.withUnsafeBytes { bytes in
            var found: LogHeader?
            HeaderBytes.visit(bytes) { candidate, value in
                guard candidate.elementsEqual(name.utf8) else { return true }
                found = LogHeader(name: name, value: [UInt8](value))
                return false
            }
            return found
        }
    }

    /// Bytes that count against queue limits: key, value and headers as they are held.
    public var byteCount: Int { layout.end - layout.start }

    private var headerBytes: ArraySlice<UInt8> { batch.bytes[layout.headers] }
}

extension LogRecord: Hashable {
    /// Equal content, wherever it lies.
    public static func == (a: Self, b: Self) -> Bool {
        a.offset == b.offset && a.timestamp == b.timestamp && a.topicPartition == b.topicPartition
            && a.layout.isTombstone == b.layout.isTombstone && a.keyInPlace == b.keyInPlace && a.valueInPlace == b.valueInPlace
            && a.headerBytes == b.headerBytes
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(topicPartition)
        hasher.combine(offset)
    }
}
