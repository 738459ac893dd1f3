import ArgumentParser
import Foundation
import Persistence

/// One service's store, copied while everybody works, and put back.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("备份与放回一个服务的存储", "Copy one service's store, and put a copy back").here,
        discussion: example("careloop backup make screening --to screening.backup", Text("不停服务", "while it works")),
        subcommands: [Make.self, Place.self])

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("在线备份，不停服务", "Copy a store while its service works").here,
            discussion: example(
                "careloop backup make registration --to registration.backup", Text("一个自成一体、已校验的文件", "one file, whole and checked")))

        @Argument(help: ArgumentHelp(Text("服务名", "Service").here)) var service: ServiceName
        @Option(help: ArgumentHelp(Text("备份文件，不得已存在", "File to make; must not exist").here)) var to: String
        @Option(
            help: ArgumentHelp(
                Text("存储文件；缺省为运行目录中该服务的", "The store's file; the service's in the run directory otherwise").here))
        var store: String?
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                let directory = RunDirectory.standard
                if store == nil, directory.server != nil {
                    // The server has its own tool, which copies a schema while everybody works; the password stays in its environment.
                    Terminal.say(
                        "pg_dump --format=custom --schema=\(directory.schema(service)) --file=\(to) \"$CARELOOP_POSTGRES\"")
                    return
                }
                let path = store ?? directory.store(service)
                let to = to
                let bytes: Int
                do { bytes = try await BlockingWork.run { try StoreCopy.make(of: path, at: to) } } catch let error as DatabaseError {
                    throw FileTrouble(path: path, reason: error.message)
                }
                if json {
                    try Terminal.json(["file": to, "bytes": String(bytes)])
                } else {
                    Terminal.say("\(to)  \(bytes) " + Text("字节，已校验", "bytes, checked").here)
                }
            }
        }
    }

    struct Place: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("把备份放回已停止的服务；原文件留作 .replaced", "Put a copy in place of a stopped service's store; what was there is kept").here,
            discussion: example(
                "careloop backup place registration registration.backup",
                Text("然后启动服务并运行 careloop restore", "then start the service and run careloop restore")))

        @Argument(help: ArgumentHelp(Text("服务名", "Service").here)) var service: ServiceName
        @Argument(help: ArgumentHelp(Text("备份文件", "The copy").here)) var copy: String
        @Option(help: ArgumentHelp(Text("存储文件；缺省为运行目录中该服务的", "The store's file; the service's in the run directory otherwise").here))
        var store: String?
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                let (copy, path) = (copy, store ?? RunDirectory.standard.store(service))
                let kept: String?
                do { kept = try await BlockingWork.run { try StoreCopy.place(copy, at: path) } } catch let error as DatabaseError {
                    throw FileTrouble(path: path, reason: error.message)
                }
                if json { return try Terminal.json(["store": path, "replaced": kept ?? ""]) }
                Terminal.say(path + (kept.map { Text("，原文件在 \($0)", ", what was there is \($0)").here } ?? ""))
            }
        }
    }
}

/// Starts one service of a run again, after it was stopped or died: same configuration, same port.
struct StartService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: Text("重新启动运行中的一个服务", "Start one service of a run again").here,
        discussion: example("careloop start screening", Text("日志接在运行目录的原文件之后", "its log goes on in the run directory")))

    @Argument(help: ArgumentHelp(Text("服务名", "Service").here)) var service: ServiceName
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let directory = RunDirectory.standard
            guard let eventLog = directory.eventLog else {
                throw Complaint("没有运行目录 \(directory.path)", "there is no run in \(directory.path)", code: .badInput)
            }
            let launcher = Launcher(settings: try RunSettings(environment: [:]))
            let whole = RunDirectory(path: URL(fileURLWithPath: directory.path).resolvingSymlinksInPath().path)
            var environment = launcher.environment(of: service, whole, eventLog)
            let instance = Instance(service: service, number: 1)
            environment["CARELOOP_PORT_FILE"] = whole.portFile(instance)
            if let port = whole.port(service) { environment["CARELOOP_SERVICE_PORT"] = String(port) }
            let process = try ChildProcess(
                name: service.rawValue, executable: "\(launcher.binaries)/\(service.executable)", environment: environment,
                logFile: whole.log(instance))
            // It goes on when this command has ended.
            try Files.write("\(process.identifier)\n".utf8, to: whole.processFile(instance))
            if json {
                try Terminal.json(["service": service.rawValue, "pid": String(process.identifier)])
            } else {
                Terminal.say("\(service.rawValue) pid \(process.identifier)")
            }
        }
    }
}
