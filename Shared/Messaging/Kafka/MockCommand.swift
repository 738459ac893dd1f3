/// One line of the mock cluster's control language, read from its standard input and its control socket:
///
///     topic NAME PARTITIONS
///     down BROKER | up BROKER            (0: all)
///     leader TOPIC PARTITION BROKER
///     rtt BROKER MILLISECONDS            (0: all)
///     coordinator GROUP BROKER
///     topic-error TOPIC CODE             (0: none any more)
///     errors REQUEST CODE…               (Kafka's API key and error codes)
public enum MockCommand: Hashable, Sendable {
    case topic(String, Int)
    /// Nil: all brokers.
    case broker(Int32?, up: Bool)
    case leader(TopicPartition, Int32)
    case roundTrip(Int32?, Int)
    case coordinator(String, Int32)
    case topicError(String, MockCluster.Code)
    case errors(MockCluster.Request, [MockCluster.Code])

    /// Nil for a line that is none of these.
    public init?(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        func number(_ index: Int) -> Int? { words.indices.contains(index) ? Int(words[index]) : nil }
        func broker(_ index: Int) -> Int32?? { number(index).map { $0 == 0 ? nil : Int32(clamping: $0) } }
        switch (words.first, words.count) {
        case ("topic", 3):
            guard let partitions = number(2), partitions > 0 else { return nil }
            self = .topic(words[1], partitions)
        case ("down", 2), ("up", 2):
            guard let broker = broker(1) else { return nil }
            self = .broker(broker, up: words[0] == "up")
        case ("leader", 4):
            guard let partition = number(2), let broker = number(3) else { return nil }
            self = .leader(TopicPartition(topic: words[1], partition: Int32(clamping: partition)), Int32(clamping: broker))
        case ("rtt", 3):
            guard let broker = broker(1), let milliseconds = number(2) else { return nil }
            self = .roundTrip(broker, milliseconds)
        case ("coordinator", 3):
            guard let broker = number(2) else { return nil }
            self = .coordinator(words[1], Int32(clamping: broker))
        case ("topic-error", 3):
            guard let code = number(2) else { return nil }
            self = .topicError(words[1], MockCluster.Code(rawValue: Int32(clamping: code)))
        case ("errors", 3...):
            let codes = words.indices.dropFirst(2).compactMap(number)
            guard let key = number(1), let request = MockCluster.Request(rawValue: Int16(clamping: key)), codes.count == words.count - 2
            else { return nil }
            self = .errors(request, codes.map { MockCluster.Code(rawValue: Int32(clamping: $0)) })
        default: return nil
        }
    }

    /// The line that reads back as this command.
    public var line: String {
        switch self {
        case .topic(let name, let partitions): "topic \(name) \(partitions)"
        case .broker(let broker, let up): "\(up ? "up" : "down") \(broker ?? 0)"
        case .leader(let partition, let broker): "leader \(partition.topic) \(partition.partition) \(broker)"
        case .roundTrip(let broker, let milliseconds): "rtt \(broker ?? 0) \(milliseconds)"
        case .coordinator(let group, let broker): "coordinator \(group) \(broker)"
        case .topicError(let topic, let code): "topic-error \(topic) \(code.rawValue)"
        case .errors(let request, let codes): (["errors", "\(request.rawValue)"] + codes.map { "\($0.rawValue)" }).joined(separator: " ")
        }
    }

    /// Has the mock cluster whose control socket is at `path` carry this out, and returns when it has. Throws `LogError.unavailable` when
    /// nobody listens and `LogError.rejected` when the cluster refuses. Blocks the calling thread.
    public func send(to path: String) throws(LogError) { try MockControl.send(self, to: path) }
}

/// The mock cluster as a program of its own.
public enum MockClusterServer {
    /// Starts a cluster, prints its address (`kafka://…`, with the control socket) as the first line on standard output, then carries out
    /// the commands that come on standard input, answering each with `ok` or `error …`. Returns at end of input or `quit`.
    ///
    /// `topics` are created before the address is printed. Blocks the calling thread; not to be called on a cooperative one.
    public static func run(brokers: Int32 = 3, control: String? = nil, topics: [TopicPlan] = []) throws {
        let cluster = try MockCluster(brokers: brokers, control: control)
        defer { cluster.stop() }
        for topic in topics { try cluster.createTopic(topic.name, partitions: topic.partitions) }
        say(cluster.url)
        while let line = readLine(), line != "quit" {
            guard let command = MockCommand(line) else {
                say("error unknown command")
                continue
            }
            do {
                try cluster.perform(command)
                say("ok")
            } catch {
                say("error \(error)")
            }
        }
    }

    // Written at once: standard output may be a pipe, which print would buffer.
    private static func say(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        UnixSocket.writeAll(bytes, to: 1)
    }
}
