import Foundation
import Testing

/// The whole loop in a network of its own that loses packets: five services, the mock cluster and everybody who asks them.
@Suite struct PacketLossTests {
    /// Two in a hundred on their way in: nftables, because not every kernel has tc's netem.
    private static let network =
        """
        ip link set lo up && nft add table inet loss && nft add chain inet loss in '{ type filter hook input priority 0; }' &&
        nft add rule inet loss in meta l4proto tcp numgen random mod 100 '<' 2 counter drop
        """

    private static let mayLose: Bool = {
        guard getuid() == 0 else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["-n", "/bin/sh", "-c", network]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        // No unshare here is as much a reason to skip as one that may not.
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.timeLimit(.minutes(6)), .enabled(if: mayLose, "no network of one's own whose packets nftables may drop"))
    func `the loop runs over the mock cluster while packets are lost, and the account ties out`() async throws {
        let demo = try DemoProcess()
        let run = "demo --kafka mock --children 150 --through 2024-06-20"
        let ran = try await Program(path: "/usr/bin/unshare").run(
            ["-n", "/bin/sh", "-c", "\(Self.network) && '\(Program.careloop.path)' \(run); status=$?; nft list ruleset; exit $status"],
            in: demo.directory, environment: ["SWIFT_BACKTRACE": "enable=no"], within: .seconds(300))
        #expect(ran.status == 0 && ran.output.contains("the account ties out"), "\(ran.output.suffix(4000))")
        // The loss was real: what the kernel counted.
        let dropped = try #require(ran.output.firstMatch(of: /counter packets (\d+) bytes \d+ drop/), "\(ran.output.suffix(2000))")
        #expect(Int(dropped.1) ?? 0 >= 100, "\(dropped.0)")
    }
}
