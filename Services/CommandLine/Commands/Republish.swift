import ArgumentParser
import Contracts
import Foundation

/// Sends a topic once more from its owner's journal: refills a log that lost records. Consumers skip what they have.
struct Republish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("从所有者的日志重新发送一个主题", "Send a topic again from its owner's journal").here,
        discussion: example(
            "careloop republish careloop.screening.referrals.v1 --partition 3 --from 120",
            Text("从第 120 号起重发第 3 分区", "partition 3 again, from number 120")))

    @OptionGroup var services: ServicesOption
    @Argument(help: ArgumentHelp(Text("主题名，含伙伴主题", "Topic, those of partners included").here)) var topic: String
    @Option(help: ArgumentHelp(Text("只发这个分区", "This partition only").here)) var partition: Int32?
    @Option(help: ArgumentHelp(Text("从这个序号开始；缺省从头", "Begin at this number; at the first otherwise").here)) var from: Int64?
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    private struct Wanted: Codable {
        var topic: String
        var partition: Int32?
        var from: Int64?
    }

    private struct Accepted: Codable {
        var topic: String
        var records: Int64
    }

    func run() async throws {
        try await explained {
            guard let plan = Catalogue.topic(for: topic), let owner = ServiceName(rawValue: plan.producer) else {
                throw Complaint("没有服务发布主题 \(topic)", "no service produces \(topic)", code: .badInput)
            }
            let accepted = try await services.client(owner).post(
                "/republish", Wanted(topic: topic, partition: partition, from: from), token: services.tokenOrOperator(),
                key: UUID().uuidString.lowercased(), as: Accepted.self)
            if json {
                try Terminal.json(accepted)
            } else {
                Terminal.say(
                    Text(
                        "\(owner.rawValue)：\(accepted.records) 条将重新发送", "\(owner.rawValue): \(accepted.records) records will be sent again"
                    ).here)
            }
        }
    }
}
