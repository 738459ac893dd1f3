import ArgumentParser
import Contracts
import Messaging
import Vocabulary

/// The topic catalogue and what the log has of it.
struct Topics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("主题：列出、说明、创建、核对", "Topics: list, describe, apply, check").here,
        discussion: example("careloop topics list", Text("目录中的主题", "the topics of the catalogue")),
        subcommands: [List.self, Describe.self, Apply.self, Check.self])

    struct Entry: Encodable {
        var name: String
        var key: String
        var partitions: Int
        var compacted: Bool
        var retentionDays: Int?
        var producer: String
        var consumers: [String]
        var types: [String]
        var dataClass: String

        init(_ topic: Topic) {
            name = topic.name
            key = topic.key
            partitions = topic.partitions
            compacted = topic.compacted
            retentionDays = topic.retentionDays
            producer = topic.producer
            consumers = topic.consumers
            types = topic.types
            dataClass = topic.dataClass.rawValue
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("列出目录中的主题", "List the catalogue's topics").here,
            discussion: example("careloop topics list --json", Text("以 JSON 列出", "as JSON")))

        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false
        @Flag(help: ArgumentHelp(Text("以 AsyncAPI 3 输出", "Write AsyncAPI 3").here)) var asyncapi = false
        @Flag(help: ArgumentHelp(Text("以 Markdown 表格输出", "Write a Markdown table").here)) var markdown = false

        func run() async throws {
            if json { return try Terminal.json(Catalogue.topics.map(Entry.init)) }
            if asyncapi { return Terminal.say(Catalogue.asyncAPI) }
            if markdown { return Terminal.say(Catalogue.markdownTable) }
            var table = Table(header: ["topic", "key", "partitions", "keeps", "producer", "consumers"], right: [2])
            for topic in Catalogue.topics {
                table.rows.append([
                    topic.name, topic.key, String(topic.partitions),
                    topic.compacted ? "last per key" : topic.retentionDays.map { "\($0) days" } ?? "for ever", topic.producer,
                    topic.consumers.joined(separator: ", "),
                ])
            }
            Terminal.say(table.text)
        }
    }

    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("说明一个主题，并给出日志中的位置", "Describe one topic, and where the log stands").here,
            discussion: example(
                "careloop topics describe careloop.screening.referrals.v1", Text("转介主题", "the topic of referrals")))

        @OptionGroup var log: LogOption
        @Argument(help: ArgumentHelp(Text("主题名", "Name of the topic").here)) var topic: String
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        private struct Partition: Encodable {
            var partition: Int32
            var start: Int64
            var end: Int64
        }

        private struct Description: Encodable {
            var topic: Entry
            var partitions: [Partition]?
        }

        func run() async throws {
            try await explained {
                guard let entry = Catalogue.topic(for: topic) else {
                    throw Complaint("目录中没有 \(topic)", "the catalogue has no \(topic)", code: .badInput)
                }
                // Without a log the catalogue's part is still an answer.
                var partitions: [Partition]?
                if !topic.contains("{"), let url = try? log.url() {
                    let events = try openLog(url)
                    let topic = topic
                    partitions = try await BlockingWork.run {
                        let starts = try events.starts([topic])
                        return try events.ends([topic]).map {
                            Partition(partition: $0.key.partition, start: starts[$0.key] ?? 0, end: $0.value)
                        }
                        .sorted { $0.partition < $1.partition }
                    }
                }
                let description = Description(topic: Entry(entry), partitions: partitions)
                if json { return try Terminal.json(description) }
                Terminal.say("\(topic)\n  key: \(entry.key)\n  data class: \(entry.dataClass.rawValue)\n  producer: \(entry.producer)")
                Terminal.say("  consumers: \(entry.consumers.joined(separator: ", "))\n  types:")
                for type in entry.types { Terminal.say("    \(type)") }
                for partition in partitions ?? [] {
                    Terminal.say("  partition \(partition.partition): \(partition.start) … \(partition.end)")
                }
            }
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("在日志中创建缺少的主题，并授予目录规定的权限", "Create the topics the log does not have, grant the rights the catalogue says").here,
            discussion: example(
                "careloop topics apply --bureau hb-370303 --centre rc-370303-1",
                Text("内部主题，以及一家卫健局和一家机构的主题与权限", "internal topics, and topics and rights of one bureau and one centre"))
                + "\n"
                + example(
                    "careloop topics apply --dry-run --json", Text("只打印计划，不连接日志", "only print the plan, without a log")))

        @OptionGroup var log: LogOption
        @OptionGroup var wanted: WantedTopics
        @Flag(help: ArgumentHelp(Text("只打印主题与权限的计划", "Only print the plan of topics and rights").here)) var dryRun = false
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        private struct Outcome: Encodable {
            var topics: [String]
            var access: [AccessEntry]
        }

        func run() async throws {
            try await explained {
                let (plans, rules) = (try wanted.plans(), try wanted.rules())
                if dryRun { return try show(plans.map(\.name).sorted(), rules.sorted()) }
                let url = try log.url()
                let (events, keepsRules) = (try openLog(url), try BrokerAccess.isKept(by: url))
                let (created, granted) = try await BlockingWork.run {
                    let before = try events.topics()
                    try events.ensure(plans)
                    return (
                        plans.map(\.name).filter { before[$0] == nil }.sorted(),
                        keepsRules ? try BrokerAccess.apply(rules, to: events) : []
                    )
                }
                try show(created, granted)
                if json { return }
                Terminal.say(
                    Text(
                        "新建 \(created.count) 个，已有 \(plans.count - created.count) 个",
                        "\(created.count) created, \(plans.count - created.count) were there"
                    ).here)
                if keepsRules {
                    Terminal.say(
                        Text(
                            "授予 \(granted.count) 条权限，已有 \(rules.count - granted.count) 条",
                            "\(granted.count) rights granted, \(rules.count - granted.count) were there"
                        ).here)
                }
            }
        }

        private func show(_ topics: [String], _ rules: [AccessRule]) throws {
            if json { return try Terminal.json(Outcome(topics: topics, access: rules.map(AccessEntry.init))) }
            for name in topics { Terminal.say("+ \(name)") }
            for rule in rules { Terminal.say("+ \(rule)") }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("核对日志中的主题与目录是否一致，不作任何修改", "Compare the log's topics with the catalogue; changes nothing").here,
            discussion: example(
                "careloop topics check --bureau hb-370303",
                Text("有不一致时退出码为 \(ExitCode.topicsDiffer.rawValue)", "exits with \(ExitCode.topicsDiffer.rawValue) when something differs")))

        @OptionGroup var log: LogOption
        @OptionGroup var wanted: WantedTopics
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        private struct Difference: Encodable {
            var topic: String
            var setting: String
            var planned: String
            var actual: String
        }

        func run() async throws {
            try await explained {
                let url = try log.url()
                let (events, keepsRules) = (try openLog(url), try BrokerAccess.isKept(by: url))
                let (plans, rules) = (try wanted.plans(), try wanted.rules())
                let (topicDrift, access) = try await BlockingWork.run {
                    (try events.drift(of: plans), keepsRules ? try BrokerAccess.drift(events, rules) : nil)
                }
                let drift =
                    topicDrift.map { Difference(topic: $0.topic, setting: $0.setting, planned: $0.planned, actual: $0.actual) }
                    + (access.map(Self.differences) ?? [])
                if json {
                    try Terminal.json(drift)
                } else {
                    var table = Table(header: ["topic", "setting", "catalogue", "log"], right: [])
                    for difference in drift {
                        table.rows.append([difference.topic, difference.setting, difference.planned, difference.actual])
                    }
                    if !drift.isEmpty { Terminal.say(table.text) }
                    Terminal.say(
                        Text(
                            "核对 \(plans.count) 个主题，\(drift.count) 处不一致",
                            "\(plans.count) topics compared, \(drift.count) differences"
                        ).here)
                }
                if !drift.isEmpty { throw ExitCode.topicsDiffer }
            }
        }

        private static func differences(_ drift: AccessDrift) -> [Difference] {
            drift.missing.map { Difference(topic: $0.name, setting: "\($0)", planned: "granted", actual: "missing") }
                + drift.surplus.map { Difference(topic: $0.name, setting: "\($0)", planned: "not granted", actual: "granted") }
        }
    }
}

