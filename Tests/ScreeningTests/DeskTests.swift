import Contracts
import Foundation
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Screening

/// The desks of a bureau and of the clerk who records a guardian's choice.
struct DeskTests {
    private static let columns: [UploadColumn] = [
        .resultID, .revision, .stage, .topic, .outcome, .takenOn, .roundMonths, .documentKind, .documentNumber, .name, .sex, .birthDate,
        .guardianName, .guardianTelephone, .residence,
    ]

    private static func file(_ rows: [ResultRow]) -> [UInt8] {
        Array((CSVText.line(columns.map(\.zh)) + rows.map { row in CSVText.line(columns.map { row[$0] }) }.joined()).utf8)
    }

    private static let rows = [
        Sample.row(),
        Sample.row {
            $0[.resultID] = "r-2"
            $0[.documentNumber] = "379999202001010010"
        },
    ]

    @Test func `a bureau checks, sends, fetches what was refused, mends and sends again`() async throws {
        let bench = try Bench()
        let bureau = try await TestBrowser(bench.service, as: Sample.bureauUser)
        let page = bureau.get("/desk/uploads")
        #expect(page.text.contains("href=\"/uploads/template.csv?headers=zh\""))

        let checked = try await bureau.send(
            "upload", on: page, calling: "/uploads?check=true", file: "一月.CSV", content: Self.file(Self.rows))
        #expect(checked.status == 200 && checked.text.contains("2行中有1行需要改正") && checked.text.contains("ID_CHECKSUM_INVALID"))
        #expect(try bench.said(ResultAccepted.self).isEmpty)

        let sent = try await bureau.send("upload", on: page, calling: "/uploads", file: "一月.csv", content: Self.file(Self.rows))
        let place = String(try #require(sent.header("Location")).prefix { $0 != "?" })
        #expect(sent.status == 303 && place.hasPrefix("/desk/uploads/"))
        #expect(try bench.said(ResultAccepted.self).count == 1)
        let result = bureau.get(place)
        #expect(result.text.contains("<dt>已接收</dt><dd>1</dd>") && result.text.contains("<dt>退回</dt><dd>1</dd>"))
        #expect(!result.text.contains("379999202001010010") && !result.text.contains("测试儿童"), "the page names rows, not children")

        let address = try #require(result.text.firstMatch(of: /href="([^"]*refused\.csv)"/)).output.1
        let refused = bureau.get(String(address))
        #expect(refused.status == 200 && refused.text.contains("ID_CHECKSUM_INVALID"))
        let mended = refused.text.replacingOccurrences(of: "379999202001010010", with: Sample.citizenID("2020-01-01", sequence: 3))
        let again = try await bureau.send("upload", on: result, calling: "/uploads", file: "refused.csv", content: Array(mended.utf8))
        #expect(again.status == 303)
        #expect(try bench.said(ResultAccepted.self).count == 2)
        #expect(bureau.get("/desk/uploads").text.contains("完成，有退回"))
    }

    @Test func `a file without a form's token is not read, and a form without a file says so`() async throws {
        let bench = try Bench()
        let bureau = try await TestBrowser(bench.service, as: Sample.bureauUser)
        let page = bureau.get("/desk/uploads")
        bureau.forgets = "token"
        #expect(try await bureau.send("upload", on: page, calling: "/uploads", file: "a.csv", content: Self.file(Self.rows)).status == 403)
        bureau.forgets = nil
        let empty = try await bureau.send("upload", on: page, calling: "/uploads", file: "", content: [])
        #expect(empty.status == 400 && empty.text.contains("FIELD_MISSING"))
        let nonsense = try await bureau.send("upload", on: page, calling: "/uploads", file: "a.csv", content: Array("a;b\n1;2\n".utf8))
        #expect(nonsense.status >= 400 && nonsense.text.contains("role=\"alert\""))
        #expect(try bench.said(ResultAccepted.self).isEmpty)
    }

    @Test func `a bureau begins at its uploads, a clerk at what waits`() async throws {
        let bench = try Bench()
        for (actor, place) in [(Sample.bureauUser, "/desk/uploads"), (Sample.clerk, "/desk")] {
            let browser = TestBrowser(bench.service)
            let signedIn = await browser.signIn(try browser.link(for: actor))
            #expect(signedIn.header("Location") == place)
        }
    }

    @Test func `another bureau's upload does not exist`() async throws {
        let bench = try Bench()
        let bureau = try await TestBrowser(bench.service, as: Sample.bureauUser)
        let sent = try await bureau.send(
            "upload", on: bureau.get("/desk/uploads"), calling: "/uploads", file: "a.csv", content: Self.file(Self.rows))
        let place = String(try #require(sent.header("Location")).prefix { $0 != "?" })
        let other = try await TestBrowser(
            bench.service,
            as: Actor(organisation: OrganisationID(trusted: "hb-other"), role: .healthBureau, user: "x", region: RegionCode(trusted: "37")))
        #expect(other.get(place).status == 404)
    }

    @Test func `a clerk sees what waits and records the guardian's choice with its reasons before the eyes`() async throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303")
        try bench.open(Sample.far, at: "370102")
        try bench.service.deliver(
            OrganisationRegistered(
                organisation: Sample.near, kind: .rehabilitationCentre, name: "示例<康复>中心", region: RegionCode(trusted: "370303002"),
                validFrom: day("2024-01-01")))
        try bench.diagnose()
        let clerk = try await TestBrowser(bench.service, as: Sample.clerk)
        #expect(clerk.get("/desk").text.contains("<strong>1</strong> 待监护人选择"))
        let list = clerk.get("/desk/work?kind=undecided")
        let here = String(try #require(list.text.firstMatch(of: /href="(\/desk\/referrals\/[^"]+)"/)).output.1)
        #expect(clerk.get(here).text.contains("1. 示例&lt;康复&gt;中心 · 张店区 · rc-near — "), "\(clerk.get(here).text)")
        // The directory has not said the other's name yet.
        #expect(clerk.get(here).text.contains("2. rc-far — ") && clerk.get(here).text.contains("同县"))
        #expect(try await clerk.send("choice", on: clerk.get(here), ["institution": Sample.far.text]).status == 303)
        #expect(try bench.said(ReferralIssued.self).map(\.institution) == [Sample.far])
        #expect(clerk.get(here).text.contains("监护人选择") && !clerk.get(here).text.contains("id=\"choice\""))
        let withdrawn = try await clerk.send("withdraw", on: clerk.get(here), ["reason": "家庭搬走"])
        #expect(withdrawn.status == 303 && clerk.get(here).text.contains("已撤回"))
        // The way on: the case, which stands on the list until another referral is proposed.
        #expect(clerk.get("/desk").text.contains("<strong>1</strong> 已共享而未转介"))
        let place = String(try #require(clerk.get(here).text.firstMatch(of: /href="(\/desk\/cases\/[^"]+)"/)).output.1)
        #expect(clerk.get(place).text.contains("转介已撤回"))
        #expect(try await clerk.send("propose", on: clerk.get(place)).status == 303)
        #expect(clerk.get("/desk").text.contains("<strong>0</strong> 已共享而未转介"))
        #expect(clerk.get(place).text.matches(of: /href="\/desk\/referrals\//).count == 2)
    }

    @Test func `a referral that an institution owns shows its clerk no way to take it back, for there is none`() async throws {
        let bench = try Bench()
        try bench.open(Sample.near, at: "370303")
        try bench.diagnose()
        let clerk = try await TestBrowser(bench.service, as: Sample.clerk)
        let list = clerk.get("/desk/work?kind=undecided")
        let here = String(try #require(list.text.firstMatch(of: /href="(\/desk\/referrals\/[^"]+)"/)).output.1)
        #expect(try await clerk.send("choice", on: clerk.get(here), ["institution": Sample.near.text]).status == 303)
        #expect(clerk.get(here).text.contains("id=\"withdraw\""))
        try bench.claim(try #require(try bench.said(ReferralIssued.self).first))
        let page = clerk.get(here).text
        #expect(page.contains("已确认") && !page.contains("id=\"withdraw\""))
        let target = String(here.dropFirst("/desk".count)) + "/withdraw"
        let refused = bench.interface.handle(.post, target, body: Array(#"{"reason":"家庭搬走"}"#.utf8), as: Sample.clerk)
        #expect(refused.text.contains("REFERRAL_ALREADY_CONFIRMED"), "\(refused.text)")
    }

    @Test func `every page of the menu opens for every role that has it`() async throws {
        let bench = try Bench()
        for role in [Role.healthBureau, .clerk, .reviewer, .auditor] {
            let browser = try await TestBrowser(
                bench.service, as: Actor(organisation: Sample.bureau, role: role, user: "u", region: RegionCode(trusted: "3703")))
            let first = browser.get("/desk")
            #expect(first.status == 200)
            for link in first.text.matches(of: /<li><a href="([^"]+)"/) {
                let page = browser.get(String(link.output.1).replacing("&amp;", with: "&"))
                #expect(page.status == 200, "\(role) \(link.output.1)")
            }
        }
    }
}
