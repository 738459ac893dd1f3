import ArgumentParser

/// The operator's and partner's tool. It owns no state: everything goes through the services' public interfaces and the log.
@main
struct CareLoop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "careloop",
        abstract: Text("CareLoop 的操作与伙伴工具", "The operator's and partner's tool of CareLoop").here,
        discussion: example("careloop run", Text("启动五个服务并跑完整个流程", "start the five services and run the whole loop"))
            + "\n\n" + ExitCode.table,
        version: "1.0.0",
        subcommands: [
            Run.self, Demo.self, Status.self, Generate.self, Publish.self, Import.self, Follow.self, Topics.self, Partner.self,
            DeadLetters.self, Held.self, Sources.self, Republish.self, Restore.self, Backup.self, StartService.self, Trace.self,
            Incident.self, Audit.self, Token.self, Link.self, Clock.self, Recount.self, MockCluster.self,
        ])
}

/// The help's example: what to type and what it does.
func example(_ command: String, _ meaning: Text) -> String {
    "\(Text("例", "Example").here):\n  \(command)\n      \(meaning.here)"
}
