import Crypto
import HTTPTypes
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Registration

/// What is kept of a request under its Idempotency-Key must not tell whom it was about.
struct KeptAnswersTests {
    let bench: RegistrationBench
    init() throws { bench = try RegistrationBench() }

    private static let lookup = #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#

    @Test func `whoever has a copy of the store cannot find a number by trying them all, erased or not`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        #expect(try bench.ask(.post, "/persons/lookup", Self.lookup, key: "k1").status == 200)
        #expect(try bench.ask(.post, "/persons/\(bench.canary)/erasure", as: RegistrationBench.reviewer, key: "k2").status == 200)
        // All that somebody who tries numbers needs: the address, and the body around the number.
        let body = Array(Self.lookup.utf8)
        let guesses = [SHA256.hash(data: Array("/persons/lookup".utf8) + [0] + body), SHA256.hash(data: body)].map { Array($0) }
        let tables = try StoreContents.tables(of: bench.service.database)
        #expect(tables.contains { $0.table == "idempotency" && !$0.bytes.isEmpty }, "nothing was kept, so nothing is shown")
        for (table, bytes) in tables {
            for guess in guesses { #expect(bytes.firstRange(of: guess) == nil, "\(table)") }
        }
    }

    @Test func `the same key with another number is still refused, and with the same one answered the same`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        let first = try bench.ask(.post, "/persons/lookup", Self.lookup, key: "k1")
        let again = try bench.ask(.post, "/persons/lookup", Self.lookup, key: "k1")
        #expect(again.body == first.body && again.headers.contains { $0.name == "Idempotent-Replayed" })
        let other = CitizenID.make(prefix: 379_999, birth: LocalDate(year: 2019, month: 1, day: 1)!, sequence: 4)
        let reused = try bench.ask(.post, "/persons/lookup", #"{"citizenID":"\#(other.text)"}"#, key: "k1")
        #expect(try reused.status == 422 && bench.code(reused) == "IDEMPOTENCY_KEY_REUSED")
    }
}
