import Contracts
import Persistence
import ServiceRuntime
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

@Test func `one child goes from acceptance to payment and every amount ties out`() throws {
    let bench = try Bench()
    try bench.agree()
    let application = try bench.approvedApplication()
    let enrolment = try bench.enrol(application)
    #expect(try bench.taken() == 1)

    for offset in 0..<10 {
        let month = Sample.month("2024-07").adding(offset)
        try bench.service.passDay(to: month.last.adding(days: 1))
        let reply = try bench.ask(
            .post, "/enrolments/\(enrolment)/months", Bench.month(month.text, days: 23, gross: 185_000), as: Bench.centre())
        #expect(reply.status == 201)
    }
    let completed = try bench.service.said(EnrolmentCompleted.self)
    #expect(completed.map(\.monthsCounted) == [10])
    #expect(completed.first?.endedOn == Sample.date("2025-04-30"))
    #expect(try bench.taken() == 0)

    let lines = try bench.service.said(TrainingMonthRecorded.self).map(\.line)
    #expect(lines.map(\.ordinal) == Array(1...10))
    #expect(lines.reduce(Fen.zero) { $0 + $1.subsidyFen } == Sample.yuan("16000"))
    #expect(lines.reduce(Fen.zero) { $0 + $1.parentsFen } == Sample.yuan("2500"))

    var settled = Fen.zero
    for quarter in ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"] {
        let body = #"{"institution":"\#(Sample.institution)","quarter":"\#(quarter)"}"#
        let id = try bench.ask(.post, "/settlements", body, as: Bench.clerk).decode(SettlementView.self).settlement
        #expect(try bench.outcome(.post, "/settlements/\(id)/payment", as: Bench.finance) == "NOT_APPROVED")
        #expect(try bench.outcome(.post, "/settlements/\(id)/approval", as: Bench.reviewer) == "200")
        #expect(try bench.outcome(.post, "/settlements/\(id)/payment", as: Bench.finance) == "200")
        settled = settled + (try bench.service.said(SettlementPaid.self).last?.totalFen ?? .zero)
    }
    #expect(settled == Sample.yuan("16000"))
    let again = #"{"institution":"\#(Sample.institution)","quarter":"2025-Q2"}"#
    #expect(try bench.outcome(.post, "/settlements", again, as: Bench.clerk) == "NOTHING_TO_SETTLE")
    let account = try bench.ask(.get, "/account", as: Bench.auditor).decode(AccountView.self)
    #expect(account.subsidyFen == 1_600_000 && account.settledSubsidyFen == 1_600_000)
    #expect(account.settlements == ["paid": 4] && account.settlementsFen == ["paid": 1_600_000])
    #expect(account.enrolments == ["ended": 1] && account.applications == ["ended": 1] && account.placesTaken == 0)
}

@Test func `every step of assistance is said once, with the policy it rests on`() throws {
    let bench = try Bench()
    try bench.agree()
    let application = try bench.approvedApplication()
    _ = try bench.enrol(application)
    let said = try bench.service.said().filter { $0.topic == AssistanceApplied.topic }
    #expect(
        said.map(\.meta.type) == [
            AssistanceApplied.type, MaterialsCompleted.type, AssistanceApproved.type, InstitutionConfirmed.type, Enrolled.type,
        ])
    let version = try #require(try bench.service.said(AssistanceApproved.self).first).policyVersion
    #expect(version.contains("jiyuan-standard-fixture-2024"))
    #expect(said.allSatisfy { $0.meta.policyVersion == version })
    let approved = try #require(try bench.service.said(AssistanceApproved.self).first)
    // Jiyuan's own amounts are unknown, and the event says that what stands for them is an assumption.
    #expect(approved.standardFen == Sample.yuan("16000") && approved.policyStanding == .assumption && approved.onTime)
}

