import Foundation
import Messaging

/// Puts the three columns together; everything it needs lies in the run directory, so an account can be taken again after the services stopped.
struct Accountant: Sendable {
    /// What of a run only its partners knew.
    struct Notes: Codable, Sendable {
        var seed: UInt64
        var children: Int
        var from: String
        var through: String
        var tally: [String: Int64]
        /// Attempts of referrals by what their centre heard last.
        var attempts: [String: Int64]
        /// Figures of Reporting's pages over HTTP.
        var page: [String: Int64]
    }

    let settings: RunSettings
    let directory: RunDirectory
    let eventLog: String

    private static func file(_ directory: RunDirectory) -> String { directory.file("partners.json") }

    func keep(_ notes: Notes) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try Files.write(try encoder.encode(notes), to: Self.file(directory))
    }

    static func notes(_ directory: RunDirectory) throws -> Notes {
        do {
            return try JSONDecoder().decode(Notes.self, from: Data(try Files.read(file(directory))))
        } catch is DecodingError {
            throw FileTrouble(path: file(directory), reason: Text("不是运行记录", "holds no notes of a run").here)
        }
    }

    /// Blocks; off the cooperative threads.
    func account(_ notes: Notes, isMock: Bool = false) throws -> Account {
        let log = try openLog(eventLog)
        var remarks: [String] = []
        if isMock {
            // The mock keeps 5 MB a partition and drops silently: a start that moved means that the log column cannot be right.
            remarks = try LogColumn(log: log).movedStarts().map { Text("低水位移动：\($0)", "a low watermark moved: \($0)").here }
        }
        return Account(
            settings: settings, figures: Figures.all, equations: Figures.equations,
            partners: PartnersColumn.count(notes.tally, attempts: notes.attempts),
            stores: try StoresColumn(directory: directory).count(), log: try LogColumn(log: log).count(), page: notes.page, remarks: remarks
        )
    }
}
