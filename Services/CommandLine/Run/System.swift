import Foundation
import Vocabulary

/// The running system as its partners see it: five addresses, an event log, and keys to make tokens with.
struct CareSystem: Sendable {
    let directory: RunDirectory
    let eventLog: String
    let keys: KeyStore
    let clients: [ServiceName: HTTPClient]
    /// The processes this run started itself, empty when it found them running.
    var processes: [ChildProcess] = []

    func client(_ service: ServiceName) -> HTTPClient { clients[service]! }

    var operatorToken: String {
        get throws { try keys.issue(.systemOperator) }
    }

    func stop() async {
        for client in clients.values { client.close() }
        // Services first, a mock cluster last: they drain into it.
        for process in processes.reversed() { await process.stop() }
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
        var processes: [ChildProcess] = []
        let eventLog: String
        switch settings.eventLog {
        case nil: eventLog = "sqlite://\(directory.embeddedLog)"
        case "mock":
            let (process, address) = try await startMockCluster(directory)
            processes.append(process)
            eventLog = address
        case .some(let address): eventLog = address
        }
        try Files.write((eventLog + "\n").utf8, to: directory.eventLogFile)
        do {
            for service in ServiceName.allCases {
                try? FileManager.default.removeItem(atPath: directory.portFile(service))
                processes.append(
                    try ChildProcess(
                        name: service.rawValue, executable: "\(binaries)/\(service.executable)",
                        environment: environment(of: service, directory, eventLog), logFile: directory.log(service)))
            }
            var clients: [ServiceName: HTTPClient] = [:]
            for (service, process) in zip(ServiceName.allCases, processes.suffix(ServiceName.allCases.count)) {
                clients[service] = try await waitUntilReady(service, process, directory)
                ready(service.rawValue)
            }
            return CareSystem(directory: directory, eventLog: eventLog, keys: keys, clients: clients, processes: processes)
        } catch {
            for process in processes.reversed() { await process.stop(patience: 2) }
            throw error
        }
    }

    /// A fresh directory named after the time, with `.run/current` pointing at it; with `keep`, the current one.
    private func prepareDirectory() throws -> RunDirectory {
        let root = FileManager.default.currentDirectoryPath + "/.run"
        let current = root + "/current"
        if settings.keep, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: current) {
            return RunDirectory(path: target.hasPrefix("/") ? target : "\(root)/\(target)")
        }
        let stamp = SystemInstant.now().text.prefix(19).filter { $0 != ":" && $0 != "-" }
        let name = "\(stamp)-\(ProcessInfo.processInfo.processIdentifier)"
        try Files.makeDirectory("\(root)/\(name)", mode: 0o700)
        let link = "\(current).\(ProcessInfo.processInfo.processIdentifier)"
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
            name: "mock-cluster", executable: "\(binaries)/careloop", arguments: ["mock-cluster"], environment: [:], logFile: log, input: Pipe())
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if let text = try? String(contentsOfFile: log, encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("kafka://") }), text.hasSuffix("\n")
            {
                return (process, String(line))
            }
            guard process.isRunning else { throw ended(process) }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Complaint("\(process.name) 没有启动起来", "\(process.name) did not come up", code: .tooLate)
    }

    private func waitUntilReady(_ service: ServiceName, _ process: ChildProcess, _ directory: RunDirectory) async throws -> HTTPClient {
        let end = ContinuousClock.now + .seconds(60)
        var client: HTTPClient?
        while ContinuousClock.now < end {
            guard process.isRunning else { throw ended(process) }
            if client == nil, let port = directory.port(service) {
                client = HTTPClient(name: service.rawValue, base: BaseAddress(host: "127.0.0.1", port: port))
            }
            if let client, let answer = try? await client.send(.GET, "/ready", token: nil, headers: [], body: .init()), answer.status == 200 {
                return client
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Complaint(
            "\(service.rawValue) 一分钟内没有就绪，见 \(process.logFile)", "\(service.rawValue) was not ready within a minute, see \(process.logFile)",
            code: .tooLate)
    }

    private func ended(_ process: ChildProcess) -> Complaint {
        Complaint(
            "\(process.name) 已退出（\(process.exitStatus ?? -1)）：\n\(process.lastLines())",
            "\(process.name) ended (\(process.exitStatus ?? -1)):\n\(process.lastLines())", code: .unreachable)
    }

    /// The one place that knows which configuration a local run sets.
    func environment(of service: ServiceName, _ directory: RunDirectory, _ eventLog: String) -> [String: String] {
        var variables = [
            "CARELOOP_DATABASE": "sqlite://\(directory.store(service))",
            "CARELOOP_EVENT_LOG": eventLog,
            "CARELOOP_CLOCK": "simulated",
            "CARELOOP_CLOCK_START": settings.from.text,
            "CARELOOP_SERVICE_PORT": "0",
            "CARELOOP_PORT_FILE": directory.portFile(service),
            "CARELOOP_TOKEN_KEYS": directory.file("keys/token-keys.json"),
            // One tool plays everybody here and polls the operator's status thousands of times a second.
            "CARELOOP_REQUESTS_PER_SECOND": "0",
        ]
        if service == .registration || service == .screening { variables["CARELOOP_PERSON_KEY"] = directory.file("keys/person.key") }
        return variables
    }
}
