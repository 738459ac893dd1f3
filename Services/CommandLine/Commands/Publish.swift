import ArgumentParser
import Foundation
import Messaging
import Vocabulary

/// Puts a bureau's results on its topic, as the bureau would with any Kafka client.
struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("把结果发布到本机构的主题", "Publish results to an organisation's own topic").here,
        discussion: example(
            "careloop publish --organisation hb-370303 results.json",
            Text(
                "把一批结果（JSON 数组或每行一个对象）发到 careloop.partner.hb-370303.screening-results.v1",
                "results (a JSON array or one object a line) to careloop.partner.hb-370303.screening-results.v1")))

    @OptionGroup var log: LogOption
    @Option(help: ArgumentHelp(Text("机构编号", "Organisation").here)) var organisation: String
    @Option(help: "screening-results | referral-answers") var topic = "screening-results"
    @Argument(help: ArgumentHelp(Text("JSON 文件，- 为标准输入", "JSON file, - for stdin").here)) var file: String
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    private struct Outcome: Encodable {
        var topic: String
        var published: Int
        var failed: Int
    }

    func run() async throws {
        try await explained {
            guard let organisation = try? OrganisationID(organisation) else {
                throw Complaint("机构编号不对：\(self.organisation)", "no organisation id: \(self.organisation)", code: .badInput)
            }
            guard let key = ["screening-results": "resultId", "referral-answers": "referral"][topic] else {
                throw Complaint("没有这样的主题：\(topic)", "no such topic: \(topic)", code: .badInput)
            }
            let bytes = file == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : try Files.read(file)
            let objects = try Self.objects(bytes)
            let name = "careloop.partner.\(organisation).\(topic).v1"
            let type = topic == "screening-results" ? "careloop.partner.screening-result.v1" : "careloop.partner.referral-answer.v1"
            let publisher = try PartnerPublisher(log: log.url(), named: organisation.text)
            let records = try objects.map { object in
                PartnerRecord(
                    topic: name, key: "\(object[key] ?? "")",
                    value: [UInt8](try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])),
                    type: type, contentType: "application/json")
            }
            let sent = try await publisher.send(records)
            if json {
                try Terminal.json(Outcome(topic: name, published: sent, failed: records.count - sent))
            } else {
                Terminal.say(Text("\(name)：已发布 \(sent) 条", "\(name): \(sent) published").here)
            }
            if sent < records.count { throw ExitCode.unreachable }
        }
    }

    /// A JSON array, or one object a line.
    static func objects(_ bytes: [UInt8]) throws -> [[String: Any]] {
        let trimmed = bytes.drop { $0 == 32 || $0 == 10 || $0 == 13 || $0 == 9 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
        let pieces: [ArraySlice<UInt8>] = trimmed.first == UInt8(ascii: "[") ? [trimmed] : trimmed.split(separator: 10)
        var objects: [[String: Any]] = []
        for (line, piece) in pieces.enumerated() {
            switch try? JSONSerialization.jsonObject(with: Data(piece)) {
            case let list as [[String: Any]]: objects += list
            case let object as [String: Any]: objects.append(object)
            default: throw Complaint("第 \(line + 1) 行不是 JSON 对象", "line \(line + 1) is no JSON object", code: .badInput)
            }
        }
        return objects
    }
}

/// Which event log a command reads or writes.
struct LogOption: ParsableArguments {
    @Option(
        name: .customLong("log"),
        help: ArgumentHelp(
            Text(
                "事件日志 kafka://… 或 sqlite:///…；缺省读 CARELOOP_EVENT_LOG 或运行目录",
                "Event log, kafka://… or sqlite:///…; CARELOOP_EVENT_LOG or the run directory otherwise"
            ).here))
    var log: String?

    func url() throws -> String {
        if let url = log ?? ProcessInfo.setting("CARELOOP_EVENT_LOG") ?? RunDirectory.standard.eventLog { return url }
        throw Complaint("没有事件日志：用 --log 指定", "which event log? give --log", code: .unreachable)
    }
}
