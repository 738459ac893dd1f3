import Foundation
import Testing

/// Every service kills itself at every named point it comes by, one point a life, while the loop runs; a supervisor starts it again.
@Suite struct KillPointTests {
    /// As `CrashPoint` in Persistence names them; a point that nobody reaches fails the run.
    private static let everywhere = [
        "migration:2", "migration:9", "batch-open:1", "batch-before-commit:2", "batch-after-commit:1", "relay-before-send:2",
        "relay-after-send:1", "relay-before-marks:1", "relay-after-marks:2",
    ]
    private static let own = [
        "registration": ["command-before-commit:1", "command-after-commit:1"],
        "screening": [
            "dead-letter:1", "command-before-commit:1", "command-after-commit:1", "timer-before-commit:1", "timer-after-commit:1",
        ],
        "rehabilitation": ["command-before-commit:1", "command-after-commit:1", "timer-before-commit:1", "timer-after-commit:1"],
        "employment": ["command-before-commit:1", "command-after-commit:1", "refusal-before-kept:1"],
        "reporting": ["timer-before-commit:1", "timer-after-commit:1"],
    ]

    @Test(.timeLimit(.minutes(5)))
    func `each service dies at every named point it comes by, and the account still ties out`() async throws {
        let demo = try DemoProcess()
        let crashes = Self.own.flatMap { service, points in (Self.everywhere + points).flatMap { ["--crash", "\(service)/\($0)"] } }
        let status = try await demo.finish(["demo", "--children", "300", "--through", "2024-08-31"] + crashes)
        #expect(status == 0, "\(demo.output().suffix(4000))")
        #expect(demo.output().components(separatedBy: "killed itself: ").count - 1 == crashes.count / 2)
    }
}