@Test func `an application complete on 5 June 2024 is due on the 13th, and a missed review escalates without deciding`() throws {
    let bench = try Bench()
    try bench.agree()
    try bench.issue()
    _ = try bench.accept()
    try bench.confirm()
    let id = try bench.ask(.post, "/applications", #"{"referral":"referral-1","residenceBasis":"hukou"}"#, as: Bench.clerk)
        .decode(ApplicationView.self).application
    #expect(try bench.outcome(.post, "/applications/\(id)/approval", as: Bench.reviewer) == "MATERIAL_INCOMPLETE")
    let complete = try bench.ask(.post, "/applications/\(id)/materials", as: Bench.clerk).decode(ApplicationView.self)
    #expect(complete.decideBy == Sample.date("2024-06-13"))

    try bench.passDay("2024-06-13")
    #expect(try bench.service.said(ReviewDeadlineMissed.self).isEmpty)
    try bench.passDay("2024-06-14")
    #expect(try bench.service.said(ReviewDeadlineMissed.self).map(\.dueOn) == [Sample.date("2024-06-13")])
    let overdue = try bench.ask(.get, "/applications?overdue=true", as: Bench.reviewer).decode(PageOf<ApplicationView>.self)
    #expect(overdue.items.map(\.application) == [id])
    #expect(try bench.outcome(.post, "/applications/\(id)/approval", as: Bench.reviewer) == "200")
    #expect(try bench.service.said(AssistanceApproved.self).map(\.onTime) == [false])
}

@Test func `a decision in time takes the deadline away`() throws {
    let bench = try Bench()
    try bench.agree()
    _ = try bench.approvedApplication()
    try bench.passDay("2024-07-01")
    #expect(try bench.service.said(ReviewDeadlineMissed.self).isEmpty)
}

@Test func `one person with two roles is still one person`() throws {
    let bench = try Bench()
    try bench.agree()
    try bench.issue()
    _ = try bench.accept()
    try bench.confirm()
    let id = try bench.ask(.post, "/applications", #"{"referral":"referral-1","residenceBasis":"hukou"}"#, as: Bench.clerk)
        .decode(ApplicationView.self).application
    try bench.ask(.post, "/applications/\(id)/materials", as: Bench.actor(.clerk, "clerk-2"))
    #expect(try bench.outcome(.post, "/applications/\(id)/approval", as: Bench.actor(.reviewer, "clerk-1")) == "FOUR_EYES")
    #expect(try bench.outcome(.post, "/applications/\(id)/approval", as: Bench.actor(.reviewer, "clerk-2")) == "FOUR_EYES")
    #expect(try bench.outcome(.post, "/applications/\(id)/approval", as: Bench.reviewer) == "200")
    let view = try bench.ask(.get, "/applications/\(id)", as: Bench.auditor).decode(ApplicationView.self)
    #expect(
        view.submittedBy == "dpf-419001/clerk-1" && view.acceptedBy == "dpf-419001/clerk-2" && view.decidedBy == "dpf-419001/reviewer-1")
}

@Test func `the same child cannot apply twice in a year, not even under a merged name, but may after a rejection`() throws {
    let bench = try Bench()
    let alias = PersonID(trusted: "person-alias")
    for person in [Sample.person, alias] {
        try bench.service.deliver(PersonRegistered(facts: Sample.facts(person), provisional: false, origin: .window))
    }
    func apply(_ person: PersonID) throws -> String {
        try bench.outcome(
            .post, "/applications", #"{"person":"\#(person)","category":"hearing","residenceBasis":"hukou"}"#, as: Bench.clerk)
    }
    #expect(try apply(Sample.person) == "201")
    #expect(try apply(Sample.person) == "DUPLICATE_ACTIVE_CASE")
    try bench.service.deliver(PersonsMerged(kept: Sample.person, merged: alias))
    #expect(try apply(alias) == "DUPLICATE_ACTIVE_CASE")
    try bench.service.deliver(PersonsUnmerged(kept: Sample.person, merged: alias))
    #expect(try apply(alias) == "201")

    let first = try #require(try bench.service.said(AssistanceApplied.self).first).application
    try bench.ask(.post, "/applications/\(first)/materials", as: Bench.clerk)
    #expect(try bench.outcome(.post, "/applications/\(first)/rejection", #"{"reason":""}"#, as: Bench.reviewer) == "REASON_REQUIRED")
    #expect(try bench.outcome(.post, "/applications/\(first)/rejection", #"{"reason":"诊断不符"}"#, as: Bench.reviewer) == "200")
    #expect(try apply(Sample.person) == "201")
}

@Test(arguments: [true, false])
func `a child whose confirmed referral holds a place takes no second one, whichever comes first`(referralFirst: Bool) throws {
    let bench = try Bench()
    try bench.agree()
    try bench.service.deliver(PersonRegistered(facts: Sample.facts(), provisional: true, origin: .screeningCase))
    func refer() throws {
        try bench.issue()
        _ = try bench.accept()
        try bench.confirm()
    }
    if referralFirst { try refer() }
    let body = #"{"person":"\#(Sample.person)","category":"hearing","residenceBasis":"hukou"}"#
    let applied = try bench.ask(.post, "/applications", body, as: Bench.clerk).decode(ApplicationView.self)
    #expect(applied.referral == (referralFirst ? Sample.referral : nil))
    try bench.approve(applied.application)
    if !referralFirst { try refer() }
    #expect(try bench.taken() == 1)
    let enrolment = try bench.enrol(applied.application)
    #expect(try bench.taken() == 1)
    #expect(try bench.outcome(.post, "/enrolments/\(enrolment)/end", #"{"outcome":"droppedOut"}"#, as: Bench.centre()) == "200")
    #expect(try bench.taken() == 0)
}

@Test func `two applications of one child that came under two ids are not both approved once the ids are one`() throws {
    let bench = try Bench()
    try bench.agree()
    let alias = PersonID(trusted: "person-alias")
    let both = try [Sample.person, alias].map { person in
        try bench.service.deliver(PersonRegistered(facts: Sample.facts(person), provisional: false, origin: .window))
        let body = #"{"person":"\#(person)","category":"hearing","residenceBasis":"hukou"}"#
        let id = try bench.ask(.post, "/applications", body, as: Bench.clerk).decode(ApplicationView.self).application
        try bench.ask(.post, "/applications/\(id)/materials", as: Bench.clerk)
        return id
    }
    try bench.service.deliver(PersonsMerged(kept: Sample.person, merged: alias))
    for id in both {
        #expect(try bench.outcome(.post, "/applications/\(id)/approval", as: Bench.reviewer) == "DUPLICATE_ACTIVE_CASE")
    }
    #expect(try bench.outcome(.post, "/applications/\(both[1])/withdrawal", #"{"reason":"同一人"}"#, as: Bench.clerk) == "200")
    #expect(try bench.outcome(.post, "/applications/\(both[0])/approval", as: Bench.reviewer) == "200")
}

@Test func `merges of one id into different files may come in any order`() throws {
    let bench = try Bench()
    let (child, first, second) = (PersonID(trusted: "p1"), PersonID(trusted: "p2"), PersonID(trusted: "p3"))
    // Merged into the first, parted, merged into the second; the two stand in different partitions, and the second is read first.
    try bench.service.deliver(PersonsMerged(kept: second, merged: child))
    try bench.service.deliver(PersonsMerged(kept: first, merged: child))
    try bench.service.deliver(PersonsUnmerged(kept: first, merged: child))
    for id in [child, second] {
        #expect(try Set(bench.service.database.read { try DirectoryTables.everyID(of: id, in: $0) }) == [child, second])
    }
    #expect(try bench.service.database.read { try DirectoryTables.everyID(of: first, in: $0) } == [first])
}

@Test(arguments: ["rejection", "withdrawal"])
func `a child whose application came to nothing is on the list of those to apply for, and trains under another`(closing: String) throws {
    let bench = try Bench()
    try bench.agree()
    let first = try bench.application()
    func unapplied(as actor: Actor) throws -> [ReferralID] {
        try bench.ask(.get, "/referrals?status=confirmed&unapplied=true", as: actor).decode(PageOf<ReferralView>.self).items.map(\.referral)
    }
    #expect(try unapplied(as: Bench.clerk) == [])
    try bench.ask(.post, "/applications/\(first)/materials", as: Bench.clerk)
    let who = closing == "rejection" ? Bench.reviewer : Bench.clerk
    #expect(try bench.outcome(.post, "/applications/\(first)/\(closing)", #"{"reason":"缺居住证明"}"#, as: who) == "200")
    #expect(try unapplied(as: Bench.clerk) == [Sample.referral])
    let second = try bench.apply()
    #expect(try unapplied(as: Bench.clerk) == [])
    try bench.approve(second)
    _ = try bench.enrol(second)
    #expect(try bench.taken() == 1)
}

@Test func `a rejected application gives its reserved place back`() throws {
    let bench = try Bench()
    try bench.agree()
    try bench.issue()
    _ = try bench.accept()
    try bench.confirm()
    let id = try bench.ask(.post, "/applications", #"{"referral":"referral-1","residenceBasis":"hukou"}"#, as: Bench.clerk)
        .decode(ApplicationView.self).application
    try bench.ask(.post, "/applications/\(id)/materials", as: Bench.clerk)
    #expect(try bench.taken() == 1)
    try bench.ask(.post, "/applications/\(id)/rejection", #"{"reason":"诊断不符"}"#, as: Bench.reviewer)
    #expect(try bench.taken() == 0)
}

@Test func `what a clerk may not apply for is refused with its code`() throws {
    let bench = try Bench()
    #expect(try bench.outcome(.post, "/applications", #"{"referral":"referral-1"}"#, as: Bench.clerk) == "REFERRAL_NOT_CONFIRMED")
    #expect(try bench.outcome(.post, "/applications", #"{"category":"hearing"}"#, as: Bench.clerk) == "FIELD_MISSING")
    let unknown = #"{"person":"nobody","category":"hearing","residenceBasis":"hukou"}"#
    #expect(try bench.outcome(.post, "/applications", unknown, as: Bench.clerk) == "SUBJECT_UNKNOWN")
    try bench.service.deliver(PersonRegistered(facts: Sample.facts(), provisional: false, origin: .window))
    let body = #"{"person":"person-1","category":"hearing","residenceBasis":"hukou"}"#
    #expect(try bench.outcome(.post, "/applications", body, as: Bench.actor(.clerk, "c", region: "37")) == "SUBJECT_UNKNOWN")
    #expect(try bench.outcome(.post, "/applications", body, as: Bench.reviewer) == "ROLE_NOT_ALLOWED")
    let noResidence = #"{"person":"person-1","category":"hearing"}"#
    #expect(try bench.outcome(.post, "/applications", noResidence, as: Bench.clerk) == "RESIDENCE_NOT_ELIGIBLE")
    try bench.agree()
    try bench.issue()
    _ = try bench.accept()
    try bench.confirm()
    #expect(
        try bench.outcome(.post, "/applications", #"{"referral":"referral-1","category":"autism"}"#, as: Bench.clerk) == "REFERRAL_MISMATCH"
    )
}

@Test func `a child trains at one place at a time and only where it was confirmed`() throws {
    let bench = try Bench()
    try bench.agree()
    let application = try bench.approvedApplication()
    #expect(
        try bench.outcome(.post, "/enrolments", #"{"application":"\#(application)"}"#, as: Bench.centre(Sample.otherInstitution))
            == "APPLICATION_NOT_FOUND")
    let early = #"{"application":"\#(application)","startedOn":"2024-06-01"}"#
    #expect(try bench.outcome(.post, "/enrolments", early, as: Bench.centre()) == "OUT_OF_PERIOD")
    let enrolment = try bench.enrol(application)
    #expect(try bench.outcome(.post, "/enrolments", #"{"application":"\#(application)"}"#, as: Bench.centre()) == "ALREADY_ENROLLED")
    #expect(try bench.outcome(.get, "/enrolments/\(enrolment)", as: Bench.centre(Sample.otherInstitution)) == "NOT_FOUND")
    #expect(
        try bench.outcome(.post, "/enrolments/\(enrolment)/end", #"{"outcome":"droppedOut"}"#, as: Bench.centre(Sample.otherInstitution))
            == "ENROLMENT_NOT_FOUND")

    // Another category of the same child, while it trains.
    try bench.service.deliver(PersonRegistered(facts: Sample.facts(), provisional: false, origin: .window))
    let reply = try bench.ask(
        .post, "/applications", #"{"person":"person-1","category":"autism","residenceBasis":"hukou"}"#, as: Bench.clerk)
    let second = try reply.decode(ApplicationView.self).application
    try bench.ask(.post, "/applications/\(second)/materials", as: Bench.clerk)
    try bench.ask(.post, "/applications/\(second)/approval", as: Bench.reviewer)
    try bench.ask(.post, "/applications/\(second)/institution", #"{"institution":"\#(Sample.institution)"}"#, as: Bench.clerk)
    #expect(try bench.outcome(.post, "/enrolments", #"{"application":"\#(second)"}"#, as: Bench.centre()) == "ALREADY_ENROLLED")
    #expect(try bench.taken() == 1)

    // Ending the first frees the place and the child.
    #expect(try bench.outcome(.post, "/enrolments/\(enrolment)/end", #"{"outcome":"transferred"}"#, as: Bench.centre()) == "200")
    #expect(try bench.taken() == 0)
    // Its last day is a day of the first.
    #expect(try bench.outcome(.post, "/enrolments", #"{"application":"\#(second)"}"#, as: Bench.centre()) == "ALREADY_ENROLLED")
    try bench.passDay("2024-06-06")
    #expect(try bench.outcome(.post, "/enrolments", #"{"application":"\#(second)"}"#, as: Bench.centre()) == "201")
}

@Test(arguments: ["hearing", "autism", "merged"])
func `months that a training of the child had are in no later one's reach`(second: String) throws {
    let bench = try Bench(today: Sample.date("2024-10-08"))
    try bench.agree()
    let enrolment = try bench.enrol(try bench.approvedApplication())
    func record(_ month: String) throws {
        let said = try bench.outcome(.post, "/enrolments/\(enrolment)/months", Bench.month(month), as: Bench.centre())
        #expect(said == "201")
    }
    try bench.passDay("2024-12-02")
    for month in ["2024-10", "2024-11"] { try record(month) }

    // Next year's application, approved while the child trains: under the same id, in another category, under another id of the child.
    let person = second == "merged" ? PersonID(trusted: "person-alias") : Sample.person
    try bench.service.deliver(PersonRegistered(facts: Sample.facts(person), provisional: false, origin: .window))
    let category = second == "autism" ? "autism" : "hearing"
    let body = #"{"person":"\#(person)","category":"\#(category)","residenceBasis":"hukou","planYear":2025}"#
    let application = try bench.ask(.post, "/applications", body, as: Bench.clerk).decode(ApplicationView.self).application
    try bench.approve(application)
    if second == "merged" { try bench.service.deliver(PersonsMerged(kept: Sample.person, merged: person)) }

    try bench.passDay("2025-05-06")
    for month in ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04"] { try record(month) }
    let end = #"{"outcome":"droppedOut","endedOn":"2025-04-30"}"#
    #expect(try bench.outcome(.post, "/enrolments/\(enrolment)/end", end, as: Bench.centre()) == "200")
    func start(_ day: String) throws -> Reply {
        try bench.ask(.post, "/enrolments", #"{"application":"\#(application)","startedOn":"\#(day)"}"#, as: Bench.centre())
    }
    for day in ["2025-01-01", "2025-04-30"] {
        let reply = try start(day)
        #expect(reply.status == 409 && reply.text.contains("ALREADY_ENROLLED"), "\(reply.text)")
        #expect(reply.text.contains(#""field":"startedOn""#), "\(reply.text)")
    }
    #expect(try start("2025-05-01").status == 201)
    #expect(try bench.service.said(Enrolled.self).map(\.startedOn) == [Sample.date("2024-10-08"), Sample.date("2025-05-01")])
}

@Test func `a month in which the training began has no more service days than were left of it`() throws {
    let bench = try Bench()
    try bench.agree()
    let application = try bench.approvedApplication()
    try bench.passDay("2024-07-01")
    let start = #"{"application":"\#(application)","startedOn":"2024-06-28"}"#
    let enrolment = try bench.ask(.post, "/enrolments", start, as: Bench.centre()).decode(EnrolmentView.self).enrolment
    func record(_ days: Int) throws -> String {
        try bench.outcome(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-06", days: days), as: Bench.centre())
    }
    #expect(try record(20) == "OUT_OF_PERIOD")
    #expect(try record(3) == "201")
    #expect(try bench.service.said(TrainingMonthRecorded.self).map(\.line.counted) == [false])
}

@Test func `next year's assistance pays for no training of this year`() throws {
    let bench = try Bench(today: Sample.date("2025-11-03"))
    try bench.agree()
    let application = try bench.approvedApplication(body: #","planYear":2026"#)
    func start(_ day: String) throws -> Reply {
        try bench.ask(.post, "/enrolments", #"{"application":"\#(application)","startedOn":"\#(day)"}"#, as: Bench.centre())
    }
    let early = try start("2025-11-03")
    #expect(early.status == 422, "\(early.text)")
    for said in [#""code":"BEFORE_PLAN_YEAR""#, #""field":"startedOn""#, #""rule":""#, #""source":""#] {
        #expect(early.text.contains(said), "\(said) in \(early.text)")
    }
    try bench.passDay("2026-01-05")
    #expect(try start("2025-12-31").status == 422)
    #expect(try start("2026-01-01").status == 201)
}

@Test func `a refused enrolment leaves nothing behind`() throws {
    let bench = try Bench()
    try bench.agree(capacity: 1)
    // Without a referral no place is held; another child takes the last one, and now there is none.
    try bench.service.deliver(PersonRegistered(facts: Sample.facts(), provisional: false, origin: .window))
    let apply = #"{"person":"person-1","category":"hearing","residenceBasis":"hukou"}"#
    let application = try bench.ask(.post, "/applications", apply, as: Bench.clerk).decode(ApplicationView.self).application
    try bench.approve(application)
    let other = ReferralID(trusted: "referral-2")
    try bench.issue(other, person: PersonID(trusted: "person-2"))
    #expect(try bench.accept(other) == "200")
    #expect(try bench.outcome(.post, "/enrolments", #"{"application":"\#(application)"}"#, as: Bench.centre()) == "CAPACITY_EXCEEDED")
    #expect(try bench.service.said(Enrolled.self).isEmpty)
    let view = try bench.ask(.get, "/applications/\(application)", as: Bench.clerk).decode(ApplicationView.self)
    #expect(view.status == "placed" && view.enrolment == nil)
}

@Test func `months are recorded once, after they end, insurance first, and February 2026 asks for its 16 working days`() throws {
    let bench = try Bench(today: Sample.date("2026-01-05"))
    try bench.agree()
    let enrolment = try bench.enrol(try bench.approvedApplication())
    let path = "/enrolments/\(enrolment)/months"
    #expect(try bench.outcome(.post, path, Bench.month("2026-02"), as: Bench.centre()) == "MONTH_OPEN")
    try bench.passDay("2026-03-02")
    #expect(
        try bench.outcome(.post, path, #"{"month":"2026-02","serviceDays":16,"grossFen":200000}"#, as: Bench.centre()) == "INSURANCE_FIRST")
    #expect(try bench.outcome(.post, path, Bench.month("2026-02", days: 16), as: Bench.centre()) == "201")
    #expect(try bench.outcome(.post, path, Bench.month("2026-02", days: 16), as: Bench.centre()) == "MONTH_DUPLICATE")
    #expect(try bench.outcome(.post, path, Bench.month("2026-01", days: 19), as: Bench.centre()) == "201")
    let lines = try bench.service.said(TrainingMonthRecorded.self).map(\.line)
    #expect(lines.map(\.counted) == [true, false])
    #expect(lines.map(\.subsidyFen) == [Sample.yuan("1600"), .zero])
    #expect(try bench.outcome(.post, path, Bench.month("2025-12"), as: Bench.centre()) == "OUT_OF_PERIOD")
}

@Test func `the same request with the same key gives one line and the same answer`() throws {
    let bench = try Bench()
    try bench.agree()
    let enrolment = try bench.enrol(try bench.approvedApplication())
    try bench.passDay("2024-08-01")
    let body = Bench.month("2024-07")
    let first = try bench.ask(.post, "/enrolments/\(enrolment)/months", body, as: Bench.centre(), key: "july")
    let second = try bench.ask(.post, "/enrolments/\(enrolment)/months", body, as: Bench.centre(), key: "july")
    #expect(first.status == 201 && second.status == 201 && first.body == second.body)
    #expect(try bench.service.said(TrainingMonthRecorded.self).count == 1)
}

@Test func `an auditor reads in words why an amount is what it is`() throws {
    let bench = try Bench()
    try bench.agree()
    let application = try bench.approvedApplication()
    let enrolment = try bench.enrol(application)
    try bench.passDay("2024-09-01")
    try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07", gross: 300_000, basic: 110_000), as: Bench.centre())
    try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-08", gross: 200_000, basic: 90_000), as: Bench.centre())
    let lines = try bench.ask(.get, "/enrolments/\(enrolment)/lines", as: Bench.auditor).decode(LinesView.self)
    #expect(lines.items.map(\.subsidyFen) == [160_000, 140_000])
    #expect(lines.items[1].explanation.contains { $0.english.contains("min(3000.00, 3200.00) − 1600.00 = 1400.00") })
    #expect(lines.items[1].explanation.contains { $0.chinese.contains("家长此前多付的300.00元退回") })
    #expect(lines.items[0].explanation.contains { $0.english.contains("assumption") })
    let why = try bench.ask(.get, "/applications/\(application)", as: Bench.auditor).decode(ApplicationView.self)
    #expect(why.explanation?.contains { $0.chinese.contains("济源") } == true)
    #expect(
        try bench.outcome(.get, "/enrolments/\(enrolment)/lines", as: Bench.actor(.auditor, "x", region: "37")) == "NOT_FOUND")
}

@Test func `a line is in one settlement only, and the store itself refuses a second`() throws {
    let bench = try Bench()
    try bench.agree()
    let enrolment = try bench.enrol(try bench.approvedApplication())
    try bench.passDay("2024-10-08")
    for month in ["2024-07", "2024-08"] {
        try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month(month), as: Bench.centre())
    }
    let body = #"{"institution":"centre-a","quarter":"2024-Q3"}"#
    let due = try bench.ask(.get, "/worklists/settlements?quarter=2024-Q3", as: Bench.clerk).decode(PageOf<UnsettledView>.self)
    #expect(due.items.map(\.lines) == [2] && due.items.map(\.subsidyFen) == [320_000])
    let first = try bench.ask(.post, "/settlements", body, as: Bench.clerk).decode(SettlementView.self)
    #expect(first.lines == 2 && first.totalFen == 320_000)
    #expect(try bench.outcome(.post, "/settlements/\(first.settlement)/approval", as: Bench.actor(.reviewer, "clerk-1")) == "FOUR_EYES")
    #expect(try bench.outcome(.post, "/settlements", body, as: Bench.clerk) == "NOTHING_TO_SETTLE")

    // Past the rules, straight at the table: the line's own key stands in the way.
    let line = Settlement.Line(
        line: LineID(trusted: "\(enrolment)-2024-07"), month: Sample.month("2024-07"), subsidyFen: Sample.yuan("1600"))
    let forged = Settlement(
        submission: Settlement.Submission(
            institution: Sample.institution, region: RegionCode(trusted: "419001"), quarter: Quarter(year: 2024, number: 3), lines: [line],
            submittedBy: "x", submittedOn: Sample.date("2024-10-08")), status: .submitted)
    #expect(throws: DatabaseError.self) {
        try bench.service.database.write { try SettlementTable.insert(SettlementID(trusted: "forged"), forged, in: $0) }
    }

    // A late month of the same quarter goes into another settlement of it.
    try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-09"), as: Bench.centre())
    let late = try bench.ask(.post, "/settlements", body, as: Bench.clerk).decode(SettlementView.self)
    #expect(late.lines == 1 && late.totalFen == 160_000)
}
