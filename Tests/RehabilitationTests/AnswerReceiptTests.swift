import Contracts
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

/// A centre hears of every answer it wrote to its topic.
struct AnswerReceiptTests {
    let bench: RehabilitationBench
    private let answer = #"{"referral":"referral-1","attempt":1,"answer":"accept"}"#

    init() throws {
        bench = try RehabilitationBench()
        try bench.agree(capacity: 1)
        try bench.issue()
    }

    private func receipts(of centre: OrganisationID = Sample.institution) throws -> [AnswerReceipt] {
        try bench.service.said().filter { $0.topic == Catalogue.name(AnswerReceipt.topic, for: centre) }.map {
            try AnswerReceipt(protobuf: $0.data)
        }
    }

    @Test func `an acceptance that holds a place is accepted, and saying it again is a repeat`() throws {
        try bench.answerOnTopic(answer)
        try bench.answerOnTopic(answer)
        let said = try receipts()
        #expect(said.map(\.outcome) == [.accepted, .repeated] && said.map(\.offset) == [0, 1])
        #expect(
            said.allSatisfy { $0.organisation == Sample.institution && $0.referral == "referral-1" && $0.attempt == 1 && $0.code == nil })
        #expect(try bench.status() == .claimed && bench.taken() == 1)
    }

    /// What was written, and code and field of what came back.
    static let refused: [(String, String, String?)] = [
        (#"{"referral":"referral-1","attempt":1,"answer":"perhaps"}"#, "VALUE_NOT_ALLOWED", "answer"),
        (#"{"referral":"referral-1","attempt":0,"answer":"accept"}"#, "VALUE_NOT_ALLOWED", "attempt"),
        (#"{"referral":"Not an id","attempt":1,"answer":"accept"}"#, "IDENTIFIER_INVALID", "referral"),
        (#"{"referral":"referral-1","attempt":1,"answer":"accept","x":1}"#, "UNKNOWN_FIELD", "x"),
        (#"{"referral":"referral-1","attempt":1,"answer":"accept","organisation":"centre-b"}"#, "CLAIM_MISMATCH", "organisation"),
        (#"{"referral":"referral-1","attempt":1,"answer":"decline"}"#, "REASON_REQUIRED", nil),
        (#"{"referral":"referral-1","attempt":1,"answer":"decline","reason":"满\u0000"}"#, "VALUE_NOT_ALLOWED", "reason"),
        (
            #"{"referral":"referral-1","attempt":1,"answer":"decline","reason":"\#(String(repeating: "满", count: 501))"}"#,
            "TEXT_TOO_LONG", "reason"
        ),
    ]

    @Test(arguments: refused.indices) func `an answer that cannot be taken is refused with code, field, rule and source`(index: Int) throws
    {
        let (json, code, field) = Self.refused[index]
        try bench.answerOnTopic(json)
        let receipt = try #require(try receipts().first)
        #expect(receipt.outcome == .refused && receipt.code == code && receipt.field == field, "\(receipt)")
        #expect(receipt.offset == 0 && receipt.referral == "referral-1")
        for words in [receipt.rule, receipt.source, receipt.messageZh, receipt.messageEn] { #expect(words?.isEmpty == false, "\(code)") }
        #expect(try receipts().count == 1 && bench.deadLetters() == 0)
        #expect(try bench.status() == .open && bench.taken() == 0)
    }

    @Test func `a full centre's acceptance, and one that came too late, are refused in the rules' own words`() throws {
        let second = ReferralID(trusted: "referral-2")
        try bench.issue(second)
        #expect(try bench.accept(second) == "200")
        try bench.answerOnTopic(answer)
        try bench.expire()
        try bench.answerOnTopic(answer)
        let said = try receipts()
        #expect(said.map(\.code) == ["CAPACITY_EXCEEDED", "REFERRAL_NOT_OPEN"] && said.allSatisfy { $0.outcome == .refused })
        #expect(try bench.service.said(ReferralClaimed.self).count == 1 && bench.taken() == 1)
    }

    @Test func `what nobody can read is told with its offset and set aside in the same breath`() throws {
        try bench.answerOnTopic(answer)
        try bench.service.deliver(
            partner: RawReferralAnswer.topic, organisation: Sample.institution, key: "referral-9", value: [0xff, 0xfe],
            headers: [LogHeader(name: "content-type", value: Array("application/protobuf".utf8))])
        let last = try #require(try receipts().last)
        #expect(last.outcome == .refused && last.code == "UNDECODABLE" && last.offset == 1 && last.referral == "referral-9")
        #expect(last.messageZh?.isEmpty == false && last.rule?.isEmpty == false)
        #expect(try bench.deadLetters() == 1 && bench.service.said(DeadLettered.self).count == 1)
    }

    @Test func `what a centre wrote that nobody can read lies nowhere in clear text, for it may hold anything`() throws {
        let canary = "379999202001010014 李小明"
        try bench.service.deliver(
            partner: RawReferralAnswer.topic, organisation: Sample.institution, key: canary, value: Array("{\"x\": \"\(canary)".utf8),
            headers: [])
        let letter = try #require(try bench.service.said(DeadLettered.self).last)
        #expect(letter.sealedWith != nil && !String(decoding: letter.original, as: UTF8.self).contains("379999"))
        let kept = try bench.service.database.read { try DeadLetters.list(after: 0, limit: 9, all: true, in: $0) }
        #expect(kept.count == 1 && kept.allSatisfy { $0.record.key.isEmpty && $0.record.headers.isEmpty })
        #expect(!String(decoding: kept[0].record.body ?? [], as: UTF8.self).contains("379999"))
    }

    @Test func `another centre's referral is unknown to this one, in its receipt too`() throws {
        try bench.agree(Sample.otherInstitution)
        try bench.answerOnTopic(answer, from: Sample.otherInstitution)
        #expect(try receipts(of: Sample.otherInstitution).map(\.code) == ["REFERRAL_NOT_FOUND"])
        #expect(try receipts().isEmpty)
    }

    @Test func `an answer before its question is told at once that it waits, and later what became of it`() throws {
        let later = ReferralID(trusted: "referral-7")
        try bench.service.deliver(
            partner: RawReferralAnswer.topic, organisation: Sample.institution, key: later.text,
            value: Array(#"{"referral":"referral-7","attempt":1,"answer":"decline","reason":"没有听力师"}"#.utf8), headers: [])
        let first = try #require(try receipts().first)
        #expect(first.outcome == .waiting && first.code == "REFERRAL_AWAITED" && first.referral == "referral-7" && first.offset == 0)
        for words in [first.rule, first.messageZh, first.messageEn] { #expect(words?.isEmpty == false) }
        #expect(try bench.held() == 1 && receipts().count == 1)
        try bench.issue(later)
        #expect(try receipts().map { "\($0.referral) \($0.outcome) \($0.offset)" } == ["referral-7 waiting 0", "referral-7 accepted 0"])
        #expect(try bench.status(later) == .declined)
        // The account counts receipts of an outcome.
        #expect(try bench.service.database.read { try Counters.all(in: $0)[HearAnswer.waitsCounter] } == 1)
    }

    @Test func `an answer to a referral that nobody ever asked about is told when its wait is over`() throws {
        let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
        let bench = try RehabilitationBench(elapsed: time)
        try bench.answerOnTopic(#"{"referral":"referral-77","attempt":1,"answer":"accept"}"#)
        #expect(try bench.held() == 1 && bench.service.said(AnswerReceipt.self).map(\.outcome) == [.waiting])
        try bench.service.live(hours: 7, on: time)
        try bench.service.settle()
        let said = try bench.service.said(AnswerReceipt.self).dropFirst()
        #expect(said.map(\.code) == ["SUBJECT_NEVER_CAME"] && said.first?.messageZh?.isEmpty == false)
        #expect(try bench.held() == 0 && bench.deadLetters() == 1)
    }

    @Test func `an answer over HTTP has its reply and gets no receipt besides`() throws {
        #expect(try bench.accept() == "200")
        #expect(try receipts().isEmpty)
    }
}
