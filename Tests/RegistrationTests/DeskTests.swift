import Contracts
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Registration

/// The family's contact and a person's timeline, as pages.
struct DeskTests {
    private let bench: RegistrationBench
    private let contact: String

    init() throws {
        bench = try RegistrationBench()
        contact = "/desk/contact?person=\(bench.canary)&referral=ref-1"
        try bench.service.deliver(bench.identity(bench.canary))
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
    }

    private func browser(_ actor: Actor) async throws -> TestBrowser { try await TestBrowser(bench.service, as: actor) }

    private func audit() throws -> [AuditTrail.Entry] {
        try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 100, in: $0) }
    }

    @Test func `the owner's centre states a purpose, sees name and telephones, and the look is on record`() async throws {
        let centre = try await browser(RegistrationBench.centre("rc-1"))
        let question = centre.get(contact)
        #expect(question.status == 200 && question.text.contains("查阅的用途") && !question.text.contains(RegistrationBench.canaryName))
        #expect(try audit().isEmpty, "asking for the purpose reads nothing")
        let page = centre.get(contact + "&purpose=%E8%81%94%E7%B3%BB%E5%AE%B6%E5%BA%AD")
        #expect(page.status == 200)
        for word in [RegistrationBench.canaryName, RegistrationBench.canaryGuardian, RegistrationBench.canaryTelephone] {
            #expect(page.text.contains(word))
        }
        #expect(!page.text.contains(RegistrationBench.canaryID))
        let entries = try audit()
        #expect(entries.map(\.outcome) == ["granted"] && entries.first?.purpose == "联系家庭" && entries.first?.organisation == "rc-1")
    }

    @Test func `every other centre gets 404 and leaves a trace, every other role 403`() async throws {
        let other = try await browser(RegistrationBench.centre("rc-2"))
        let page = other.get(contact + "&purpose=visit")
        #expect(page.status == 404 && !page.text.contains(RegistrationBench.canaryName) && page.text.contains("NOT_FOUND"))
        #expect(try audit().map(\.outcome) == ["refused"])
        let clerk = try await browser(RegistrationBench.clerk)
        #expect(clerk.get(contact + "&purpose=visit").status == 403)
        let stranger = TestBrowser(bench.service)
        #expect(stranger.get(contact + "&purpose=visit").status == 401)
    }

    @Test func `a purpose with a number in it is refused on the page, and the number is kept nowhere`() async throws {
        let centre = try await browser(RegistrationBench.centre("rc-1"))
        let page = centre.get(contact + "&purpose=\(RegistrationBench.canaryID)")
        #expect(page.status == 422 && !page.text.contains(RegistrationBench.canaryName))
        #expect(try audit().map(\.outcome) == ["refused"] && audit().allSatisfy { $0.purpose.isEmpty })
    }

    @Test func `a clerk finds a file by its number, which stands in no address, and reads one timeline`() async throws {
        let clerk = try await browser(RegistrationBench.clerk)
        let found = try await clerk.send("search", on: clerk.get("/desk"), ["citizenID": RegistrationBench.canaryID])
        let place = try #require(found.header("Location"))
        #expect(found.status == 303 && place == "/desk/persons/\(bench.canary)?done=1" && !place.contains(RegistrationBench.canaryID))
        let page = clerk.get(place)
        #expect(page.status == 200 && page.text.contains("发出转介") && page.text.contains("rc-1"))
        #expect(!page.text.contains(RegistrationBench.canaryName) && !page.text.contains(RegistrationBench.canaryTelephone))
        #expect(try audit().map(\.action).contains("read-timeline"))
        let wrong = try await clerk.send("search", on: clerk.get("/desk"), ["citizenID": "379999201901010099"])
        #expect(wrong.status >= 400 && wrong.text.contains("role=\"alert\"") && !wrong.text.contains("379999201901010099"))
        let far = Actor(
            organisation: OrganisationID(trusted: "dpf-2"), role: .clerk, user: "far", region: RegionCode(trusted: "419001"))
        #expect(try await browser(far).get("/desk/persons/\(bench.canary)").status == 404)
    }
}
