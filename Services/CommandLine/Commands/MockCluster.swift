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
        try await explained { try await BlockingWork.run { try MockClusterServer.run() } }
    }
}
