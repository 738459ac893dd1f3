import CRdKafka
import Vocabulary

typealias KafkaMessage = UnsafeMutablePointer<rd_kafka_message_t>

extension LogRecord {
    /// Copies a message out; the message stays the caller's to destroy.
    init(_ message: KafkaMessage, of partition: TopicPartition) {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        let source = message.pointee
        self.init(
            topic: partition.topic, partition: partition.partition, offset: source.offset,
            key: source.key.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: source.key_len)) } ?? [],
            // A tombstone has no pointer; an empty value has one.
            value: source.payload.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: source.len)) },
            headers: Self.headers(of: message), timestamp: Instant(milliseconds: max(0, timestamp)))
    }

    private static func headers(of message: KafkaMessage) -> [LogHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        var headers: [LogHeader] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name {
            let bytes = value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: size)) } ?? []
            headers.append(LogHeader(name: String(cString: name), value: bytes))
        }
        return headers
    }
}
