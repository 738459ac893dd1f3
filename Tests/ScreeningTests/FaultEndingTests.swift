import TestSupport
import Testing
import Vocabulary

@testable import CareLoopTool
@testable import Screening

/// The generator says of each fault what a service must make of it: Screening is asked, through the file a bureau would send.
struct FaultEndingTests {
    private func upload(_ bench: Bench, _ rows: [CareLoopTool.ResultRow]) async throws -> Screening.UploadReport {
        var file = ResultFile()
        for row in rows { file.append(row) }
        file.finish()
        let reply = await bench.interface.handleStream(
            .post, "/uploads", body: try file.take(), as: Sample.bureauUser, headers: ["content-type": "text/csv"])
        return try reply.decode(Screening.UploadReport.self)
    }

    private func source(seed: UInt64, prefix: String = "r") throws -> ResultRowSource {
        ResultRowSource(
            .init(seed: seed, day: day("2024-06-01"), idPrefix: prefix),
            people: SyntheticPeople(seed: seed, townships: try Places.load(in: [RegionCode(trusted: "370303")]).townships))
    }

    @Test(arguments: RowFault.allCases, [UInt64(1), 2, 3])
    func `a fault ends in the code that stands beside it`(_ fault: RowFault, seed: UInt64) async throws {
        let bench = try Bench()
        var source = try source(seed: seed)
        let earlier = source.next().row
        var row = source.next().row
        var random = SplitMix64(seed: seed)
        fault.spoil(&row, earlier: earlier, random: &random)
        let report = try await upload(bench, [earlier, row])
        #expect(report.accepted == 1, "\(report.problems)")
        #expect(report.repeated == (fault.ending == .repeated ? 1 : 0) && report.conflicts == (fault.ending == .conflict ? 1 : 0))
        #expect(report.problems.first?.code == fault.code, "\(fault): \(report.problems.map(\.code))")
    }

    @Test func `files of different seeds are different children`() async throws {
        let bench = try Bench()
        var refused = 0
        for seed in [UInt64(1), 99] {
            var source = try source(seed: seed, prefix: "s\(seed)-")
            let report = try await upload(bench, (0..<2_000).map { _ in source.next().row })
            refused += report.refused
            #expect(Set(report.refusedByCode.keys).isSubset(of: ["ROUND_DUPLICATE"]))
        }
        // Two seeds give a child the same number by chance: some in a thousand, not one in six.
        #expect(refused < 20, "\(refused)")
    }
}
