import Foundation
import Persistence
import TestSupport
import Testing

/// The five services over a PostgreSQL of the test's own.
@Suite(.serialized) struct PostgresSystemTests {
    private func address(_ server: PrivatePostgres) -> String { "postgres://careloop@127.0.0.1:\(server.port)/postgres" }

    @Test(.timeLimit(.minutes(5)))
    func `the loop runs over PostgreSQL, and its account ties out`() async throws {
        let server = try PrivatePostgres()
        let demo = try DemoProcess()
        let status = try await demo.finish(["demo", "--store", address(server), "--children", "200", "--through", "2024-07-15"])
        #expect(status == 0, "\(demo.output().suffix(4000))")
    }

    @Test(.timeLimit(.minutes(6)))
    func `PostgreSQL dies in the middle of the services' transactions again and again, and the account ties out`() async throws {
        // Durable: what was committed has to be there after a crash.
        let server = try PrivatePostgres(durable: true)
        let watch = try openDatabase(server.address(schema: "watch"))
        defer { #expect(throws: Never.self) { try watch.close() } }
        let writing = SQL("SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND application_name LIKE '%-w%'")
        let demo = try DemoProcess()
        try demo.start(
            ["demo", "--store", address(server), "--children", "1500", "--through", "2024-06-12", "--patience", "60"])
        // A service whose store goes away while it starts ends and says so; whoever runs services starts it again, and here nobody does.
        let areUp = await LoneScreening.holds(within: .seconds(60), looking: .milliseconds(10)) {
            demo.output().contains("first import") || !demo.isRunning
        }
        #expect(areUp)
        var restarts = 0
        while restarts < 3, demo.isRunning {
            let isWriting = try await LoneScreening.holds(within: .seconds(60), looking: .milliseconds(1)) {
                try await watch.read(async: { tx in try tx.first(writing) { $0.int(0) } ?? 0 }) > 0 || !demo.isRunning
            }
            #expect(isWriting)
            try await Blocking.queries.run { try server.restart() }
            restarts += 1
        }
        let status = await demo.status(within: .seconds(240))
        #expect(status == 0, "\(demo.output().suffix(4000))")
        #expect(restarts == 3, "the run was over before")
    }

    /// Drawn from this; when the acts fall, from the machine.
    private static let seed = "20261121"

    @Test(.timeLimit(.minutes(10)))
    func `instances of two services join, leave, freeze and die under load, and the account ties out`() async throws {
        let server = try PrivatePostgres()
        let demo = try DemoProcess()
        print("seed \(Self.seed)")
        let status = try await demo.finish([
            "demo", "--kafka", "mock", "--store", address(server), "--instances", "screening=3", "--instances", "rehabilitation=2",
            "--children", "400", "--through", "2024-06-14", "--churn-every", "1", "--seed", Self.seed,
        ])
        let output = demo.output()
        // Whether the mock cluster lived stands at the end of the output, why it died in its log.
        let mock = (try? String(contentsOf: demo.run.appendingPathComponent("mock-cluster.log"), encoding: .utf8)) ?? "no log"
        #expect(status == 0, "\(output.suffix(4000))\nmock cluster:\n\(mock.prefix(1000))")
        for service in ["screening", "rehabilitation"] {
            for act in ["joined", "left", "froze", "died"] {
                #expect(output.firstMatch(of: try Regex("churn: \(service)(-\\d)? \(act)\n")) != nil, "\(service) \(act)")
            }
        }
        // The relay's lease went from hand to hand, and one instance's gap is nobody's.
        let stores = try openDatabase(server.address(schema: "watch"))
        defer { #expect(throws: Never.self) { try stores.close() } }
        let schemas = try stores.read { tx in
            try tx.rows(SQL("SELECT CAST(nspname AS TEXT) FROM pg_namespace WHERE nspname LIKE 'run!_%' ESCAPE '!'")) { $0.text(0) }
                // Registration's store of keys has no relay.
                .filter { !$0.hasSuffix("_keys") }
        }
        #expect(schemas.count == 5)
        var handovers: Int64 = 0
        for schema in schemas {
            let (term, gaps) = try stores.read { tx in
                (
                    try tx.first(SQL("SELECT term FROM \(schema).leases WHERE name = 'relay'")) { $0.int(0) } ?? 0,
                    try tx.first(SQL("SELECT count(*) FROM \(schema).gaps")) { $0.int(0) } ?? 0
                )
            }
            #expect(gaps == 0, "\(schema)")
            handovers += term - 1
        }
        // Whom the lot strikes has the lease in one act of three, so of two services' rounds one at least moves it.
        #expect(handovers > 0)
    }
}
