import ArgumentParser
import Foundation

/// Records that wait for their subject.
struct Held: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("挂起的记录：等待对象到达", "Held records: what waits for its subject").here,
        discussion: example("careloop held rehabilitation", Text("康复服务中挂起的记录", "what rehabilitation holds")))

    @OptionGroup var services: ServicesOption
    @Argument(help: ArgumentHelp(Text("服务名；缺省为全部", "Service; all otherwise").here)) var service: ServiceName?
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    /// One record as the service shows it: no bytes, they may be a child's.
    struct Record: Codable, Sendable {
        var id: Int64
        var subject: String
        var topic: String
        var ageSeconds: Int64
    }

    func run() async throws {
        try await explained {
            let token = try services.tokenOrOperator()
            var table = Table(
                header: [
                    Text("服务", "service").here, "id", Text("等待对象", "waits for").here, Text("主题", "topic").here,
                    Text("已等待", "age").here,
                ], right: [1, 4])
            var found: [String: [Record]] = [:]
            for service in service.map({ [$0] }) ?? ServiceName.allCases {
                let records: [Record] = try await services.client(service).all("/held", token: token)
                found[service.rawValue] = records
                for record in records {
                    table.rows.append([
                        service.rawValue, String(record.id), record.subject, record.topic, Age(seconds: record.ageSeconds).text,
                    ])
                }
            }
            if json { try Terminal.json(found) } else { Terminal.say(table.text) }
        }
    }
}

/// An elapsed time as a person reads it: the two largest units that count.
struct Age: Hashable, Sendable {
    var seconds: Int64

    var text: String {
        let whole = max(0, seconds)
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3_600: return "\(whole / 60) min \(whole % 60) s"
        case ..<86_400: return "\(whole / 3_600) h \(whole % 3_600 / 60) min"
        default: return "\(whole / 86_400) d \(whole % 86_400 / 3_600) h"
        }
    }
}
