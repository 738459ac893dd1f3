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
    private let callbacks: Callbacks
    /// Taken back when the C client is gone, since its callbacks hold it unretained.
    private let retained: Retained
    private let destroyed = Atomic<Bool>(false)

    var handle: OpaquePointer { pointer.raw }

    /// What librdkafka's callbacks need.
    final class Callbacks: @unchecked Sendable {
        // Sendable because it is used by the rebalance callback alone, which librdkafka calls on the thread that owns the consumer.
        let assignment: KafkaAssignment?
        let tokenFile: String?
        let refusal = Mutex<String?>(nil)

        init(assignment: KafkaAssignment?, tokenFile: String?) {
            self.assignment = assignment
            self.tokenFile = tokenFile
        }

        /// What the callback's last argument points to, while the client lives.
        static func at(_ opaque: UnsafeMutableRawPointer?) -> Callbacks? {
            opaque.map { Unmanaged<Callbacks>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    /// `properties` are librdkafka's. `assignment` hears of rebalances, on the thread that polls.
    init(
        _ kind: rd_kafka_type_t, properties: [String: String], tokenFile: String? = nil, events: Int32 = 0,
        assignment: KafkaAssignment? = nil
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
        callbacks = Callbacks(assignment: assignment, tokenFile: tokenFile)
        let retained = Unmanaged.passRetained(callbacks)
        rd_kafka_conf_set_opaque(configuration, retained.toOpaque())
        Self.setCallbacks(configuration, bearsToken: tokenFile != nil, hearsRebalances: assignment != nil)
        if events != 0 { rd_kafka_conf_set_events(configuration, events) }
        guard let handle = rd_kafka_new(kind, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            retained.release()
            throw .unavailable("librdkafka could not start: \(kafkaText(text))")
        }
        pointer = KafkaPointer(raw: handle)
        self.retained = Retained(reference: retained)
        if tokenFile != nil, let code = kafkaCode(rd_kafka_sasl_background_callbacks_enable(handle)) {
            throw .unavailable("librdkafka cannot ask for tokens: \(kafkaName(code))")
        }
    }

    private static func setCallbacks(_ configuration: OpaquePointer, bearsToken: Bool, hearsRebalances: Bool) {
        rd_kafka_conf_set_log_cb(configuration) { _, level, facility, message in
            let parts = [facility, message].map { $0.map { String(cString: $0) } ?? "" }
            EventLogDiagnostics.report(level <= 3 ? .error : level == 4 ? .warning : .info, parts.joined(separator: ": "))
        }
        rd_kafka_conf_set_error_cb(configuration) { _, number, reason, opaque in
            let text = reason.map { String(cString: $0) } ?? ""
            let refusal = KafkaRefusal.named(rd_kafka_resp_err_t(rawValue: number), text)
            if let refusal { Callbacks.at(opaque)?.refusal.withLock { $0 = refusal } }
            EventLogDiagnostics.report(.warning, refusal ?? "Kafka error \(number): \(text)")
        }
        if bearsToken {
            // Called on librdkafka's own thread, whenever it needs a token: that thread serves no other queue than this one.
            rd_kafka_conf_enable_sasl_queue(configuration, 1)
            rd_kafka_conf_set_oauthbearer_token_refresh_cb(configuration) { handle, _, opaque in
                if let handle { KafkaToken.refresh(handle, from: Callbacks.at(opaque)?.tokenFile) }
            }
        }
        if hearsRebalances {
            rd_kafka_conf_set_rebalance_cb(configuration) { handle, code, list, opaque in
                if let handle { Callbacks.at(opaque)?.assignment?.rebalance(handle, code, list) }
            }
        }
    }

    deinit { destroy(within: .seconds(5)) }

    /// Frees the client on a thread of its own and waits up to `within`: destroying can hang for ever (`reliability.md` A4, 10). What hangs
    /// is left behind; nothing depends on it. A second call does nothing.
    func destroy(within: Duration) {
        guard !destroyed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let (pointer, retained) = (pointer, retained)
        let hasEnded = Self.ends(within: within) {
            rd_kafka_destroy_flags(pointer.raw, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            retained.reference.release()
        }
        if !hasEnded { EventLogDiagnostics.report(.warning, "a librdkafka client did not end within \(within) and was left behind") }
    }

    /// Runs `work` on a thread of its own. False when it has not ended within `bound`; nobody waits for it then.
    static func ends(within bound: Duration, _ work: @escaping @Sendable () -> Void) -> Bool {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            work()
            done.signal()
        }
        return done.wait(timeout: .now() + .milliseconds(Int(bound.milliseconds))) == .success
    }

    // Sendable because it only carries a reference count from the thread that retained it to the one that releases it.
    private struct Retained: @unchecked Sendable {
        let reference: Unmanaged<Callbacks>
    }

    /// The sentence of a fatal error, nil when there is none.
    var fatalError: String? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(handle, &text, text.count)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : "\(kafkaName(code)): \(kafkaText(text))"
    }

    /// The broker answered: what it or its certificate was refused for is over.
    func hasAnswered() { callbacks.refusal.withLock { $0 = nil } }

    /// An error's name, and behind it the certificate or login that was refused, if that is why. For clients without an owner that polls them.
    func why(_ code: rd_kafka_resp_err_t) -> String {
        rd_kafka_poll(handle, 0)
        return callbacks.refusal.withLock { $0 }.map { "\(kafkaName(code)), \($0)" } ?? kafkaName(code)
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

    /// Goes on with another client's queue. Takes over the reference that librdkafka gave.
    func replace(with raw: OpaquePointer) {
        pointer.withLock { queue in
            if let queue { rd_kafka_queue_destroy(queue.raw) }
            queue = KafkaPointer(raw: raw)
        }
    }

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
