import ArgumentParser
import Vocabulary

/// One more one-time link to the live page, while a run is up.
struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("生成实时页面的一次性链接", "Make a one-time link to the live page").here,
        discussion: example(
            "careloop link --region 419001", Text("济源的页面；同一浏览器可先后打开几个地区的链接", "Jiyuan's page; one browser may open links of several regions")
        ))

    @OptionGroup var services: ServicesOption
    @Option(
        help: ArgumentHelp(
            Text("地区代码，可重复；缺省为山东(37)与济源(419001)", "Region code, repeatable; Shandong (37) and Jiyuan (419001) otherwise").here))
    var region: [String] = ["37", "419001"]
    @Option(help: ArgumentHelp(Text("以哪个机构的名义；缺省为该地区残联", "Organisation it is for; the region's federation otherwise").here)) var org:
        String?
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let keys = try KeyStore.load(RunDirectory.standard.keys)
            let client = try services.client(.reporting)
            var links: [PageLink] = []
            for text in region {
                guard let code = try? RegionTable.shared.validated(text) else {
                    throw Complaint("地区代码不对：\(text)", "no region code: \(text)", code: .badInput)
                }
                guard let organisation = try? OrganisationID(org ?? "dpf-\(code)") else {
                    throw Complaint("机构编号不对", "no organisation id", code: .badInput)
                }
                let grant = Grant(role: .dashboard, organisation: organisation, region: code, user: "dashboard-\(code)")
                links.append(try await PageLink.issue(client, region: code, token: try keys.issue(grant)))
            }
            if json { try Terminal.json(links) } else { for link in links { Terminal.say(link.line) } }
        }
    }
}

/// A link that works once and becomes a session in the browser that opens it.
struct PageLink: Codable, Sendable {
    let region: String
    let name: String
    let url: String
    let goodForSeconds: Int

    private struct Issued: Decodable {
        let path: String
        let goodForSeconds: Int
    }

    static func issue(_ client: HTTPClient, region: RegionCode, token: String) async throws -> PageLink {
        let issued = try await client.post("/session-links", NoContent(), token: token, as: Issued.self)
        return PageLink(
            region: region.text, name: RegionTable.shared.name(of: region) ?? region.text, url: client.base.description + issued.path,
            goodForSeconds: issued.goodForSeconds)
    }

    /// For a person.
    var line: String {
        let minutes = goodForSeconds / 60
        return Text(
            "\(name)的页面（\(minutes) 分钟内打开，只能打开一次；再要一个：careloop link）：\(url)",
            "the page of \(name) (opens once, within \(minutes) minutes; for another: careloop link): \(url)"
        ).here
    }
}
