import CRdKafka
import Foundation
import Synchronization

/// librdkafka's own mock of a Kafka cluster, on TCP ports of 127.0.0.1: for protocol and fault tests and for trying things out.
///
/// Not a store: memory only, about 5 MB kept per partition (older records vanish silently), no admin requests, no transactions. Topics have
/// to be created explicitly; a topic mentioned by name before that appears with 4 partitions. A group's first assignment takes 3 seconds.
public final class MockCluster: Sendable {
    /// Which requests a pushed error answers, by Kafka's API key.
    public enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case initProducerID = 22
    }

    /// Kafka's error codes that tests push; other numbers may be used too.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public var rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }
        public static let none = Code(rawValue: 0)
        public static let notLeader = Code(rawValue: 6)
        public static let requestTimedOut = Code(rawValue: 7)
        public static let notEnoughReplicas = Code(rawValue: 19)
        public static let topicAuthorizationFailed = Code(rawValue: 29)
        public static let outOfOrderSequence = Code(rawValue: 45)
        /// The mock broker closes the connection.
        public static let disconnect = Code(rawValue: -195)
    }

    /// `127.0.0.1:40001,127.0.0.1:40002`.
    public let servers: String
    /// The address for `openEventLog`, with the control socket in it so that services can create their topics.
    public let url: String
    private let client: KafkaClient
    private let cluster: Mutex<KafkaPointer?>
    private let control: MockControl
    private let ports: [UInt16]
    /// Sockets on the ports of brokers that are down, by broker.
    private let kept = Mutex<[Int32: Int32]>([:])

    /// Starts `brokers` brokers, numbered from 1. `control` is where the control socket is made, a path below 108 bytes; by default one in
    /// the temporary directory.
    public init(brokers: Int32 = 3, control: String? = nil) throws {
        // Without this every batch waits 40 ms for the peer's delayed acknowledgement.
        client = try KafkaClient(
            RD_KAFKA_PRODUCER, properties: ["socket.nagle.disable": "true", "log.connection.close": "false", "client.id": "careloop-mock"])
        guard let made = rd_kafka_mock_cluster_new(client.handle, brokers), let names = rd_kafka_mock_cluster_bootstraps(made) else {
            throw LogError.unavailable("the mock cluster did not start")
        }
        servers = String(cString: names)
        ports = servers.split(separator: ",").compactMap { $0.split(separator: ":").last.flatMap { UInt16($0) } }
        cluster = Mutex(KafkaPointer(raw: made))
        let socket = control ?? "/tmp/careloop-mock-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        url = "kafka://\(servers)?mock-control=\(socket)"
        self.control = try MockControl(socket)
        self.control.serve { [weak self] command in
            guard let self else { throw LogError.closed }
            try perform(command)
        }
    }

    deinit { stop() }

    /// Closes every port. Further calls throw `LogError.closed`.
    public func stop() {
        control.stop()
        let made = cluster.withLock { cluster in
            defer { cluster = nil }
            return cluster
        }
        guard let made else { return }
        rd_kafka_mock_cluster_destroy(made.raw)
        client.destroy(within: .seconds(5))
        for broker in ports.indices { giveBack(Int32(broker + 1)) }
    }

    /// Creates a topic. One that exists is left as it is, even with another number of partitions: `EventLog.ensure` notices that.
    public func createTopic(_ name: String, partitions: Int) throws {
        try call("topic \(name)", allowing: RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            rd_kafka_mock_topic_create($0, name, Int32(partitions), 1)
        }
    }

    /// What the cluster says of a topic when it is asked where it is: with anything but `.none` nobody can write or read there.
    public func setTopicError(_ topic: String, _ code: Code) throws {
        try call("topic error") {
            rd_kafka_mock_topic_set_error($0, topic, rd_kafka_resp_err_t(rawValue: code.rawValue))
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Takes a broker (nil: all) down or up again. Leaders do not move by themselves.
    ///
    /// A broker that is down listens no longer, and librdkafka aborts the process when its port has been given to somebody else by the time
    /// it is to come up: the port is kept meanwhile. It aborts too when somebody still listens there while it goes down, as every child of
    /// this process does between fork and exec: not for a process that starts others.
    public func setBroker(_ broker: Int32?, up: Bool) throws {
        try call("broker") { up ? rd_kafka_mock_broker_set_up($0, broker ?? -1) : rd_kafka_mock_broker_set_down($0, broker ?? -1) }
        for broker in broker.map({ [$0] }) ?? (1...Int32(ports.count)).map({ $0 }) { if up { giveBack(broker) } else { keep(broker) } }
    }

    private func keep(_ broker: Int32) {
        kept.withLock { kept in
            guard kept[broker] == nil, ports.indices.contains(Int(broker) - 1) else { return }
            // Somebody was faster, or there are no descriptors left: no worse than without it.
            kept[broker] = KeptPort.keep(ports[Int(broker) - 1])
        }
    }

    private func giveBack(_ broker: Int32) {
        kept.withLock { if let descriptor = $0.removeValue(forKey: broker) { KeptPort.giveBack(descriptor) } }
    }

    public func setLeader(of partition: TopicPartition, to broker: Int32) throws {
        try call("leader") { rd_kafka_mock_partition_set_leader($0, partition.topic, partition.partition, broker) }
    }

    /// Moves a group's coordinator to another broker, as when its broker is taken out of service.
    public func setCoordinator(ofGroup group: String, to broker: Int32) throws {
        try call("coordinator") { rd_kafka_mock_coordinator_set($0, "group", group, broker) }
    }

    /// Delays every answer of a broker (nil: all).
    public func setRoundTrip(of broker: Int32?, _ time: Duration) throws {
        try call("round trip") { rd_kafka_mock_broker_set_rtt($0, broker ?? -1, time.milliseconds) }
    }

    /// The next requests of this kind, cluster-wide, fail with these codes in turn.
    public func pushErrors(_ request: Request, _ codes: [Code]) throws {
        try call("errors") {
            let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0.rawValue) }
            rd_kafka_mock_push_request_errors_array($0, request.rawValue, errors.count, errors)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// The next request of this kind at one broker is answered with `code` after `delay`; `.none` is a slow success.
    public func pushSlowAnswer(_ request: Request, broker: Int32, _ code: Code, after delay: Duration) throws {
        try call("slow answer") {
            careloop_mock_push_error($0, broker, request.rawValue, rd_kafka_resp_err_t(rawValue: code.rawValue), delay.milliseconds)
        }
    }

    private func call(
        _ what: String, allowing allowed: rd_kafka_resp_err_t = RD_KAFKA_RESP_ERR_NO_ERROR,
        _ body: (OpaquePointer) -> rd_kafka_resp_err_t
    ) throws {
        try cluster.withLock { cluster in
            guard let cluster else { throw LogError.closed }
            let code = body(cluster.raw)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR || code == allowed else {
                throw LogError.rejected(code: kafkaName(code), "mock cluster: \(what)")
            }
        }
    }

    /// Carries out one line of the control language.
    public func perform(_ command: MockCommand) throws {
        switch command {
        case .topic(let name, let partitions): try createTopic(name, partitions: partitions)
        case .broker(let broker, let up): try setBroker(broker, up: up)
        case .leader(let partition, let broker): try setLeader(of: partition, to: broker)
        case .roundTrip(let broker, let milliseconds): try setRoundTrip(of: broker, .milliseconds(milliseconds))
        case .coordinator(let group, let broker): try setCoordinator(ofGroup: group, to: broker)
        case .topicError(let topic, let code): try setTopicError(topic, code)
        case .errors(let request, let codes): try pushErrors(request, codes)
        }
    }
}
