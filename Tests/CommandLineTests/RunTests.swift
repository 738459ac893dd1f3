import Contracts
import Foundation
import Testing
import Vocabulary

@testable import CareLoopTool

@Suite struct RunTests {
    @Test func `settings come from the environment and bad ones are named`() throws {
        let settings = try RunSettings(environment: [
            "SEED": "9", "CHILDREN": "100", "KEEP": "1", "FROM": "2024-07-01", "CARELOOP_EVENT_LOG": "",
        ])
        #expect(settings.seed == 9 && settings.children == 100 && settings.keep && settings.eventLog == nil)
        #expect(settings.from.text == "2024-07-01")
        #expect(throws: Complaint.self) { try RunSettings(environment: ["SEED": "x"]) }
        #expect(throws: Complaint.self) { try RunSettings(environment: ["FROM": "2027-01-01"]) }
    }

    @Test func `languages follow the environment`() {
        #expect(Language(environment: ["LANG": "zh_CN.UTF-8"]) == .chinese)
        #expect(Language(environment: ["LANG": "zh_CN.UTF-8", "LC_ALL": "C"]) == .english)
        #expect(Language(environment: [:]) == .english)
    }

    @Test func `errands of a part of the day come in the order of their names, offices closed on holidays`() {
        var agenda = Agenda<Int>()
        let saturday = LocalDate(year: 2024, month: 6, day: 8)!
        agenda.addWorking(2, "b", .choose, on: saturday)
        agenda.addWorking(1, "a", .choose, on: saturday)
        agenda.add(3, "c", .publish, on: saturday)
        #expect(agenda.take(.choose, on: saturday).isEmpty)
        #expect(agenda.take(.publish, on: saturday).map(\.errand) == [3])
        // Monday 10 June 2024 is 端午节.
        let tuesday = LocalDate(year: 2024, month: 6, day: 11)!
        #expect(agenda.take(.choose, on: tuesday).map(\.errand) == [1, 2])
        #expect(agenda.take(.choose, on: tuesday).isEmpty)
    }

    @Test func `a decision depends on the seed and the thing alone`() throws {
        let directory = try TemporaryDirectory()
        let keys = try KeyStore.make(in: directory.path + "/keys", simulationSeed: 1)
        let world = try World(seed: 1, keys: keys, centresEach: 1, employersEach: 1)
        let again = try World(seed: 1, keys: keys, centresEach: 2, employersEach: 1)
        let things = (0..<200).map(String.init)
        #expect(things.map { world.chance(0.3, "x", $0) } == things.map { again.chance(0.3, "x", $0) })
        let share = things.count { world.chance(0.3, "x", $0) }
        #expect((35...90).contains(share))
        #expect(world.districts.count == 17)
        #expect(Set(world.organisations.map(\.id)).count == world.organisations.count)
    }

    @Test func `keys are made once, readable by their owner only, and a simulation's person key repeats`() throws {
        let directory = try TemporaryDirectory()
        let keys = try KeyStore.make(in: directory.path + "/a", simulationSeed: 5)
        #expect(throws: FileTrouble.self) { try KeyStore.make(in: directory.path + "/a") }
        let other = try KeyStore.make(in: directory.path + "/b", simulationSeed: 5)
        #expect(try Files.read(keys.personFile) == Files.read(other.personFile))
        #expect(try Files.read(keys.publicFile) != Files.read(other.publicFile))
        for file in [keys.signingFile, keys.personFile] {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
        let token = try KeyStore.load(directory.path + "/a").issue(.systemOperator)
        #expect(token.split(separator: ".").count == 3)
    }

    // MARK: Rest

    private func status(
        _ service: ServiceName, produced: [String: Int64] = [:], applied: [String: Int64] = [:], positions: [String: Int64] = [:],
        pending: Int = 0
    ) -> ServiceStatus {
        ServiceStatus(
            service: service.rawValue, today: "2024-06-01", outboxPending: pending, held: 0, deadlinesDue: 0, deadLetters: 0,
            produced: produced,
            applied: applied, positions: positions, consumed: 0, repeats: 0, sent: 0, openGaps: [])
    }

    @Test func `the system is at rest when every reader has applied what was written`() {
        let cases = ResultAccepted.topic
        let partner = "careloop.partner.hb-1.screening-results.v1"
        func late(_ registration: Int64?, _ reporting: Int64?, read: Int64 = 3) -> [String] {
            Quiescence.behind(
                [
                    .screening: status(.screening, produced: [cases: 5], positions: [partner: read]),
                    .registration: status(.registration, applied: registration.map { [cases: $0] } ?? [:]),
                    .reporting: status(.reporting, applied: reporting.map { [cases: $0] } ?? [:]),
                ], [partner: 3])
        }
        #expect(late(5, 5).isEmpty)
        #expect(!late(4, 5).isEmpty)
        // A reader that has not begun is as far behind as one can be.
        #expect(!late(5, nil).isEmpty)
        #expect(!late(5, 5, read: 2).isEmpty)
    }
}

/// Gone when the test is over.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "careloop-tool-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A directory that cannot be removed is the system's to clean.
        try? FileManager.default.removeItem(atPath: path)
    }
}
