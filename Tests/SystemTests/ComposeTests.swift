import Foundation
import Testing

@testable import ServiceRuntime

/// compose/ is not run by the tests; what can be wrong in it without a container is looked at here.
@Suite struct ComposeTests {
    private static let names = ["registration", "screening", "rehabilitation", "employment", "reporting"]

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Program.package.appendingPathComponent(path), encoding: .utf8)
    }

    /// One `KEY: value` or `ENV KEY=value`.
    private struct Setting {
        var file: String
        var line: Int
        var name: String
        var value: String
    }

    private static func settings() throws -> [Setting] {
        var found: [Setting] = []
        let units = ["common"] + Self.names
        for file in ["compose/compose.yaml", "compose/postgres.yaml", "compose/Dockerfile"]
            + units.map({ "compose/local/systemd/\($0).env" })
        {
            for (index, line) in try text(file).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                guard let match = line.firstMatch(of: /(CARELOOP_[A-Z_]*)[:=]?\s*(.*)$/), !line.drop(while: \.isWhitespace).hasPrefix("#")
                else { continue }
                let value = String(match.output.2).trimmingCharacters(in: CharacterSet(charactersIn: " \""))
                found.append(Setting(file: file, line: index + 1, name: String(match.output.1), value: value))
            }
        }
        return found
    }

    @Test func `every key is in the configuration schema and its value is one it takes`() throws {
        let settings = try Self.settings()
        #expect(settings.count >= 12)
        for setting in settings {
            let place = "\(setting.file):\(setting.line) \(setting.name)"
            guard let key = Configuration.schema.first(where: { $0.name == setting.name }) else {
                Issue.record("\(place) is no key")
                continue
            }
            switch key.kind {
            case .file, .newFile:
                // It is in the container, on a volume of keys or of this service's secrets, or where the units' folders are.
                let folders = ["/keys/", "/secrets/", "/data/", "/sealing", "/etc/careloop/", "/var/lib/careloop/"]
                #expect(folders.contains { setting.value.hasPrefix($0) }, "\(place)")
            default: #expect(key.accepts(setting.value), "\(place) must be \(key.allowed)")
            }
        }
    }

    @Test func `every service gets what it needs to start, in both profiles`() throws {
        let services = try Self.services()
        let common = try #require(services["x-environment"])
        let secured = common + (try #require(services["x-secured"]))
        let required = Configuration.schema.filter(\.isRequired).map(\.name)
        for service in Self.names {
            let one = try #require(services[service], "\(service) is not in compose.yaml")
            #expect(one.contains { $0.contains("profiles: [one]") } && one.contains { $0.contains("*environment") })
            #expect(one.contains { $0.contains("sqlite:///data/\(service).db") } && one.contains { $0.contains("\(service):/data") })
            let instances = ["screening", "rehabilitation"].contains(service) ? 2 : 1
            let three = try (1...instances).map { try #require(services["\(service)-\($0)"], "\(service)-\($0)") }
            #expect(services["\(service)-\(instances + 1)"] == nil)
            for own in three {
                #expect(own.contains { $0.contains("profiles: [three]") } && own.contains { $0.contains("*secured") })
                #expect(own.contains { $0.contains("?schema=\(service)&passfile=/secrets/pgpass") })
                // A login of its own, and nobody else's secrets.
                #expect(own.contains { $0.hasSuffix("CARELOOP_KAFKA_SASL_USERNAME: careloop-\(service)") })
                #expect(own.contains { $0.hasSuffix("CARELOOP_KAFKA_SASL_PASSWORD_FILE: /secrets/careloop-\(service).password") })
                let mounted = own.joined().matches(of: /secrets-([a-z]+):\/secrets/).map { String($0.output.1) }
                #expect(mounted == [service])
            }
            for own in [one] + three {
                let text = (secured + own).joined(separator: "\n")
                for key in required { #expect(text.contains("\(key):"), "\(service): \(key)") }
                #expect(own.contains { $0.contains("\"careloop-\(service)\"") } && own.contains { $0.contains("*service") })
                #expect(
                    own.contains { $0.contains("CARELOOP_PERSON_KEY:") } == ["registration", "screening"].contains(service),
                    "\(service): person key")
                // The directory of keys is read-only; what a service makes itself needs a place that it can write.
                let isSealing = own.contains { $0.hasSuffix("CARELOOP_SHORT_LIVED_KEYS: /sealing") }
                #expect(isSealing == ["registration", "screening", "rehabilitation"].contains(service), "\(service): short-lived keys")
                #expect(isSealing == own.joined().contains("\"sealing-\(service)"), "\(service): volume of short-lived keys")
            }
        }
        // Simulated time and a production profile exclude each other; a service would not start.
        #expect(common.contains { $0.contains("CARELOOP_PROFILE: production") } && !common.contains { $0.contains("CARELOOP_CLOCK") })
    }

    @Test func `what runs for long is confined, limited, looked after, and nobody is root`() throws {
        let services = try Self.services()
        let service = (try #require(services["x-service"]) + (try #require(services["x-confined"]))).joined(separator: "\n")
        for line in [
            "user: careloop", "read_only: true", "cap_drop: [\"ALL\"]", "no-new-privileges:true", "mem_limit:", "pids_limit:", "cpus:",
            "/ready",
        ] {
            #expect(service.contains(line), "\(line)")
        }
        for name in ["x-broker", "kafka"] {
            let broker = try #require(services[name]).joined(separator: "\n")
            for line in ["user: appuser", "mem_limit:", "cpus:", "healthcheck:", "cap_drop:"] {
                #expect(broker.contains(line), "\(name) \(line)")
            }
        }
        for (name, lines) in services where lines.contains(where: { $0.contains("user: root") }) {
            #expect(["keys", "secrets"].contains(name) && lines.contains { $0.contains("profiles: [keys]") }, "\(name)")
        }
        for number in 1...3 { #expect(services["kafka-\(number)"]?.contains { $0.contains("NODE: \"\(number)\"") } == true) }
        #expect(services["kafka-4"] == nil)
        // Only to this machine.
        for (name, lines) in services {
            for line in lines where line.contains("ports:") { #expect(line.contains("\"127.0.0.1:"), "\(name)") }
        }
    }

    @Test func `over PostgreSQL every service has a schema of its own`() throws {
        let text = try Self.text("compose/postgres.yaml")
        let schemas = text.matches(of: /CARELOOP_DATABASE: postgres:\/\/\S*\?schema=([a-z]+)/).map { String($0.output.1) }
        #expect(schemas.sorted() == ["employment", "registration", "rehabilitation", "reporting", "screening"])
        for schema in schemas { #expect(text.contains("  \(schema):\n    depends_on: *after\n")) }
    }

    /// The lines of each block at the top and under `services:`. As much YAML as this file uses.
    private static func services() throws -> [String: [String]] {
        var blocks: [String: [String]] = [:]
        var (section, block) = ("", "")
        for line in try text("compose/compose.yaml").split(separator: "\n").map(String.init)
        where !line.trimmingCharacters(in: .whitespaces).hasPrefix("#") {
            if let name = line.firstMatch(of: /^([a-z-]+):/) {
                section = String(name.output.1)
                block = section
            } else if section == "services", let name = line.firstMatch(of: /^  ([a-z0-9-]+):$/) {
                block = String(name.output.1)
            } else {
                blocks[block, default: []].append(line)
            }
        }
        return blocks
    }

    @Test func `the file is well formed`() throws {
        let text = try Self.text("compose/compose.yaml")
        let lines = text.split(separator: "\n").filter { !$0.drop(while: \.isWhitespace).hasPrefix("#") }
        #expect(!text.contains("\t"))
        for line in lines {
            #expect(line.prefix { $0 == " " }.count % 2 == 0, "\(line)")
            #expect(line.wholeMatch(of: /\s*(- )?(<<|"?[A-Za-z0-9_-]+"?):( .*)?|\s*- .*/) != nil, "\(line)")
            #expect(line.count { $0 == "\"" } % 2 == 0 && line.count { $0 == "[" } == line.count { $0 == "]" }, "\(line)")
        }
        let anchors = Set(text.matches(of: /&([a-z-]+)/).map(\.output.1))
        let aliases = Set(text.matches(of: /\*([a-z-]+)/).map(\.output.1))
        #expect(aliases.isSubset(of: anchors) && !anchors.isEmpty)
        let volumes = Set(try #require(try Self.services()["volumes"]).map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " :")) })
        let mounted = Set(text.matches(of: /"?([a-z0-9-]+):\/(?:data|keys|var|secrets|sealing)/).map { String($0.output.1) })
        #expect(mounted == volumes)
    }

    @Test func `every executable in the image is a product of the package, and every folder copied is there`() throws {
        let dockerfile = try Self.text("compose/Dockerfile")
        let package = try Self.text("Package.swift")
        let products = Set(package.matches(of: /\.executable\(name: "([a-z-]+)"/).map { String($0.output.1) })
        let copied = Set(dockerfile.matches(of: /\.build\/release\/(careloop[a-z-]*)/).map { String($0.output.1) })
        #expect(copied == products)
        for command in try Self.text("compose/compose.yaml").matches(of: /command: \["(careloop[a-z-]*)"/) {
            #expect(products.contains(String(command.output.1)))
        }
        for line in dockerfile.split(separator: "\n") where line.hasPrefix("COPY ") && !line.contains("--from") {
            for source in line.split(separator: " ").dropFirst().dropLast() {
                #expect(FileManager.default.fileExists(atPath: Program.package.appendingPathComponent(String(source)).path), "\(source)")
            }
        }
    }
}
