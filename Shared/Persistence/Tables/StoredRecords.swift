/// A record of the log with its bytes, as `held` and `dead_letters` keep it.
public struct StoredRecord: Sendable, Equatable {
    public var id: Int64
    public var topic: String
    public var partition: Int32
    public var offset: Int64
    /// The position's generation when it was read; with topic, partition and offset it names the record for ever.
    public var generation: Int64
    public var key: String
    /// Encoded headers, as the log had them.
    public var headers: [UInt8]
    public var body: [UInt8]?
    /// How the bytes are sealed; nil when they lie open. What is sealed beside the body, key and headers, is then empty here.
    public var sealedWith: String?

    public init(
        id: Int64 = 0, topic: String, partition: Int32, offset: Int64, generation: Int64 = 0, key: String, headers: [UInt8],
        body: [UInt8]?, sealedWith: String? = nil
    ) {
        self.id = id
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.generation = generation
        self.key = key
        self.headers = headers
        self.body = body
        self.sealedWith = sealedWith
    }

    static let columns = "id, topic, partition_no, record_offset, generation, record_key, headers, body, sealed_with"
    static let columnCount = 9

    static func read(_ row: borrowing Row) -> StoredRecord {
        StoredRecord(
            id: row.int(0), topic: row.text(1), partition: Int32(row.int(2)), offset: row.int(3), generation: row.int(4), key: row.text(5),
            headers: row.blob(6), body: row.blobOrNil(7), sealedWith: row.textOrNil(8))
    }

    /// The values of every column but `id`.
    var values: [Value] {
        [
            .text(topic), .int(Int64(partition)), .int(offset), .int(generation), .text(key), .blob(headers),
            body.map { .blob($0) } ?? .null, .text(sealedWith),
        ]
    }
}
