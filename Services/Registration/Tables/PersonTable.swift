import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Person files, and which id stands for which file.
enum PersonTable: AggregateTable {
    typealias Rules = PersonRules
    typealias Key = PersonID

    static func load(_ person: PersonID, in tx: any Transaction) throws -> Stored<PersonFile>? {
        try tx.first(Statements.load, [.text(person.text)]) { row in
            Stored(try file(row), version: row.int(12))
        }
    }

    static func insert(_ person: PersonID, _ file: PersonFile, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(person.text)] + columns(file))
        // An id means one file, and this row is its claim: of a file opened under it and another one that takes it as an alias at the same
        // time in another instance, one is undone by the key and decides again.
        try tx.run(Statements.claim, [.text(person.text), .text(person.text)])
    }

    static func update(_ person: PersonID, _ file: PersonFile, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(Statements.update, columns(file) + [.text(person.text), .int(version)]) == 1
    }

    static func publish(_ event: PersonRules.Event, _ person: PersonID, state: PersonFile, in work: UnitOfWork) throws {
        switch event {
        case .registered(let facts, let hasGuardian):
            work.publish(
                PersonRegistered(
                    facts: facts, provisional: false, origin: .window, hasGuardian: hasGuardian, document: state.document))
            try Timeline.add(.personRegistered, person, detail: PersonOrigin.window.rawValue, in: work)
        case .openedProvisionally(let facts, let document, let hasGuardian):
            work.publish(
                PersonRegistered(
                    facts: facts, provisional: true, origin: .screeningCase, hasGuardian: hasGuardian, document: document))
            try Timeline.add(.personRegistered, person, detail: PersonOrigin.screeningCase.rawValue, in: work)
        case .identityAttached:
            work.publish(IdentityAttached(person: person, documentKind: .citizenID))
            try Timeline.add(.identityAttached, person, detail: DocumentKind.citizenID.rawValue, in: work)
        case .merged(let kept):
            work.publish(PersonsMerged(kept: kept, merged: person))
            try Timeline.add(.personsMerged, person, detail: kept.text, in: work)
        case .unmerged(let kept):
            work.publish(PersonsUnmerged(kept: kept, merged: person))
            try Timeline.add(.personsUnmerged, person, detail: kept.text, in: work)
        // Steps on the way to a fact, or this service's own bookkeeping: nobody else decides anything by them.
        case .contactRenewed, .sealedBeside, .mergeRequested, .mergeRequestWithdrawn, .absorbed, .released, .erasureRequested, .erased:
            break
        }
    }

    static func isTold(_ event: PersonRules.Event) -> Bool {
        switch event {
        case .registered, .openedProvisionally, .identityAttached, .merged, .absorbed, .unmerged, .released: true
        case .contactRenewed, .sealedBeside, .mergeRequested, .mergeRequestWithdrawn, .erasureRequested, .erased: false
        }
    }

    /// The file that `person` means today, following aliases and merges.
    static func resolve(_ person: PersonID, in work: UnitOfWork) throws -> PersonID {
        try resolve(person, aliasOf: { try alias($0, in: work.tx) }, mergedInto: { try work.state(PersonTable.self, $0)?.mergedInto })
    }

    /// The same from a read transaction.
    static func resolve(_ person: PersonID, in tx: any Transaction) throws -> PersonID {
        try resolve(person, aliasOf: { try alias($0, in: tx) }, mergedInto: { try load($0, in: tx)?.state.mergedInto })
    }

    private static func resolve(
        _ person: PersonID, aliasOf: (PersonID) throws -> PersonID?, mergedInto: (PersonID) throws -> PersonID?
    ) throws -> PersonID {
        var current = try aliasOf(person) ?? person
        var seen: Set<PersonID> = []
        while seen.insert(current).inserted, let next = try mergedInto(current) { current = next }
        return current
    }

    /// Every id that means `person`: itself, aliases, and files merged into it, at any depth.
    static func identities(of person: PersonID, in tx: any Transaction) throws -> [PersonID] {
        var found: [PersonID] = []
        var open = [person]
        while let next = open.popLast() {
            guard !found.contains(next) else { continue }
            found.append(next)
            open += try tx.rows(Statements.absorbed, [.text(next.text)]) { PersonID(trusted: $0.text(0)) }
            open += try tx.rows(Statements.aliases, [.text(next.text)]) { PersonID(trusted: $0.text(0)) }
        }
        return found
    }

    /// Throws `VersionConflict` when the id has come to mean another file meanwhile.
    static func addAlias(_ alias: PersonID, of person: PersonID, in tx: any Transaction) throws {
        try tx.run(Statements.addAlias, [.text(alias.text), .text(person.text)])
        guard try self.alias(alias, in: tx) == person else { throw VersionConflict() }
    }

    /// Files of a region's subtree in id order, after `after`.
    static func list(region: RegionCode?, after: String, limit: Int, in tx: any Transaction) throws -> [(PersonID, PersonFile)] {
        let prefix = region?.text ?? ""
        return try tx.rows(Statements.list, [.text(prefix), .text(prefix + ":"), .text(after), .int(limit)]) { row in
            (PersonID(trusted: row.text(13)), try file(row))
        }
    }

    private static func alias(_ person: PersonID, in tx: any Transaction) throws -> PersonID? {
        try tx.first(Statements.alias, [.text(person.text)]) { PersonID(trusted: $0.text(0)) }
    }

    private static func columns(_ file: PersonFile) -> [Value] {
        [
            .text(file.status.rawValue), .text(file.facts.sex.rawValue), .text(file.facts.birthMonth.text), .text(file.facts.region.text),
            .text(file.origin.rawValue), .text(file.document.rawValue), .bool(file.hasGuardian), .bool(file.identityChecked),
            .text(file.pendingMerge?.into.text), .text(file.pendingMerge?.requestedBy), .text(file.mergedInto?.text), .int(file.absorbed),
            .text(file.erasureRequestedBy),
        ]
    }

    private static func file(_ row: borrowing Row) throws -> PersonFile {
        var pending: PersonFile.MergeRequest?
        if let into = row.textOrNil(8), let user = row.textOrNil(9) {
            pending = PersonFile.MergeRequest(into: PersonID(trusted: into), requestedBy: user)
        }
        return PersonFile(
            status: try row.word(0),
            facts: PersonFacts(
                person: PersonID(trusted: row.text(13)), sex: try row.word(1), birthMonth: try YearMonth(row.text(2)),
                region: RegionCode(trusted: row.text(3))),
            origin: try row.word(4), document: try row.word(5), hasGuardian: row.bool(6), identityChecked: row.bool(7),
            pendingMerge: pending, mergedInto: row.textOrNil(10).map { PersonID(trusted: $0) }, absorbed: Int(row.int(11)),
            erasureRequestedBy: row.textOrNil(14))
    }

    private enum Statements {
        private static let columns = """
            status, sex, birth_month, region, origin, document, has_guardian, identity_checked, merge_into, merge_requested_by,
            merged_into, absorbed, version, person, erasure_requested_by
            """
        static let load = SQL("SELECT \(columns) FROM persons WHERE person = ?")
        static let insert = SQL(
            """
            INSERT INTO persons (person, status, sex, birth_month, region, origin, document, has_guardian, identity_checked, merge_into,
              merge_requested_by, merged_into, absorbed, erasure_requested_by, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
            """)
        static let update = SQL(
            """
            UPDATE persons SET status = ?, sex = ?, birth_month = ?, region = ?, origin = ?, document = ?, has_guardian = ?,
              identity_checked = ?, merge_into = ?, merge_requested_by = ?, merged_into = ?, absorbed = ?,
              erasure_requested_by = ?, version = version + 1
            WHERE person = ? AND version = ?
            """)
        static let list = SQL(
            "SELECT \(columns) FROM persons WHERE region >= ? AND region < ? AND person > ? ORDER BY person LIMIT ?")
        static let alias = SQL("SELECT person FROM person_aliases WHERE alias = ?")
        static let addAlias = SQL("INSERT INTO person_aliases (alias, person) VALUES (?, ?) ON CONFLICT (alias) DO NOTHING")
        static let claim = SQL("INSERT INTO person_aliases (alias, person) VALUES (?, ?)")
        static let aliases = SQL("SELECT alias FROM person_aliases WHERE person = ? AND alias <> person")
        static let absorbed = SQL("SELECT person FROM persons WHERE merged_into = ?")
    }
}
