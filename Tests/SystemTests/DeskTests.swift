import Foundation
import Testing

/// Desks in a real browser.
@Suite struct DeskTests {
    private static let tools = ["/usr/bin/chromium", "/usr/bin/chromedriver"]
    private static let python = Program.package.appendingPathComponent(".build/venv/bin/python").path

    /// What is missing for a browser; nil when all is there.
    private static let missing = (tools + [python]).first { !FileManager.default.isExecutableFile(atPath: $0) }

    @Test(
        .enabled(if: missing == nil, "\(missing ?? "") is missing; `make test` installs it (compose/local/packages, python-clients)"),
        .timeLimit(.minutes(10)))
    func `each desk does its whole task by keyboard, axe finds nothing, and no log names anybody`() async throws {
        let demo = try DemoProcess()
        do {
            try demo.start(["run", "--children", "60", "--through", "2024-06-20"])
            try #require(await demo.says("Ctrl-C", within: .seconds(180)), "\(demo.output())")
            let shots = demo.directory.appendingPathComponent("shots").path
            try FileManager.default.createDirectory(atPath: shots, withIntermediateDirectories: true)
            let walk = try await Program(path: Self.python).run(
                [
                    Program.package.appendingPathComponent("Tests/SystemTests/Browser/desks.py").path,
                    DemoProcess.binaries.appendingPathComponent("careloop").path, shots,
                ], in: demo.directory,
                environment: [
                    // Without it the driver takes the Chinese name of the file for none.
                    "LC_ALL": "C.UTF-8",
                    "CARELOOP_RUN": demo.run.resolvingSymlinksInPath().path,
                    "TMPDIR_DESK": demo.directory.appendingPathComponent("desks").path,
                ],
                within: .seconds(400))
            #expect(walk.status == 0, "\(walk.output)")
            #expect(walk.output.contains("\"checks\":"))
            try nobodyIsNamed(in: demo)
        } catch {
            await demo.stop()
            throw error
        }
        await demo.stop()
    }

    /// The children, guardian and telephone that the walk invents, in what the services and the tool wrote of themselves.
    private func nobodyIsNamed(in demo: DemoProcess) throws {
        let run = demo.run.resolvingSymlinksInPath()
        var logs = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: run.path) where name.hasSuffix(".log") {
            let text = String(decoding: try Data(contentsOf: run.appendingPathComponent(name)), as: UTF8.self)
            logs += 1
            for trace in ["浏览器童", "浏览器家长", "000-55500017", "3799992021090190"] { #expect(!text.contains(trace), "\(name) names \(trace)") }
        }
        #expect(logs == 5)
        #expect(!demo.output().contains("浏览器"))
    }
}
