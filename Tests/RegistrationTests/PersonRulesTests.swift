import Contracts
import Testing
import Vocabulary

@testable import Registration

/// What a decision came to, as one word a table can hold.
enum Outcome<Refused: Hashable & Sendable>: Hashable, Sendable {
    case events(Int)
    case refused(Refused)
}

struct PersonRulesTests {
    static let facts = PersonFacts(
        person: PersonID(trusted: "aa01"), sex: .female, birthMonth: YearMonth(year: 2019, month: 1),
        region: RegionCode(trusted: "370102001"))
    static let kept = PersonID(trusted: "bb02")
    static let other = PersonID(trusted: "cc03")

    static func file(_ status: PersonFile.Status?) -> PersonFile? {
        guard let status else { return nil }
        var file = PersonFile(
            status: status, facts: facts, origin: .screeningCase, document: .citizenID, hasGuardian: true,
            identityChecked: status == .active)
        switch status {
        case .provisional, .active: file.pendingMerge = PersonFile.MergeRequest(into: kept, requestedBy: "clerk-1")
        case .merged: file.mergedInto = kept
        case .erased: break
        }
        return file
    }

    static let child = PersonRules.Registration(facts: facts, completedYears: 5, adultFrom: 18, hasGuardian: true)
    static let checked = PersonRules.Attachment(agrees: true, contradictsNumber: false, numberTaken: false)

    /// Rows: nil, provisional, active, merged, erased.
    static let matrix: [(PersonRules.Command, [Outcome<PersonRefusal>])] = [
        (
            .register(child),
            [.events(1), .refused(.personDuplicate), .refused(.personDuplicate), .refused(.personMerged), .refused(.personErased)]
        ),
        (
            .openProvisional(facts: facts, document: .birthCertificate, hasGuardian: true),
            [.events(1), .events(0), .events(0), .events(0), .events(0)]
        ),
        (.attachIdentity(checked), [.refused(.personUnknown), .events(1), .events(0), .refused(.personMerged), .refused(.personErased)]),
        (
            .requestMerge(into: kept, by: "clerk-1", agrees: true),
            [.refused(.personUnknown), .events(0), .events(0), .events(0), .refused(.personErased)]
        ),
        (
            .confirmMerge(into: kept, by: "reviewer-1"),
            [.refused(.personUnknown), .events(1), .events(1), .events(0), .refused(.personErased)]
        ),
        (.withdrawMerge, [.refused(.personUnknown), .events(1), .events(1), .refused(.personMerged), .refused(.personErased)]),
        (.absorb, [.refused(.personUnknown), .events(1), .events(1), .refused(.personMerged), .refused(.personErased)]),
        (
            .unmerge(from: kept),
            [.refused(.personUnknown), .refused(.notMerged), .refused(.notMerged), .events(1), .refused(.personErased)]
        ),
        (.release, [.refused(.personUnknown), .events(1), .events(1), .events(1), .refused(.personErased)]),
        (.erase, [.refused(.personUnknown), .events(1), .events(1), .events(1), .events(0)]),
        (.requestErasure(by: "clerk-1"), [.refused(.personUnknown), .events(1), .events(1), .events(1), .events(0)]),
        (
            .confirmErasure(by: "reviewer-1"),
            [
                .refused(.personUnknown), .refused(.erasureNotRequested), .refused(.erasureNotRequested), .refused(.erasureNotRequested),
                .events(0),
            ]
        ),
    ]

    @Test(arguments: matrix.indices)
    func `every command is decided in every status`(row: Int) {
        let (command, expected) = Self.matrix[row]
        let statuses: [PersonFile.Status?] = [nil] + PersonFile.Status.allCases
        #expect(expected.count == statuses.count)
        for (status, outcome) in zip(statuses, expected) {
            #expect(Self.outcome(command, Self.file(status)) == outcome, "\(command) in \(status.map(\.rawValue) ?? "none")")
        }
    }

