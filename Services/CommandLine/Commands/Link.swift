import ArgumentParser
import Vocabulary

/// More one-time links to desks and figures, while a run is up.
struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("生成工作台或实时页面的一次性链接", "Make one-time links to a desk or to the live figures").here,
        discussion: example(
            "careloop link --region 419001",
            Text("济源的实时页面；同一浏览器可先后打开几个地区的", "Jiyuan's figures; one browser may open those of several regions"))
            + "\n"
            + example(
                "careloop link --role rehabilitationCentre --org rc-370302-1 --region 370302",
                Text("一家康复机构的工作台", "a rehabilitation centre's desk")))

    @OptionGroup var services: ServicesOption
    @Option(help: ArgumentHelp(Grant.Kind.allCases.map(\.rawValue).joined(separator: " | "))) var role: Grant.Kind = .dashboard
    @Option(
        help: ArgumentHelp(
            Text("地区代码，可重复；缺省为山东(37)与济源(419001)", "Region code, repeatable; Shandong (37) and Jiyuan (419001) otherwise").here))
    var region: [String] = ["37", "419001"]
    @Option(help: ArgumentHelp(Text("以哪个机构的名义；缺省为该地区残联", "Organisation it is for; the region's federation otherwise").here)) var org:
        String?
    @Option(
        help: ArgumentHelp(
            Text("用户代号；须由两人办理的事项要用两个不同代号", "Pseudonym of the user; what two people must do needs two").here)) var user = "user-1"
    @Option(help: ArgumentHelp(Text("密钥目录；缺省为运行目录的", "Directory of keys; the run directory's otherwise").here)) var keys: String?
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let keys = try KeyStore.load(keys ?? RunDirectory.standard.keys)
            var links: [PageLink] = []
            for text in region {
                // The complaint says the text itself, which is all there is to say.
                guard let code = try? RegionTable.shared.validated(text) else {
                    throw Complaint("地区代码不对：\(text)", "no region code: \(text)", code: .badInput)
                }
                guard let organisation = try? OrganisationID(org ?? "dpf-\(code)") else {
                    throw Complaint("机构编号不对", "no organisation id", code: .badInput)
                }
                let grant = Grant(role: role, organisation: organisation, region: code, user: user)
                links += try PageLink.issue(grant, keys: keys) { try services.client($0).base.description }
            }
            if json { try Terminal.json(links) } else { for link in links { Terminal.say(link.line) } }
        }
    }
}

/// A link that signs in whoever opens it and presses the button, once in each service.
struct PageLink: Codable, Sendable {
    let service: ServiceName
    let role: String
    let organisation: String
    let region: String
    let name: String
    let url: String
    let goodForSeconds: Int

    /// What the services take at most.
    static let lifetime: Duration = .seconds(600)

    /// One link for each service that has pages for the role; the token in them is the same.
    static func issue(_ grant: Grant, keys: KeyStore, address: (ServiceName) throws -> String) throws -> [PageLink] {
        let token = try keys.issue(grant, lifetime: lifetime, isLink: true)
        return try grant.role.desks.map { service in
            PageLink(
                service: service, role: grant.role.rawValue, organisation: grant.organisation?.text ?? "", region: grant.region.text,
                name: RegionTable.shared.name(of: grant.region) ?? grant.region.text, url: "\(try address(service))/session?link=\(token)",
                goodForSeconds: Int(lifetime.components.seconds))
        }
    }

    /// For a person.
    var line: String {
        let minutes = goodForSeconds / 60
        return Text(
            "\(service.title.zh) · \(role) · \(organisation) · \(name)（\(minutes) 分钟内打开，只能登录一次；再要一个：careloop link）：\(url)",
            "\(service.title.en) · \(role) · \(organisation) · \(name) (signs in once, within \(minutes) minutes; for another: careloop link): \(url)"
        ).here
    }
}

extension Grant.Kind {
    /// Services with pages for this role, the one to begin with first.
    var desks: [ServiceName] {
        switch self {
        case .healthBureau: [.screening]
        case .clerk: [.screening, .rehabilitation, .registration]
        case .reviewer: [.rehabilitation, .screening, .registration]
        case .rehabilitationCentre: [.rehabilitation, .registration]
        case .finance: [.rehabilitation]
        case .auditor: [.rehabilitation, .registration]
        case .dashboard: [.reporting]
        case .employer, .operator: []
        }
    }
}
