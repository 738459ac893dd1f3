import CRdKafka
import Foundation
import Vocabulary

typealias KafkaMessage = UnsafeMutablePointer<rd_kafka_message_t>

extension LogRecord {
    /// Copies a message out; the message stays the caller's to destroy. `known` are the headers of the record read before it, which are
    /// shared where they are the same: on an internal topic they always are.
    init(_ message: KafkaMessage, of partition: TopicPartition, known: [LogHeader] = []) {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        let source = message.pointee
        self.init(
            topic: partition.topic, partition: partition.partition, offset: source.offset,
            key: source.key.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: source.key_len)) } ?? [],
            // A tombstone has no pointer; an empty value has one.
            value: source.payload.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: source.len)) },
            headers: Self.headers(of: message, like: known), timestamp: Instant(milliseconds: max(0, timestamp)))
    }

    private static func headers(of message: KafkaMessage, like known: [LogHeader]) -> [LogHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        if known.count == 1, rd_kafka_header_cnt(list) == 1,
            rd_kafka_header_get_all(list, 0, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name, let value,
            isSame(known[0], name, UnsafeRawBufferPointer(start: value, count: size))
        {
            return known
        }
        var headers: [LogHeader] = []
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name {
            let bytes = value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: size)) } ?? []
            headers.append(LogHeader(name: String(cString: name), value: bytes))
        }
        return headers
    }

    private static func isSame(_ header: LogHeader, _ name: UnsafePointer<CChar>, _ value: UnsafeRawBufferPointer) -> Bool {
        guard header.value.count == value.count, !value.isEmpty else { return false }
        let isSameValue = header.value.withUnsafeBytes { memcmp($0.baseAddress!, value.baseAddress!, value.count) == 0 }
        return isSameValue && header.name == String(cString: name)
    }
}
