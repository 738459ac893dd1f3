import Vocabulary

/// How sensitive a topic's records are; decides who may ever be granted it and how long it is kept.
public enum DataClass: String, CaseIterable, Sendable {
    case `public`
    /// Pseudonymous facts between services.
    case `internal`
    /// Names or numbers of people.
    case personal
    /// What bureaus send about children.
    case minorSensitive = "minor_sensitive"
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
    /// Nil: kept for ever, because a rebuild reads it.
    public let retentionDays: Int?
    public let maxRecordBytes: Int
    /// The one service that writes it, or `partner`.
    public let producer: String
    public let consumers: [String]
    /// Event types that stand on it.
    public let types: [String]
    public let dataClass: DataClass

    public var isPartner: Bool { name.contains(Topic.placeholder) }

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
    }

    /// The organisation a concrete partner topic belongs to; nil when `topic` is not of this template.
    public func organisation(in topic: String) -> OrganisationID? {
        guard isPartner, let range = name.range(of: Topic.placeholder) else { return nil }
        let prefix = name[..<range.lowerBound]
        let suffix = name[range.upperBound...]
        guard topic.hasPrefix(prefix), topic.hasSuffix(suffix), topic.utf8.count > prefix.utf8.count + suffix.utf8.count else { return nil }
        return try? OrganisationID(String(topic.dropFirst(prefix.count).dropLast(suffix.count)))  // not an identifier: not our topic
    }
}

extension String {
    /// The first place of `part`, without Foundation.
    fileprivate func range(of part: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
