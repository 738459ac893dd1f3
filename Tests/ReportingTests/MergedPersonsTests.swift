import Contracts
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Reporting

/// A merged person is one person, an unmerged one two again, whatever came first.
struct MergedPersonsTests {
    let ann = child("ann")
    let anna = child("anna", in: shizhong)

    private static let figures: [Measure] = [
        .childrenConfirmed, .childrenServed, .childrenAssisted, .jobSeekersTrained, .jobSeekersTrainedPlaced,
    ]

    private func counted(_ service: TestService) throws -> [Int64] {
        let totals = try service.totals()
        #expect(try service.countyTotals().withoutZeroes == totals.withoutZeroes)
        return Self.figures.map { totals[$0] ?? 0 }
    }

    private func confirmed(_ child: PersonFacts, on date: String = "2024-06-03") -> ResultAccepted {
        accepted(result(child, .diagnosis, .positive, on: date))
    }

    private func merged(_ id: PersonFacts, into other: PersonFacts) -> PersonsMerged {
        PersonsMerged(kept: other.person, merged: id.person)
    }

    private func unmerged(_ id: PersonFacts, from other: PersonFacts) -> PersonsUnmerged {
        PersonsUnmerged(kept: other.person, merged: id.person)
    }

    @Test func `two ids of one child are one child from the merge on, and two again when it is undone`() throws {
        let service = try TestService.reporting()
        try service.deliver(confirmed(ann))
        try service.deliver(confirmed(anna))
        #expect(try counted(service)[0] == 2)
        try service.deliver(merged(anna, into: ann))
        #expect(try counted(service)[0] == 1)
        // Both files' cases stand as they were counted: a case is a case.
        #expect(try service.totals()[.casesConfirmed] == 2)
        try service.deliver(unmerged(anna, from: ann))
        #expect(try counted(service)[0] == 2)
    }

    @Test func `what is confirmed under one id and assisted under the other is one child served`() throws {
        let service = try TestService.reporting()
        try service.deliver(merged(anna, into: ann))
        try service.deliver(confirmed(ann))
        try service.deliver(approved(anna))
        try service.deliver(served(anna, "2024-06", days: 20))
        #expect(try counted(service) == [1, 1, 1, 0, 0])
        try service.deliver(unmerged(anna, from: ann))
        #expect(try counted(service) == [1, 0, 1, 0, 0])
    }

    @Test func `a training under one id and a job under the other are one way`() throws {
        let service = try TestService.reporting()
        try service.deliver(trained(ann))
        try service.deliver(placed(anna, "2024-07-01"))
        #expect(try counted(service) == [0, 0, 0, 1, 0])
        try service.deliver(merged(anna, into: ann))
        #expect(try counted(service) == [0, 0, 0, 1, 1])
        try service.deliver(unmerged(anna, from: ann))
        #expect(try counted(service) == [0, 0, 0, 1, 0])
    }

    @Test func `a chain and a ring of merges are one person until the right link is taken out`() throws {
        let service = try TestService.reporting()
        let names = ["p1", "p2", "p3", "p4"].map { child($0) }
        for name in names { try service.deliver(confirmed(name)) }
        try service.deliver(merged(names[3], into: names[2]))
        try service.deliver(merged(names[1], into: names[0]))
        try service.deliver(merged(names[2], into: names[1]))
        #expect(try counted(service)[0] == 1)
        // The unmerge of an older alias is still on its way when the next one closes a ring.
        try service.deliver(merged(names[0], into: names[3]))
        #expect(try counted(service)[0] == 1)
        try service.deliver(unmerged(names[2], from: names[1]))
        #expect(try counted(service)[0] == 1)
        try service.deliver(unmerged(names[0], from: names[3]))
        #expect(try counted(service)[0] == 2)
        try service.deliver(unmerged(names[3], from: names[2]))
        try service.deliver(unmerged(names[1], from: names[0]))
        #expect(try counted(service)[0] == 4)
    }

