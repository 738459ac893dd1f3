import Contracts
import Testing
import Vocabulary

@testable import Screening

struct CaseRulesTests {
    /// Applies commands one after the other; the last one's events.
    private func run(_ commands: [CaseRules.Command]) throws -> (state: ScreeningCase?, events: [CaseRules.Event]) {
        var state: ScreeningCase?
        var events: [CaseRules.Event] = []
        for command in commands {
            events = try CaseRules.decide(command, given: state)
            for event in events { state = CaseRules.evolve(state, with: event) }
        }
        return (state, events)
    }

    private func record(_ entries: ResultEntry...) -> [CaseRules.Command] { entries.map { .record(Sample.submission($0)) } }

    @Test(
        arguments: [
            ([], CaseStatus.empty),
            ([("initial", "negative", 48)], .initialNegative), ([("initial", "positive", 48)], .initialPositive),
            ([("initial", "unable", 48)], .unable), ([("rescreen", "negative", 48)], .rescreenNegative),
            ([("initial", "positive", 48), ("rescreen", "negative", 48)], .rescreenNegative),
            ([("initial", "positive", 48), ("rescreen", "positive", 48)], .rescreenPositive),
            // What could not be examined decides nothing: the earlier stage still asks for its next step.
            ([("initial", "positive", 48), ("rescreen", "unable", 48)], .initialPositive),
            ([("rescreen", "positive", 48), ("diagnosis", "unable", 48)], .rescreenPositive),
            ([("rescreen", "positive", 48), ("diagnosis", "negative", 48)], .notConfirmed),
            ([("rescreen", "positive", 48), ("diagnosis", "positive", 48)], .diagnosed),
            // The latest round decides, except that a diagnosis closes the topic.
            ([("initial", "positive", 36), ("initial", "negative", 48)], .initialNegative),
            ([("initial", "negative", 36), ("initial", "positive", 48)], .initialPositive),
            ([("diagnosis", "positive", 36), ("initial", "negative", 48)], .diagnosed),
            // A round in which nobody could be examined closes nothing that an earlier one left open.
            ([("initial", "positive", 24), ("initial", "unable", 30)], .initialPositive),
            ([("initial", "positive", 24), ("rescreen", "positive", 24), ("initial", "unable", 30)], .rescreenPositive),
            ([("rescreen", "positive", 24), ("diagnosis", "unable", 24), ("rescreen", "unable", 30)], .rescreenPositive),
            ([("initial", "negative", 24), ("initial", "unable", 30)], .initialNegative),
            ([("diagnosis", "negative", 24), ("diagnosis", "unable", 30)], .notConfirmed),
            ([("initial", "unable", 24), ("rescreen", "unable", 30)], .unable),
        ] as [([(String, String, Int)], CaseStatus)])
    func `the status follows from the results alone`(results: [(String, String, Int)], status: CaseStatus) {
        let entries = results.enumerated().map { index, result in
            Sample.entry("r\(index)", ScreeningStage(rawValue: result.0)!, ScreeningOutcome(rawValue: result.1)!, round: result.2)
        }
        #expect(CaseStatus(of: entries) == status)
        #expect(CaseStatus(of: entries.reversed()) == status)
    }

