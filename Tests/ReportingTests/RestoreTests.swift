import Contracts
import Messaging
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Reporting

/// An older backup of Reporting's store is restored: what was told is known again, and the figures are counted again.
@Suite(.enabled(if: Store.chosen == .sqlite, "a backup here is a copy of SQLite's file"))
struct RestoreTests {
    private func count(_ service: TestService, _ names: ClosedRange<Int>, on date: String, in place: RegionCode = lixia) throws {
        for name in names {
            try service.deliver(accepted(result(child("child-\(name)", in: place), .initial, .positive, on: date)))
        }
    }

    /// From a backup, and from nothing: the whole of every topic into a new store.
    @Test(arguments: [false, true])
    func `an older backup restored has the state of the lost store, tells nothing twice and goes on`(_ isEmpty: Bool) throws {
        let service = try TestService.reporting()
        let nothing = try service.backUp()
        try count(service, 1...12, on: "2024-06-03")
        let backup = isEmpty ? nothing : try service.backUp()
        try count(service, 13...15, on: "2024-06-04", in: shizhong)
        try service.passDay(to: day("2024-06-05"))
        try count(service, 16...30, on: "2024-06-05")
        for month in ["2024-07", "2024-08", "2024-09", "2024-10", "2024-11"] { try service.passDay(to: day("\(month)-01")) }
        _ = try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer)
        let before = try service.rows()
        let said = try service.saidInOrder()
        #expect(before["releases"]?.count == 2 && before["told_indicators"]?.isEmpty == false && before["hidden_cells"]?.isEmpty == false)

        let restored = try service.started(from: backup)
        let report = try restored.engine.restore()
        #expect(report.notRebuilt.isEmpty && report.journalOnly.isEmpty)
        #expect(try restored.rows()["releases"] == before["releases"])
        try restored.settle()
        let after = try restored.rows()
        for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
        #expect(try restored.saidInOrder() == said)

        // The next release is the next revision, and keeps hidden what the first one hid.
        let reply = try restored.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer)
        #expect(reply.status == 201)
        #expect(try restored.said(Indicator.self).filter { $0.period == "2024-06" }.map(\.version).max() == 3)
    }
}
