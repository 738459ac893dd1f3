import Contracts
import Dispatch
import Messaging
import Synchronization
import Vocabulary

/// One record a partner puts on its topic.
struct PartnerRecord: Sendable {
    var topic: String
    var key: String
    var value: [UInt8]
    /// CloudEvents type, binary mode; nil sends plain bytes without any header.
    var type: String?
    var contentType: String
    /// Identifies the record; the same for the same content.
    var id: String?

    init(topic: String, key: String, value: [UInt8], type: String?, contentType: String, id: String? = nil) {
        self.topic = topic
        self.key = key
        self.value = value
        self.type = type
        self.contentType = contentType
        self.id = id
    }
}

/// Publishes partners' records, with one producer on a thread of its own.
final class PartnerPublisher: Sendable {
    private let queue: DispatchQueue
    private let client: Mutex<Client>

    private final class Client {
        let log: any EventLog
        let name: String
        var producer: (any LogProducer)?
        var partitions: [String: Int] = [:]

        init(log: any EventLog, name: String) {
            self.log = log
            self.name = name
        }
    }

    convenience init(log url: String, named name: String) throws {
        do {
            self.init(log: try openLog(url), named: name)
        } catch let error as LogError {
            throw Complaint("事件日志打不开：\(error)", "cannot open the event log: \(error)", code: .unreachable)
        }
    }

    init(log: any EventLog, named name: String) {
        client = Mutex(Client(log: log, name: name))
        queue = DispatchQueue(label: "careloop.publisher.\(name)")
    }

    /// Appends in order; the number of records the log has acknowledged. Topics have to exist.
    func send(_ records: [PartnerRecord]) async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.client.withLock { try Self.send(records, $0) } }) }
        }
    }

    private static func send(_ records: [PartnerRecord], _ client: Client) throws -> Int {
        if records.contains(where: { client.partitions[$0.topic] == nil }) { client.partitions = try client.log.topics() }
        let now = SystemInstant.now()
        let outgoing = try records.map { record in
            guard let count = client.partitions[record.topic] else {
                throw Complaint("主题不存在：\(record.topic)", "there is no topic \(record.topic)", code: .refused)
            }
            let key = [UInt8](record.key.utf8)
            var headers = [LogHeader(name: "content-type", text: record.contentType)]
            if let type = record.type {
                headers += [
                    LogHeader(name: "ce_specversion", text: "1.0"), LogHeader(name: "ce_type", text: type),
                    LogHeader(name: "ce_id", text: record.id ?? "\(record.topic)/\(record.key)/\(now.milliseconds)"),
                    LogHeader(name: "ce_source", text: "/partners/\(owner(of: record.topic))"),
                ]
            }
            return OutgoingRecord(
                topic: record.topic, partition: Int32(partition(of: key, count: count)), key: key, value: record.value, headers: headers,
                timestamp: now)
        }
        let producer = try client.producer ?? client.log.producer(named: client.name)
        client.producer = producer
        do {
            return try producer.send(outgoing).offsets.filter { $0 != nil }.count
        } catch {
            // Whatever it was, the next call starts with a new producer.
            client.producer = nil
            producer.close(within: .seconds(1))
            throw error
        }
    }

    /// The organisation whose topic it is: whoever publishes there is that organisation.
    private static func owner(of topic: String) -> Substring { topic.split(separator: ".").dropFirst(2).first ?? "" }

    /// Who writes: the owner of the partner topic, since a record that names anybody else is refused.
    private static func source(of topic: String) -> String {
        "/partners/" + (Catalogue.topic(for: topic)?.organisation(in: topic)?.text ?? "unknown")
    }

    // Kafka's own partitioner, so that a record lands where any other client would put it: murmur2 of the key, sign bit off.
    static func partition(of key: [UInt8], count: Int) -> Int { Int(murmur2(key) & 0x7fff_ffff) % count }

    static func murmur2(_ bytes: [UInt8]) -> UInt32 {
        let m: UInt32 = 0x5bd1_e995
        var h: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
        var index = 0
        while bytes.count - index >= 4 {
            var k = UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
            k &*= m
            k ^= k >> 24
            k &*= m
            h = (h &* m) ^ k
            index += 4
        }
        let rest = bytes.count - index
        if rest >= 3 { h ^= UInt32(bytes[index + 2]) << 16 }
        if rest >= 2 { h ^= UInt32(bytes[index + 1]) << 8 }
        if rest >= 1 {
            h ^= UInt32(bytes[index])
            h &*= m
        }
        h ^= h >> 13
        h &*= m
        return h ^ (h >> 15)
    }
}
