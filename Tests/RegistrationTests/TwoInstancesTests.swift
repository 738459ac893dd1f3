import Contracts
import Persistence
import ServiceRuntime
import Testing
import Vocabulary

@testable import Registration

/// What two instances over one store must not do to each other. Each test plays the other instance between a read and a write.
struct TwoInstancesTests {
    let bench: RegistrationBench
    init() throws { bench = try RegistrationBench() }

    @Test func `an id that came to mean a file of its own is not taken as another file's alias`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        #expect(throws: VersionConflict.self) {
            try bench.service.database.write { try PersonTable.addAlias(bench.canary, of: PersonID(trusted: "p1-other"), in: $0) }
        }
        try bench.service.database.write { try PersonTable.addAlias(PersonID(trusted: "p1-free"), of: bench.canary, in: $0) }
        let file = try bench.service.database.read { try PersonTable.resolve(PersonID(trusted: "p1-free"), in: $0) }
        #expect(file == bench.canary)
    }

    @Test func `a file is not opened under an id that became another file's alias`() throws {
        let alias = PersonID(trusted: "p1-alias")
        try bench.service.deliver(bench.identity(bench.canary))
        try bench.service.database.write { try PersonTable.addAlias(alias, of: bench.canary, in: $0) }
        let file = try #require(try bench.service.database.read { try PersonTable.load(bench.canary, in: $0)?.state })
        // A stale instance believes that nobody has this id.
        do {
            try bench.service.database.write { try PersonTable.insert(alias, file, in: $0) }
            Issue.record("the claim of an id must be unique")
        } catch let error as DatabaseError {
            #expect(error.kind == .constraint)
        }
    }

    @Test func `newer contact data changes the file's version, so an erasure at the same moment is met`() throws {
        func version() throws -> Int64 {
            try #require(try bench.service.database.read { try PersonTable.load(bench.canary, in: $0)?.version })
        }
        try bench.service.deliver(bench.identity(bench.canary))
        let first = try version()
        try bench.service.deliver(bench.identity(bench.canary, telephone: "00000009999"))
        #expect(try version() == first + 1)
        // The same again changes nothing.
        try bench.service.deliver(bench.identity(bench.canary, telephone: "00000009999"))
        #expect(try version() == first + 1)
        #expect(try bench.erase("\(bench.canary)").status == 200)
        try bench.service.deliver(bench.identity(bench.canary, telephone: "00000008888"))
        #expect(try bench.service.database.read { try SecretsTable.sealed(bench.canary, in: $0) } == nil)
    }

    @Test func `what a unique index refused because another instance was first is decided again`() throws {
        var attempts = 0
        let result = try bench.service.command(as: RegistrationBench.clerk) { _ in
            attempts += 1
            if attempts == 1 { throw DatabaseError(kind: .constraint, message: "another instance was first") }
            return "decided on fresh state"
        }
        #expect(result == "decided on fresh state" && attempts == 2)
    }
}
