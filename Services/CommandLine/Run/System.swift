import Foundation
import Vocabulary

/// The running system as its partners see it: five addresses, an event log, and keys to make tokens with.
struct CareSystem: Sendable {
    let directory: RunDirectory
    let eventLog: String
    let keys: KeyStore
    let clients: [ServiceName: HTTPClient]
    /// The processes of this run.
    let supervisor: Supervisor

    func client(_ service: ServiceName) -> HTTPClient { clients[service]! }

    var operatorToken: String {
        get throws { try keys.issue(.systemOperator) }
    }

    func stop() async {
        for client in clients.values { client.close() }
        await supervisor.stop()
    }
}

/// Prepares a run directory, starts what a run needs and waits until it is ready.
struct Launcher: Sendable {
    let settings: RunSettings
    /// Where the executables are: beside this one.
    let binaries: String

    init(settings: RunSettings) {
        self.settings = settings
        binaries = Self.ownDirectory
    }

    /// The directory of this executable.
    static var ownDirectory: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().path
    }

    /// Starts everything. `ready` hears of each service that came up.
    func start(ready: @Sendable (String) -> Void) async throws -> CareSystem {
        let directory = try prepareDirectory()
        let keys = try prepareKeys(directory)
        if let store = settings.store, directory.server == nil { try Files.write(store.utf8, to: directory.serverFile, mode: 0o600) }
        var mock: ChildProcess?
        let eventLog: String
        switch settings.eventLog {
        case nil: eventLog = "sqlite://\(directory.embeddedLog)"
        case "mock":
            let (process, address) = try await startMockCluster(directory)
            mock = process
            eventLog = address
        case .some(let address):
            eventLog = address
            if !settings.keep { try await Self.mustBeFresh(address) }
        }
        try Files.write((eventLog + "\n").utf8, to: directory.eventLogFile)
        let supervisor = Supervisor(binaries: binaries, directory: directory, mock: mock, settings: settings)
        do {
            if !settings.fire.crashes.isEmpty {
                // Ends when the services are stopped; what it cannot start again is found missing by whoever waits for it.
                Task { do { try await supervisor.keepUp() } catch { Terminal.complain("\(error)") } }
            }
            for service in ServiceName.allCases {
                for number in 1...settings.instances[service, default: 1] {
                    let instance = Instance(service: service, number: number)
                    // A port file of an earlier process would be believed; mostly there is none to remove.
                    try? FileManager.default.removeItem(atPath: directory.portFile(instance))
                    try supervisor.start(instance, environment(of: service, directory, eventLog))
                }
            }
            var clients: [ServiceName: HTTPClient] = [:]
            for service in ServiceName.allCases {
                clients[service] = try await supervisor.waitUntilReady(service)
                ready(service.rawValue)
            }
            let lines = ServiceName.allCases.compactMap { service in clients[service].map { "\(service.rawValue) \($0.base)\n" } }
            try Files.write(lines.joined().utf8, to: directory.file("page-addresses"))
            return CareSystem(directory: directory, eventLog: eventLog, keys: keys, clients: clients, supervisor: supervisor)
        } catch {
            await supervisor.stop(patience: 2)
            throw error
        }
    }

    /// Fresh stores go with a fresh log: in front of an earlier run's records every service would wait to be restored.
    private static func mustBeFresh(_ address: String) async throws {
        let written = try await BlockingWork.run {
            let log = try openLog(address)
            let topics = try log.topics().keys.filter { $0.hasPrefix("careloop.") }.sorted()
            return try log.ends(topics).filter { $0.value > 0 }.map(\.key.topic).min()
        }
        guard let written else { return }
        throw Complaint(
            "日志 \(address) 中有先前运行的记录（\(written)）：用 KEEP=1 接着它，或先删除 careloop.* 主题",
            "the log \(address) holds an earlier run's records (\(written)): go on with it by KEEP=1, or delete the topics careloop.* first",
            code: .badInput)
    }

    /// A fresh directory named after the time, with `.run/current` pointing at it; with `keep`, the current one.
    private func prepareDirectory() throws -> RunDirectory {
        let root = FileManager.default.currentDirectoryPath + "/.run"
        let current = root + "/current"
        if settings.keep, settings.eventLog == "mock" {
            throw Complaint("模拟集群只在内存中，不能与 KEEP=1 同用", "the mock cluster is in memory only: it cannot go with KEEP=1", code: .badInput)
        }
        if settings.keep, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: current) {
            return RunDirectory(path: target.hasPrefix("/") ? target : "\(root)/\(target)")
        }
        let stamp = SystemInstant.now().text.prefix(19).filter { $0 != ":" && $0 != "-" }
        let name = "\(stamp)-\(ProcessInfo.processInfo.processIdentifier)"
        try Files.makeDirectory("\(root)/\(name)", mode: 0o700)
        let link = "\(current).\(ProcessInfo.processInfo.processIdentifier)"
        // Nothing may be there yet.
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: name)
        guard rename(link, current) == 0 else { throw FileTrouble(path: current, reason: String(cString: strerror(errno))) }
        return RunDirectory(path: "\(root)/\(name)")
    }

    private func prepareKeys(_ directory: RunDirectory) throws -> KeyStore {
        if settings.keep, let kept = try? KeyStore.load(directory.keys) { return kept }
        return try KeyStore.make(in: directory.keys, simulationSeed: settings.seed)
    }

    // It stops when its input ends, so it cannot outlive this process whatever becomes of it.
    private func startMockCluster(_ directory: RunDirectory) async throws -> (ChildProcess, String) {
        let log = directory.file("mock-cluster.log")
        let process = try ChildProcess(
            name: "mock-cluster", executable: "\(binaries)/careloop", arguments: ["mock-cluster"],
            // What it says when it dies is one line of the C library's, and must not drown in a backtrace.
            environment: ["SWIFT_BACKTRACE": "enable=no"], logFile: log, input: Pipe())
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if let text = try? String(contentsOfFile: log, encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("kafka://") }), text.hasSuffix("\n")
            {
                return (process, String(line))
            }
            guard process.isRunning else { throw Supervisor.ended(process) }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Complaint("\(process.name) 没有启动起来", "\(process.name) did not come up", code: .tooLate)
    }

    /// The one place that knows which configuration a local run sets.
    func environment(of service: ServiceName, _ directory: RunDirectory, _ eventLog: String) -> [String: String] {
        var variables = [
            "CARELOOP_DATABASE": directory.database(service),
            "CARELOOP_EVENT_LOG": eventLog,
            "CARELOOP_CLOCK": "simulated",
            "CARELOOP_CLOCK_START": directory.clock?.text ?? settings.from.text,
            "CARELOOP_SERVICE_PORT": "0",
            "CARELOOP_PAGE_ADDRESSES": directory.file("page-addresses"),
            "CARELOOP_TOKEN_KEYS": directory.file("keys/token-keys.json"),
            // One tool plays everybody here and polls the operator's status thousands of times a second.
            "CARELOOP_REQUESTS_PER_SECOND": "0",
            // Two years of everybody's work pass within one day of elapsed time.
            "CARELOOP_RECORDS_PER_DAY": "0",
        ]
        if service == .registration || service == .screening { variables["CARELOOP_PERSON_KEY"] = directory.file("keys/person.key") }
        if service == .rehabilitation { variables["CARELOOP_SHORT_LIVED_KEYS"] = directory.file("keys") }
        // All of them log in as whoever runs them; apart they each have a login of their own.
        if eventLog.hasPrefix("kafka:") {
            variables.merge(ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("CARELOOP_KAFKA_") }) { mine, _ in mine }
        }
        return variables
    }
}