    @Test func `a positive initial screen waits thirty days for the re-screen, a positive re-screen ninety for the diagnosis`() throws {
        let (first, events) = try run(record(Sample.entry("a", .initial, .positive, on: "2024-06-03")))
        #expect(events.contains(.stepAwaited(AwaitedStep(stage: .rescreen, dueOn: day("2024-07-03")))))
        #expect(first?.awaiting?.stage == .rescreen)
        let (second, later) = try run(
            record(Sample.entry("a", .initial, .positive), Sample.entry("b", .rescreen, .positive, on: "2024-06-20")))
        #expect(
            later == [
                .recorded(Sample.entry("b", .rescreen, .positive, on: "2024-06-20"), policyVersion: "test-1"), .stepSettled(.rescreen),
                .stepAwaited(AwaitedStep(stage: .diagnosis, dueOn: day("2024-09-18"))),
            ])
        #expect(second?.status == .rescreenPositive)
    }

    @Test func `a re-screen that overtakes its initial screen is taken, and the order of arrival changes nothing`() throws {
        let initial = Sample.entry("a", .initial, .positive, on: "2024-05-01")
        let rescreen = Sample.entry("b", .rescreen, .positive, on: "2024-05-20")
        let one = try run(record(initial, rescreen)).state
        let other = try run(record(rescreen, initial)).state
        #expect(one?.status == other?.status)
        #expect(one?.awaiting == other?.awaiting)
        #expect(one?.facts == other?.facts)
    }

    @Test func `a missed step escalates once and decides nothing`() throws {
        let step = AwaitedStep(stage: .rescreen, dueOn: day("2024-07-03"))
        let commands = record(Sample.entry("a", .initial, .positive)) + [.missDeadline(step)]
        let (state, events) = try run(commands)
        #expect(events == [.deadlineMissed(step)])
        #expect(state?.status == .initialPositive)
        #expect(state?.overdue == step)
        #expect(try run(commands + [.missDeadline(step)]).events.isEmpty)
        let (settled, after) = try run(commands + record(Sample.entry("b", .rescreen, .negative, on: "2024-08-01")))
        #expect(after.contains(.stepSettled(.rescreen)))
        #expect(settled?.overdue == nil)
    }

    @Test(
        arguments: [
            ([Sample.entry("a", .initial, .positive, round: 24)], AwaitedStep(stage: .rescreen, dueOn: day("2024-07-03"))),
            (
                [Sample.entry("a", .initial, .positive, round: 24), Sample.entry("b", .rescreen, .positive, round: 24)],
                AwaitedStep(stage: .diagnosis, dueOn: day("2024-09-01"))
            ),
        ] as [([ResultEntry], AwaitedStep)])
    func `a step stays awaited, and overdue, when a later round could not be examined`(positives: [ResultEntry], step: AwaitedStep) throws {
        let unable = Sample.entry("u", .initial, .unable, on: "2024-12-03", round: 30)
        let before = positives.map { CaseRules.Command.record(Sample.submission($0)) }
        let (awaiting, events) = try run(before + record(unable))
        #expect(events == [.recorded(unable, policyVersion: "test-1")])
        #expect(awaiting?.awaiting == step)
        let (overdue, later) = try run(before + [.missDeadline(step)] + record(unable))
        #expect(later == [.recorded(unable, policyVersion: "test-1")])
        #expect(overdue?.overdue == step && overdue?.awaiting == nil)
        // An older build has settled it: looked at again it is awaited again, once.
        var settled = try #require(overdue)
        settled.overdue = nil
        let again = try CaseRules.decide(.awaitStep(Sample.policy), given: settled)
        #expect(again == [.stepAwaited(step)])
        #expect(try CaseRules.decide(.awaitStep(Sample.policy), given: CaseRules.evolve(settled, with: try #require(again.first))).isEmpty)
        #expect(try CaseRules.decide(.awaitStep(Sample.policy), given: overdue).isEmpty)
    }

    @Test func `a deadline that moved meanwhile is not missed`() throws {
        let stale = AwaitedStep(stage: .rescreen, dueOn: day("2024-07-03"))
        let commands = record(
            Sample.entry("a", .initial, .positive), Sample.entry("a", .initial, .positive, on: "2024-06-10", revision: 2))
        #expect(try run(commands + [.missDeadline(stale)]).events.isEmpty)
    }

    @Test func `a diagnosis shares the case, a correction below the sharing stage takes it back, and a new one shares again`() throws {
        let diagnosis = Sample.entry("d", .diagnosis, .positive)
        let shared = try run(record(diagnosis))
        #expect(shared.events.last == .shared(ordinal: 1, on: day("2024-06-03"), identity: Sample.child, policyVersion: "test-1"))
        let corrected = Sample.entry("d", .diagnosis, .negative, revision: 2)
        let revoked = try run(record(diagnosis, corrected))
        #expect(revoked.events.contains { if case .shareRevoked(1, _) = $0 { true } else { false } })
        #expect(revoked.state?.isShared == false)
        let again = try run(record(diagnosis, corrected, Sample.entry("d", .diagnosis, .positive, revision: 3)))
        #expect(again.events.contains { if case .shared(2, _, _, _) = $0 { true } else { false } })
    }

    @Test func `a withdrawn diagnosis revokes the sharing and leaves the re-screen standing`() throws {
        let (state, events) = try run(
            record(Sample.entry("b", .rescreen, .positive), Sample.entry("d", .diagnosis, .positive)) + [Sample.withdrawal("d")])
        #expect(state?.status == .rescreenPositive)
        #expect(state?.awaiting?.stage == .diagnosis)
        #expect(events.contains(.shareRevoked(ordinal: 1, reason: "entered by mistake")))
    }

    @Test func `withdrawing everything empties the case, and it takes results again`() throws {
        let commands = record(Sample.entry("a", .initial, .positive)) + [Sample.withdrawal("a")]
        #expect(try run(commands).state?.status == .empty)
        #expect(try run(commands + [Sample.withdrawal("a", revision: 3)]).events.isEmpty)
        #expect(try run(commands + record(Sample.entry("c", .initial, .negative))).state?.status == .initialNegative)
    }

    @Test func `who the child is goes out again when it is corrected in a shared case, and never stays in the case`() throws {
        let (state, events) = try run(
            record(Sample.entry("d", .diagnosis, .positive), Sample.entry("d", .diagnosis, .positive, on: "2024-06-02", revision: 2)))
        #expect(events.contains(.identityRenewed(Sample.child)))
        #expect(!"\(String(describing: state))".contains("测试"))
    }

    private struct Refusing: CustomTestStringConvertible {
        let testDescription: String
        let expected: CaseRules.Refused
        var before: [ResultEntry] = []
        var submission: CaseRules.Submission
    }

    private static let refusing: [Refusing] = {
        var sixAlready = Sample.submission(Sample.entry("x", .initial, .negative, on: "2027-01-01", round: 80), today: day("2027-02-01"))
        sixAlready.birthDate = day("2020-01-01")
        var unborn = Sample.submission(Sample.entry("x", .initial, .negative))
        unborn.birthDate = day("2024-06-04")
        var fewer = Sample.policy
        fewer.topics = [.vision]
        let diagnosed = [Sample.entry("d", .diagnosis, .positive, on: "2024-06-03", round: 48)]
        return [
            Refusing(testDescription: "seventh birthday", expected: .ageOutOfRange, submission: sixAlready),
            Refusing(testDescription: "before birth", expected: .takenBeforeBirth, submission: unborn),
            Refusing(
                testDescription: "tomorrow", expected: .occurredInFuture,
                submission: Sample.submission(Sample.entry("x", .initial, .negative, on: "2024-06-04"), today: day("2024-06-03"))),
            Refusing(
                testDescription: "topic", expected: .topicUnknown,
                submission: Sample.submission(Sample.entry("x", .initial, .negative), policy: fewer)),
            Refusing(
                testDescription: "second result of a round", expected: .roundDuplicate, before: [Sample.entry("a", .initial, .negative)],
                submission: Sample.submission(Sample.entry("x", .initial, .positive, on: "2024-06-10"))),
            Refusing(
                testDescription: "initial after the diagnosis", expected: .alreadyDiagnosed, before: diagnosed,
                submission: Sample.submission(Sample.entry("x", .initial, .negative, on: "2024-07-01", round: 54))),
            Refusing(
                testDescription: "second diagnosis", expected: .alreadyDiagnosed, before: diagnosed,
                submission: Sample.submission(Sample.entry("x", .diagnosis, .positive, on: "2024-05-01", round: 42))),
        ]
    }()

    @Test(arguments: refusing.indices)
    func `a result that breaks a rule is refused and leaves the case as it was`(index: Int) throws {
        let table = Self.refusing[index]
        let before = try run(table.before.map { .record(Sample.submission($0)) }).state
        #expect(throws: table.expected) { try CaseRules.decide(.record(table.submission), given: before) }
    }

    @Test func `the day before the seventh birthday is still in time`() throws {
        let submission = Sample.submission(Sample.entry("x", .initial, .negative, on: "2026-12-31", round: 72), today: day("2027-01-05"))
        #expect(try CaseRules.decide(.record(submission), given: nil).count == 1)
    }

    @Test func `what was examined before the diagnosis may still arrive`() throws {
        let (state, _) = try run(
            record(
                Sample.entry("d", .diagnosis, .positive, on: "2024-06-03"), Sample.entry("a", .initial, .positive, on: "2024-05-01"),
                Sample.entry("b", .rescreen, .positive, on: "2024-06-03")))
        #expect(state?.entries.count == 3)
        #expect(state?.status == .diagnosed)
        #expect(state?.awaiting == nil)
    }

    @Test(
        arguments: [
            (nil, RevisionLedger.Standing.newer), (1, .newer), (2, .repeated), (3, .outdated),
        ] as [(Int?, RevisionLedger.Standing)])
    func `the revision decides, not the order of arrival`(known: Int?, standing: RevisionLedger.Standing) {
        let stored = known.map { KnownRevision(revision: $0, fingerprint: [1], caseID: nil) }
        #expect(RevisionLedger.standing(revision: 2, fingerprint: [1], given: stored) == standing)
        if standing == .repeated {
            #expect(RevisionLedger.standing(revision: 2, fingerprint: [2], given: stored) == .conflict)
        }
    }

    @Test func `a stored case is read back as it was`() throws {
        let entries = [Sample.entry("a", .initial, .positive), Sample.entry("b!\"#", .rescreen, .unable, round: 0, revision: 9)]
        #expect(try EntryText.decode(EntryText.encode(entries), Sample.person, .hearing) == entries)
        #expect(try EntryText.decode("", Sample.person, .hearing).isEmpty)
    }

    @Test(arguments: SharingStage.allCases, CaseStatus.allCases)
    func `a later sharing stage is reached by fewer statuses`(stage: SharingStage, status: CaseStatus) {
        let order: [CaseStatus] = [.initialPositive, .rescreenPositive, .diagnosed]
        let stages: [SharingStage] = [.initialPositive, .rescreenPositive, .diagnosed]
        let reached = order.firstIndex(of: status).map { $0 >= stages.firstIndex(of: stage)! } ?? false
        #expect(stage.isReached(by: status) == reached)
    }
}
