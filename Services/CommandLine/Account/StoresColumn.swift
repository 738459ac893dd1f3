import Foundation
import SQLiteStatements

/// A recount of the five services' own stores by plain SQL, opened read-only; through `psql` where they are in PostgreSQL. Shares no code with
/// the services.
struct StoresColumn {
    let directory: RunDirectory

    func count() throws -> [String: Int64] {
        var column: [String: Int64] = [:]
        try count(.screening, Self.screening, into: &column)
        try count(.rehabilitation, Self.rehabilitation, into: &column)
        try count(.registration, Self.registration, into: &column)
        try count(.employment, Self.employment, into: &column)
        return column
    }

    private func count(_ service: ServiceName, _ questions: [String: String], into column: inout [String: Int64]) throws {
        if let server = directory.server {
            for (key, number) in try answers(server, service, questions) { column[key, default: 0] += number }
            return
        }
        do throws(SQLiteError) {
            let store = try SQLiteConnection(path: directory.store(service), readOnly: true)
            store.setBusyTimeout(milliseconds: 5000)
            for (key, sql) in questions { column[key, default: 0] += try store.number(sql) ?? 0 }
        } catch {
            throw Complaint(
                "\(service.rawValue) 的库读不出来：\(error)", "the store of \(service.rawValue) cannot be read: \(error)", code: .fileTrouble)
        }
    }

    private func answers(_ server: String, _ service: ServiceName, _ questions: [String: String]) throws -> [(String, Int64)] {
        let sql = questions.map { "SELECT '\($0)', coalesce((\($1)), 0)" }.joined(separator: " UNION ALL ")
        let psql = Process()
        psql.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        psql.arguments = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--file=-"]
        // Not among the arguments, which everybody on the machine can read.
        var variables = Self.variables(server)
        variables["PGOPTIONS"] = "-c search_path=\(directory.schema(service)) -c default_transaction_read_only=on"
        psql.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let input = Pipe()
        let output = Pipe()
        psql.standardInput = input
        psql.standardOutput = output
        try psql.run()
        input.fileHandleForWriting.write(Data("\(sql.replacing("char(10)", with: "chr(10)"));\n".utf8))
        input.fileHandleForWriting.closeFile()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        psql.waitUntilExit()
        let found = text.split(separator: "\n").compactMap { line -> (String, Int64)? in
            let parts = line.split(separator: "|")
            return parts.count == 2 ? Int64(parts[1]).map { (String(parts[0]), $0) } : nil
        }
        guard psql.terminationStatus == 0, found.count == questions.count else {
            throw Complaint(
                "\(service.rawValue) 的库读不出来（psql）", "the store of \(service.rawValue) cannot be read with psql", code: .fileTrouble)
        }
        return found
    }

