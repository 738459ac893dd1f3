import Foundation
import Testing

/// The walk and the drills of README.md, typed as they stand there into a shell beside a running system.
@Suite struct DrillTests {
    /// The first fenced block under the heading.
    private static func block(_ heading: String) throws -> String {
        let text = try String(contentsOf: Program.package.appendingPathComponent("README.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n\(heading)\n").dropFirst().first, "\(heading)")
        return try #require(section.components(separatedBy: "```sh\n").dropFirst().first?.components(separatedBy: "```").first)
    }

    @Test(.timeLimit(.minutes(12)))
    func `one case and the five drills are walked from the page to the end`() async throws {
        let demo = try DemoProcess()
        try demo.start(["run", "--children", "40", "--through", "2024-06-14"])
        guard await demo.says("Ctrl-C", within: .seconds(240)) else {
            Issue.record("the system does not run: \(demo.output().suffix(2000))")
            await demo.stop()
            return
        }
        let path = DemoProcess.binaries.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        let walk = try await Program(named: "bash").run(
            ["-eu", "-c", try Self.block("## Follow one case through the loop")], in: demo.directory, environment: ["PATH": path],
            within: .seconds(120))
        #expect(walk.status == 0, "\(walk.output.suffix(3000))")
        // A month of 3,000 yuan with 1,100 from insurance, under Shandong's 1,500 a month; then the last line is the person's timeline.
        for figure in [#""subsidyFen":150000"#, #""parentsFen":40000"#] {
            #expect(walk.output.contains(figure), "\(walk.output.suffix(3000))")
        }
        #expect(walk.output.split(separator: "\n").last?.contains(#""fact":"ReferralConfirmed""#) == true, "\(walk.output.suffix(600))")
        for heading in ["a lost database", "a lost topic", "a lost machine", "a leaked credential", "a leaked topic"] {
            let result = try await Program(named: "bash").run(
                ["-euo", "pipefail", "-c", try Self.block("### Drill: \(heading)")], in: demo.directory, environment: ["PATH": path],
                within: .seconds(120))
            #expect(result.status == 0, "\(heading): \(result.output.suffix(3000))")
            #expect(result.output.hasSuffix("drill done\n"), "\(heading): \(result.output.suffix(3000))")
        }
        // What the drills started themselves is no child of the run; there is no file when they never came so far.
        for service in ["registration", "screening", "rehabilitation", "employment", "reporting"] {
            let started = try? String(contentsOf: demo.run.appendingPathComponent("\(service).pid"), encoding: .utf8)
            if let started, let number = Int32(started.trimmingCharacters(in: .whitespacesAndNewlines)) { kill(number, SIGTERM) }
        }
        await demo.stop()
    }
}
