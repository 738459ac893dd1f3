import Contracts
import Dispatch
import Messaging
import Synchronization
import Testing
import Vocabulary

@testable import Rehabilitation

@Test func `a centre's acceptance claims the referral and reserves a place in one step`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    #expect(try bench.accept() == "200")
    #expect(try bench.taken() == 1)
    #expect(try bench.status() == .claimed)
    #expect(
        try bench.service.said(ReferralClaimed.self) == [
            ReferralClaimed(
                referral: Sample.referral, attempt: 1, institution: Sample.institution,
                question: ReferralQuestion(
                    caseID: CaseID(trusted: "case-1"), facts: Sample.facts(), category: .hearing,
                    respondBy: RehabilitationBench.start.adding(days: 14)))
        ])
    #expect(
        try bench.service.said(PlacesChanged.self).last
            == PlacesChanged(institution: Sample.institution, capacity: 2, taken: 1, holder: Sample.key.place.text))
    try bench.confirm()
    #expect(try bench.status() == .confirmed)
    #expect(try bench.taken() == 1)
}

@Test func `accepting twice says one claim and takes one place`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    #expect(try bench.accept() == "200")
    #expect(try bench.accept() == "200")
    try bench.answerOnTopic(#"{"referral":"referral-1","attempt":1,"answer":"accept"}"#)
    #expect(try bench.service.said(ReferralClaimed.self).count == 1)
    #expect(try bench.taken() == 1)
}

@Test func `an answer on the centre's topic counts like one over HTTP, in JSON and in protobuf`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    try bench.answerOnTopic(#"{"referral":"referral-1","attempt":1,"answer":"accept","organisation":"centre-a"}"#)
    #expect(try bench.status() == .claimed)

    let second = ReferralID(trusted: "referral-2")
    try bench.issue(second)
    var raw = RawReferralAnswer()
    (raw.referral, raw.attempt, raw.answer, raw.reason) = (second.text, 1, "decline", "没有听力师")
    try bench.service.deliver(
        partner: RawReferralAnswer.topic, organisation: Sample.institution, key: second.text, value: raw.protobuf(),
        headers: [LogHeader(name: "content-type", value: Array("application/protobuf".utf8))])
    #expect(try bench.status(second) == .declined)
    #expect(try bench.service.said(ReferralRefused.self).map(\.reason) == ["没有听力师"])
}

@Test func `an answer that overtakes its question waits and is heard when the question comes`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.answerOnTopic(#"{"referral":"referral-1","attempt":1,"answer":"accept"}"#)
    #expect(try bench.held() == 1)
    try bench.issue()
    #expect(try bench.held() == 0)
    #expect(try bench.status() == .claimed)
    #expect(try bench.taken() == 1)
}

@Test func `only the institution that was asked may answer, and nobody else learns that there is a referral`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.agree(Sample.otherInstitution)
    try bench.issue()
    #expect(try bench.accept(as: Sample.otherInstitution) == "REFERRAL_NOT_FOUND")
    #expect(try bench.accept(ReferralID(trusted: "no-such"), as: Sample.otherInstitution) == "REFERRAL_NOT_FOUND")
    try bench.answerOnTopic(#"{"referral":"referral-1","attempt":1,"answer":"accept"}"#, from: Sample.otherInstitution)
    #expect(try bench.status() == .open)
    let own = try bench.ask(.get, "/referrals", as: RehabilitationBench.centre())
    #expect(own.text.contains("referral-1"))
    let other = try bench.ask(.get, "/referrals", as: RehabilitationBench.centre(Sample.otherInstitution))
    #expect(!other.text.contains("referral-1"))
}

@Test func `a decline needs a reason and takes no place`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    let path = "/referrals/referral-1/answer"
    #expect(try bench.outcome(.post, path, #"{"answer":"decline"}"#, as: RehabilitationBench.centre()) == "REASON_REQUIRED")
    #expect(try bench.outcome(.post, path, #"{"answer":"decline","reason":"满员"}"#, as: RehabilitationBench.centre()) == "200")
    #expect(try bench.status() == .declined)
    #expect(try bench.taken() == 0)
}

@Test func `an acceptance after the expiry is known is refused here`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    try bench.expire()
    #expect(try bench.accept() == "REFERRAL_NOT_OPEN")
    #expect(try bench.service.said(ReferralClaimed.self).isEmpty)
    #expect(try bench.taken() == 0)
}

