import Contracts
import Testing
import Vocabulary

@testable import Screening

struct ReferralRulesTests {
    private static let subject = Referral.Subject(caseID: CaseID(trusted: "c1"), facts: Sample.facts, category: .hearing)

    private static func candidate(_ id: OrganisationID, _ rank: Int) -> Candidate {
        Candidate(institution: id, rank: rank, distance: .sameCounty, openLoad: 0, freePlaces: 3)
    }

    private static let list = [candidate(Sample.near, 1), candidate(Sample.far, 2)]
    private static let newcomer = OrganisationID(trusted: "rc-new")
    private static let respondBy = day("2024-06-17")

    private static func attempt(_ number: Int, _ institution: OrganisationID, _ by: ChoiceMaker = .asProposed) -> Referral.Attempt {
        Referral.Attempt(number: number, institution: institution, chosenBy: by, respondBy: respondBy)
    }

    /// A referral in each status; beyond `proposed`, the near institution had the first attempt.
    private static func referral(_ status: Referral.Status?) -> Referral? {
        guard let status else { return nil }
        return Referral(
            subject: subject, status: status, candidates: list, chooseBy: day("2024-06-11"),
            attempts: status == .proposed ? [] : [attempt(1, Sample.near)], reason: "")
    }

    enum Answer: Equatable {
        case events([ReferralRules.Event])
        case refusal(ReferralRules.Refused)
    }

    private static func answer(_ command: ReferralRules.Command, _ referral: Referral?) -> Answer {
        do { return .events(try ReferralRules.decide(command, given: referral)) } catch { return .refusal(error) }
    }

    /// Rows: commands; columns: no referral, proposed, issued, confirmed, declined, expired, withdrawn, unplaced.
    private static let matrix: [(name: String, command: ReferralRules.Command, answers: [Answer])] = {
        let nothing = Answer.events([])
        let unknown = Answer.refusal(.unknown)
        let late = Answer.events([.superseded(attempt: 1, Sample.near)])
        let second = Answer.events([.issued(attempt(2, Sample.far))])
        let chosen = Answer.events([.issued(attempt(2, Sample.far, .guardian))])
        func withdrawn(_ from: Referral.Status, _ open: Referral.Attempt? = nil) -> Answer {
            .events([.withdrawn(open, from: from, reason: "moved away")])
        }
        var moved = attempt(1, Sample.near)
        moved.respondBy = day("2024-06-28")
        let proposed = Answer.events([.proposed(subject, candidates: list, chooseBy: day("2024-06-11"))])
        return [
            (
                "propose", .propose(subject, candidates: list, chooseBy: day("2024-06-11")),
                [proposed, nothing, nothing, nothing, nothing, nothing, nothing, nothing]
            ),
            (
                "choose far", .choose(Sample.far, available: list, respondBy: respondBy),
                [
                    unknown, .events([.issued(attempt(1, Sample.far, .guardian))]), .refusal(.alreadyIssued), .refusal(.alreadyConfirmed),
                    chosen,
                    chosen, .refusal(.alreadyWithdrawn), chosen,
                ]
            ),
            (
                "issue as proposed", .issueAsProposed(available: list, respondBy: respondBy),
                [unknown, .events([.issued(attempt(1, Sample.near))]), nothing, nothing, nothing, nothing, nothing, nothing]
            ),
            (
                "issue next", .issueNext(available: list, respondBy: respondBy),
                [unknown, nothing, nothing, nothing, second, second, nothing, second]
            ),
            (
                "claim", .claim(attempt: 1, Sample.near),
                [unknown, late, .events([.confirmed(attempt(1, Sample.near))]), nothing, late, late, late, late]
            ),
            (
                "refuse", .refuse(attempt: 1, Sample.near, reason: "full"),
                [
                    unknown, nothing, .events([.declined(attempt(1, Sample.near), reason: "full")]), nothing, nothing, nothing, nothing,
                    nothing,
                ]
            ),
            (
                "expire", .expire(attempt: 1),
                [unknown, nothing, .events([.expired(attempt(1, Sample.near))]), nothing, nothing, nothing, nothing, nothing]
            ),
            (
                "move the choice", .moveChoice(to: day("2024-06-28")),
                [unknown, .events([.choiceMoved(to: day("2024-06-28"))]), nothing, nothing, nothing, nothing, nothing, nothing]
            ),
            (
                "move the answer", .moveAnswer(attempt: 1, to: day("2024-06-28")),
                [unknown, nothing, .events([.answerMoved(moved)]), nothing, nothing, nothing, nothing, nothing]
            ),
            (
                "move another attempt's answer", .moveAnswer(attempt: 2, to: day("2024-06-28")),
                [unknown, nothing, nothing, nothing, nothing, nothing, nothing, nothing]
            ),
            (
                "withdraw by a clerk", .withdraw(reason: "moved away", by: .clerk),
                [
                    unknown, withdrawn(.proposed), withdrawn(.issued, attempt(1, Sample.near)), .refusal(.alreadyConfirmed),
                    withdrawn(.declined),
                    withdrawn(.expired), nothing, withdrawn(.unplaced),
                ]
            ),
            (
                "withdraw by a correction", .withdraw(reason: "moved away", by: .correction),
                [
                    unknown, withdrawn(.proposed), withdrawn(.issued, attempt(1, Sample.near)),
                    withdrawn(.confirmed, attempt(1, Sample.near)),
                    withdrawn(.declined), withdrawn(.expired), nothing, withdrawn(.unplaced),
                ]
            ),
        ]
    }()

