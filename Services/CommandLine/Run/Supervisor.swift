import Foundation
import NIOCore
import Synchronization
import Vocabulary

/// The processes of a run: starts services, kills and restarts them when a test asks for it, stops everything at the end.
final class Supervisor: Sendable {
    private let binaries: String
    private let directory: RunDirectory
    private let mock: ChildProcess?
    private let quiet: TimeAmount
    private let patience: Duration
    private let state: Mutex<State>

    private struct Life {
        var process: ChildProcess
        var environment: [String: String]
        /// Where it kills itself in this life.
        var crash: String?
        /// False for one that is frozen or has just begun: it learns the business date when it comes to itself.
        var keepsTime = true
    }

    private struct State {
        var lives: [Instance: Life] = [:]
        /// Where each service is to kill itself in its coming lives.
        var crashes: [ServiceName: [String]]
        var isStopping = false
    }

    init(binaries: String, directory: RunDirectory, mock: ChildProcess?, settings: RunSettings) {
        self.binaries = binaries
        self.directory = directory
        self.mock = mock
        quiet = settings.fire.quiet
        patience = settings.patience
        state = Mutex(State(crashes: settings.fire.crashes))
    }

    /// What runs, for a person to see.
    var processes: [ChildProcess] {
        let services = state.withLock { state in
            ServiceName.allCases.flatMap { service in
                state.lives.filter { $0.key.service == service }.sorted { $0.key < $1.key }.map(\.value.process)
            }
        }
        return (mock.map { [$0] } ?? []) + services
    }

    /// The instances there are to be of a service, whether they answer now or not.
    func instances(of service: ServiceName) -> [Instance] { state.withLock { $0.lives.keys.filter { $0.service == service }.sorted() } }

    func start(_ instance: Instance, _ environment: [String: String], keepsTime: Bool = true) throws {
        var environment = environment
        let crash = state.withLock { state in
            let crash = state.crashes[instance.service].flatMap { $0.first }
            if crash != nil { state.crashes[instance.service]?.removeFirst() }
            return crash
        }
        environment["CARELOOP_CRASH_AT"] = crash
        environment["CARELOOP_PORT_FILE"] = directory.portFile(instance)
        let process = try ChildProcess(
            name: instance.name, executable: "\(binaries)/\(instance.service.executable)", environment: environment,
            logFile: directory.log(instance))
        try Files.write("\(process.identifier)\n".utf8, to: directory.processFile(instance))
        state.withLock { $0.lives[instance] = Life(process: process, environment: environment, crash: crash, keepsTime: keepsTime) }
    }

    /// SIGKILL, then the same service again on the same port. Returns when it is ready.
    func killAndRestart(_ service: ServiceName) async throws {
        let instance = Instance(service: service, number: 1)
        guard let life = state.withLock({ $0.lives[instance] }) else { return }
        await life.process.kill()
        try restart(instance, life.environment)
        try await waitUntilReady(instance)
    }

    private func restart(_ instance: Instance, _ environment: [String: String], keepsTime: Bool = true) throws {
        var environment = environment
        if let port = directory.port(instance) { environment["CARELOOP_SERVICE_PORT"] = String(port) }
        if let day = directory.clock { environment["CARELOOP_CLOCK_START"] = day.text }
        try start(instance, environment, keepsTime: keepsTime)
    }

