import Foundation
import Testing

@testable import ServiceRuntime

/// What runs on a machine besides our programs: the scripts of the secured cluster, and systemd's units. What no container engine and no broker
/// can show here is shown as far as it goes: the scripts are run, their output is read by OpenSSL, the units by systemd itself.
@Suite struct MachineTests {
    private struct Run {
        var status: Int32
        var output: String
    }

    private static func run(_ program: String, _ arguments: [String], _ environment: [String: String] = [:]) throws -> Run {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Run(status: process.terminationStatus, output: text)
    }

    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-machine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private static let scripts = Program.package.appendingPathComponent("compose/kafka").path
    private static let services = ["registration", "screening", "rehabilitation", "employment", "reporting"]

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "no openssl"))
    func `the cluster's secrets are made once, each for its one reader, and a broker starts with them and shows none`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }  // It is temporary; what is left of it harms nobody.
        let made = try Self.run("\(Self.scripts)/secrets", [folder.path])
        #expect(made.status == 0, "\(made.output)")
        var passwords: [String] = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() {
            let path = folder.appendingPathComponent(file).path
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(file)")
            if file.hasSuffix(".password"), !file.hasPrefix("brokers/") || file.contains("broker.") {
                passwords.append(try String(contentsOfFile: path, encoding: .utf8))
            }
        }
        // Five services, the administrator, the brokers among themselves.
        #expect(passwords.count == 7 && Set(passwords).count == 7 && passwords.allSatisfy { $0.count == 33 })
        for service in Self.services {
            let own = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(service).path)
            #expect(own.sorted() == ["ca.pem", "careloop-\(service).password", "pgpass"])
        }
        for number in 1...3 {
            let certificate = folder.appendingPathComponent("brokers/kafka-\(number).pem").path
            let verified = try Self.run(
                "/usr/bin/openssl",
                ["verify", "-CAfile", folder.appendingPathComponent("ca/ca.pem").path, "-verify_hostname", "kafka-\(number)", certificate])
            #expect(verified.status == 0, "\(verified.output)")
            let printed = try Self.run(
                "\(Self.scripts)/start", [],
                [
                    "PRINT": "1", "NODE": "\(number)", "SECRETS": folder.appendingPathComponent("brokers").path,
                    "PROPERTIES": folder.appendingPathComponent("properties").path,
                    "ADMIN": folder.appendingPathComponent("admin.properties").path,
                ])
            #expect(printed.status == 0, "\(printed.output)")
            for line in [
                "node.id=\(number)", "advertised.listeners=SASL_SSL://kafka-\(number):9092", "min.insync.replicas=2",
                "default.replication.factor=3",
                "allow.everyone.if.no.acl.found=false", "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "auto.create.topics.enable=false", "listener.name.controller.ssl.client.auth=required",
            ] {
                #expect(printed.output.split(separator: "\n").contains(Substring(line)), "\(line)")
            }
            #expect(!passwords.contains { printed.output.contains($0.dropLast()) })
        }
        let before = try String(contentsOf: folder.appendingPathComponent("screening/careloop-screening.password"), encoding: .utf8)
        #expect(try Self.run("\(Self.scripts)/secrets", [folder.path]).status == 0)
        #expect(try String(contentsOf: folder.appendingPathComponent("screening/careloop-screening.password"), encoding: .utf8) == before)
        let without = try Self.run("\(Self.scripts)/start", [], ["NODE": "1", "SECRETS": "/nowhere"])
        #expect(without.status == 1 && without.output.contains("is missing"))
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "no systemd-analyze"))
    func `systemd finds no fault in the units`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }  // It is temporary; what is left of it harms nobody.
        let units = Program.package.appendingPathComponent("compose/local/systemd")
        try FileManager.default.copyItem(
            at: units.appendingPathComponent("careloop.target"), to: folder.appendingPathComponent("careloop.target"))
        // The programs are not installed here: those that were built stand in.
        let text = try String(contentsOf: units.appendingPathComponent("careloop@.service"), encoding: .utf8)
        #expect(text.contains("\nExecStart=/usr/local/bin/careloop-%i\n"))
        try text.replacing("/usr/local/bin/", with: DemoProcess.binaries.path + "/").write(
            to: folder.appendingPathComponent("careloop@.service"), atomically: true, encoding: .utf8)
        let names = ["careloop.target"] + Self.services.map { "careloop@\($0).service" }
        let verified = try Self.run("/usr/bin/systemd-analyze", ["verify", "--man=no"] + names.map { "\(folder.path)/\($0)" })
        #expect(verified.status == 0 && !verified.output.contains("careloop"), "\(verified.output)")
        let target = try String(contentsOf: units.appendingPathComponent("careloop.target"), encoding: .utf8)
        for service in Self.services { #expect(target.contains("careloop@\(service).service")) }
    }

    @Test func `with the units' environment every service knows all it needs, and each listens on a port of its own`() throws {
        var ports: Set<Int> = []
        for service in Self.services {
            var environment: [String: String] = [:]
            for file in ["common", service] {
                let text = try String(
                    contentsOf: Program.package.appendingPathComponent("compose/local/systemd/\(file).env"), encoding: .utf8)
                for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                    let sides = line.split(separator: "=", maxSplits: 1)
                    environment[String(sides[0])] = String(sides[1])
                }
            }
            // Files that only an installation has.
            #expect(environment["CARELOOP_SHORT_LIVED_KEYS"].map { $0 == "/var/lib/careloop/keys-\(service)" } != false)
            for key in ["CARELOOP_TOKEN_KEYS", "CARELOOP_PERSON_KEY", "CARELOOP_SHORT_LIVED_KEYS"] where environment[key] != nil {
                environment[key] = "/etc/hostname"
            }
            let configuration = try Configuration(environment: environment)
            ports.insert(configuration.port)
            #expect(configuration.profile == .production && configuration.host == "127.0.0.1")
            #expect(configuration.database == "sqlite:///var/lib/careloop/\(service).db")
            #expect((configuration.personKey != nil) == ["registration", "screening"].contains(service))
        }
        #expect(ports.count == 5 && !ports.contains(0))
    }
}
