/// A topic name with one part left open, `careloop.partner.{organisation}.screening-results.v1`: one topic per organisation.
///
/// The open part stands for one or more of `a-z 0-9 -`, the characters of an identifier.
public struct TopicPattern: Hashable, Sendable, CustomStringConvertible {
    public let template: String
    private let prefix: String
    private let suffix: String

    /// `template` holds exactly one `{name}`.
    public init(_ template: String) {
        let parts = template.split(separator: "{", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count == 2 ? parts[1].split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false) : []
        precondition(rest.count == 2 && !rest[1].contains("{"), "a topic pattern has exactly one {part}: \(template)")
        self.template = template
        prefix = String(parts[0])
        suffix = String(rest[1])
    }

    /// What stands in the open part of `topic`; nil when the topic is not of this pattern.
    public func match(_ topic: String) -> String? {
        guard topic.utf8.count > prefix.utf8.count + suffix.utf8.count, topic.hasPrefix(prefix), topic.hasSuffix(suffix) else { return nil }
        let middle = topic.dropFirst(prefix.count).dropLast(suffix.count)
        let isIdentifier = middle.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        return isIdentifier ? String(middle) : nil
    }

    /// The topic for one value of the open part.
    public func topic(for value: String) -> String { prefix + value + suffix }

    /// The same as a regular expression that librdkafka takes as a subscription.
    public var expression: String {
        func escaped(_ text: String) -> String { text.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "\\.") }
        return "^\(escaped(prefix))[a-z0-9-]+\(escaped(suffix))$"
    }

    public var description: String { template }
}
