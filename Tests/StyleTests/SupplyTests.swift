import Foundation
import Testing

/// What this build is made of, as `compose/local/sbom` tells it, against what was resolved, the machine, and what this very process has loaded.
@Suite struct SupplyTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private struct Bill: Decodable {
        struct Component: Decodable {
            struct Property: Decodable {
                var name: String
                var value: String
            }
            var type: String
            var name: String
            var version: String
            var purl: String
            var properties: [Property]?
        }
        var bomFormat: String
        var specVersion: String
        var components: [Component]
    }

    private struct Pins: Decodable {
        struct Pin: Decodable {
            struct State: Decodable {
                var revision: String
                var version: String
            }
            var identity: String
            var location: String
            var state: State
        }
        var pins: [Pin]
    }

    private static func said(_ command: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.currentDirectoryURL = package
        let output = Pipe()
        process.standardOutput = output
        process.standardError = Pipe()
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static func bill() throws -> Bill {
        let (status, text) = try said("compose/local/sbom", [])
        try #require(status == 0, "\(text)")
        return try JSONDecoder().decode(Bill.self, from: Data(text.utf8))
    }

    private static func pins() throws -> [Pins.Pin] {
        try JSONDecoder().decode(Pins.self, from: Data(contentsOf: package.appendingPathComponent("Package.resolved"))).pins
    }

    private static let hasPackages = FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg-query")

    @Test(.enabled(if: hasPackages, "this is no Debian"))
    func `the bill names every Swift package with the version and the revision it is built with`() throws {
        let bill = try Self.bill()
        #expect(bill.bomFormat == "CycloneDX" && bill.specVersion == "1.6")
        let pins = try Self.pins()
        #expect(pins.count > 20)
        for pin in pins {
            let component = try #require(bill.components.first { $0.name == pin.identity }, "\(pin.identity)")
            #expect(component.version == pin.state.version)
            #expect(component.properties?.map(\.value) == [pin.state.revision])
            #expect(component.purl.hasPrefix("pkg:swift/github.com/") && component.purl.hasSuffix("@\(pin.state.version)"))
        }
        #expect(bill.components.filter { $0.purl.hasPrefix("pkg:swift/") }.count == pins.count)
    }

    /// On Linux a process lists what it has loaded.
    @Test(.enabled(if: hasPackages && FileManager.default.fileExists(atPath: "/proc/self/maps"), "this is no Debian"))
    func `the bill names the packages behind storage, messaging and TLS that this process has loaded, as installed`() throws {
        let bill = try Self.bill()
        // Read to its end: a file of proc says that it has no size.
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        let maps = String(decoding: handle.readDataToEndOfFile(), as: UTF8.self)
        let files = Set(maps.split(separator: "\n").compactMap { $0.split(separator: " ").last }.filter { $0.contains(".so") })
            .filter { $0.hasPrefix("/usr/lib/") || $0.hasPrefix("/lib/") }
        // Only these: what a library loads by itself when it runs, such as modules of SASL, is another machine's to choose.
        for library in ["librdkafka.so", "libpq.so", "libsqlite3.so", "libssl.so", "libcrypto.so", "libc.so"] {
            let file = try #require(files.first { $0.contains("/\(library)") }, "\(library) is not loaded")
            var owner = try Self.said("dpkg-query", ["-S", String(file)])
            // With /lib a link to /usr/lib the package knows the file under either name.
            if owner.status != 0 {
                owner = try Self.said("dpkg-query", ["-S", String(file).replacingOccurrences(of: "/usr/lib/", with: "/lib/")])
            }
            try #require(owner.status == 0, "\(file) belongs to no package")
            let name = try #require(owner.text.split(separator: ":").first.map(String.init))
            let installed = try Self.said("dpkg-query", ["-W", "-f", "${Version}", name]).text
            let component = bill.components.first { $0.name == name && $0.purl.hasPrefix("pkg:deb/") }
            #expect(component?.version == installed, "\(file) of \(name)")
        }
    }

    @Test func `Package.swift asks for one version of each package, and that is the one that is built with`() throws {
        let manifest = try String(contentsOf: Self.package.appendingPathComponent("Package.swift"), encoding: .utf8)
        let asked = manifest.matches(of: /\.package\(url: "https:\/\/[^"]*\/([^"\/]+)", ([a-z]+): "([^"]+)"/)
        #expect(asked.count > 8 && asked.count == manifest.matches(of: /\.package\(url:/).count)
        let pins = try Self.pins()
        for package in asked {
            #expect(package.output.2 == "exact", "\(package.output.1)")
            #expect(pins.first { $0.identity == package.output.1.lowercased() }?.state.version == String(package.output.3))
        }
    }
}
