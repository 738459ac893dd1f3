import Foundation
import Vocabulary

/// The five services, in the order in which they are shown.
enum ServiceName: String, CaseIterable, Codable, Sendable {
    case registration, screening, rehabilitation, employment, reporting

    /// Name of the executable beside this one.
    var executable: String { "careloop-\(rawValue)" }

    var title: Text {
        switch self {
        case .registration: Text("登记", "registration")
        case .screening: Text("筛查", "screening")
        case .rehabilitation: Text("康复", "rehabilitation")
        case .employment: Text("就业", "employment")
        case .reporting: Text("报告", "reporting")
        }
    }
}

/// One process of a service; most services have one.
struct Instance: Hashable, Comparable, Sendable {
    let service: ServiceName
    /// From 1.
    let number: Int

    /// `screening`, `screening-2`…
    var name: String { number == 1 ? service.rawValue : "\(service.rawValue)-\(number)" }

    static func < (one: Instance, other: Instance) -> Bool { (one.service.rawValue, one.number) < (other.service.rawValue, other.number) }
}

extension ProcessInfo {
    /// An environment variable; nil where it is empty, too, as one is that a script hands on without having it.
    static func setting(_ name: String) -> String? { processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}

/// Where a run on this machine keeps its keys, stores, log, ports and log lines: `.run/current`, or what `CARELOOP_RUN` names.
struct RunDirectory: Sendable {
    let path: String

    static var standard: RunDirectory {
        RunDirectory(path: ProcessInfo.setting("CARELOOP_RUN") ?? ".run/current")
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
    func portFile(_ instance: Instance) -> String { file("\(instance.name).port") }
    func store(_ service: ServiceName) -> String { file("\(service.rawValue).db") }
    func log(_ instance: Instance) -> String { file("\(instance.name).log") }
    /// The PostgreSQL database the services' stores are in, nil where they are files here. May hold a password: the file is its owner's only.
    var server: String? { text(serverFile) }
    var serverFile: String { file("server") }
    /// A service's schema there: as fresh as this directory.
    func schema(_ service: ServiceName) -> String {
        let run = URL(fileURLWithPath: path).resolvingSymlinksInPath().lastPathComponent.map { $0.isLetter || $0.isNumber ? $0 : "_" }
        return "run_\(String(run).lowercased())_\(service.rawValue)"
    }
    /// What `CARELOOP_DATABASE` is in this run.
    func database(_ service: ServiceName) -> String {
        guard let server else { return "sqlite://\(store(service))" }
        return server + (server.contains("?") ? "&" : "?") + "schema=\(schema(service))"
    }
    /// Holds the number of the instance's process.
    func processFile(_ instance: Instance) -> String { file("\(instance.name).pid") }
    var keys: String { file("keys") }
    var embeddedLog: String { file("events.db") }
    var eventLogFile: String { file("event-log") }

    /// Nil until the instance has written it.
    func port(_ instance: Instance) -> Int? { text(portFile(instance)).flatMap { Int($0) } }
    /// Of the first instance.
    func port(_ service: ServiceName) -> Int? { port(Instance(service: service, number: 1)) }

    /// The log this run uses, nil when there is no run.
    var eventLog: String? { text(eventLogFile) }

    /// The business date this run has reached, for services that start again.
    var clock: LocalDate? { text(clockFile).flatMap { try? LocalDate($0) } }
    var clockFile: String { file("clock") }

    // A file that is not there yet is an answer here, not an error.
    private func text(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
