import ArgumentParser
import Contracts
import ServiceRuntime
import Vocabulary

/// One case's way through the five services, with times.
struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("一件个案在五个服务中的全过程", "One case's way through the five services").here,
        discussion: example(
            "careloop trace 4bf92f3577b34da6a3ce929d0e0e4736",
            Text(
                "个案、人员代号、转介或关联号；审计或运维令牌", "of a case, a person's pseudonym, a referral or a correlation id; token of an auditor or operator"
            )))

    @OptionGroup var services: ServicesOption
    @Argument(help: ArgumentHelp(Text("个案、人员代号、转介、关联号或 trace 号", "Case, person pseudonym, referral, correlation or trace id").here)) var id:
        String
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let token = try services.tokenOrOperator()
            var way = Way()
            var asked: Set<String> = []
            var next = [id]
            // The id itself, then the persons and referrals its events are about: theirs are told under other keys.
            for _ in 0..<Way.rounds {
                for id in next {
                    asked.insert(id)
                    for service in ServiceName.allCases {
                        way.add(
                            try await services.client(service).all(
                                "/trace/\(id)", token: token, as: TraceEntry.self), of: service)
                    }
                }
                next = way.subjects.subtracting(asked).sorted()
                guard !next.isEmpty, next.count <= Way.mostSubjects else { break }
            }
            for service in ServiceName.allCases {
                way.applied[service] = try await services.client(service).all("/positions", token: token, as: AppliedPosition.self)
            }
            guard !way.steps.isEmpty else {
                throw Complaint("没有事件提到 \(id)", "no event names \(id)", code: .refused)
            }
            if json { try Terminal.json(way.steps) } else { Terminal.say(way.table.text) }
        }
    }
}

/// What five journals say of one case, put in order.
struct Way: Sendable {
    /// How often what was found is asked about in turn.
    static let rounds = 3
    /// A correlation of more people than these is a whole file's, not a case's, and is shown by itself.
    static let mostSubjects = 4

    /// One line of the answer.
    struct Step: Codable, Sendable {
        var at: String
        var service: String
        var event: TraceEntry
        /// Milliseconds since the event that caused this one; missing where the cause was no event of these.
        var sinceCauseMs: Int64?
        /// Services that read the topic and have applied this event, and those that have not yet.
        var appliedBy: [String]
        var awaitedBy: [String]
    }

    private var entries: [String: (service: ServiceName, entry: TraceEntry)] = [:]
    var applied: [ServiceName: [AppliedPosition]] = [:]

    mutating func add(_ found: [TraceEntry], of service: ServiceName) {
        for entry in found { entries["\(entry.topic)/\(entry.partition)/\(entry.number)"] = (service, entry) }
    }

    /// Keys of events about a person or a referral.
    var subjects: Set<String> {
        Set(
            entries.values.compactMap { _, entry in
                guard let topic = Catalogue.topic(for: entry.topic), ["person", "referral"].contains(topic.key) else { return nil }
                return entry.key
            })
    }

    /// In the order in which it was said.
    var steps: [Step] {
        let times = Dictionary(entries.values.map { ($0.entry.event, Instant(rfc3339: $0.entry.at)?.milliseconds) }) { first, _ in first }
        let read = applied.mapValues { positions in
            Dictionary(positions.map { ("\($0.topic)/\($0.partition)", $0.number) }) { first, _ in first }
        }
        return entries.values.sorted { a, b in
            (a.entry.at, a.service.rawValue, a.entry.topic, a.entry.number) < (
                b.entry.at, b.service.rawValue, b.entry.topic, b.entry.number
            )
        }.map { service, entry in
            let readers = ServiceName.allCases.filter { Catalogue.topic(for: entry.topic)?.consumers.contains($0.rawValue) == true }
            let (done, open) = (
                readers.filter { read[$0]?["\(entry.topic)/\(entry.partition)"] ?? 0 >= entry.number },
                readers.filter { read[$0]?["\(entry.topic)/\(entry.partition)"] ?? 0 < entry.number }
            )
            let cause = times[entry.causation].flatMap { $0 }
            let own = Instant(rfc3339: entry.at)?.milliseconds
            return Step(
                at: entry.at, service: service.rawValue, event: entry, sinceCauseMs: cause.flatMap { cause in own.map { $0 - cause } },
                appliedBy: done.map(\.rawValue), awaitedBy: open.map(\.rawValue))
        }
    }

    var table: Table {
        var table = Table(
            header: [
                Text("时间", "time").here, Text("服务", "service").here, Text("事件", "event").here, Text("距原因 ms", "ms since cause").here,
                Text("业务日期", "business day").here, Text("已处理", "applied by").here, Text("对象", "about").here,
            ], right: [3])
        for step in steps {
            table.rows.append([
                String(step.at.prefix(23)), step.service, String(step.event.type.split(separator: ".").dropLast().last ?? ""),
                step.sinceCauseMs.map { String($0) } ?? "", String(step.event.recorded.prefix(10)),
                (step.appliedBy.map { "\($0) ✓" } + step.awaitedBy.map { "\($0) …" }).joined(separator: " "),
                String(step.event.key.prefix(12)),
            ])
        }
        return table
    }
}
