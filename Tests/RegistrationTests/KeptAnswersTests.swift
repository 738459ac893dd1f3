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

    private static let shown = #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#
    private static let child = PersonID(trusted: "p1-child-without-number")
    private static let address = "/persons/\(child)/identity"

    /// The file of a child of whom nobody has seen a number yet.
    private func open() throws {
        var identity = try bench.identity(Self.child)
        identity.documentKind = .birthCertificate
        identity.documentNumber = "Y370000001"
        try bench.service.deliver(identity)
    }

    @Test func `whoever has a copy of the store cannot find a number by trying them all, erased or not`() throws {
        try open()
        #expect(try bench.ask(.post, Self.address, Self.shown, key: "k1").status == 200)
        #expect(try bench.erase("\(Self.child)", key: "k2").status == 200)
        // All that somebody who tries numbers needs: the address, and the body around the number.
        let body = Array(Self.shown.utf8)
        let guesses = [SHA256.hash(data: Array(Self.address.utf8) + [0] + body), SHA256.hash(data: body)].map { Array($0) }
        let tables = try StoreContents.tables(of: bench.service.database)
        #expect(tables.contains { $0.table == "idempotency" && !$0.bytes.isEmpty }, "nothing was kept, so nothing is shown")
        for (table, bytes) in tables {
            for guess in guesses { #expect(bytes.firstRange(of: guess) == nil, "\(table)") }
        }
    }

    @Test func `the same key with another number is still refused, and with the same one answered the same`() throws {
        try open()
        let first = try bench.ask(.post, Self.address, Self.shown, key: "k1")
        let again = try bench.ask(.post, Self.address, Self.shown, key: "k1")
        #expect(again.body == first.body && again.headers.contains { $0.name == "Idempotent-Replayed" })
        let other = CitizenID.make(prefix: 379_999, birth: LocalDate(year: 2019, month: 1, day: 1)!, sequence: 4)
        let reused = try bench.ask(.post, Self.address, #"{"citizenID":"\#(other.text)"}"#, key: "k1")
        #expect(try reused.status == 422 && bench.code(reused) == "IDEMPOTENCY_KEY_REUSED")
    }
}
