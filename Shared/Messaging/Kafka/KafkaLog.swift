import CRdKafka
import Synchronization
import Vocabulary

/// The event log on Kafka, through librdkafka.
///
/// Kafka's transactions are not used: they would not cover the database, and without them torn and aborted transactions cannot happen.
/// Durability is the broker's: `acks=all`, so `min.insync.replicas` of the topics decides how many machines may be lost.
final class KafkaLog: EventLog {
    let options: KafkaOptions
    // A client for metadata, creation and offsets, made at first use, and the credentials' version it was made with.
    private let shared = Mutex<(client: KafkaClient, version: Int)?>(nil)

    /// Throws `LogError.unsupportedLibrary` for versions on the known-bad list.
    init(servers: String, options: [String: String], secretFiles: [String: String] = [:]) throws(LogError) {
        if let refusal = LibrdkafkaVersion.linked.refusal { throw .unsupportedLibrary(refusal) }
        self.options = try KafkaOptions(servers: servers, options: options, secretFiles: secretFiles)
    }

    var description: String {
        let version = LibrdkafkaVersion.linked
        return "Kafka at \(options.servers), librdkafka \(version) (\(version.guards)\(options.usesSCRAM ? version.limitOfSCRAM : ""))"
    }

    func producer(named name: String) throws -> any LogProducer { try KafkaProducer(self, named: name) }

    func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer {
        if !settings.topics.isEmpty {
            let known = try topics(with: settings.topics)
            for topic in settings.topics where known[topic] == nil { throw LogError.unknownTopic(topic) }
        }
        return try KafkaConsumer(self, settings)
    }

    func topics() throws -> [String: Int] { try metadata(client()) }

    /// The topics, once `names` are among them: of several brokers some hear of a new topic later than the one that made it. After
    /// `KafkaOptions.metadataLag` as they are.
    func topics(with names: [String]) throws -> [String: Int] {
        let deadline = ContinuousClock.now + KafkaOptions.metadataLag
        while true {
            let known = try topics()
            if names.allSatisfy({ known[$0] != nil }) || ContinuousClock.now > deadline { return known }
            rd_kafka_poll(try client().handle, 50)
        }
    }

    func ends(_ topics: [String]) throws -> [TopicPartition: Int64] { try offsets(of: partitions(of: topics), at: -1) }

    func starts(_ topics: [String]) throws -> [TopicPartition: Int64] { try offsets(of: partitions(of: topics), at: -2) }

    // MARK: Shared requests

    func client() throws(LogError) -> KafkaClient {
        let version = options.credentials.version
        return try shared.withLock { shared throws(LogError) in
            if let shared, shared.version == version { return shared.client }
            // Whoever still uses the one before keeps it alive.
            do throws(LogError) {
                let made = try makeClient(RD_KAFKA_PRODUCER, options.reader("careloop-reader"))
                shared = (made, version)
                return made
            } catch {
                guard let old = shared?.client else { throw error }
                // Half of a certificate and its key may be replaced already: the next change is tried again.
                EventLogDiagnostics.report(.error, "Kafka: the new credentials are not usable: \(error)")
                shared = (old, version)
                return old
            }
        }
    }

    /// A client with these properties and the secrets as they are now.
    func makeClient(
        _ kind: rd_kafka_type_t, _ properties: [String: String], events: Int32 = 0, assignment: KafkaAssignment? = nil
    ) throws(LogError) -> KafkaClient {
        try KafkaClient(
            kind, properties: try options.credentials.added(to: properties), tokenFile: options.credentials.tokenFile, events: events,
            assignment: assignment)
    }

    /// All topics with their partition counts.
    func metadata(_ client: KafkaClient) throws(LogError) -> [String: Int] { try cluster(client).topics.mapValues(\.partitions) }

    /// What the metadata says of the whole cluster. `replication` is the least of the topic's partitions. Asks for the whole list: asking by
    /// name would create a missing topic on some brokers.
    func cluster(
        _ client: KafkaClient
    ) throws(LogError) -> (brokers: Int, topics: [String: (partitions: Int, replication: Int)]) {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client.handle, 1, nil, &answer, options.requestTimeout.milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else {
            throw .unavailable("no metadata from \(options.servers) (\(client.why(code)))")
        }
        defer { rd_kafka_metadata_destroy(answer) }
        client.hasAnswered()
        var topics: [String: (partitions: Int, replication: Int)] = [:]
        for index in 0..<Int(answer.pointee.topic_cnt) {
            let topic = answer.pointee.topics[index]
            guard let name = topic.topic.map({ String(cString: $0) }), !name.hasPrefix("__"), topic.partition_cnt > 0 else { continue }
            let replicas = (0..<Int(topic.partition_cnt)).map { Int(topic.partitions[$0].replica_cnt) }
            topics[name] = (Int(topic.partition_cnt), replicas.min() ?? 0)
        }
        return (Int(answer.pointee.broker_cnt), topics)
    }

    private func partitions(of topics: [String]) throws -> [TopicPartition] {
        let known = try self.topics(with: topics)
        return try topics.flatMap { topic in
            guard let count = known[topic] else { throw LogError.unknownTopic(topic) }
            return (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
        }
    }

    /// Offsets at -1 (end) or -2 (start), all partitions of one broker in one request. Partitions without a leader are asked for again until
    /// the timeout.
    func offsets(of partitions: [TopicPartition], at place: Int64) throws(LogError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let client = try client()
        let deadline = ContinuousClock.now + options.requestTimeout
        var found: [TopicPartition: Int64] = [:]
        var reason = RD_KAFKA_RESP_ERR__TIMED_OUT
        repeat {
            let missing = partitions.filter { found[$0] == nil }
            withPartitionList(missing.map { ($0, place) }) { list in
                let code = rd_kafka_offsets_for_times(client.handle, list, options.requestTimeout.milliseconds)
                if code != RD_KAFKA_RESP_ERR_NO_ERROR { reason = code }
                for entry in list.entries {
                    if code == RD_KAFKA_RESP_ERR_NO_ERROR, entry.code == RD_KAFKA_RESP_ERR_NO_ERROR, entry.offset >= 0 {
                        found[entry.partition] = entry.offset
                    } else if entry.code != RD_KAFKA_RESP_ERR_NO_ERROR {
                        reason = entry.code
                    }
                }
            }
            if found.count == partitions.count { return found }
            // Serves the client's events and keeps a broken cluster from being asked in a tight loop.
            rd_kafka_poll(client.handle, 50)
        } while ContinuousClock.now < deadline
        throw .unavailable("no offsets for \(partitions.filter { found[$0] == nil }.count) partitions (\(kafkaName(reason)))")
    }
}
