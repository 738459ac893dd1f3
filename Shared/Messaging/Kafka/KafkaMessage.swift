import CRdKafka
import Glibc
import Vocabulary

typealias KafkaMessage = UnsafeMutablePointer<rd_kafka_message_t>

extension RecordBatchBuilder {
    /// Copies a message of the partition begun last; the message stays the caller's to destroy.
    mutating func append(_ message: KafkaMessage) {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        append(
            offset: message.pointee.offset, timestamp: Instant(milliseconds: max(0, timestamp)),
            key: UnsafeRawBufferPointer(start: message.pointee.key, count: message.pointee.key_len),
            // A tombstone has no pointer; an empty value has one.
            value: message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) })
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return }
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        var index = 0
        while rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name {
            header(
                name: UnsafeRawBufferPointer(start: name, count: strlen(name)), value: UnsafeRawBufferPointer(start: value, count: size))
            index += 1
        }
    }
}

extension LogRecord {
    /// Copies a single message out; the message stays the caller's to destroy.
    init(_ message: KafkaMessage, of partition: TopicPartition) {
        var builder = RecordBatchBuilder()
        builder.begin(partition)
        builder.append(message)
        self = builder.finish()[0]
    }
}
