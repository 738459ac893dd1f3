import Contracts
import Testing
import Vocabulary

@testable import Reporting

struct TallyTests {
    func apply(_ commands: [CaseTallyRules.Command]) throws -> (CaseTally?, Figures) {
        var tally: CaseTally?
        var figures = Figures()
        for command in commands {
            for event in try CaseTallyRules.decide(command, given: tally) {
                tally = CaseTallyRules.evolve(tally, with: event)
                for change in event.changes { figures[change.measure, default: 0] += change.amount }
            }
        }
        return (tally, figures.withoutZeroes)
    }

    /// Where one measure counts in the end.
    func places(of measure: Measure, _ commands: [CaseTallyRules.Command]) throws -> [Cell: Int64] {
        var tally: CaseTally?
        var cells: [Cell: Int64] = [:]
        for command in commands {
            for event in try CaseTallyRules.decide(command, given: tally) {
                tally = CaseTallyRules.evolve(tally, with: event)
                for change in event.changes where change.measure == measure { cells[change.cell, default: 0] += change.amount }
            }
        }
        return cells.filter { $0.value != 0 }
    }

    let ann = child("ann")

    @Test func `a child counts once in each step, however many results it has`() throws {
        let (_, figures) = try apply([
            .accepted(result(ann, .initial, .negative, on: "2023-01-05")),
            .accepted(result(ann, .initial, .positive)), .accepted(result(ann, .rescreen, .positive)),
            .accepted(result(ann, .diagnosis, .positive)),
        ])
        #expect(
            figures == [
                .casesScreened: 1, .casesSuspected: 1, .casesRescreened: 1, .casesStillSuspected: 1, .casesDiagnosed: 1, .casesConfirmed: 1,
            ])
    }

    @Test func `a withdrawal takes back exactly what was counted`() throws {
        let positive = result(ann, .initial, .positive)
        let (_, figures) = try apply([
            .accepted(positive), .accepted(result(ann, .rescreen, .negative)), .withdrawn(positive),
        ])
        #expect(figures == [:], "without an initial result nothing of the case counts")
    }

    @Test func `a case whose last result was withdrawn counts where its next one is`() throws {
        let first = result(ann, .initial, .positive)
        let second = result(child("ann", in: shizhong), .initial, .positive, on: "2024-07-01")
        #expect(try places(of: .casesScreened, [.accepted(first), .withdrawn(first), .accepted(second)]) == [Cell(second): 1])
    }

    @Test func `a case whose first result was withdrawn counts where the first that is left was taken`() throws {
        let first = result(ann, .initial, .positive, on: "2024-03-05")
        let rescreen = result(child("ann", in: shizhong), .rescreen, .positive, on: "2024-04-10")
        let again = result(child("ann", in: shizhong), .initial, .positive, on: "2024-04-01")
        let commands: [CaseTallyRules.Command] = [.accepted(first), .accepted(rescreen), .withdrawn(first), .accepted(again)]
        for measure in [Measure.casesSuspected, .casesStillSuspected] {
            #expect(try places(of: measure, commands) == [Cell(again): 1], "\(measure)")
        }
    }

    @Test func `a correction of any result moves the case to the first that stands`() throws {
        let first = result(ann, .initial, .positive, on: "2024-03-05")
        let rescreen = result(ann, .rescreen, .positive, on: "2024-04-10")
        let earlier = result(child("ann", in: shizhong), .rescreen, .positive, on: "2024-02-01")
        let commands: [CaseTallyRules.Command] = [.accepted(first), .accepted(rescreen), .corrected(rescreen, to: earlier)]
        #expect(try places(of: .casesRescreened, commands) == [Cell(earlier): 1])
        #expect(try places(of: .casesRescreened, commands + [.corrected(earlier, to: rescreen)]) == [Cell(first): 1])
    }

    @Test func `a case counts in the month of the result that was taken first, whichever came first`() throws {
        let first = result(ann, .initial, .positive, on: "2024-03-31")
        let rescreen = result(child("ann", in: shizhong), .rescreen, .positive, on: "2024-04-01")
        let diagnosis = result(ann, .diagnosis, .positive, on: "2024-04-01")
        for order in [[first, rescreen, diagnosis], [rescreen, first, diagnosis], [diagnosis, rescreen, first]] {
            for measure in [Measure.casesSuspected, .casesRescreened, .casesConfirmed] {
                #expect(try places(of: measure, order.map { .accepted($0) }) == [Cell(first): 1], "\(measure)")
            }
        }
    }

    @Test func `what is taken back before it came never counts`() throws {
        let first = result(ann, .initial, .positive)
        let other = result(ann, .initial, .negative)
        #expect(try apply([.withdrawn(first), .accepted(first)]).1 == [:])
        #expect(try apply([.corrected(first, to: other), .accepted(first)]).1 == [.casesScreened: 1])
    }

    @Test func `a re-screen that could not be made is none`() throws {
        let initial = result(ann, .initial, .positive)
        let unable = result(ann, .rescreen, .unable, on: "2024-06-20")
        #expect(try apply([.accepted(initial), .accepted(unable)]).1[.casesRescreened] == nil)
        let made = try apply([.accepted(initial), .accepted(unable), .accepted(result(ann, .rescreen, .negative, on: "2024-07-01"))]).1
        #expect(made[.casesRescreened] == 1)
    }

    @Test func `a correction moves the case to another place and leaves nothing behind`() throws {
        let before = result(ann, .initial, .positive)
        let after = result(child("ann", in: shizhong), .initial, .positive, on: "2024-07-01")
        #expect(try places(of: .casesSuspected, [.accepted(before), .corrected(before, to: after)]) == [Cell(after): 1])
    }

    @Test(arguments: [("659012999", "9999-12-31"), ("11", "0001-01-01"), ("3703", "1899-12-31"), ("370302001", "2024-02-29")])
    func `a result's number gives back where and in which month it was taken`(place: String, date: String) throws {
        for sex in Sex.allCases {
            let facts = PersonFacts(person: PersonID(trusted: "p"), sex: sex, birthMonth: month("0001-01"), region: region(place))
            for stage in ScreeningStage.allCases {
                let taken = result(facts, stage, .unable, on: date, topic: .autism)
                #expect(DatedResult(taken).cell(.autism) == Cell(taken))
                #expect(DatedResult(packed: DatedResult(taken).packed) == DatedResult(taken))
            }
        }
    }

    @Test func `a re-screen that came before its initial result counts when that arrives`() throws {
        let rescreen = result(ann, .rescreen, .positive)
        #expect(try apply([.accepted(rescreen)]).1 == [:])
        let both = try apply([.accepted(rescreen), .accepted(result(ann, .initial, .positive))]).1
        #expect(both[.casesRescreened] == 1 && both[.casesStillSuspected] == 1)
    }

    @Test func `a later step never exceeds an earlier one, whatever happens`() throws {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<300 {
            var standing: [ResultFacts] = []
            var commands: [CaseTallyRules.Command] = []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                if !standing.isEmpty, Bool.random(using: &random) {
                    commands.append(.withdrawn(standing.remove(at: Int.random(in: 0..<standing.count, using: &random))))
                } else {
                    let facts = result(
                        ann, ScreeningStage.allCases.randomElement(using: &random)!,
                        ScreeningOutcome.allCases.randomElement(using: &random)!)
                    standing.append(facts)
                    commands.append(.accepted(facts))
                }
            }
            let figures = try apply(commands).1
            let funnel: [Measure] = [.casesScreened, .casesSuspected, .casesRescreened, .casesStillSuspected, .casesDiagnosed]
            for (earlier, later) in zip(funnel, funnel.dropFirst()) {
                #expect(figures[earlier] ?? 0 >= figures[later] ?? 0, "seed \(seed): \(commands)")
            }
            #expect(figures.values.allSatisfy { $0 == 1 }, "seed \(seed): \(figures)")
        }
    }

    @Test func `a child is served once it is confirmed, approved and served, in whatever order that becomes known`() throws {
        let cell = Cell(ann, on: day("2024-06-03"))
        let commands: [ChildTally.Command] = [.confirmed(cell), .approved, .served(cell)]
        for order in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 2, 1], [1, 0, 2]] {
            var group: PersonGroup<ChildTally>?
            var figures = Figures()
            for index in order {
                for event in try PersonGroupRules<ChildTally>.decide(.count(ann.person, commands[index], ()), given: group) {
                    group = event.group
                    for change in event.changes { figures[change.measure, default: 0] += change.amount }
                }
            }
            #expect(figures.withoutZeroes == [.childrenConfirmed: 1, .childrenServed: 1, .childrenAssisted: 1])
        }
    }

    @Test func `a child is assisted once in each year with a service, in the month of the first`() throws {
        func cell(_ date: String) -> Cell { Cell(ann, on: day(date)) }
        let months = ["2024-11-01", "2025-02-01", "2024-10-01", "2025-03-01"]
        let tally = months.reduce(ChildTally()) { $0.counting(.served(cell($1))) }
        #expect(tally.flags(()) == [], "not without an approval")
        #expect(
            tally.counting(.approved).flags(()) == [
                Flag(.childrenAssisted, cell("2024-10-01")), Flag(.childrenAssisted, cell("2025-02-01")),
            ])
        // The same child's other id was served earlier in one of the years.
        let other = ChildTally().counting(.served(cell("2025-01-01")))
        #expect(
            ChildTally.together([tally.counting(.approved), other]).flags(()) == [
                Flag(.childrenAssisted, cell("2024-10-01")), Flag(.childrenAssisted, cell("2025-01-01")),
            ])
    }

    @Test func `a month of service that is corrected to none is taken back, and the next one of that year counts`() throws {
        func cell(_ date: String) -> Cell { Cell(ann, on: day(date)) }
        let tally = ["2024-11-01", "2024-10-01"].reduce(ChildTally().counting(.approved)) { $0.counting(.served(cell($1))) }
        let without = tally.counting(.unserved(cell("2024-10-01")))
        #expect(without.flags(()) == [Flag(.childrenAssisted, cell("2024-11-01"))])
        #expect(without.counting(.unserved(cell("2024-11-01"))).flags(()) == [])
    }

    @Test func `a job within 180 days of the training is its fruit, one after that is not`() throws {
        func placed(_ date: String) throws -> Int64 {
            let cell = Cell(ann, on: day("2024-01-10"))
            var group: PersonGroup<JobSeekerTally>?
            var figures = Figures()
            for command in [
                JobSeekerTally.Command.trained(day("2024-01-10"), cell), .placed(day(date)),
            ] {
                for event in try PersonGroupRules<JobSeekerTally>.decide(.count(ann.person, command, 180), given: group) {
                    group = event.group
                    for change in event.changes { figures[change.measure, default: 0] += change.amount }
                }
            }
            return figures[.jobSeekersTrainedPlaced] ?? 0
        }
        #expect(try placed("2024-01-10") == 1)
        #expect(try placed("2024-07-08") == 1)
        #expect(try placed("2024-07-09") == 0)
        #expect(try placed("2023-12-01") == 0)
    }

    @Test func `a cell's key gives back what it was made of, and lies in its regions only`() throws {
        let places = [("659012999", "2100-12"), ("11", "0001-01"), ("3703", "1899-12"), ("370302", "9999-12"), ("370302001", "2024-06")]
        for (place, date) in places {
            let cell = Cell(region: region(place), month: month(date), subject: .autism, sex: .unspecified, band: .over)
            let key = CellKey(cell, shard: 7)
            #expect(key.region == cell.region && key.month == cell.month && key.shard == 7)
            #expect(key.subject == .autism && key.sex == .unspecified && key.band == .over)
            for above in [place, String(place.prefix(2)), ""] { #expect(CellKey.range(of: above).contains(key.packed)) }
            for beside in ["12", "659012998", "370302002", "4703"] { #expect(!CellKey.range(of: beside).contains(key.packed)) }
            let plain = CellKey(Cell(region: region(place), month: month(date)), shard: 0)
            #expect(plain.region == cell.region && plain.subject == nil && plain.sex == nil && plain.band == nil)
        }
    }
}

struct IndicatorTests {
    @Test(arguments: [(1, 3, 3333), (2, 3, 6667), (1, 2, 5000), (0, 5, 0), (5, 5, 10_000), (1, 20_000, 1), (-1, 3, -3333)])
    func `a rate is rounded half up to a basis point`(numerator: Int64, denominator: Int64, expected: Int) {
        #expect(IndicatorValue(rate: numerator, of: denominator).basisPoints == expected)
    }

    @Test func `nothing divided by nothing is no value, with the reason`() throws {
        let value = IndicatorValue(rate: 0, of: 0)
        #expect(value.basisPoints == nil && value.noValueReason == "DENOMINATOR_ZERO" && value.denominator == 0)
    }

    @Test func `periods are read as written`() throws {
        #expect(try Period("to-date") == .toDate)
        #expect(try Period("2024").from == month("2024-01") && Period("2024").to == month("2024-12"))
        #expect(try Period("2024-Q3").from == month("2024-07") && Period("2024-Q3").to == month("2024-09"))
        #expect(try Period("2024-06").to == month("2024-06"))
        for text in ["", "24", "2024-13", "2024-Q5", "all"] { #expect(throws: ReportingRefusal.periodInvalid) { try Period(text) } }
    }

    @Test func `plan periods change with the plan`() throws {
        #expect(try ReportingPolicies.planPeriod(on: day("2025-12-31")) == "2021-2025")
        #expect(try ReportingPolicies.planPeriod(on: day("2026-01-01")) == "2026-2030")
        #expect(ReportingPolicies.target(12, region: region("419001"), on: day("2024-06-30"))?.value == 230)
        #expect(ReportingPolicies.target(12, region: region("370102"), on: day("2024-06-30")) == nil)
    }

    @Test func `a tree sums old codes into what they became and keeps Jiyuan under Henan`() throws {
        let tree = RegionTree(
            [(region("371202"), .casesScreened, 3), (region("370116001"), .casesScreened, 4), (region("419001"), .casesScreened, 5)],
            table: .shared, on: day("2024-06-01"))
        #expect(tree.figures(of: region("370116"))[.casesScreened] == 7)
        #expect(tree.figures(of: region("3701"))[.casesScreened] == 7)
        #expect(tree.figures(of: region("37"))[.casesScreened] == 7)
        #expect(tree.figures(of: region("41"))[.casesScreened] == 5)
        #expect(tree[region("4190")] == nil)
    }
}
