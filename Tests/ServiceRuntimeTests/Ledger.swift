import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// A service as small as can be, for tests of the core: it counts a person's certificates and says so.
enum LedgerRules: Decider {
    struct State: Equatable {
        var count: Int
    }

    enum Command { case count(limit: Int) }
    enum Event { case counted }
    enum Refused: String, Refusal { case tooMany = "TOO_MANY" }

    static func decide(_ command: Command, given state: State?) throws(Refused) -> [Event] {
        switch command {
        case .count(let limit):
            guard (state?.count ?? 0) < limit else { throw .tooMany }
            return [.counted]
        }
    }

    static func evolve(_ state: State?, with event: Event) -> State { State(count: (state?.count ?? 0) + 1) }
}

enum LedgerTable: AggregateTable {
    typealias Rules = LedgerRules

    static let migration = Migration(
        "ledger-1",
        [
            "CREATE TABLE ledgers (person TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, counted INTEGER NOT NULL)",
            "CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, word TEXT NOT NULL)",
        ])
    static let select = SQL("SELECT counted, version FROM ledgers WHERE person = ?")
    static let insertRow = SQL("INSERT INTO ledgers (person, version, counted) VALUES (?, 1, ?)")
    static let updateRow = SQL("UPDATE ledgers SET counted = ?, version = version + 1 WHERE person = ? AND version = ?")
    static let note = SQL("INSERT INTO notes (word) VALUES (?)")
    static let notes = SQL("SELECT word FROM notes ORDER BY id")

    static func load(_ key: PersonID, in tx: any Transaction) throws -> Stored<LedgerRules.State>? {
        try tx.first(select, [.text(key.text)]) { Stored(LedgerRules.State(count: Int($0.int(0))), version: $0.int(1)) }
    }

    static func insert(_ key: PersonID, _ state: LedgerRules.State, in tx: any Transaction) throws {
        try tx.run(insertRow, [.text(key.text), .int(state.count)])
    }

    static func update(_ key: PersonID, _ state: LedgerRules.State, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(updateRow, [.int(state.count), .text(key.text), .int(version)]) == 1
    }

    static func publish(_ event: LedgerRules.Event, _ key: PersonID, state: LedgerRules.State, in work: UnitOfWork) throws {
        work.publish(PersonsMerged(kept: key, merged: PersonID(trusted: "n\(state.count)")))
    }
}

enum Ledger {
    static let limit = 1_000_000

    /// Counts `CertificateIssued`; holds those of persons that start with `late` until the person is registered; refuses, buries and fails on demand.
    static func definition(
        limit: Int = limit, sealing: ShortLivedKeys? = nil,
        deadline: @escaping @Sendable (String, UnitOfWork) throws -> Void = { subject, work in
            try work.tx.run(LedgerTable.note, [.text("missed \(subject)")])
        },
        rebuilding: [Rebuilding] = [
            .on(PersonsMerged.self) { event, _, work in
                try work.rebuild(.counted, LedgerTable.self, event.kept)
            }
        ]
    ) -> ServiceDefinition {
        ServiceDefinition(
            name: "registration", migrations: [LedgerTable.migration],
            refusals: RefusalCatalogue([.init("TOO_MANY", 422, zh: "太多", en: "Too many")]),
            subscriptions: [
                .on(ResultAccepted.self, "Count") { event, _, work in
                    let person = event.result.facts.person
                    switch event.resultID {
                    case "bury": throw DeadLetter(reason: "BAD", field: "result_id")
                    case "write-then-refuse":
                        try work.tx.run(LedgerTable.note, ["must not stay"])
                        throw LedgerRules.Refused.tooMany
                    case "write-then-fail":
                        try work.tx.run(LedgerTable.note, ["must not stay"])
                        throw Broken()
                    case "hold":
                        if try work.state(LedgerTable.self, person) == nil { throw Hold(subject: "person:\(person)") }
                    default: break
                    }
                    try work.execute(.count(limit: limit), LedgerTable.self, person)
                    try work.tx.run(LedgerTable.note, [.text(event.resultID)])
                    try work.schedule("reminder", subject: person.text, due: work.cause.today.adding(days: 3))
                    if event.resultID == "release" {
                        try work.save()
                        try work.release("person:\(person)")
                    }
                }
            ],
            deadlines: [DeadlineHandler("reminder") { subject, _, work in try deadline(subject, work) }],
            endpoints: [], sealing: sealing, rebuilding: rebuilding)
    }

    struct Broken: Error {}

    static func result(_ person: String, _ resultID: String) throws -> ResultAccepted {
        ResultAccepted(
            caseID: try CaseID("case-1"),
            result: ResultFacts(
                facts: PersonFacts(
                    person: try PersonID(person), sex: .female, birthMonth: try YearMonth("2021-02"), region: try RegionCode("370303001")),
                topic: .hearing, stage: .initial, outcome: .positive, takenOn: try LocalDate("2024-06-03"), roundMonths: 36),
            bureau: try OrganisationID("hb-370303"), resultID: resultID, revision: 1)
    }
}
