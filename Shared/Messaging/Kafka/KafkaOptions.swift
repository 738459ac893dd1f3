/// librdkafka's properties of one event log: what CareLoop fixes, what an address may add, sorted by kind of client.
struct KafkaOptions: Sendable {
    let servers: String
    /// Path of a mock cluster's control socket, through which topics are created there.
    let mockControl: String?
    /// How long metadata, creation and offset requests may take.
    let requestTimeout: Duration
    /// How long a topic that was just created may be on its way into the metadata.
    static let topicVisibility = Duration.seconds(5)
    /// How long a topic may be known to one broker and not to another.
    static let metadataLag = Duration.seconds(2)
    /// Copies of each record in topics created here; nil takes three, or as many as there are brokers.
    let replication: Int?
    private let extras: [String: String]
    /// Secrets and certificates that lie in files.
    let credentials: KafkaCredentials

    /// What the promises of `design.md` section 3 rest on; an address cannot change it.
    private static let fixed: Set<String> = [
        "bootstrap.servers", "metadata.broker.list", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset",
        "partition.assignment.strategy", "enable.partition.eof", "group.id", "group.instance.id", "client.rack", "enable.idempotence",
        "enable.gapless.guarantee", "acks", "request.required.acks", "message.timeout.ms", "delivery.timeout.ms", "transactional.id",
        "socket.nagle.disable", "allow.auto.create.topics", "enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm",
        "message.max.bytes",
    ]
    /// Properties that may be changed within bounds, and why not beyond them.
    private static let bounded: [(name: String, isFine: @Sendable (String) -> Bool, why: String)] = [
        ("client.id", { $0.utf8.count <= longestClientID }, "longer names crash librdkafka before 2.5"),
        (
            "queued.min.messages", { Int($0).map { $0 >= leastQueuedMessages } ?? false },
            "below \(leastQueuedMessages) the fetcher stops for a second each time its queue is full"
        ),
    ]
    private static let longestClientID = 32
    private static let leastQueuedMessages = 100_000
    private static let consumerOnly = [
        "fetch.", "queued.", "session.", "heartbeat.", "max.poll.", "group.", "isolation.", "check.crcs", "coordinator.",
    ]
    private static let producerOnly = ["linger.", "batch.", "compression.", "queue.buffering", "retries", "message.send", "sticky."]

    init(servers: String, options: [String: String], secretFiles: [String: String] = [:]) throws(LogError) {
        var extras = options
        self.servers = servers
        mockControl = extras.removeValue(forKey: "mock-control")
        let timeout = extras.removeValue(forKey: "request-timeout-ms")
        guard let milliseconds = Int(timeout ?? "15000"), milliseconds > 0 else {
            throw .invalidURL("request-timeout-ms is not a positive number")
        }
        requestTimeout = .milliseconds(milliseconds)
        let copies = extras.removeValue(forKey: "replication-factor")
        replication = copies.flatMap { Int($0) }
        guard copies == nil || replication.map({ (1...Int(Int16.max)).contains($0) }) == true else {
            throw .invalidURL("replication-factor is not a positive number")
        }
        for name in extras.keys.sorted() {
            guard name.contains(".") || name == "debug" || name == "retries" else { throw .invalidURL("there is no option \(name)") }
            guard !Self.fixed.contains(name) else { throw .invalidURL("the property \(name) is fixed: CareLoop's guarantees rest on it") }
            if let rule = Self.bounded.first(where: { $0.name == name }), !rule.isFine(extras[name] ?? "") {
                throw .invalidURL("the property \(name) is out of bounds: \(rule.why)")
            }
        }
        self.extras = extras
        credentials = KafkaCredentials(secretFiles: secretFiles, properties: extras)
    }

    var usesSCRAM: Bool { ["sasl.mechanism", "sasl.mechanisms"].contains { extras[$0]?.hasPrefix("SCRAM") == true } }

    /// Properties that every client has.
    private func common(_ name: String, without excluded: [String]) -> [String: String] {
        var properties = [
            "bootstrap.servers": servers,
            "client.id": String(decoding: name.utf8.prefix(Self.longestClientID), as: UTF8.self),
            "socket.nagle.disable": "true",
            "topic.metadata.refresh.interval.ms": "5000",
            "reconnect.backoff.max.ms": "2000",
            "log.connection.close": "false",
        ]
        for (name, value) in extras where !excluded.contains(where: { name.hasPrefix($0) }) { properties[name] = value }
        // A producer would bring a deleted topic back within seconds, with the broker's partitions and retention instead of the catalogue's.
        properties["allow.auto.create.topics"] = "false"
        return properties
    }

    /// For metadata, topic creation and offsets.
    func reader(_ name: String) -> [String: String] { common(name, without: Self.consumerOnly + Self.producerOnly) }

    func producer(_ name: String) -> [String: String] {
        var properties = [
            "compression.codec": "lz4",
            "linger.ms": "5",
            "queue.buffering.max.kbytes": "131072",
            "queue.buffering.max.messages": "200000",
        ]
        properties.merge(common(name, without: Self.consumerOnly)) { $1 }
        properties["enable.idempotence"] = "true"
        properties["enable.gapless.guarantee"] = "true"
        properties["acks"] = "all"
        properties["message.timeout.ms"] = "0"
        properties["message.max.bytes"] = "\(LogLimits.maxRecordBytes)"
        return properties
    }

    func consumer(_ name: String, group: String, maxQueueBytes: Int) -> [String: String] {
        var properties = [
            "session.timeout.ms": "10000",
            "heartbeat.interval.ms": "2000",
            // At so many, or so many bytes, the fetcher stops for a second (`toolchain.md` 1): bytes alone bound the queue, since a fast
            // reader empties any number of messages long before.
            "queued.min.messages": "1000000",
            "queued.max.messages.kbytes": "\(max(1024, maxQueueBytes / 1024))",
        ]
        if LibrdkafkaVersion.linked.hasQueueBackoff { properties["fetch.queue.backoff.ms"] = "10" }
        if mockControl != nil {
            // A mock cluster answers an empty fetch only when this time is over, a real broker as soon as there is data.
            properties["fetch.wait.max.ms"] = "10"
            // It ends every rebalance but the first one second before this time is over, a real broker when all members have joined.
            properties["session.timeout.ms"] = "4000"
            properties["heartbeat.interval.ms"] = "500"
        }
        properties.merge(common(name, without: Self.producerOnly)) { $1 }
        properties["group.id"] = group
        properties["enable.auto.commit"] = "false"
        properties["enable.auto.offset.store"] = "false"
        properties["auto.offset.reset"] = "error"
        // Eager: the cooperative assignor spins or gives a partition to two owners on some versions (`reliability.md` A4, 11).
        properties["partition.assignment.strategy"] = "range"
        return properties
    }

    /// For reading single records at known places.
    func peeking(_ name: String) -> [String: String] {
        var properties = consumer(name, group: ReaderGroups.peek, maxQueueBytes: 64 << 20)
        properties["enable.partition.eof"] = "true"
        // One record of each partition is wanted: a broker gives at least one batch however small this is.
        properties["fetch.message.max.bytes"] = "16384"
        return properties
    }
}
