extension Catalogue {
    /// The catalogue as the README's table.
    public static var markdownTable: String {
        let head = "| Topic | Key | Partitions | Kept | Written by | Read by | Data | Events |\n|---|---|---:|---|---|---|---|---|"
        return head + topics.map { "\n" + row($0) }.joined()
    }

    private static func row(_ topic: Topic) -> String {
        let kept = topic.compacted ? "newest of each key" : topic.retentionDays.map { "\($0) days" } ?? "for ever"
        let events = topic.types.map { message(for: $0).flatMap { $0.split(separator: ".").last.map(String.init) } ?? $0 }
        let cells = [
            "`\(topic.name)`", topic.key, "\(topic.partitions)", kept, topic.producer, topic.consumers.joined(separator: ", "),
            topic.dataClass.rawValue, events.joined(separator: ", "),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }
}
