import ArgumentParser
import Contracts
import ServiceRuntime
import Vocabulary

/// From a topic that somebody has got hold of to the people in it: the list a report of a leak begins with.
struct Incident: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("泄露评估：一个主题涉及的人员和字段", "After a leak: whom a topic is about, and which fields").here,
        discussion: example(
            "careloop incident careloop.screening.dead-letters.v1 --purpose \"leaked backup of the broker\"",
            Text(
                "人员代号、记录数、字段；先记入审计日志", "pseudonyms, how many records, which fields; goes on record in the audit trail first"
            )))

    @OptionGroup var services: ServicesOption
    @Argument(help: ArgumentHelp(Text("泄露的主题", "Topic that leaked").here)) var topic: String
    @Option(help: ArgumentHelp(Text("用途，只写文字，记入审计日志", "Why, in words only; stands in the audit trail").here)) var purpose: String
    @Option(help: ArgumentHelp(Text("只看此刻起的记录", "Only records from this instant on, 2026-11-21T08:00:00Z").here)) var from: String?
    @Option(help: ArgumentHelp(Text("只看到此刻为止的记录", "Only records up to this instant").here)) var to: String?
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    private struct Record: Codable {
        var topic: String
        var purpose: String
    }

    private struct Recorded: Codable {
        var number: Int64
    }

    func run() async throws {
        try await explained {
            guard let plan = Catalogue.topic(for: topic) else {
                throw Complaint("没有主题 \(topic)", "there is no topic \(topic)", code: .badInput)
            }
            guard let owner = ServiceName(rawValue: plan.producer) else {
                throw Complaint(
                    "\(topic) 由机构写入，服务不保存原文；已受理的结果见 \(ResultAccepted.topic)",
                    "\(topic) is written by a partner, and no service keeps its bytes; ask about \(ResultAccepted.topic), which names whom its results became",
                    code: .badInput)
            }
            var bounds: [String] = []
            for (name, value) in [("from", from), ("to", to)] {
                guard let value else { continue }
                guard let instant = Instant(rfc3339: value) else {
                    throw Complaint("--\(name) 不是时间", "--\(name) is no instant; write 2026-11-21T08:00:00Z", code: .badInput)
                }
                bounds.append("\(name)=\(instant.text)")
            }
            let token = try services.tokenOr(.auditor)
            // First of all: who looks for people does so on record, or not at all.
            let recorded = try await services.client(.registration).post(
                "/incidents", Record(topic: topic, purpose: purpose), token: token, as: Recorded.self)
            var leak = Leak(topic: topic, audit: recorded.number)
            let query = bounds.isEmpty ? "" : "?" + bounds.joined(separator: "&")
            for part in try await services.client(owner).all("/leaks/\(topic)\(query)", token: token, as: Affected.self) { leak.add(part) }
            if json { try Terminal.json(leak.report) } else { Terminal.say(leak.table.text + "\n" + leak.sentence.here) }
        }
    }
}

/// Who is in a leaked topic.
struct Leak: Sendable {
    /// As JSON.
    struct Report: Codable, Sendable {
        var topic: String
        /// Entry of the audit trail that says who looked.
        var audit: Int64
        var persons: [Affected]
        /// Records that name nobody, by what they are about.
        var others: [Affected]
    }

    let topic: String
    let audit: Int64
    private var found: [String: Affected] = [:]

    init(topic: String, audit: Int64) {
        self.topic = topic
        self.audit = audit
    }

    /// Takes what one page of a service's answer says: somebody may stand on several.
    mutating func add(_ part: Affected) {
        if found[part.place]?.merge(part) == nil { found[part.place] = part }
    }

    var report: Report {
        let all = found.sorted { $0.key < $1.key }.map(\.value)
        return Report(topic: topic, audit: audit, persons: all.filter { $0.person != nil }, others: all.filter { $0.person == nil })
    }

    var table: Table {
        var table = Table(
            header: [
                Text("人员代号", "person").here, Text("记录", "records").here, Text("其中密封", "sealed").here, Text("首次", "first").here,
                Text("末次", "last").here, Text("字段", "fields").here,
            ], right: [1, 2])
        for one in report.persons {
            table.rows.append([
                one.person ?? "", String(one.records), String(one.sealed), String(one.first.prefix(19)), String(one.last.prefix(19)),
                one.fields.sorted().joined(separator: " ")
                    + (one.assumed > 0 ? Text("（无法解读，按该类型的全部字段计）", " (not readable: all that their type has)").here : ""),
            ])
        }
        return table
    }

    var sentence: Text {
        let (persons, others) = (report.persons, report.others)
        let records = others.reduce(0) { $0 + $1.records }
        let gone = (persons + others).reduce(0) { $0 + $1.unreadable }
        let keys = others.compactMap(\.key).filter { !$0.isEmpty }
        return Text(
            "\(topic)：涉及 \(persons.count) 人；\(records) 条记录未指明人员\(keys.isEmpty ? "" : "（careloop trace 可查 \(keys.count) 个编号）")，\(gone) 条密钥已销毁、任何人都无法再读。审计日志第 \(audit) 条。",
            "\(topic): \(persons.count) persons; \(records) records name nobody\(keys.isEmpty ? "" : " (careloop trace follows their \(keys.count) ids)"), \(gone) can be read by nobody any more, their key is deleted. Entry \(audit) of the audit trail."
        )
    }
}