    private static let statuses: [Referral.Status?] = [nil] + Referral.Status.allCases

    @Test(arguments: matrix.indices)
    func `every command meets every status`(index: Int) {
        let row = Self.matrix[index]
        #expect(row.answers.count == Self.statuses.count)
        for (status, expected) in zip(Self.statuses, row.answers) {
            #expect(Self.answer(row.command, Self.referral(status)) == expected, "\(row.name) when \(status?.rawValue ?? "there is none")")
        }
    }

    @Test(arguments: matrix.indices)
    func `what was decided can be applied, and the same command again finds nothing to do or the same answer`(index: Int) {
        let row = Self.matrix[index]
        for status in Self.statuses {
            var referral = Self.referral(status)
            guard case .events(let events) = Self.answer(row.command, referral), !events.isEmpty else { continue }
            for event in events { referral = ReferralRules.evolve(referral, with: event) }
            let again = Self.answer(row.command, referral)
            let isLateClaim = if case .superseded = events[0] { true } else { false }
            #expect(again == .events([]) || (isLateClaim && again == .events(events)), "\(row.name) when \(status?.rawValue ?? "none")")
        }
    }

    @Test(
        arguments: [
            ("another institution", 1, Sample.far), ("an attempt that was never made", 2, Sample.near),
        ] as [(String, Int, OrganisationID)])
    func `a claim that names anything but the current attempt is superseded`(name: String, number: Int, institution: OrganisationID) {
        for status in [Referral.Status.issued, .confirmed] {
            #expect(
                Self.answer(.claim(attempt: number, institution), Self.referral(status))
                    == .events([.superseded(attempt: number, institution)]))
        }
    }

    @Test func `a refusal and an expiry of an earlier attempt leave the current one alone`() throws {
        var referral = try #require(Self.referral(.declined))
        referral = ReferralRules.evolve(referral, with: .issued(Self.attempt(2, Sample.far)))
        #expect(Self.answer(.refuse(attempt: 1, Sample.near, reason: "again"), referral) == .events([]))
        #expect(Self.answer(.expire(attempt: 1), referral) == .events([]))
        #expect(Self.answer(.claim(attempt: 1, Sample.near), referral) == .events([.superseded(attempt: 1, Sample.near)]))
        #expect(Self.answer(.claim(attempt: 2, Sample.far), referral) == .events([.confirmed(Self.attempt(2, Sample.far))]))
    }

    @Test func `a refusal and a withdrawal say why`() {
        #expect(Self.answer(.refuse(attempt: 1, Sample.near, reason: " "), Self.referral(.issued)) == .refusal(.reasonRequired))
        #expect(Self.answer(.withdraw(reason: "", by: .clerk), Self.referral(.issued)) == .refusal(.reasonRequired))
    }

    @Test func `nobody with room makes the child unplaced at once`() {
        #expect(
            Self.answer(.propose(Self.subject, candidates: [], chooseBy: day("2024-06-11")), nil)
                == .events([.proposed(Self.subject, candidates: [], chooseBy: day("2024-06-11")), .unplaced]))
        #expect(Self.answer(.issueAsProposed(available: [], respondBy: Self.respondBy), Self.referral(.proposed)) == .events([.unplaced]))
        #expect(Self.answer(.issueNext(available: [], respondBy: Self.respondBy), Self.referral(.expired)) == .events([.unplaced]))
        #expect(Self.answer(.issueNext(available: [], respondBy: Self.respondBy), Self.referral(.unplaced)) == .events([]))
    }

    @Test func `an unplaced child whom nobody was asked to take gets a list as soon as there is one`() throws {
        var referral = try #require(Self.referral(.proposed))
        referral = ReferralRules.evolve(referral, with: .unplaced)
        #expect(
            Self.answer(.propose(Self.subject, candidates: Self.list, chooseBy: day("2024-08-01")), referral)
                == .events([.proposed(Self.subject, candidates: Self.list, chooseBy: day("2024-08-01"))]))
    }

    @Test func `the next institution is the list's next with room, then a newcomer, and never one that had its turn`() {
        let referral = Self.referral(.declined)
        let newcomer = Self.candidate(Self.newcomer, 1)
        func next(_ available: [Candidate]) -> Answer { Self.answer(.issueNext(available: available, respondBy: Self.respondBy), referral) }
        #expect(next([newcomer] + Self.list) == .events([.issued(Self.attempt(2, Sample.far))]))
        #expect(next([newcomer, Self.list[0]]) == .events([.issued(Self.attempt(2, Self.newcomer))]))
        #expect(next([Self.list[0]]) == .events([.unplaced]))
    }

    @Test func `a choice is from the list and has room at this moment`() {
        func choose(_ id: OrganisationID, _ available: [Candidate]) -> Answer {
            Self.answer(.choose(id, available: available, respondBy: Self.respondBy), Self.referral(.proposed))
        }
        #expect(choose(Self.newcomer, Self.list) == .refusal(.notACandidate))
        #expect(choose(Sample.near, [Self.list[1]]) == .refusal(.noRoom))
        #expect(Self.answer(.choose(Sample.near, available: Self.list, respondBy: Self.respondBy), Self.referral(.issued)) == .events([]))
    }

    @Test func `a referral's lists are read back as they were`() throws {
        let attempts = [Self.attempt(1, Sample.near), Self.attempt(2, Sample.far, .guardian)]
        #expect(try ListText.attempts(ListText.encode(attempts)) == attempts)
        #expect(try ListText.candidates(ListText.encode(Self.list)) == Self.list)
    }
}
