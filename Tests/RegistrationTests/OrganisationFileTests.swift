import Contracts
import ServiceRuntime
import Testing
import Vocabulary

@testable import Registration

/// The directory from a CSV file: what can be entered is, what cannot comes back to be mended.
struct OrganisationFileTests {
    let bench: RegistrationBench
    init() throws { bench = try RegistrationBench() }

    private func send(_ text: String, _ target: String = "/organisations/file", as actor: Actor = RegistrationBench.clerk) async throws
        -> Reply
    {
        let reply = await bench.interface.handleStream(.post, target, body: Array(text.utf8), as: actor)
        try bench.service.settle()
        return reply
    }

    private let file = """
        机构编号,机构类别,机构名称,统一社会信用代码,所在地,生效日期
        hb-9,卫生健康部门,测试卫健局,,370303,2024-01-01
        rc-9,rehabilitationCentre,"测试康复中心, 一部",91379999MA00000319,370303,2024-01-01
        x-1,医院,测试医院,,370303,
        x-2,康复机构,测试中心,,999999,
        x-3,康复机构,测试中心,91379999MA00000318,370303,
        x-4,康复机构,,,370303,
        x-5,康复机构,测试中心,,419001,
        x-6,用人单位,测试单位,91379999MA00000319,370303,
        x-7,康复机构,测试中心,,370303,2024-02-30
        Not an id,康复机构,测试中心,,370303,
        """

    @Test func `good lines are entered and announced, bad ones come back with field, rule and source`() async throws {
        let checked = try await send(file, "/organisations/file?check=true").decode(TableReport.self)
        #expect(checked.checkOnly && checked.accepted == 4, "a taken credit code and an empty name show when the line is entered")
        #expect(try bench.service.said(OrganisationRegistered.self).isEmpty)

        let report = try await send(file).decode(TableReport.self)
        #expect(report.rows == 10 && report.accepted == 2 && report.unchanged == 0)
        #expect(
            report.refused.map { "\($0.line) \($0.code)" } == [
                "4 ORGANISATION_KIND_UNKNOWN", "5 REGION_UNKNOWN", "6 USCC_CHECKSUM_INVALID", "7 TEXT_INVALID", "8 REGION_OUT_OF_SCOPE",
                "9 CREDIT_CODE_TAKEN", "10 DATE_INVALID", "11 IDENTIFIER_INVALID",
            ])
        #expect(report.refused[0].field == "机构类别" && report.refused[0].row == "x-1,医院,测试医院,,370303,")
        #expect(report.refused.allSatisfy { !$0.rule.isEmpty && !$0.source.isEmpty })
        let said = try bench.service.said(OrganisationRegistered.self)
        #expect(said.map(\.organisation.text) == ["hb-9", "rc-9"] && said.map(\.kind) == [.healthBureau, .rehabilitationCentre])
        #expect(said[1].name == "测试康复中心, 一部" && said[1].creditCode?.text == "91379999MA00000319")

        let again = try await send(file).decode(TableReport.self)
        #expect(again.accepted == 2 && again.unchanged == 2)
        #expect(try bench.service.said(OrganisationRegistered.self).count == 2)
    }

    @Test func `a kind is read by every name it has`() async throws {
        let kinds = ["残疾人联合会", "残联", "康复机构", "Employer", "financeBureau", " 培训基地 "]
        let text = "机构编号,机构类别,机构名称,所在地\n" + kinds.enumerated().map { "o-\($0),\($1),测试,370303\n" }.joined()
        let report = try await send(text).decode(TableReport.self)
        #expect(report.accepted == kinds.count, "\(report.refused)")
        #expect(
            try bench.service.said(OrganisationRegistered.self).map(\.kind) == [
                .disabledPersonsFederation, .disabledPersonsFederation, .rehabilitationCentre, .employer, .financeBureau, .trainingBase,
            ])
    }

    @Test func `the template is a file of no lines, in English headers too`() async throws {
        let template = try bench.ask(.get, "/organisations/template.csv").text
        #expect(try await send(template).decode(TableReport.self).rows == 0)
        let english = "organisation,kind,name,region\nhb-9,healthBureau,测试卫健局,370303\n"
        #expect(try await send(english).decode(TableReport.self).accepted == 1)
        #expect(try await send("organisation,kind\n").status == 422)
        #expect(try await send(file, as: RegistrationBench.centre("rc-1")).status == 403)
    }
}