    /// Starts again what killed itself where it was told to, until the services are stopped; says each on standard error.
    func keepUp() async throws {
        while !state.withLock({ $0.isStopping }) {
            let fallen = state.withLock { state in state.lives.filter { $0.value.crash != nil && $0.value.process.exitStatus == SIGKILL } }
            for (instance, life) in fallen {
                Terminal.note("killed itself: \(instance.service.rawValue)/\(life.crash ?? "")")
                try restart(instance, life.environment)
            }
            // A process that ends rings no bell here: look often.
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What was to happen and has not, as `service/point:n`.
    var pendingCrashes: [String] {
        state.withLock { state in
            ServiceName.allCases.flatMap { service in
                let begun = state.lives.filter { $0.key.service == service }.compactMap(\.value.crash)
                return (begun + (state.crashes[service] ?? [])).map { "\(service.rawValue)/\($0)" }
            }
        }
    }

    // MARK: What is asked over HTTP

    /// A client of all instances of the service, once each says that it can take work.
    func waitUntilReady(_ service: ServiceName) async throws -> HTTPClient {
        for instance in instances(of: service) { try await waitUntilReady(instance) }
        let first = directory.port(service) ?? 0
        return HTTPClient(
            name: service.rawValue, base: BaseAddress(host: "127.0.0.1", port: first), patience: patience, quiet: quiet,
            ports: { [self] in instances(of: service).compactMap { directory.port($0) } })
    }

    private func client(_ instance: Instance, patience: Duration = .zero) -> HTTPClient? {
        directory.port(instance).map {
            HTTPClient(name: instance.name, base: BaseAddress(host: "127.0.0.1", port: $0), patience: patience, quiet: quiet)
        }
    }

    func waitUntilReady(_ instance: Instance) async throws {
        let end = ContinuousClock.now + .seconds(60)
        var client: HTTPClient?
        defer { client?.close() }
        while ContinuousClock.now < end {
            guard let life = state.withLock({ $0.lives[instance] }) else { preconditionFailure("\(instance.name) was not started") }
            guard life.process.isRunning || life.crash != nil else { throw Self.ended(life.process) }
            if client == nil { client = self.client(instance) }
            // Refused connections and 503 both mean: not yet.
            if let answer = try? await client?.send(.GET, "/ready", token: nil, headers: [], body: .init()), answer.status == 200 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Complaint(
            "\(instance.name) 一分钟内没有就绪，见 \(directory.log(instance))",
            "\(instance.name) was not ready within a minute, see \(directory.log(instance))",
            code: .tooLate)
    }

    /// Moves the business date of every instance that keeps time; the others learn it when they come to themselves.
    func moveClocks(to day: LocalDate, token: String) async throws {
        let all = state.withLock { $0.lives.filter(\.value.keepsTime).keys.sorted() }
        try await together(all, limit: all.count) { try await self.moveClock(of: $0, to: day, token: token) }
    }

    private func moveClock(of instance: Instance, to day: LocalDate, token: String) async throws {
        guard let client = client(instance, patience: patience) else { return }
        defer { client.close() }
        try await client.moveClock(to: day, token: token)
    }

    // MARK: Instances that come and go

    /// One more instance of the service, ready.
    func join(_ service: ServiceName, token: String) async throws {
        let all = instances(of: service)
        guard let model = all.first.flatMap({ first in state.withLock { $0.lives[first] } }) else { return }
        let added = Instance(service: service, number: (1...).first { number in !all.contains { $0.number == number } }!)
        // A port file of an earlier one would be believed; mostly there is none to remove.
        try? FileManager.default.removeItem(atPath: directory.portFile(added))
        var environment = model.environment
        environment["CARELOOP_SERVICE_PORT"] = "0"
        try restart(added, environment, keepsTime: false)
        try await comesToItself(added, token)
    }

    /// SIGTERM; returns when it is gone. Throws when it did not end by itself, or not well.
    func leave(_ instance: Instance) async throws {
        // Out of sight first, as whoever stops an instance in order takes it out of turn before.
        guard let life = state.withLock({ $0.lives.removeValue(forKey: instance) }) else { return }
        await life.process.stop(patience: 20)
        guard life.process.exitStatus == 0 else { throw Self.ended(life.process) }
    }

    /// SIGKILL, and after a while another in its place. Returns when that is ready.
    func die(_ instance: Instance, for while: Duration, token: String) async throws {
        guard let life = losesTime(instance) else { return }
        await life.process.kill()
        // How long it is away is what is tested.
        try await Task.sleep(for: `while`)
        try restart(instance, life.environment, keepsTime: false)
        try await comesToItself(instance, token)
    }

    /// SIGSTOP, and SIGCONT after `while`. Returns when it is ready again.
    func freeze(_ instance: Instance, for while: Duration, token: String) async throws {
        guard let life = losesTime(instance) else { return }
        life.process.signal(SIGSTOP)
        // Thawed whatever happens, or it would never stop.
        defer { life.process.signal(SIGCONT) }
        // How long it is away is what is tested.
        try await Task.sleep(for: `while`)
        life.process.signal(SIGCONT)
        try await comesToItself(instance, token)
    }

    private func losesTime(_ instance: Instance) -> Life? {
        state.withLock { state in
            state.lives[instance]?.keepsTime = false
            return state.lives[instance]
        }
    }

    /// Ready, and on the business date of the others: the date is looked at again once others may move it here as well.
    private func comesToItself(_ instance: Instance, _ token: String) async throws {
        try await waitUntilReady(instance)
        var known: LocalDate?
        repeat {
            known = directory.clock
            if let known { try await moveClock(of: instance, to: known, token: token) }
            state.withLock { $0.lives[instance]?.keepsTime = true }
        } while known != directory.clock
    }

    /// Services first, a mock cluster last: they drain into it. A mock cluster that is gone before is told, because whatever else went wrong
    /// is then only what follows from it.
    func stop(patience: Double = 10) async {
        if let mock, !mock.isRunning { Terminal.complain("\(Self.ended(mock).text.here)") }
        let services = state.withLock { state in
            state.isStopping = true
            return state.lives.values.map(\.process)
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
