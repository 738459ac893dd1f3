import Foundation
import Synchronization

/// The processes of a run: starts services, kills and restarts them when a test asks for it, stops everything at the end.
final class Supervisor: Sendable {
    private let binaries: String
    private let directory: RunDirectory
    private let mock: ChildProcess?
    private let state = Mutex(State())

    private struct State {
        var processes: [ServiceName: ChildProcess] = [:]
        var environments: [ServiceName: [String: String]] = [:]
    }

    init(binaries: String, directory: RunDirectory, mock: ChildProcess?) {
        self.binaries = binaries
        self.directory = directory
        self.mock = mock
    }

    /// What runs, for a person to see.
    var processes: [ChildProcess] {
        let services = state.withLock { state in ServiceName.allCases.compactMap { state.processes[$0] } }
        return (mock.map { [$0] } ?? []) + services
    }

    func start(_ service: ServiceName, _ environment: [String: String]) throws {
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
        guard let process, var environment, let port = directory.port(service) else { return }
        await process.stop(patience: 0)
        environment["CARELOOP_SERVICE_PORT"] = String(port)
        if let day = directory.clock { environment["CARELOOP_CLOCK_START"] = day.text }
        try start(service, environment)
        _ = try await waitUntilReady(service)
    }

    /// A client of the service, once it says that it can take work.
    func waitUntilReady(_ service: ServiceName) async throws -> HTTPClient {
        guard let process = state.withLock({ $0.processes[service] }) else { preconditionFailure("\(service) was not started") }
        let end = ContinuousClock.now + .seconds(60)
        var client: HTTPClient?
        while ContinuousClock.now < end {
            guard process.isRunning else { throw Self.ended(process) }
            if client == nil, let port = directory.port(service) {
                client = HTTPClient(name: service.rawValue, base: BaseAddress(host: "127.0.0.1", port: port))
            }
            // Refused connections and 503 both mean: not yet.
            if let client, let answer = try? await client.send(.GET, "/ready", token: nil, headers: [], body: .init()), answer.status == 200
            {
                return client
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Complaint(
            "\(service.rawValue) 一分钟内没有就绪，见 \(process.logFile)",
            "\(service.rawValue) was not ready within a minute, see \(process.logFile)",
            code: .tooLate)
    }

    /// Services first, a mock cluster last: they drain into it.
    func stop(patience: Double = 10) async {
        let services = state.withLock { Array($0.processes.values) }
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
