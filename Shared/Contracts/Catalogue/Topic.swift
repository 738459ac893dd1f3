import Vocabulary

/// How sensitive a topic's records are; decides who may ever be granted it and how long it is kept.
public enum DataClass: String, CaseIterable, Comparable, Sendable {
    case `public`
    /// Pseudonymous facts between services.
    case `internal`
    /// Names or numbers of people.
    case personal
    /// What bureaus send about children.
    case minorSensitive = "minor_sensitive"

    /// From least to most sensitive.
    public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .public: 0
        case .internal: 1
        case .personal: 2
        case .minorSensitive: 3
        }
    }
}

/// One topic, or the template of the partner topics of one kind, as the catalogue fixes it for the topic's life.
public struct Topic: Sendable {
    /// `careloop.screening.cases.v1`, or with `{organisation}` for partner topics.
    public let name: String
    /// What the key is, in words.
    public let key: String
    /// Fixed for the topic's life; growth is a new topic version.
    public let partitions: Int
    public let compacted: Bool
    /// Nil: kept for ever, because a rebuild reads it, or by key when compacted.
    public let retentionDays: Int?
    public let maxRecordBytes: Int
    /// The one service that writes it, or `partner`.
    public let producer: String
    /// Services by name; readers outside in words.
    public let consumers: [String]
    /// Event types that stand on it.
    public let types: [String]
    public let dataClass: DataClass
    /// Copies of each record on a cluster, and how many must have it before it counts as written.
    public let replication = Catalogue.Limits.replication
    public let minInSyncReplicas = Catalogue.Limits.minInSyncReplicas
    /// What stands before and after the organisation; nil for a topic that is one topic.
    private let around: (prefix: String, suffix: String)?

    /// Kafka's `max.message.bytes`, which limits a whole batch with its framing. Single records are held to `maxRecordBytes` by who writes
    /// them and at the door.
    public var maxMessageBytes: Int { max(maxRecordBytes, Catalogue.Limits.batchBytes) + Catalogue.Limits.framingBytes }

    /// True when its records say who somebody is; their bytes are never kept open outside the topic.
    public var isSensitive: Bool { dataClass == .personal || dataClass == .minorSensitive }
    /// True when somebody outside writes it.
    public var isWrittenByPartner: Bool { producer == "partner" }
    /// True for a template: one topic per organisation.
    public var isPartner: Bool { around != nil }

    static let placeholder = "{organisation}"

    init(
        _ name: String, key: String, partitions: Int, compacted: Bool = false, retentionDays: Int? = nil,
        maxRecordBytes: Int = Catalogue.Limits.recordBytes, producer: String, consumers: [String], types: [String],
        dataClass: DataClass = .internal
    ) {
        self.name = name
        self.key = key
        self.partitions = partitions
        self.compacted = compacted
        self.retentionDays = retentionDays
        self.maxRecordBytes = maxRecordBytes
        self.producer = producer
        self.consumers = consumers
        self.types = types
        self.dataClass = dataClass
        let parts = name.split(separator: Topic.placeholder, omittingEmptySubsequences: false)
        around = parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    /// The organisation a concrete partner topic belongs to; nil when `topic` is not of this template.
    public func organisation(in topic: String) -> OrganisationID? {
        guard let (prefix, suffix) = around, topic.utf8.count > prefix.utf8.count + suffix.utf8.count, topic.hasPrefix(prefix),
            topic.hasSuffix(suffix)
        else { return nil }
        return try? OrganisationID(String(topic.dropFirst(prefix.count).dropLast(suffix.count)))  // not an identifier: not our topic
    }

    /// This topic's name for one organisation; its own name when it is not a template.
    public func name(for organisation: OrganisationID) -> String {
        guard let (prefix, suffix) = around else { return name }
        return prefix + organisation.text + suffix
    }
}

/// One topic of one organisation, and what the organisation may do with it.
public struct PartnerTopic: Sendable {
    /// What an access rule grants; never both on one topic.
    public enum Access: String, Sendable { case read, write }

    /// Concrete, `careloop.partner.hb-370102.receipts.v1`.
    public let name: String
    public let template: Topic
    public let access: Access
}
