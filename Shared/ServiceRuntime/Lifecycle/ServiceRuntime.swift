import Dispatch
import Foundation
import Logging
import Messaging
import Persistence
import ServiceLifecycle
import Synchronization

/// Runs a service from its definition until it is told to stop.
public enum ServiceRuntime {
    /// Reads the configuration from the environment, opens store and log, and runs relay, consumer, timers and HTTP in that order until
    /// SIGTERM or SIGINT; then stops them in reverse. A second signal ends the process at once.
    ///
    /// Returns when it was asked to stop. What keeps it from starting, or ends it, is said in a sentence and ends the process:
    /// wrong settings on standard error with status 78 (EX_CONFIG), everything else in the log with status 70 (EX_SOFTWARE).
    public static func run(_ definition: ServiceDefinition) async { await run(definition.name) { _ in definition } }

    /// `run` for a service whose definition needs the configuration, such as the path of the person key.
    public static func run(_ name: String, _ define: (Configuration) throws -> ServiceDefinition) async {
        do {
            let configuration = try Configuration()
            ServiceLog.bootstrap(service: name, level: configuration.logLevel)
            let log = ServiceLog("careloop.\(name)")
            do {
                try await run(try define(configuration), configuration, log)
            } catch let error where !(error is ConfigurationError) {
                log.error("the service ends", .error(error))
                exit(70)
            }
        } catch {
            // An operator reads this where the service was started, before any log.
            FileHandle.standardError.write(Data("careloop-\(name) does not start:\n\(error)\n".utf8))
            exit(78)
        }
    }

    private static func run(_ definition: ServiceDefinition, _ configuration: Configuration, _ log: ServiceLog) async throws {
        let clients = ServiceLog("careloop.messaging")
        EventLogDiagnostics.install { level, text in
            switch level {
            case .error: clients.error("the event log's client says", .code("text", text))
            case .warning: clients.warning("the event log's client says", .code("text", text))
            case .info: clients.info("the event log's client says", .code("text", text))
            }
        }
        let clock = configuration.simulatedFrom.map { BusinessClock.simulated(from: $0) } ?? .system()
        // Held until the store is closed: two processes on one SQLite store would both send.
        let lock = try StoreLock.take(for: configuration.database)
        let engine = try await Blocking.queries.run {
            let eventLog = try openEventLog(
                configuration.eventLog, options: configuration.kafka.options, secretFiles: configuration.kafka.secretFiles)
            log.info("opened the event log", .code("log", eventLog.description))
            let database = try openDatabase(configuration.database)
            log.info("opened the store", .code("store", database.description))
            return try Engine(
                definition, database: database, log: eventLog, clock: clock, outboxCapRows: configuration.outboxCapRows,
                outboxCapBytes: configuration.outboxCapBytes, archiveFolder: configuration.journalArchive)
        }
        for difference in engine.topicDrift { log.warning("a topic is not what the catalogue says", .code("difference", difference)) }
        let tokens = try configuration.tokenKeys.map { path in
            TokenVerifier(try TokenKeyFile(path) { log.error("the token keys cannot be read again; the last ones stand", .error($0)) })
        }
        if tokens == nil { log.warning("no token keys: only what is open to everyone answers") }
        let openID = try configuration.openID.map { try OpenIDProvider($0, elapsed: clock.elapsed, log: log) }
        let assembly = ServiceAssembly(
            definition, engine: engine, tokens: tokens, openID: openID, addresses: PageAddresses(file: configuration.pageAddresses),
            requestsPerSecond: configuration.requestsPerSecond, recordsPerDay: configuration.recordsPerDay,
            secureCookie: configuration.profile == .production, log: log)
        let server = assembly.interface.server(host: configuration.host, port: configuration.port, metrics: assembly.metrics) { port in
            log.info(
                "listening", .count("port", port), .date("today", clock.today), .code("clock", clock.isSimulated ? "simulated" : "system"))
            guard let path = configuration.portFile else { return }
            do { try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
                log.error("the port file cannot be written", .error(error))
            }
        }
        let impatience = SecondSignal()
        defer { impatience.stop() }
        var group = ServiceGroupConfiguration(
            services: [StoreService(engine: engine, lock: lock)] + assembly.workers + [server],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "careloop.lifecycle"))
        group.maximumGracefulShutdownDuration = .seconds(8)
        try await ServiceGroup(configuration: group).run()
        log.info("stopped")
    }
}