    @Test func `a merge is confirmed by somebody else and only into the file it was asked for`() throws {
        var file = try #require(Self.file(.active))
        file.pendingMerge = nil
        #expect(Self.outcome(.confirmMerge(into: Self.kept, by: "reviewer-1"), file) == .refused(.mergeNotRequested))
        #expect(Self.outcome(.requestMerge(into: Self.facts.person, by: "clerk-1", agrees: true), file) == .refused(.mergeSelf))
        #expect(Self.outcome(.requestMerge(into: Self.kept, by: "clerk-1", agrees: false), file) == .refused(.mergeMismatch))
        let request = try PersonRules.decide(.requestMerge(into: Self.kept, by: "clerk-1", agrees: true), given: file)
        file = PersonRules.evolve(file, with: try #require(request.first))
        #expect(Self.outcome(.requestMerge(into: Self.other, by: "clerk-1", agrees: true), file) == .refused(.mergePending))
        #expect(Self.outcome(.confirmMerge(into: Self.other, by: "reviewer-1"), file) == .refused(.mergeNotRequested))
        #expect(Self.outcome(.confirmMerge(into: Self.kept, by: "clerk-1"), file) == .refused(.fourEyes))
        // As an older build kept who asked: the bare user, who may be anybody of that name.
        #expect(Self.outcome(.confirmMerge(into: Self.kept, by: "dpf-2/clerk-1"), file) == .refused(.fourEyes))
        file.pendingMerge?.requestedBy = "dpf-1/clerk-1"
        #expect(Self.outcome(.confirmMerge(into: Self.kept, by: "dpf-1/clerk-1"), file) == .refused(.fourEyes))
        #expect(Self.outcome(.confirmMerge(into: Self.kept, by: "dpf-2/clerk-1"), file) == .events(1))
        for event in try PersonRules.decide(.confirmMerge(into: Self.kept, by: "reviewer-1"), given: file) {
            file = PersonRules.evolve(file, with: event)
        }
        #expect(file.status == .merged && file.mergedInto == Self.kept && file.pendingMerge == nil)
        #expect(Self.outcome(.unmerge(from: Self.other), file) == .refused(.notMerged))
        for event in try PersonRules.decide(.unmerge(from: Self.kept), given: file) { file = PersonRules.evolve(file, with: event) }
        #expect(file.status == .active && file.mergedInto == nil)
    }

    @Test func `a minor is registered with a guardian only`() {
        let minor = PersonRules.Registration(facts: Self.facts, completedYears: 17, adultFrom: 18, hasGuardian: false)
        #expect(Self.outcome(.register(minor), nil) == .refused(.guardianRequired))
        let adult = PersonRules.Registration(facts: Self.facts, completedYears: 18, adultFrom: 18, hasGuardian: false)
        #expect(Self.outcome(.register(adult), nil) == .events(1))
    }

    @Test(arguments: [
        (PersonRules.Attachment(agrees: false, contradictsNumber: false, numberTaken: false), PersonRefusal.identityMismatch),
        (PersonRules.Attachment(agrees: true, contradictsNumber: true, numberTaken: false), .identityMismatch),
        (PersonRules.Attachment(agrees: true, contradictsNumber: false, numberTaken: true), .personDuplicate),
    ])
    func `a document that does not fit the file is not attached`(attachment: PersonRules.Attachment, refusal: PersonRefusal) {
        #expect(Self.outcome(.attachIdentity(attachment), Self.file(.provisional)) == .refused(refusal))
    }

    @Test func `an unmerged provisional file is provisional again`() {
        var file = Self.file(.merged)
        file = PersonRules.evolve(file, with: .unmerged(from: Self.kept))
        #expect(file?.status == .provisional)
    }

    static func outcome(_ command: PersonRules.Command, _ file: PersonFile?) -> Outcome<PersonRefusal> {
        do { return .events(try PersonRules.decide(command, given: file).count) } catch { return .refused(error) }
    }
}
