import ArgumentParser
import Vocabulary

/// Business time of a simulated system.
struct Clock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("查看或拨动模拟日期（仅 CARELOOP_CLOCK=simulated）", "Show or move the simulated date (CARELOOP_CLOCK=simulated only)").here,
        discussion: example("careloop clock --to 2024-09-01", Text("把五个服务的业务日期拨到九月一日", "move all five services to 1 September")))

    @OptionGroup var services: ServicesOption
    @Option(help: ArgumentHelp(Text("拨到这一天", "Move to this day").here)) var to: String?
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let token = try services.tokenOrOperator()
            if let to {
                guard let date = try? LocalDate(to) else { throw Complaint("日期不对：\(to)", "no date: \(to)", code: .badInput) }
                for service in ServiceName.allCases { try await services.client(service).moveClock(to: date, token: token) }
            }
            var dates: [String: String] = [:]
            for service in ServiceName.allCases { dates[service.rawValue] = try await services.client(service).status(token: token).today }
            if json { return try Terminal.json(dates) }
            for service in ServiceName.allCases { Terminal.say("\(service.rawValue): \(dates[service.rawValue]!)") }
        }
    }
}

extension HTTPClient {
    private struct NewDate: Encodable { let date: String }

    func moveClock(to date: LocalDate, token: String?) async throws {
        try await post("/clock", NewDate(date: date.text), token: token, key: "clock-\(date)")
    }
}
