import ArgumentParser
import Foundation
import Vocabulary

/// What one run of the whole loop is made of.
struct RunSettings: Sendable {
    var seed: UInt64 = 1
    /// Children in the first import.
    var children = 20_000
    var faultyShare = 0.02
    var from = LocalDate(year: 2024, month: 6, day: 1)!
    var through = LocalDate(year: 2026, month: 5, day: 31)!
    /// Nil is the embedded log of this run; `mock` starts a mock cluster in a process of its own.
    var eventLog: String?
    /// The PostgreSQL database that holds the five services' stores, each in a schema of its own; nil is a SQLite file for each.
    var store: String?
    /// Processes of each service; one where nothing is said.
    var instances: [ServiceName: Int] = [:]
    /// Goes on with the stores of the last run.
    var keep = false
    /// How often each service is killed with SIGKILL while the first results come in; they then come over the log. For tests.
    var kills = 0
    /// What is done to the services while the days pass. For tests and recorded runs.
    var fire = Fire()
    /// Where the account goes as JSON; nil writes none.
    var accountFile: String?

    /// Instances of a service and a server that is asked over a network are away for a moment now and then: partners ask again.
    var patience: Duration { max(fire.patience, store == nil && services(beyond: 1).isEmpty ? .zero : .seconds(30)) }

    /// Services with more than so many instances.
    func services(beyond count: Int) -> [ServiceName] { ServiceName.allCases.filter { instances[$0, default: 1] > count } }

    /// SEED, CHILDREN, KEEP, ACCOUNT, FROM, THROUGH and CARELOOP_EVENT_LOG, as `make` passes them; empty is unset.
    init(environment: [String: String]) throws {
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func number<Number>(_ name: String, _ parse: (String) -> Number?) throws -> Number? {
            guard let text = text(name) else { return nil }
            guard let number = parse(text) else { throw Complaint("\(name)=\(text) 不对", "\(name)=\(text) is not usable", code: .badInput) }
            return number
        }
        seed = try number("SEED") { UInt64($0) } ?? seed
        children = try number("CHILDREN") { Int($0) } ?? children
        from = try number("FROM") { try? LocalDate($0) } ?? from
        through = try number("THROUGH") { try? LocalDate($0) } ?? through
        eventLog = text("CARELOOP_EVENT_LOG")
        store = text("STORE")
        guard store?.hasPrefix("postgres://") ?? true else {
            throw Complaint("STORE 应为 postgres://…", "STORE is written postgres://…", code: .badInput)
        }
        keep = text("KEEP") == "1"
        accountFile = text("ACCOUNT")
        guard from <= through, children >= 0 else { throw Complaint("FROM 在 THROUGH 之后", "FROM lies after THROUGH", code: .badInput) }
    }
}

/// The options that `run` and `demo` share; each wins over its environment variable.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Text("随机种子；同一种子得到同样的账目（SEED）", "Seed; the same seed gives the same account (SEED)").here)) var seed: UInt64?
    @Option(help: ArgumentHelp(Text("首次导入的儿童数（CHILDREN）", "Children in the first import (CHILDREN)").here)) var children: Int?
    @Option(help: ArgumentHelp(Text("第一天（FROM）", "First day (FROM)").here)) var from: String?
    @Option(help: ArgumentHelp(Text("最后一天（THROUGH）", "Last day (THROUGH)").here)) var through: String?
    @Option(help: ArgumentHelp(Text("mock，或 kafka://主机:端口；缺省为内嵌日志", "mock, or kafka://host:port; the embedded log otherwise").here))
    var kafka: String?
    @Option(
        help: ArgumentHelp(
            Text(
                "postgres://用户@主机/库；缺省为各服务的 SQLite 文件（STORE）",
                "postgres://user@host/database; a SQLite file for each service otherwise (STORE)"
            ).here))
    var store: String?
    @Option(
        help: ArgumentHelp(
            Text(
                "服务的实例数，名称=个数，可重复；需要 --store 与 --kafka",
                "Instances of a service as name=count, repeatable; needs --store and --kafka"
            ).here))
    var instances: [String] = []
    @Option(help: .hidden) var kills: Int?
    @Option(help: .hidden) var soak: Double?
    @Option(help: .hidden) var killEvery: Double?
    @Option(help: .hidden) var churnEvery: Double?
    @Option(help: .hidden) var patience: Double?
    @Option(help: .hidden) var crash: [String] = []
    @Flag(help: ArgumentHelp(Text("保留上次运行的数据（KEEP=1）", "Go on with the last run's data (KEEP=1)").here)) var keep = false

    func settings() throws -> RunSettings {
        var environment = ProcessInfo.processInfo.environment
        if let seed { environment["SEED"] = String(seed) }
        if let children { environment["CHILDREN"] = String(children) }
        if let from { environment["FROM"] = from }
        if let through { environment["THROUGH"] = through }
        if let kafka { environment["CARELOOP_EVENT_LOG"] = kafka }
        if let store { environment["STORE"] = store }
        if keep { environment["KEEP"] = "1" }
        var settings = try RunSettings(environment: environment)
        settings.kills = kills ?? 0
        settings.fire = try Fire(
            soakMinutes: soak ?? 0, killEverySeconds: killEvery ?? (soak == nil || churnEvery != nil ? nil : 20),
            churnEverySeconds: churnEvery, patienceSeconds: patience ?? 0, crashes: crash)
        for text in instances {
            let parts = text.split(separator: "=").map(String.init)
            guard parts.count == 2, let service = ServiceName(rawValue: parts[0]), let count = Int(parts[1]), (1...16).contains(count)
            else {
                throw Complaint("--instances \(text) 不对", "--instances \(text) is not name=count", code: .badInput)
            }
            settings.instances[service] = count
        }
        guard settings.services(beyond: 1).isEmpty || settings.store != nil && settings.eventLog != nil else {
            throw Complaint("多个实例需要 --store 与 --kafka", "several instances need --store and --kafka", code: .badInput)
        }
        guard settings.services(beyond: 1).isEmpty || settings.fire.killEverySeconds == nil && settings.kills == 0 else {
            throw Complaint("--kills 只用于单个实例", "--kills is for services of one instance; use --churn-every", code: .badInput)
        }
        return settings
    }
}
