import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import Reporting

struct SchemaTests {
    @Test func `figures and tallies kept by an earlier build read the same`() throws {
        let last = ReportingSchema.migrations.firstIndex { $0.name == "reporting-6-cells-as-numbers" }!
        let store = try TemporaryStore(migrations: Array(ReportingSchema.migrations[..<last]))
        let old = SQL(
            "INSERT INTO figures (region, month, measure, subject, sex, age_band, shard, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        try store.database.write { tx in
            _ = try tx.run(old, ["370102001", "2024-06", "casesScreened", "hearing", "female", "0-6", 0, 3])
            _ = try tx.run(old, ["370102001", "2024-06", "casesScreened", "hearing", "female", "0-6", 7, 4])
            _ = try tx.run(old, ["370103001", "2024-07", "casesScreened", "autism", "unspecified", "60+", 1, 5])
            _ = try tx.run(old, ["3703", "2024-07", "agreements", "", "", "", 0, 6])
            _ = try tx.run(old, ["410581", "1999-12", "placementsStable", "", "male", "18-59", 0, 8])
        }
        let tally = SQL(
            """
            INSERT INTO case_tallies (case_id, region, month, subject, sex, age_band, origin, counts, shared, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try store.database.write { tx in
            _ = try tx.run(tally, ["c1", "370102001", "2024-06", "hearing", "female", "0-6", "b/r", "0 1 0 2 0 0 0 0 0", 1, 5])
            _ = try tx.run(tally, ["c3", "370102001", "2024-06", "hearing", "female", "0-6", "b/s", "0 1 0 0 0 1 0 0 0", 0, 2])
            _ = try tx.run(tally, ["c2", "3701", "2024-07", .null, .null, .null, "", "0 0 0 0 0 0 0 0 0", 0, 1])
        }
        try store.database.migrate(ReportingSchema.migrations)
        let kept = try #require(try store.database.read { try CaseTallyTable.load(CaseID(trusted: "c1"), in: $0) })
        let cell = Cell(region: region("370102001"), month: month("2024-06"), subject: .hearing, sex: .female, band: .to6)
        #expect(kept.state.cell == cell && kept.version == 5 && kept.state.sharing == .inTime)
        #expect(kept.state.steps == [.screened, .suspected, .rescreened])
        // Nobody kept the days of its results; any of them can still be taken back, once for each that was counted.
        var left = kept.state
        let rescreen = result(child("c", in: shizhong), .rescreen, .negative, on: "2024-06-20")
        for steps in [CaseTally.Steps([.screened, .suspected, .rescreened]), [.screened, .suspected]] {
            left.remove(DatedResult(rescreen))
            #expect(left.steps == steps && left.cell == cell)
        }
        // What a re-screen that could not be made had counted for is not counted a second time.
        let unable = try store.database.read { try CaseTallyTable.load(CaseID(trusted: "c3"), in: $0) }
        #expect(unable?.state.steps == [.screened, .suspected, .rescreened])
        let other = try store.database.read { try CaseTallyTable.load(CaseID(trusted: "c2"), in: $0) }
        #expect(other?.state == CaseTally())
        func sums(_ dimension: FigureQueries.Dimension, _ filter: FigureQueries.Filter = .init()) throws -> [String: Int64] {
            try store.database.read { tx in
                Dictionary(
                    uniqueKeysWithValues: try FigureQueries.sums(filter, by: dimension, in: tx).map {
                        ("\($0.group) \($0.measure)", $0.value)
                    })
            }
        }
        let everything = ["370102001 casesScreened": 7, "370103001 casesScreened": 5, "3703 agreements": 6, "410581 placementsStable": 8]
        #expect(try sums(.region) == everything.mapValues(Int64.init))
        #expect(
            try sums(.month) == [
                "2024-06 casesScreened": 7, "2024-07 casesScreened": 5, "2024-07 agreements": 6, "1999-12 placementsStable": 8,
            ])
        #expect(
            try sums(.topic) == ["hearing casesScreened": 7, "autism casesScreened": 5, " agreements": 6, " placementsStable": 8])
        #expect(try sums(.sex)["unspecified casesScreened"] == 5 && sums(.sex)["male placementsStable"] == 8)
        #expect(try sums(.ageBand)["60+ casesScreened"] == 5 && sums(.ageBand)["0-6 casesScreened"] == 7)
        #expect(try sums(.none, .init(regions: [region("370102")])) == [" casesScreened": 7])
        #expect(try sums(.none, .init(from: month("2024-07"), to: month("2024-07"), sex: .unspecified)) == [" casesScreened": 5])
        let placements = try store.database.read { try FigureQueries.placements(from: nil, to: month("1999-12"), in: $0) }
        #expect(placements.map(\.value) == [8] && placements[0].region.text == "410581" && placements[0].measure == .placementsStable)
        #expect(try store.database.read { try FigureQueries.placements(from: nil, to: month("1999-11"), in: $0) }.isEmpty)
    }

    @Test func `children and sharings that an earlier build counted stay counted, and can be taken back`() throws {
        let last = ReportingSchema.migrations.firstIndex { $0.name == "reporting-8-dated-results" }!
        let store = try TemporaryStore(migrations: Array(ReportingSchema.migrations[..<last]))
        let (june, july) = ("370102001 2024-06 female 0-6", "370102001 2024-07 female 0-6")
        let tally = SQL(
            """
            INSERT INTO child_tallies (person, confirmed, confirmed_cell, approved, enrolled, assisted_cell, held_by, others, aliases, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 4)
            """)
        let shared = CellKey(Cell(region: lixia, month: month("2024-06"), subject: .hearing), shard: 2)
        try store.database.write { tx in
            _ = try tx.run(tally, ["p1", 2, .text(june), 1, 1, .text(july), .null, .text("p2\t1\t\(july)\t0\t0\t"), "p2>p1"])
            _ = try tx.run(tally, ["p2", 0, .null, 0, 0, .null, "p1", "", ""])
            _ = try tx.run(tally, ["p3", 0, .text(june), 1, 0, .text(june), .null, "", ""])
            _ = try tx.run(
                SQL("INSERT INTO figures (cell, measure, value) VALUES (?, 'casesShared', 3)"), [.int(shared.packed)])
            _ = try tx.run(SQL("INSERT INTO county_totals (county, measure, shard, value) VALUES ('370102', 'casesShared', 2, 3)"))
        }
        try store.database.migrate(ReportingSchema.migrations)
        func child(_ name: String) throws -> PersonGroup<ChildTally>? {
            try store.database.read { try ChildTallyTable.load(PersonID(trusted: name), in: $0)?.state }
        }
        let (first, second) = (try Cell(stored: june), try Cell(stored: july))
        let group = try #require(try child("p1"))
        #expect(
            group.flags(()) == [Flag(.childrenConfirmed, first), Flag(.childrenServed, first), Flag(.childrenAssisted, second)])
        #expect(group.tallies[PersonID(trusted: "p1")]?.confirmedCells == [first, first] && group.aliases.count == 1)
        #expect(group.tallies[PersonID(trusted: "p2")] == ChildTally(confirmedCells: [second]))
        #expect(try child("p2")?.heldBy?.text == "p1")
        #expect(try child("p3")?.flags(()) == [])
        var own = group.tallies[PersonID(trusted: "p1")]!
        for left in [1, 0, 0] {
            own = own.counting(.unconfirmed(second))
            #expect(own.confirmedCells.count == left)
        }
        for table in ["figures", "county_totals"] {
            let sum = SQL("SELECT SUM(value) FROM \(table) WHERE measure = 'casesSharedInTime'")
            #expect(try store.database.read { try $0.rows(sum) { $0.int(0) } } == [3], "\(table)")
        }
    }
}
