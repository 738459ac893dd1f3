import ArgumentParser
import Dispatch
import Foundation

/// The main job: five services, two simulated years, an account, and a page to look at.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text(
            "启动五个服务，跑完两年模拟，出账目，直到 Ctrl-C", "Start the five services, live two simulated years, take the account, stay until Ctrl-C"
        ).here,
        discussion: example("careloop run", Text("内嵌事件日志，每次用新的 .run/", "on the embedded log, in a fresh .run/")))

    @OptionGroup var options: RunOptions
    @Flag(
        help: ArgumentHelp(
            Text("账目与页面链接以 JSON 输出，其余写到标准错误", "Write the account and the page's links as JSON, everything else to stderr").here))
    var json = false

    func run() async throws {
        try await explained { _ = try await MainJob(settings: options.settings(), staysUp: true, json: json).run() }
    }
}

/// The main job without staying up: for CI.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("同 run，但结束后退出；账目不符则返回非零", "As run, then stop; non-zero when the account does not tie out").here,
        discussion: example("careloop demo --kafka mock", Text("在模拟 Kafka 集群上", "over the mock Kafka cluster")))

    @OptionGroup var options: RunOptions
    @Flag(help: ArgumentHelp(Text("以 JSON 输出账目", "Write the account as JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let account = try await MainJob(settings: options.settings(), staysUp: false, json: json).run()
            if !account.tiesOut { throw ExitCode.accountDiffers }
        }
    }
}

/// Takes the account of a run again from its directory.
struct Recount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: Text("对最近一次运行重新清点", "Take the account of the last run again").here,
        discussion: example("careloop account", Text("不需要服务在运行", "the services need not be running")))

    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let directory = RunDirectory.standard
            let notes = try Accountant.notes(directory)
            guard let eventLog = directory.eventLog else { throw FileTrouble(path: directory.eventLogFile, reason: "missing") }
            var settings = try RunSettings(environment: ["FROM": notes.from, "THROUGH": notes.through])
            settings.seed = notes.seed
            settings.children = notes.children
            let accountant = Accountant(settings: settings, directory: directory, eventLog: eventLog)
            let account = try await BlockingWork.run { try accountant.account(notes) }
            Terminal.say(json ? String(decoding: try account.json(), as: UTF8.self) : account.text(money: Figures.money))
            if !account.tiesOut { throw ExitCode.accountDiffers }
        }
    }
}