    @Test func `a fact that finds its person's row pointing where the person no longer is counted runs again`() throws {
        let service = try TestService.reporting()
        try service.deliver(merged(anna, into: ann))
        #expect(throws: VersionConflict.self) {
            try service.command(as: .service("test")) { work in
                // This instance has read anna's row; the other one parts her from ann before ann's row is read.
                _ = try work.state(ChildTallyTable.self, anna.person)
                try work.tx.run(SQL("UPDATE child_tallies SET aliases = '', version = version + 1 WHERE person = 'ann'"))
                try ChildTallyTable.count(.confirmed(Cell(anna, on: day("2024-06-03"))), (), of: anna.person, in: work)
            }
        }
    }

    // MARK: Against a recount

    /// Facts of one key, in the order in which they must arrive.
    private typealias Lane = [(label: String, send: @Sendable (TestService) throws -> Void)]

    @Test func `whatever the order in which merges and facts arrive, the figures equal a recount of distinct persons`() throws {
        var random = SeededGenerator()
        print("merged persons: CARELOOP_TEST_SEED=\(random.seed)")
        for round in 0..<12 {
            let people = (0..<6).map { child("p\($0)", in: $0 % 2 == 0 ? lixia : shizhong) }
            var lanes: [String: Lane] = [:]
            var facts: [(person: String, kind: String)] = []
            var aliases: [String: Int] = [:]
            for person in people {
                let id = person.person.text
                if Bool.random(using: &random) {
                    facts.append((id, "confirmed"))
                    lanes["case-\(id)"] = [("confirmed \(id)", { [self] in try $0.deliver(confirmed(person)) })]
                }
                if Bool.random(using: &random) {
                    facts += [(id, "approved"), (id, "served")]
                    lanes["care-\(id)"] = [
                        ("approved \(id)", { try $0.deliver(approved(person)) }),
                        ("served \(id)", { try $0.deliver(served(person, "2024-06", days: 20)) }),
                    ]
                }
                if Bool.random(using: &random) {
                    facts.append((id, "trained"))
                    lanes["work-\(id)"] = [("trained \(id)", { [self] in try $0.deliver(trained(person)) })]
                }
            }
            for _ in 0..<Int.random(in: 1...7, using: &random) {
                let kept = people.randomElement(using: &random)!
                let gone = people.randomElement(using: &random)!
                guard kept.person != gone.person else { continue }
                let pair = "\(gone.person.text)>\(kept.person.text)"
                // Registration keys a merge and its undoing by the id that stays, so these two never overtake each other.
                if aliases[pair] == 1, Bool.random(using: &random) {
                    aliases[pair] = 0
                    lanes["merge-\(kept.person)", default: []].append(
                        ("un\(pair)", { [self] in try $0.deliver(unmerged(gone, from: kept)) }))
                } else if aliases[pair, default: 0] == 0 {
                    aliases[pair] = 1
                    lanes["merge-\(kept.person)", default: []].append((pair, { [self] in try $0.deliver(merged(gone, into: kept)) }))
                }
            }
            let service = try TestService.reporting()
            var order: [String] = []
            while let name = lanes.filter({ !$0.value.isEmpty }).keys.sorted().randomElement(using: &random) {
                let next = lanes[name]!.removeFirst()
                order.append(next.label)
                try next.send(service)
            }
            let expected = Self.recount(facts, aliases: aliases.filter { $0.value == 1 }.map(\.key))
            #expect(try counted(service) == expected, "seed \(random.seed), round \(round): \(order)")
        }
    }

    /// Distinct persons by colouring ids until nothing changes: shares nothing with what it checks.
    private static func recount(_ facts: [(person: String, kind: String)], aliases: [String]) -> [Int64] {
        var colour: [String: String] = [:]
        for name in (0..<6).map({ "p\($0)" }) { colour[name] = name }
        var changed = true
        while changed {
            changed = false
            for alias in aliases {
                let ends = alias.split(separator: ">").map(String.init)
                let least = min(colour[ends[0]]!, colour[ends[1]]!)
                for end in ends where colour[end] != least {
                    colour[end] = least
                    changed = true
                }
            }
        }
        func persons(_ kind: String) -> Set<String> { Set(facts.filter { $0.kind == kind }.map { colour[$0.person]! }) }
        let assisted = persons("approved").intersection(persons("served"))
        return [
            Int64(persons("confirmed").count), Int64(persons("confirmed").intersection(assisted).count), Int64(assisted.count),
            Int64(persons("trained").count), 0,
        ]
    }

    // MARK: Facts

    private func trained(_ adult: PersonFacts) -> TrainingCompleted {
        TrainingCompleted(jobSeeker: JobSeekerID(trusted: "js-\(adult.person)"), facts: adult, kind: .skill, hours: 40)
    }

    private func placed(_ adult: PersonFacts, _ date: String) -> PlacementRecorded {
        PlacementRecorded(
            placement: PlacementID(trusted: "pl-\(adult.person)"), jobSeeker: JobSeekerID(trusted: "js-\(adult.person)"), facts: adult,
            employer: OrganisationID(trusted: "em-1"), form: .flexible, startedOn: day(date), contractUntil: day("2026-06-30"),
            monthlyWageFen: Fen(200_000))
    }
}
