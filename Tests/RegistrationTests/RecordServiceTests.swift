import Contracts
import ServiceRuntime
import Testing
import Vocabulary

@testable import Registration

struct RecordServiceTests {
    let bench: RegistrationBench
    init() throws { bench = try RegistrationBench() }

    struct Entry: Decodable {
        var date: String
        var fact: String
        var detail: String
        var organisation: String?
    }

    private func timeline(_ person: PersonID) throws -> [Entry] {
        try bench.ask(.get, "/persons/\(person)/timeline").decode(RegistrationBench.Items<Entry>.self).items
    }

    private func result(_ person: PersonID) -> ResultAccepted {
        ResultAccepted(
            caseID: CaseID(trusted: "case-1"),
            result: ResultFacts(
                facts: bench.facts(person), topic: .hearing, stage: .initial, outcome: .positive,
                takenOn: LocalDate(year: 2025, month: 1, day: 5)!, roundMonths: 72),
            bureau: OrganisationID(trusted: "hb-1"), resultID: "r1", revision: 1)
    }

    @Test func `one person has one timeline over all services, entries from before the file included, each once`() throws {
        let person = bench.canary
        let number = try bench.service.deliver(result(person))
        try bench.service.deliver(result(person), number: number)
        #expect(try bench.ask(.get, "/persons/\(person)/timeline").status == 404)
        try bench.service.deliver(bench.issued(person, to: "rc-1"))
        try bench.service.deliver(
            ReferralClaimed(referral: ReferralID(trusted: "ref-1"), attempt: 1, institution: OrganisationID(trusted: "rc-1")))
        try bench.service.deliver(bench.identity(person))
        try bench.service.deliver(
            JobSeekerRegistered(
                jobSeeker: JobSeekerID(trusted: "js-1"), facts: bench.facts(person), origin: .registration, consentToShare: true))
        let entries = try timeline(person)
        #expect(entries.map(\.fact).first == "ResultAccepted")
        #expect(
            Set(entries.map(\.fact)) == ["ResultAccepted", "ReferralIssued", "ReferralClaimed", "PersonRegistered", "JobSeekerRegistered"])
        #expect(entries.count == 5)
        #expect(entries.first?.detail == "hearing/initial/positive" && entries.first?.date == "2025-01-05")
    }

    @Test func `the timeline of a merged person is read from either id, and pages without gaps`() throws {
        let twin = PersonID(trusted: "p1-twin")
        try bench.service.deliver(bench.identity(bench.canary))
        try bench.service.deliver(bench.identity(twin))
        try bench.service.deliver(result(twin))
        try bench.ask(.post, "/persons/\(twin)/merges", #"{"into":"\#(bench.canary)"}"#)
        try bench.ask(.post, "/persons/\(twin)/merges/confirmation", #"{"into":"\#(bench.canary)"}"#, as: RegistrationBench.reviewer)
        let whole = try timeline(bench.canary).map { $0.fact }
        #expect(whole.contains("ResultAccepted") && whole.filter { $0 == "PersonRegistered" }.count == 2)
        #expect(try timeline(twin).map { $0.fact } == whole)
        var paged: [String] = []
        var next: String?
        repeat {
            let page = try bench.ask(.get, "/persons/\(bench.canary)/timeline?limit=1" + (next.map { "&after=\($0)" } ?? ""))
                .decode(RegistrationBench.Items<Entry>.self)
            paged += page.items.map(\.fact)
            next = page.next
        } while next != nil
        #expect(paged == whole)
    }

    @Test func `a certificate is applied for by one person, issued by another, and its number stays here`() throws {
        try bench.ask(.post, "/persons", RegistrationBench.registerCanary)
        try bench.ask(.post, "/organisations", #"{"organisation":"hb-1","kind":"healthBureau","name":"测试医院","region":"370102"}"#)
        let application = #"{"category":"hearing","grade":1,"assessedBy":"hb-1","assessedOn":"2025-03-01"}"#
        let applied = try bench.ask(.post, "/persons/\(bench.canary)/certificates", application)
        let certificate = try applied.decode(CertificateRoutes.CertificateReply.self).certificate
        #expect(try bench.code(bench.ask(.post, "/certificates/\(certificate)/issue")) == "FOUR_EYES")
        #expect(try bench.service.said(CertificateIssued.self).isEmpty)
        let issued = try bench.ask(.post, "/certificates/\(certificate)/issue", as: RegistrationBench.reviewer)
        #expect(try issued.decode(CertificateRoutes.CertificateReply.self).validTo == LocalDate(year: 2035, month: 3, day: 3))
        let event = try #require(try bench.service.said(CertificateIssued.self).first)
        #expect(event.category == .hearing && event.grade == .one && event.facts.person == bench.canary)
        let number = try bench.ask(.get, "/certificates/\(certificate)/number?purpose=print", as: RegistrationBench.reviewer)
        #expect(number.text.contains(RegistrationBench.canaryID + "21"))
        #expect(try bench.code(bench.ask(.get, "/certificates/\(certificate)/number")) == "PURPOSE_REQUIRED")
        #expect(try bench.code(bench.ask(.post, "/persons/\(bench.canary)/certificates", application)) == "CERTIFICATE_EXISTS")
    }

    @Test func `a mistaken application is turned down, and a certificate goes with its person when files are merged`() throws {
        try bench.ask(.post, "/persons", RegistrationBench.registerCanary)
        try bench.ask(.post, "/organisations", #"{"organisation":"hb-1","kind":"healthBureau","name":"测试医院","region":"370102"}"#)
        func application(_ grade: Int) -> String {
            #"{"category":"hearing","grade":\#(grade),"assessedBy":"hb-1","assessedOn":"2025-03-01"}"#
        }
        func apply(_ grade: Int, for person: PersonID) throws -> Reply {
            try bench.ask(.post, "/persons/\(person)/certificates", application(grade))
        }
        let wrong = try apply(4, for: bench.canary).decode(CertificateRoutes.CertificateReply.self).certificate
        let refused = try bench.ask(.post, "/certificates/\(wrong)/refusal", as: RegistrationBench.reviewer)
        #expect(try refused.decode(CertificateRoutes.CertificateReply.self).status == "refused")
        #expect(try bench.code(bench.ask(.post, "/certificates/\(wrong)/issue", as: RegistrationBench.reviewer)) == "CERTIFICATE_UNKNOWN")
        let right = try apply(1, for: bench.canary).decode(CertificateRoutes.CertificateReply.self).certificate
        try bench.ask(.post, "/certificates/\(right)/issue", as: RegistrationBench.reviewer)

        // The same person has another file; the one with the certificate is merged into it.
        let other = PersonID(trusted: "p1-other")
        var identity = try bench.identity(other)
        identity.documentKind = .birthCertificate
        identity.documentNumber = "Y370000002"
        try bench.service.deliver(identity)
        try bench.ask(.post, "/persons/\(bench.canary)/merges", #"{"into":"\#(other)"}"#)
        let merged = try bench.ask(
            .post, "/persons/\(bench.canary)/merges/confirmation", #"{"into":"\#(other)"}"#, as: RegistrationBench.otherClerk)
        #expect(merged.status == 200, "\(merged.text)")
        for id in [bench.canary, other] {
            let shown = try bench.ask(.get, "/persons/\(id)/certificates").decode(CertificateRoutes.CertificateReply.self)
            #expect(shown.certificate == right && shown.status == "issued")
            #expect(try bench.code(apply(1, for: id)) == "CERTIFICATE_EXISTS")
        }
    }

    @Test func `no certificate without a checked ID, a designated assessor and the worst component's grade`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        try bench.ask(.post, "/organisations", #"{"organisation":"hb-1","kind":"healthBureau","name":"测试医院","region":"370102"}"#)
        func apply(_ body: String) throws -> String { try bench.code(bench.ask(.post, "/persons/\(bench.canary)/certificates", body)) }
        #expect(try apply(#"{"category":"hearing","grade":1,"assessedBy":"hb-1","assessedOn":"2025-03-01"}"#) == "ID_REQUIRED")
        try bench.ask(.post, "/persons/\(bench.canary)/identity", #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#)
        #expect(try apply(#"{"category":"hearing","grade":1,"assessedBy":"em-1","assessedOn":"2025-03-01"}"#) == "ASSESSOR_NOT_DESIGNATED")
        #expect(try apply(#"{"category":"multiple","grade":1,"assessedBy":"hb-1","assessedOn":"2025-03-01"}"#) == "MULTIPLE_GRADE_RULE")
        #expect(try apply(#"{"category":"hearing","grade":5,"assessedBy":"hb-1","assessedOn":"2025-03-01"}"#) == "VALUE_NOT_ALLOWED")
        #expect(try apply(#"{"category":"hearing","grade":1,"assessedBy":"hb-1","assessedOn":"2025-03-04"}"#) == "OCCURRED_IN_FUTURE")
    }

    @Test func `an organisation is entered once, its credit code checked and nobody else's`() throws {
        let body = #"{"organisation":"em-1","kind":"employer","name":"测试单位","creditCode":"91379999MA00000319","region":"370102"}"#
        #expect(try bench.ask(.post, "/organisations", body).status == 201)
        #expect(try bench.ask(.post, "/organisations", body).status == 201)
        #expect(try bench.service.said(OrganisationRegistered.self).count == 1)
        func refused(_ body: String) throws -> String { try bench.code(bench.ask(.post, "/organisations", body)) }
        #expect(try refused(body.replacing("测试单位", with: "另一单位")) == "ORGANISATION_EXISTS")
        #expect(try refused(body.replacing("em-1", with: "em-2")) == "CREDIT_CODE_TAKEN")
        #expect(try refused(body.replacing("000319", with: "000318")).hasPrefix("USCC_"))
        #expect(try refused(body.replacing("370102", with: "419001")) == "REGION_OUT_OF_SCOPE")
        #expect(try refused(body.replacing("em-1", with: "EM 1")) == "IDENTIFIER_INVALID")
    }

    @Test func `an import is entered as a whole or not at all, and names the row that is wrong`() throws {
        let good = #"{"organisation":"em-1","kind":"employer","name":"甲单位","region":"370102"}"#
        let twice = #"{"organisation":"em-2","kind":"employer","name":"乙单位","region":"370102","creditCode":"91379999MA00000319"}"#
        let bad = #"{"organisation":"em-3","kind":"employer","name":"丙单位","region":"370102","creditCode":"91379999MA00000318"}"#
        let refused = try bench.ask(.post, "/organisations/import", #"{"organisations":[\#(good),\#(bad)]}"#)
        #expect(refused.status == 422 && refused.text.contains("organisations[1].creditCode"))
        #expect(try bench.service.said().isEmpty)
        let entered = try bench.ask(.post, "/organisations/import", #"{"organisations":[\#(good),\#(twice),\#(good)]}"#)
        #expect(try entered.decode(OrganisationRoutes.ImportReply.self).registered == 2)
        let taken = twice.replacing("em-2", with: "em-4")
        #expect(try bench.code(bench.ask(.post, "/organisations/import", #"{"organisations":[\#(taken)]}"#)) == "CREDIT_CODE_TAKEN")
        let list = try bench.ask(.get, "/organisations?kind=employer&limit=1").decode(
            RegistrationBench.Items<OrganisationRoutes.OrganisationBody>.self)
        #expect(list.items.map(\.name) == ["甲单位"] && list.next != nil)
    }

    @Test func `every refusal has a sentence in both languages and a source`() {
        #expect(RegistrationRefusals.catalogue.missing(for: RegistrationRefusals.types).isEmpty)
        for code in RegistrationRefusals.catalogue.codes {
            let entry = RegistrationRefusals.catalogue[code]
            #expect(entry?.chinese.isEmpty == false && entry?.english.isEmpty == false && entry?.source.isEmpty == false)
        }
    }

    @Test func `policies show their source and how firmly they rest on it`() throws {
        let policies = try bench.ask(.get, "/policies").decode([RecordRoutes.PolicyReply].self)
        #expect(policies.count == RegistrationPolicies.numbers.rules.count && policies.allSatisfy { !$0.source.isEmpty })
    }
}
