import ArgumentParser
import Contracts
import Foundation
import Messaging
import ServiceRuntime
import Vocabulary

/// Partner organisations: one step from a name to what is handed over.
struct Partner: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("伙伴机构：登记、主题、权限、登录凭据一步完成", "Partner organisations: directory, topics, rights and credentials in one step").here,
        discussion: example(
            "careloop partner add hb-370303 --kind healthBureau --name 张店区卫生健康局 --region 370303",
            Text("接入一家卫健局，并打印交付内容", "takes in a health bureau and prints what to hand over")),
        subcommands: [Add.self])

    /// Repeating it is safe: what is there stays, a password included.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("接入一家机构", "Take in an organisation").here,
            discussion: example(
                "careloop partner add rc-370303-1 --kind rehabilitationCentre --name 某康复中心 --region 370303 --dry-run",
                Text("只打印将要做的事", "only prints what would be done")))

        enum Mechanism: String, CaseIterable, ExpressibleByArgument {
            case scramSHA512 = "SCRAM-SHA-512"
            case scramSHA256 = "SCRAM-SHA-256"
            case plain = "PLAIN"
        }

        @OptionGroup var log: LogOption
        @OptionGroup var services: ServicesOption
        @Argument(help: ArgumentHelp(Text("机构编号", "Id of the organisation").here)) var organisation: String
        @Option(help: ArgumentHelp(OrganisationKind.allCases.map(\.rawValue).joined(separator: " | "))) var kind: String
        @Option(help: ArgumentHelp(Text("机构名称", "Its name").here)) var name: String
        @Option(help: ArgumentHelp(Text("地区代码", "Code of its region").here)) var region: String
        @Option(help: ArgumentHelp(Text("登录方式", "How it logs in to the brokers").here)) var mechanism = Mechanism.scramSHA512
        @Option(help: ArgumentHelp(Text("存放口令文件的目录；缺省为 partner-<编号>", "Directory of the password's file; partner-<id> otherwise").here))
        var credentials: String?
        @Flag(help: ArgumentHelp(Text("只打印将要做的事", "Only print what would be done").here)) var dryRun = false
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        private struct Entry: Codable {
            var organisation: OrganisationID
            var kind: OrganisationKind
            var name: String
            var region: RegionCode
        }

        func run() async throws {
            try await explained {
                // All three are the caller's own words; the complaint names which they are.
                guard let id = try? OrganisationID(organisation), let kind = OrganisationKind(rawValue: kind),
                    let region = try? RegionCode(region)
                else { throw Complaint("机构编号、类别或地区代码不对", "the id, the kind or the region is not right", code: .badInput) }
                let partner = AccessPlan.Partner(organisation: id, kind: kind)
                let url = try log.url()
                var handover = Handover(
                    partner: partner, brokers: KafkaSecurity.brokers(of: url), mechanism: mechanism.rawValue,
                    passwordFile: "\(credentials ?? "partner-\(id)")/password")
                if !dryRun {
                    let entry = Entry(organisation: id, kind: kind, name: name, region: region)
                    // A clerk of the region enters it, where no token is given.
                    let clerk = Grant(role: .clerk, organisation: OrganisationID(trusted: "operations"), region: region, user: "operator")
                    _ = try await services.client(.registration).post(
                        "/organisations", entry, token: services.tokenOr(clerk), key: UUID().uuidString.lowercased())
                    let rules = AccessPlan.rules(of: partner)
                    let (events, keepsRules) = (try openLog(url), try BrokerAccess.isKept(by: url))
                    let plans = Catalogue.partnerTopics(for: id, kind: kind).map { $0.template.plan(named: $0.name) }
                    handover.granted = try await BlockingWork.run {
                        try events.ensure(plans)
                        return keepsRules ? try BrokerAccess.apply(rules, to: events).count : nil
                    }
                    try Password.make(in: handover.passwordFile)
                }
                if json { try Terminal.json(handover.summary) } else { Terminal.say(handover.text.here) }
            }
        }
    }
}

extension KafkaSecurity {
    /// The brokers of an address, as a partner's client wants them; nil for a log without brokers.
    static func brokers(of url: String) -> String? {
        url.hasPrefix("kafka://") ? String(url.dropFirst("kafka://".count).prefix { $0 != "?" }) : nil
    }
}

/// A password nobody has chosen, in a file that only its owner may read. It is printed nowhere.
enum Password {
    private static let bytes = 24

    /// Leaves one that is there: its owner may have handed it over.
    static func make(in file: String) throws {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        try Files.makeDirectory(folder, mode: 0o700)
        var random = SystemRandomNumberGenerator()
        let text = Data((0..<bytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_")
        // Made with its mode, not given it afterwards, and never over another.
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        if descriptor < 0, errno == EEXIST { return }
        guard descriptor >= 0 else { throw FileTrouble(path: file, reason: String(cString: strerror(errno))) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do { try handle.write(contentsOf: Data((text + "\n").utf8)) } catch { throw FileTrouble(path: file, reason: "\(error)") }
    }
}
