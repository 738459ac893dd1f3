import ArgumentParser
import Foundation

/// All services at a glance.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("五个服务的状态一览", "All services at a glance").here,
        discussion: example("careloop status", Text("日期、待发、积压、挂起、死信", "date, waiting to be sent, lag, held, dead letters")))

    @OptionGroup var services: ServicesOption
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let token = try services.tokenOrOperator()
            var table = Table(
                header: [
                    Text("服务", "service").here, Text("日期", "date").here, Text("待发", "to send").here, Text("积压", "lag").here,
                    Text("挂起", "held").here, Text("最久", "oldest").here, Text("暂停", "paused").here,
                    Text("到期", "due").here, Text("死信", "dead").here, Text("已读", "read").here, Text("重复", "repeats").here,
                    Text("状态", "state").here,
                ], right: [2, 3, 4, 5, 6, 7, 8, 9, 10])
            var all: [String: ServiceStatus] = [:]
            var down = false
            for service in ServiceName.allCases {
                do {
                    let status = try await services.client(service).status(token: token, lag: true)
                    all[service.rawValue] = status
                    table.rows.append([
                        service.title.here, status.today, String(status.outboxPending), status.lag.map { String($0) } ?? "–",
                        String(status.held), status.heldAge, String(status.paused?.count ?? 0), String(status.deadlinesDue),
                        String(status.deadLetters), String(status.consumed), String(status.repeats),
                        status.trouble ?? Text("正常", "well").here,
                    ])
                    down = down || status.trouble != nil
                } catch ServiceError.unreachable(_, let error) {
                    down = true
                    table.rows.append([service.title.here] + Array(repeating: "–", count: 10) + ["\(error)"])
                }
            }
            if json { try Terminal.json(all) } else { Terminal.say(table.text) }
            if down { throw ExitCode.unreachable }
        }
    }
}

/// A service's own account of itself, GET /status.
struct ServiceStatus: Codable, Hashable, Sendable {
    var service: String
    var today: String
    var outboxPending: Int
    /// Records of the log not yet read; nil when the log was not asked or did not answer.
    var lag: Int64?
    var held: Int
    /// Milliseconds since 1970 of the oldest held record's arrival.
    var heldOldestMs: Int64?
    /// Partitions whose next record finds no room in the hold.
    var paused: [String]?
    var deadlinesDue: Int
    var deadLetters: Int
    /// Per topic, how many records the service has written.
    var produced: [String: Int64]
    /// Per topic, the sum over partitions of the last number it has applied.
    var applied: [String: Int64]
    /// Per topic, the sum over partitions of the next offset to read.
    var positions: [String: Int64]
    var consumed: Int
    var repeats: Int
    var sent: Int
    var openGaps: [String]
    var sendFailure: String?
    /// The streams that the log refuses, and why; between two tries nothing else tells of them.
    var refusedStreams: [String: String]?
    var restoreNeeded: String?
    var consumerStopped: String?
    var logFailure: String?

    /// How long the oldest held record has waited.
    var heldAge: String {
        heldOldestMs.map { Age(seconds: Int64(Date().timeIntervalSince1970) - $0 / 1000).text } ?? "–"
    }

    /// Without what an instance counts since its own start.
    var ofStore: ServiceStatus {
        var status = self
        (status.consumed, status.repeats, status.sent, status.openGaps) = (0, 0, 0, [])
        return status
    }

    /// What keeps the service from working, if anything.
    var trouble: String? { restoreNeeded ?? consumerStopped ?? logFailure ?? refusal ?? sendFailure ?? openGaps.first }

    private var refusal: String? { refusedStreams?.min { $0.key < $1.key }.map { "\($0.key): \($0.value)" } }
}

extension HTTPClient {
    /// `lag` makes the service ask the log where its topics end: for a person, not for a loop.
    func status(token: String?, lag: Bool = false) async throws -> ServiceStatus { try await get("/status?lag=\(lag)", token: token) }
}