/// Which topics a command is about: all internal ones, and those of the partners named.
struct WantedTopics: ParsableArguments {
    @Option(help: ArgumentHelp(Text("卫健局的机构编号，可重复", "Id of a health bureau, repeatable").here)) var bureau: [String] = []
    @Option(help: ArgumentHelp(Text("康复机构的编号，可重复", "Id of a centre, repeatable").here)) var centre: [String] = []

    func plans() throws -> [TopicPlan] {
        var plans = Catalogue.topics.filter { !$0.isPartner }.map { $0.plan(named: $0.name) }
        for id in bureau { plans += PartnerTopics.plans(ofBureau: try organisation(id)) }
        for id in centre { plans += PartnerTopics.plans(ofCentre: try organisation(id)) }
        return plans
    }

    /// The rights of the five services and of the partners named.
    func rules() throws -> Set<AccessRule> {
        AccessPlan.rules(
            for: try bureau.map { .init(organisation: try organisation($0), kind: .healthBureau) }
                + centre.map { .init(organisation: try organisation($0), kind: .rehabilitationCentre) })
    }

    private func organisation(_ text: String) throws -> OrganisationID {
        guard let id = try? OrganisationID(text) else {
            throw Complaint("机构编号不对：\(text)", "no organisation id: \(text)", code: .badInput)
        }
        return id
    }
}

/// The topics one organisation is granted.
enum PartnerTopics {
    static func plans(ofBureau id: OrganisationID) -> [TopicPlan] { plans([RawScreeningResult.topic, ResultReceipt.topic], id) }
    static func plans(ofCentre id: OrganisationID) -> [TopicPlan] {
        plans([ReferralNotice.topic, RawReferralAnswer.topic, AnswerReceipt.topic], id)
    }

    private static func plans(_ templates: [String], _ id: OrganisationID) -> [TopicPlan] {
        templates.compactMap { template in Catalogue.topic(for: template)?.plan(named: Catalogue.name(template, for: id)) }
    }
}
