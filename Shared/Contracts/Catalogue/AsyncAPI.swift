extension Catalogue {
    /// The catalogue as an AsyncAPI 3.0 document in JSON: a channel for each topic or template, a message for each event type, and who sends
    /// and receives what.
    public static var asyncAPI: String {
        let types = topics.flatMap(\.types)
        let unique = types.enumerated().filter { types.firstIndex(of: $0.element) == $0.offset }.map(\.element)
        let document: JSONTree = [
            "asyncapi": "3.0.0",
            "info": [
                "title": "CareLoop events",
                "version": "1.0.0",
                "description": .text(introduction),
            ],
            "defaultContentType": .text(Envelope.protobufContentType),
            "channels": .object(topics.map { (channelID($0), channel($0)) }),
            "operations": .object(topics.flatMap(operations)),
            "components": ["messages": .object(unique.map { (messageID($0), message($0)) })],
        ]
        return document.written
    }

    private static let introduction = """
        Facts between CareLoop's services, and what partners send and read. Internal topics carry CloudEvents in structured mode (protobuf event \
        format), partner and published topics in binary mode.
        """

    private static func channel(_ topic: Topic) -> JSONTree {
        var configuration: [(String, JSONTree)] = [
            ("cleanup.policy", [topic.compacted ? "compact" : "delete"]),
            ("max.message.bytes", .number(topic.maxMessageBytes)),
        ]
        if !topic.compacted { configuration.append(("retention.ms", .number(topic.retentionDays.map { $0 * 86_400_000 } ?? -1))) }
        let parameters: [(String, JSONTree)] =
            topic.isPartner ? [("parameters", ["organisation": ["description": "Id of the partner's organisation."]])] : []
        let rest: [(String, JSONTree)] = [
            ("messages", .object(topic.types.map { (messageID($0), reference("#/components/messages/\(messageID($0))")) })),
            (
                "bindings",
                [
                    "kafka": [
                        "partitions": .number(topic.partitions),
                        "replicas": .number(topic.replication),
                        "topicConfiguration": .object(configuration),
                        "bindingVersion": "0.5.0",
                    ]
                ]
            ),
            ("x-key", .text(topic.key)),
            ("x-max-record-bytes", .number(topic.maxRecordBytes)),
            ("x-data-class", .text(topic.dataClass.rawValue)),
            ("x-min-insync-replicas", .number(topic.minInSyncReplicas)),
        ]
        return .object([("address", .text(topic.name))] + parameters + rest)
    }

    private static func operations(_ topic: Topic) -> [(String, JSONTree)] {
        func operation(_ who: String, _ action: String) -> (String, JSONTree) {
            let id = "\(who.split(separator: " ").joined(separator: "-"))-\(action)s-\(channelID(topic))"
            return (
                id,
                ["action": .text(action), "channel": reference("#/channels/\(channelID(topic))"), "title": .text("\(who) \(action)s")]
            )
        }
        return [operation(topic.producer, "send")] + topic.consumers.map { operation($0, "receive") }
    }

    private static func message(_ type: String) -> JSONTree {
        let full = message(for: type) ?? type
        return [
            "name": .text(type),
            "title": .text(messageID(type)),
            "contentType": .text(Envelope.protobufContentType),
            "payload": [
                "schemaFormat": "application/vnd.google.protobuf;version=3",
                "schema": reference("Shared/Contracts/Schemas/\(schemaFile(for: type) ?? "")#\(full)"),
            ],
            "x-protobuf-message": .text(full),
        ]
    }

    private static func reference(_ pointer: String) -> JSONTree { ["$ref": .text(pointer)] }

    /// The message's name without its package.
    private static func messageID(_ type: String) -> String {
        message(for: type).map { String($0.split(separator: ".").last ?? "") } ?? type
    }

    private static func channelID(_ topic: Topic) -> String { String(topic.name.filter { $0 != "{" && $0 != "}" }) }
}
