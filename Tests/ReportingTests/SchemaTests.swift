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
            _ = try tx.run(tally, ["c2", "3701", "2024-07", .null, .null, .null, "", "0 0 0 0 0 0 0 0 0", 0, 1])
        }
        try store.database.migrate(ReportingSchema.migrations)
        let kept = try store.database.read { try CaseTallyTable.load(CaseID(trusted: "c1"), in: $0) }
        var expected = CaseTally(
            cell: Cell(region: region("370102001"), month: month("2024-06"), subject: .hearing, sex: .female, band: .to6), origin: "b/r")
        (expected.counts[.initial, .positive], expected.counts[.rescreen, .negative], expected.isShared) = (1, 2, true)
        #expect(kept?.state == expected && kept?.version == 5)
        let other = try store.database.read { try CaseTallyTable.load(CaseID(trusted: "c2"), in: $0) }
        #expect(other?.state == CaseTally(cell: Cell(region: region("3701"), month: month("2024-07")), origin: ""))
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
}
