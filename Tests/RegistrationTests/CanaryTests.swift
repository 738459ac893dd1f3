import Contracts
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Registration

/// One person goes through every path, failures included; then everything that leaves or stays is searched for that person.
struct CanaryTests {
    let bench: RegistrationBench
    init() throws { bench = try RegistrationBench() }

    private static let secrets = [
        RegistrationBench.canaryName, RegistrationBench.canaryID, RegistrationBench.canaryTelephone, RegistrationBench.canaryGuardian,
    ]

    @Test func `a canary person is found in no event, no problem, no audit entry and no plain column`() throws {
        var answers: [Reply] = []
        try bench.service.deliver(bench.identity(bench.canary))
        answers.append(try bench.ask(.post, "/persons", RegistrationBench.registerCanary, key: "k1"))
        answers.append(try bench.ask(.post, "/persons", RegistrationBench.registerCanary.replacing("region", with: "regio")))
        answers.append(try bench.ask(.post, "/persons/\(bench.canary)/identity", #"{"citizenID":"\#(RegistrationBench.canaryID)x"}"#))
        answers.append(
            try bench.ask(.post, "/persons/\(bench.canary)/identity", #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#, key: "k2"))
        answers.append(try bench.ask(.post, "/persons/lookup", #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#))
        try bench.service.deliver(bench.issued(bench.canary, to: "rc-1"))
        let purpose = "purpose=\(RegistrationBench.canaryID)"
        answers.append(
            try bench.ask(
                .get, "/persons/\(RegistrationBench.canaryID)/contact?referral=ref-1&\(purpose)", as: RegistrationBench.centre("rc-1")))
        answers.append(try bench.ask(.get, "/persons/\(RegistrationBench.canaryID)/timeline"))
        answers.append(try bench.ask(.get, "/persons/\(bench.canary)/timeline"))
        let allowed = try bench.ask(
            .get, "/persons/\(bench.canary)/contact?referral=ref-1&purpose=visit", as: RegistrationBench.centre("rc-1"))
        #expect(allowed.text.contains(RegistrationBench.canaryName), "the search below proves nothing if the person never was here")
        try bench.ask(.post, "/organisations", #"{"organisation":"hb-1","kind":"healthBureau","name":"测试医院","region":"370102"}"#)
        let applied = try bench.ask(
            .post, "/persons/\(bench.canary)/certificates",
            #"{"category":"hearing","grade":1,"assessedBy":"hb-1","assessedOn":"2025-03-01"}"#, key: "k3")
        let certificate = try applied.decode(CertificateRoutes.CertificateReply.self).certificate
        answers += [applied, try bench.ask(.post, "/certificates/\(certificate)/issue", as: RegistrationBench.reviewer, key: "k4")]
        answers.append(try bench.ask(.get, "/audit", as: RegistrationBench.auditor))

        for answer in answers { #expect(Self.found(in: Array(answer.text.utf8)) == nil, "\(answer.text)") }
        for said in try bench.service.said() {
            #expect(Self.found(in: said.data) == nil && Self.found(in: Array("\(said.meta) \(said.key)".utf8)) == nil, "\(said.meta.type)")
        }
        // Held records and dead letters are copies of what came, and none came that was not applied.
        let tables = try StoreContents.tables(of: bench.service.database)
        #expect(tables.contains { $0.table == "persons" && !$0.bytes.isEmpty })
        for (table, bytes) in tables { #expect(Self.found(in: bytes) == nil, "\(table)") }
        let secrets = try bench.service.database.read { try SecretsTable.open(bench.canary, with: bench.vault, in: $0) }
        #expect(Self.found(in: Array("\(String(describing: secrets)) \(String(reflecting: secrets))".utf8)) == nil)
    }

    private static func found(in bytes: [UInt8]) -> String? {
        secrets.first { secret in bytes.firstRange(of: Array(secret.utf8)) != nil }
    }
}