/// The parts of one running service that do not depend on sockets or signals.
struct ServiceAssembly: Sendable {
    let interface: ServiceInterface
    let workers: [WorkerThread]
    let metrics = Metrics()

    init(
        _ definition: ServiceDefinition, engine: Engine, tokens: TokenVerifier?, openID: OpenIDProvider? = nil,
        addresses: PageAddresses = PageAddresses(file: nil),
        requestsPerSecond: Int, recordsPerDay: Int = 0, secureCookie: Bool, log: ServiceLog, httpLog: ServiceLog = ServiceLog("http")
    ) {
        workers = Self.workers(engine, log)
        let sessions = Sessions(
            service: definition.name, database: engine.database, elapsed: engine.clock.elapsed, secureCookie: secureCookie
        ) { tokens?.stands($0) ?? false }
        let probe = StatusProbe(engine: engine, workers: workers, metrics: metrics)
        let endpoints = ChassisEndpoints.all(
            own: definition.endpoints, engine: engine, probe: probe, metrics: metrics, refusals: definition.refusals)
        interface = ServiceInterface(
            engine: engine, endpoints: endpoints, refusals: definition.refusals, tokens: tokens, openID: openID,
            sessions: sessions, addresses: addresses, requestsPerSecond: requestsPerSecond, recordsPerDay: recordsPerDay, log: httpLog)
        metrics.sampled("careloop_http_refusals_total", "Requests refused, by code.", .counter) { [refusals = interface.refusals] in
            refusals.samples
        }
        metrics.sampled(
            "careloop_readers_used_up", "Principals refused since they have seen as many records of persons as one may in a day."
        ) { [reads = interface.reads] in reads.usedUp }
    }

    private static func workers(_ engine: Engine, _ log: ServiceLog) -> [WorkerThread] {
        let note: @Sendable (String, any Error) -> Void = { name, error in
            log.warning("a step failed and will be tried again", .code("loop", name), .error(error))
        }
        let elapsed = engine.clock.elapsed
        func worker(
            _ name: String, yields: Bool = false, wake: @escaping @Sendable () -> Void,
            _ loop: @escaping @Sendable (() -> Bool, (any Error) -> Void) -> Void
        ) -> WorkerThread {
            WorkerThread(name, elapsed: elapsed, yields: yields, wake: wake, loop: { stopping in loop(stopping, { note(name, $0) }) })
        }
        return [
            worker("relay", wake: engine.wakeRelay) { engine.relayLoop(stopping: $0, note: $1) },
            worker("timers", wake: engine.wakeTimers) { engine.timerLoop(stopping: $0, note: $1) },
            // Behind requests and what the service itself has to say: what stands on the log waits safely, a person at a desk does not wait gladly.
            worker("consumer", yields: true, wake: engine.wakeConsumer) { engine.consumeLoop(stopping: $0, note: $1) },
        ]
    }
}

/// Closes the store after everybody who uses it has stopped: first in the group, so last to stop.
private struct StoreService: Service {
    let engine: Engine
    /// Lives as long as this.
    let lock: StoreLock?

    func run() async throws {
        // Cancelled or asked to stop, the store is closed either way.
        try? await gracefulShutdown()
        try await Blocking.commands.run { [engine] in try engine.database.close() }
    }
}

/// Ends the process at the second SIGTERM or SIGINT: whoever asks twice does not want to wait for what hangs.
private final class SecondSignal {
    private let sources: [any DispatchSourceSignal]

    init() {
        let queue = DispatchQueue(label: "careloop.signals")
        let seen = Seen()
        sources = [SIGTERM, SIGINT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { if seen.again() { _exit(130) } }
            source.resume()
            return source
        }
    }

    func stop() { for source in sources { source.cancel() } }

    private final class Seen: Sendable {
        private let count = Atomic<Int>(0)
        func again() -> Bool { count.add(1, ordering: .relaxed).oldValue > 0 }
    }
}
