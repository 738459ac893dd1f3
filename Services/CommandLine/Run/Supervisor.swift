import Foundation
import Synchronization

/// The processes of a run: starts services, kills and restarts them when a test asks for it, stops everything at the end.
final class Supervisor: Sendable {
    private let binaries: String
    private let directory: RunDirectory
    private let mock: ChildProcess?
    private let patience: Duration
    private let state: Mutex<State>

    private struct State {
        var processes: [ServiceName: ChildProcess] = [:]
        var environments: [ServiceName: [String: String]] = [:]
        /// Where each service is to kill itself in its coming lives.
        var crashes: [ServiceName: [String]]
        /// Where it kills itself in this one.
        var crash: [ServiceName: String] = [:]
        var isStopping = false
    }

    init(binaries: String, directory: RunDirectory, mock: ChildProcess?, fire: Fire) {
        self.binaries = binaries
        self.directory = directory
        self.mock = mock
        patience = fire.patience
        state = Mutex(State(crashes: fire.crashes))
    }

    /// What runs, for a person to see.
    var processes: [ChildProcess] {
        let services = state.withLock { state in ServiceName.allCases.compactMap { state.processes[$0] } }
        return (mock.map { [$0] } ?? []) + services
    }

    func start(_ service: ServiceName, _ environment: [String: String]) throws {
        var environment = environment
        environment["CARELOOP_CRASH_AT"] = state.withLock { state in
            let crash = state.crashes[service].flatMap { $0.first }
            if crash != nil { state.crashes[service]?.removeFirst() }
            state.crash[service] = crash
            return crash
        }
        let process = try ChildProcess(
            name: service.rawValue, executable: "\(binaries)/\(service.executable)", environment: environment,
            logFile: directory.log(service))
        state.withLock {
            $0.processes[service] = process
            $0.environments[service] = environment
        }
    }

    /// SIGKILL, then the same service again on the same port. Returns when it is ready.
    func killAndRestart(_ service: ServiceName) async throws {
        let (process, environment) = state.withLock { ($0.processes[service], $0.environments[service]) }
        guard let process, let environment else { return }
        await process.kill()
        try restart(service, environment)
        try await waitUntilReady(service).close()
    }

    private func restart(_ service: ServiceName, _ environment: [String: String]) throws {
        var environment = environment
        if let port = directory.port(service) { environment["CARELOOP_SERVICE_PORT"] = String(port) }
        if let day = directory.clock { environment["CARELOOP_CLOCK_START"] = day.text }
        try start(service, environment)
    }

    /// Starts again what killed itself where it was told to, until the services are stopped; says each on standard error.
    func keepUp() async throws {
        while !state.withLock({ $0.isStopping }) {
            let fallen = state.withLock { state -> [(ServiceName, String, [String: String])] in
                state.processes.compactMap { service, process in
                    guard let crash = state.crash[service], process.exitStatus == SIGKILL else { return nil }
                    return (service, crash, state.environments[service] ?? [:])
                }
            }
            for (service, crash, environment) in fallen {
                Terminal.note("killed itself: \(service.rawValue)/\(crash)")
                try restart(service, environment)
            }
            // A process that ends rings no bell here: look often.
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What was to happen and has not, as `service/point:n`.
    var pendingCrashes: [String] {
        state.withLock { state in
            ServiceName.allCases.flatMap { service in
                ((state.crash[service].map { [$0] } ?? []) + (state.crashes[service] ?? [])).map { "\(service.rawValue)/\($0)" }
            }
        }
    }

    /// A client of the service, once it says that it can take work.
    func waitUntilReady(_ service: ServiceName) async throws -> HTTPClient {
        let end = ContinuousClock.now + .seconds(60)
        var client: HTTPClient?
        while ContinuousClock.now < end {
            let (process, crash) = state.withLock { ($0.processes[service], $0.crash[service]) }
            guard let process else { preconditionFailure("\(service) was not started") }
            guard process.isRunning || crash != nil else { throw Self.ended(process) }
            if client == nil, let port = directory.port(service) {
                client = HTTPClient(name: service.rawValue, base: BaseAddress(host: "127.0.0.1", port: port))
            }
            // Refused connections and 503 both mean: not yet.
            if let client, let answer = try? await client.send(.GET, "/ready", token: nil, headers: [], body: .init()), answer.status == 200
            {
                client.close()
                return HTTPClient(name: client.name, base: client.base, patience: patience)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Complaint(
            "\(service.rawValue) 一分钟内没有就绪，见 \(directory.log(service))",
            "\(service.rawValue) was not ready within a minute, see \(directory.log(service))",
            code: .tooLate)
    }

    /// Services first, a mock cluster last: they drain into it.
    func stop(patience: Double = 10) async {
        let services = state.withLock { state in
            state.isStopping = true
            return Array(state.processes.values)
        }
        await withTaskGroup(of: Void.self) { group in
            for process in services { group.addTask { await process.stop(patience: patience) } }
        }
        await mock?.stop(patience: patience)
    }

    static func ended(_ process: ChildProcess) -> Complaint {
        Complaint(
            "\(process.name) 已退出（\(process.exitStatus ?? -1)）：\n\(process.lastLines())",
            "\(process.name) ended (\(process.exitStatus ?? -1)):\n\(process.lastLines())", code: .unreachable)
    }
}