@Test func `an acceptance before the expiry is known claims, and Screening's answer frees the place once`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    try bench.passDay("2024-08-01")
    #expect(try bench.accept() == "200")
    try bench.expire()
    #expect(try bench.taken() == 0)
    try bench.supersede()
    #expect(try bench.taken() == 0)
    #expect(try bench.status() == .expired)
    #expect(try bench.service.said(PlacesChanged.self).map(\.taken) == [1, 0])
}

@Test func `a claim that lost is superseded and its place is free for the next child`() throws {
    let bench = try RehabilitationBench()
    try bench.agree(capacity: 1)
    try bench.issue()
    _ = try bench.accept()
    try bench.supersede()
    #expect(try bench.status() == .superseded)
    let next = ReferralID(trusted: "referral-2")
    try bench.issue(next, person: PersonID(trusted: "person-2"))
    #expect(try bench.accept(next) == "200")
    #expect(try bench.taken() == 1)
}

@Test(arguments: [false, true])
func `an acceptance and a withdrawal that cross leave the place free`(isConfirmedFirst: Bool) throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    _ = try bench.accept()
    if isConfirmedFirst { try bench.confirm() }
    try bench.withdraw()
    #expect(try bench.taken() == 0)
    if !isConfirmedFirst { try bench.supersede() }
    #expect(try bench.taken() == 0)
    #expect(try bench.status() == .withdrawn)
    #expect(try bench.accept() == "REFERRAL_NOT_OPEN")
}

@Test func `when more children are accepted than there are places, exactly the places are claimed`() throws {
    let bench = try RehabilitationBench()
    try bench.agree(capacity: 3)
    var outcomes: [String] = []
    for number in 0..<6 {
        let referral = ReferralID(trusted: "r\(number)")
        try bench.issue(referral, person: PersonID(trusted: "p\(number)"))
        if number % 2 == 0 {
            outcomes.append(try bench.accept(referral))
        } else {
            try bench.answerOnTopic(#"{"referral":"\#(referral)","attempt":1,"answer":"accept"}"#)
            outcomes.append(try bench.status(referral) == .claimed ? "200" : "CAPACITY_EXCEEDED")
        }
    }
    #expect(outcomes.filter { $0 == "200" }.count == 3)
    #expect(outcomes.filter { $0 == "CAPACITY_EXCEEDED" }.count == 3)
    #expect(try bench.taken() == 3)
    #expect(try bench.service.said(ReferralClaimed.self).count == 3)
}

@Test func `without an agreement nothing can be accepted`() throws {
    let bench = try RehabilitationBench()
    try bench.issue()
    #expect(try bench.accept() == "INSTITUTION_NOT_DESIGNATED")
    #expect(try bench.status() == .open)
}

@Test func `a referral issued again to the same institution is another question`() throws {
    let bench = try RehabilitationBench()
    try bench.agree()
    try bench.issue()
    try bench.expire()
    try bench.issue(attempt: 2)
    let reply = try bench.ask(.post, "/referrals/referral-1/answer", #"{"answer":"accept"}"#, as: RehabilitationBench.centre())
    #expect(try reply.decode(ReferralRoutes.AnswerView.self).attempt == 2)
    #expect(try bench.status(attempt: 1) == .expired)
    #expect(try bench.status(attempt: 2) == .claimed)
}

@Test func `centres that answer at the same moment cannot share the last place`() throws {
    let bench = try RehabilitationBench()
    try bench.agree(capacity: 4)
    let referrals = (0..<16).map { ReferralID(trusted: "race-\($0)") }
    for (number, referral) in referrals.enumerated() { try bench.issue(referral, person: PersonID(trusted: "p\(number)")) }
    let statuses = Mutex<[Int]>([])
    let interface = bench.interface
    DispatchQueue.concurrentPerform(iterations: referrals.count) { index in
        let reply = interface.handle(
            .post, "/referrals/\(referrals[index])/answer", body: Array(#"{"attempt":1,"answer":"accept"}"#.utf8),
            as: RehabilitationBench.centre())
        statuses.withLock { $0.append(reply.status) }
    }
    #expect(statuses.withLock { $0.filter { $0 == 200 }.count } == 4)
    #expect(statuses.withLock { $0.filter { $0 == 409 }.count } == 12)
    #expect(try bench.taken() == 4)
    #expect(try bench.service.said(PlacesChanged.self).map(\.taken) == [1, 2, 3, 4])
}
