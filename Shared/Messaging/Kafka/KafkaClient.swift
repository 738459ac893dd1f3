import CRdKafka
import Foundation
import Synchronization

/// A C pointer that may cross threads because librdkafka locks behind it.
struct KafkaPointer: @unchecked Sendable {
    let raw: OpaquePointer
}

/// One librdkafka client. Its handle may be used from any thread until `destroy`.
final class KafkaClient: Sendable {
    private let pointer: KafkaPointer
    /// Kept alive until the C client is gone, since its callbacks hold it unretained.
    private let callbacks: RetainedCallbacks?
    private let destroyed = Atomic<Bool>(false)

    var handle: OpaquePointer { pointer.raw }

    /// `properties` are librdkafka's. `callbacks` is retained until the client is destroyed and handed to the rebalance callback.
    init(
        _ kind: rd_kafka_type_t, properties: [String: String], events: Int32 = 0, callbacks: AnyObject? = nil,
        rebalance: (@convention(c) (OpaquePointer?, rd_kafka_resp_err_t, KafkaPartitionList?, UnsafeMutableRawPointer?) -> Void)? = nil
    ) throws(LogError) {
        guard let configuration = rd_kafka_conf_new() else { throw .unavailable("librdkafka is out of memory") }
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            let answer = rd_kafka_conf_set(configuration, name, value, &text, text.count)
            guard answer == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(configuration)
                // The library's sentence may quote the value, which may be a secret.
                throw .invalidURL("librdkafka does not accept the property \(name) or its value")
            }
        }
        rd_kafka_conf_set_log_cb(configuration) { _, level, facility, message in
            let parts = [facility, message].map { $0.map { String(cString: $0) } ?? "" }
            EventLogDiagnostics.report(level <= 3 ? .error : level == 4 ? .warning : .info, parts.joined(separator: ": "))
        }
        rd_kafka_conf_set_error_cb(configuration) { _, code, reason, _ in
            EventLogDiagnostics.report(.warning, "Kafka error \(code): \(reason.map { String(cString: $0) } ?? "")")
        }
        if events != 0 { rd_kafka_conf_set_events(configuration, events) }
        let retained = callbacks.map { Unmanaged.passRetained($0) }
        if let retained { rd_kafka_conf_set_opaque(configuration, retained.toOpaque()) }
        if let rebalance { rd_kafka_conf_set_rebalance_cb(configuration, rebalance) }
        guard let handle = rd_kafka_new(kind, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            retained?.release()
            throw .unavailable("librdkafka could not start: \(kafkaText(text))")
        }
        pointer = KafkaPointer(raw: handle)
        self.callbacks = retained.map { RetainedCallbacks(reference: $0) }
    }

    deinit { destroy(within: .seconds(5)) }

    /// Frees the client on a thread of its own and waits up to `within`: destroying can hang for ever (`reliability.md` A4, 10). What hangs
    /// is left behind; nothing depends on it. A second call does nothing.
    func destroy(within: Duration) {
        guard !destroyed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let (pointer, callbacks) = (pointer, callbacks)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            rd_kafka_destroy_flags(pointer.raw, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            callbacks?.reference.release()
            done.signal()
        }
        if done.wait(timeout: .now() + .milliseconds(Int(within.milliseconds))) == .timedOut {
            EventLogDiagnostics.report(.warning, "a librdkafka client did not end within \(within) and was left behind")
        }
    }

    // Sendable because it only carries a reference count from the thread that retained it to the one that releases it.
    private struct RetainedCallbacks: @unchecked Sendable {
        let reference: Unmanaged<AnyObject>
    }

    /// The sentence of a fatal error, nil when there is none.
    var fatalError: String? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(handle, &text, text.count)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : "\(kafkaName(code)): \(kafkaText(text))"
    }
}

/// A queue of a client that can be yielded from any thread until it is let go.
final class KafkaQueue: Sendable {
    private let pointer: Mutex<KafkaPointer?>
    private let woken = Atomic<Bool>(false)

    /// Takes over the reference that librdkafka gave.
    init(_ raw: OpaquePointer) { pointer = Mutex(KafkaPointer(raw: raw)) }

    deinit { release() }

    /// For the owning thread; nil after `release`.
    var raw: OpaquePointer? { pointer.withLock { $0 }?.raw }

    var waker: Waker {
        Waker { [weak self] in
            guard let self else { return }
            woken.store(true, ordering: .releasing)
            pointer.withLock { if let queue = $0 { rd_kafka_queue_yield(queue.raw) } }
        }
    }

    /// Whether the waker was used since the last question.
    func takeWake() -> Bool { woken.exchange(false, ordering: .acquiringAndReleasing) }

    func release() {
        pointer.withLock { queue in
            if let queue { rd_kafka_queue_destroy(queue.raw) }
            queue = nil
        }
    }
}

typealias KafkaPartitionList = UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

/// Gives `body` a C list of these partitions and offsets, freed afterwards.
func withPartitionList<T, E: Error>(
    _ partitions: some Sequence<(TopicPartition, Int64)>, _ body: (KafkaPartitionList) throws(E) -> T
) throws(E) -> T {
    guard let list = rd_kafka_topic_partition_list_new(16) else { preconditionFailure("librdkafka is out of memory") }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for (partition, offset) in partitions {
        rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition)?.pointee.offset = offset
    }
    return try body(list)
}

extension UnsafeMutablePointer where Pointee == rd_kafka_topic_partition_list_t {
    /// The entries, copied out.
    var entries: [(partition: TopicPartition, offset: Int64, code: rd_kafka_resp_err_t)] {
        (0..<Int(pointee.cnt)).compactMap { index in
            guard let entry = pointee.elems?[index], let topic = entry.topic else { return nil }
            return (TopicPartition(topic: String(cString: topic), partition: entry.partition), entry.offset, entry.err)
        }
    }
}

/// A nul-terminated C buffer as text.
func kafkaText(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// librdkafka's name of an error, `NOT_LEADER_FOR_PARTITION`.
func kafkaName(_ code: rd_kafka_resp_err_t) -> String { rd_kafka_err2name(code).map { String(cString: $0) } ?? "\(code.rawValue)" }

/// Takes over an error object and gives its code; nil stays nil.
func kafkaCode(_ error: OpaquePointer?) -> rd_kafka_resp_err_t? {
    guard let error else { return nil }
    defer { rd_kafka_error_destroy(error) }
    return rd_kafka_error_code(error)
}
