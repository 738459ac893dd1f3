import ArgumentParser
import Foundation
import Messaging

/// librdkafka's mock of a Kafka cluster as a process of its own: for demonstrations and tests, never a store.
struct MockCluster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock-cluster",
        abstract: Text("在本机运行模拟 Kafka 集群（仅内存）", "Run a mock Kafka cluster on this machine (memory only)").here,
        discussion: example(
            "careloop mock-cluster", Text("第一行是地址；标准输入结束时停止", "the first line is its address; it stops at the end of its input")),
        shouldDisplay: false)

    func run() async throws {
        Self.startWithoutReuse()
        try await explained { try await BlockingWork.run { try MockClusterServer.run() } }
    }

    /// Goes on as this program with another allocator's setting, which only a start takes.
    ///
    /// librdkafka's mock names a member of a group after the address of its memory. When a member's session has ended, the next one that
    /// joins is likely to get the same memory and so the same name; a frozen instance that thaws still goes by it, and of two members of one
    /// name the second that waits for an answer ends the mock (`Assertion '!member->resp' failed`). Freed pieces of this size go to the
    /// thread's cache, from which `calloc` takes nothing; a cache without a bound keeps them all, so that no address comes twice.
    private static func startWithoutReuse() {
        guard ProcessInfo.setting(tunables) == nil else { return }
        setenv(tunables, "glibc.malloc.tcache_count=65535", 1)
        // Threads of the pool block signals, and what is blocked stays so in the program that follows.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        // Returns only when it fails; a mock that may end in some rare run is better than none.
        execv("/proc/self/exe", &arguments)
    }

    private static let tunables = "GLIBC_TUNABLES"
}