    /// An address as `psql` takes it from its environment.
    private static func variables(_ server: String) -> [String: String] {
        guard let parts = URLComponents(string: server) else { return [:] }
        let query = Dictionary((parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
        let variables: [String: String?] = [
            "PGHOST": query["host"] ?? parts.host, "PGPORT": query["port"] ?? parts.port.map { String($0) }, "PGUSER": parts.user,
            "PGPASSWORD": parts.password, "PGDATABASE": String(parts.path.dropFirst()), "PGSSLMODE": query["sslmode"],
        ]
        return variables.compactMapValues { $0?.isEmpty == false ? $0 : nil }
    }

    /// SQL for the number of items in a list that a column keeps as one text.
    private static func items(_ column: String, _ separator: String) -> String {
        "CASE \(column) WHEN '' THEN 0 ELSE length(\(column)) - length(replace(\(column), \(separator), '')) + 1 END"
    }

    private static let screening = [
        "csv.rows": "SELECT sum(rows) FROM uploads",
        "csv.accepted": "SELECT sum(accepted) FROM uploads",
        "csv.repeated": "SELECT sum(repeated) FROM uploads",
        "csv.conflict": "SELECT sum(conflicts) FROM uploads",
        "csv.refused": "SELECT sum(refused) FROM uploads",
        "kafka.published": "SELECT sum(next_offset) FROM positions WHERE topic LIKE 'careloop.partner.%.screening-results.v1'",
        "kafka.receipts": "SELECT sum(next_number - 1) FROM streams WHERE topic LIKE 'careloop.partner.%.receipts.v1'",
        "kafka.deadLettered": "SELECT count(*) FROM dead_letters WHERE topic LIKE 'careloop.partner.%.screening-results.v1'",
        "kafka.held": "SELECT count(*) FROM held",
        "results.standing": "SELECT sum(\(items("entries", "char(10)"))) FROM screening_cases",
        "cases": "SELECT count(*) FROM screening_cases WHERE entries <> ''",
        "cases.shared": "SELECT count(*) FROM screening_cases WHERE shared = 1",
        "referrals": "SELECT count(*) FROM referrals",
        "referrals.issued": "SELECT sum(\(items("attempts", "char(10)"))) FROM referrals",
        // A referral's last attempt is what its status says.
        "referrals.confirmed": "SELECT count(*) FROM referrals WHERE status = 'confirmed'",
        "referrals.open": "SELECT count(*) FROM referrals WHERE status = 'issued'",
    ]

    private static let rehabilitation = [
        "answers.sent": "SELECT sum(next_offset) FROM positions WHERE topic LIKE 'careloop.partner.%.referral-answers.v1'",
        // Less those that only told a centre to wait.
        "answers.receipts": """
        SELECT sum(next_number - 1) - coalesce((SELECT value FROM counters WHERE name = 'answers.waiting'), 0)
        FROM streams WHERE topic LIKE 'careloop.partner.%.answer-receipts.v1'
        """,
        "referrals.declined": "SELECT count(*) FROM referral_answers WHERE status = 'declined'",
        "referrals.expired": "SELECT count(*) FROM referral_answers WHERE status = 'expired'",
        "referrals.withdrawn": "SELECT count(*) FROM referral_answers WHERE status = 'withdrawn'",
        "applications": "SELECT count(*) FROM applications",
        "applications.approved": "SELECT count(*) FROM applications WHERE status IN ('approved', 'placed', 'enrolled', 'ended')",
        "applications.withdrawn": "SELECT count(*) FROM applications WHERE status = 'withdrawn'",
        "applications.rejected": "SELECT count(*) FROM applications WHERE status = 'rejected'",
        "applications.pending": "SELECT count(*) FROM applications WHERE status IN ('submitted', 'underReview')",
        "enrolments": "SELECT count(*) FROM enrolments",
        "enrolments.ended": "SELECT count(*) FROM enrolments WHERE status = 'ended'",
        "months": "SELECT count(*) FROM lines",
        "months.counted": "SELECT count(*) FROM lines WHERE counted = 1",
        "subsidyFen": "SELECT sum(subsidy_fen) FROM lines",
        "settlements": "SELECT count(*) FROM settlements",
        "settlements.approved": "SELECT count(*) FROM settlements WHERE status IN ('approved', 'paid')",
        "settlements.rejected": "SELECT count(*) FROM settlements WHERE status = 'rejected'",
        "settlements.paid": "SELECT count(*) FROM settlements WHERE status = 'paid'",
        "settlements.lines": "SELECT count(*) FROM settlement_lines",
        "settlements.fen": "SELECT sum(subsidy_fen) FROM settlement_lines",
        "settlements.paidFen": "SELECT sum(total_fen) FROM settlements WHERE status = 'paid'",
        "settlements.openFen": "SELECT sum(subsidy_fen) FROM lines WHERE line NOT IN (SELECT line FROM settlement_lines)",
    ]

    private static let registration = [
        "persons.window": "SELECT count(*) FROM persons WHERE origin = 'window'",
        "persons.proactive": "SELECT count(*) FROM persons WHERE origin = 'screeningCase'",
        "certificates.issued": "SELECT count(*) FROM certificates WHERE status = 'issued'",
        // An asking, not an entry: one whose answer was lost with its service is asked and audited again.
        "contacts.read":
            "SELECT count(DISTINCT organisation || subject || purpose) FROM audit WHERE action = 'read-contact' AND outcome = 'granted'",
        "contacts.refused":
            "SELECT count(DISTINCT organisation || subject || purpose) FROM audit WHERE action = 'read-contact' AND outcome = 'refused'",
    ]

    private static let employment = [
        "jobSeekers.registered": "SELECT count(*) FROM job_seekers WHERE origin = 'registration'",
        "jobSeekers.rehabilitation": "SELECT count(*) FROM job_seekers WHERE origin = 'rehabilitation'",
        "jobSeekers.consenting": "SELECT count(*) FROM job_seekers WHERE consent = 1",
        "trainings": "SELECT sum(\(items("trainings", "' '"))) FROM job_seekers",
        "placements": "SELECT count(*) FROM placements",
        "confirmations": "SELECT sum(\(items("confirmed_months", "' '"))) FROM placements",
        "confirmations.missed": "SELECT sum(\(items("missed_months", "' '"))) FROM placements",
        "placements.stable": "SELECT count(*) FROM placements WHERE stable_on IS NOT NULL",
        "placements.ended": "SELECT count(*) FROM placements WHERE ended_on IS NOT NULL",
    ]
}
