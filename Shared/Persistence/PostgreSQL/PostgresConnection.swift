import CPostgres

/// One connection to the server with the statements prepared on it.
///
/// Sendable because the pool lends it to one transaction at a time and gets it back before anybody else can have it; libpq asks for no more.
final class PostgresConnection: @unchecked Sendable {
    private let handle: OpaquePointer
    /// Unique among connections of all processes, and visible to the server as `application_name`.
    let name: String
    private var statements: [ObjectIdentifier: Prepared] = [:]
    private var parameters = PostgresParameters()
    private var prepared = 0
    private var tokens = 0
    /// The token of the last commit known to have happened; the next commit clears it away.
    var lastToken: String?

    struct Prepared {
        // Keeps the identity that keys it from being given to another.
        let sql: SQL
        let name: String
        let types: [Oid]
    }

    /// Connects and sets the session's limits. Throws `transient` when the server is not there.
    init(_ address: PostgresAddress, named name: String) throws {
        self.name = name
        var parameters = address.parameters
        parameters["application_name"] = name
        parameters["client_encoding"] = "UTF8"
        for (keyword, value) in [
            ("connect_timeout", PostgresLimits.connectSeconds), ("keepalives", 1), ("keepalives_idle", PostgresLimits.keepaliveIdleSeconds),
            ("keepalives_interval", PostgresLimits.keepaliveIntervalSeconds), ("keepalives_count", PostgresLimits.keepaliveProbes),
            ("tcp_user_timeout", PostgresLimits.unacknowledgedMs),
        ] where parameters[keyword] == nil {
            parameters[keyword] = String(value)
        }
        guard let handle = Self.connect(parameters) else { preconditionFailure("libpq has no memory for a connection") }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            // libpq's own words name host, user and database, never the password.
            let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
            throw DatabaseError(kind: .transient, message: "cannot connect to \(address): \(message.split(separator: "\n").last ?? "")")
        }
        try execute(
            """
            SET statement_timeout = \(PostgresLimits.statementMs); SET lock_timeout = \(PostgresLimits.lockMs);
            SET idle_in_transaction_session_timeout = \(PostgresLimits.idleTransactionMs); SET client_min_messages = warning;
            SET standard_conforming_strings = on; SET search_path = \(Self.identifier(address.schema))
            """)
    }

    deinit { PQfinish(handle) }

    private static func connect(_ parameters: [String: String]) -> OpaquePointer? {
        let pairs = parameters.sorted { $0.key < $1.key }
        var bytes: [UInt8] = []
        let starts = (pairs.map(\.key) + pairs.map(\.value)).map { text in
            defer { bytes += Array(text.utf8) + [0] }
            return bytes.count
        }
        return bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
            let keywords: [UnsafePointer<CChar>?] = starts.prefix(pairs.count).map { base + $0 } + [nil]
            let values: [UnsafePointer<CChar>?] = starts.dropFirst(pairs.count).map { base + $0 } + [nil]
            return PQconnectdbParams(keywords, values, 0)
        }
    }

    static func identifier(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
    static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// False once the server is gone or has closed the session; such a connection is thrown away.
    var isAlive: Bool { PQstatus(handle) == CONNECTION_OK && PQpipelineStatus(handle) == PQ_PIPELINE_OFF }

    func nextToken() -> String {
        tokens += 1
        return "\(name)-\(tokens)"
    }

    /// Sends statements without values as they are; the result is the last one's.
    @discardableResult
    func execute(_ text: String) throws -> PostgresResult { try checked(PQexec(handle, text)) }

    /// Runs a prepared statement, preparing it when this connection has not yet.
    @discardableResult
    func execute(_ sql: SQL, _ values: [Value]) throws -> PostgresResult {
        let prepared = try prepare(sql, values)
        try parameters.encode(values, prepared.types)
        return try checked(
            parameters.withPointers { count, values, lengths, formats in
                PQexecPrepared(handle, prepared.name, count, values, lengths, formats, 1)
            })
    }

    /// Runs one statement with many rows of values, all on their way before the first answer is read. Returns how many rows changed.
    func execute(_ sql: SQL, all rows: [[Value]]) throws -> Int {
        guard let first = rows.first else { return 0 }
        let prepared = try prepare(sql, first)
        var changed = 0
        var start = 0
        while start < rows.count {
            let end = min(start + PostgresLimits.pipelineRows, rows.count)
            changed += try pipeline(prepared, rows[start..<end])
            start = end
        }
        return changed
    }

    private func pipeline(_ prepared: Prepared, _ rows: ArraySlice<[Value]>) throws -> Int {
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        var sent = true
        var failure: (any Error)?
        for row in rows where sent && failure == nil {
            do { try parameters.encode(row, prepared.types) } catch {
                failure = error
                break
            }
            sent = parameters.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(handle, prepared.name, count, values, lengths, formats, 1) == 1
            }
        }
        guard sent, PQpipelineSync(handle) == 1 else { throw lost() }
        var changed = 0
        var synced = false
        while !synced {
            // A nil stands between two answers; two in a row without a sync come only from a connection that is gone.
            guard let raw = PQgetResult(handle) ?? PQgetResult(handle) else { throw lost() }
            let result = PostgresResult(raw)
            switch result.status {
            case PGRES_PIPELINE_SYNC: synced = true
            case PGRES_PIPELINE_ABORTED: break
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: changed += result.changed
            default:
                let isConnected = PQstatus(handle) == CONNECTION_OK
                if failure == nil { failure = PostgresFailure.error(result, isAlive: isConnected) }
                if !isConnected { throw failure! }
            }
        }
        guard PQexitPipelineMode(handle) == 1 else { throw lost() }
        if let failure { throw failure }
        return changed
    }

    private func prepare(_ sql: SQL, _ values: [Value]) throws -> Prepared {
        if let known = statements[ObjectIdentifier(sql)] { return known }
        prepared += 1
        let name = "s\(prepared)"
        let hints = values.map(PostgresType.hint)
        try checked(PQprepare(handle, name, PostgresDialect.numbered(sql.text), Int32(hints.count), hints))
        let described = try checked(PQdescribePrepared(handle, name))
        let types = (0..<PQnparams(described.handle)).map { PQparamtype(described.handle, $0) }
        let made = Prepared(sql: sql, name: name, types: types)
        statements[ObjectIdentifier(sql)] = made
        return made
    }

    @discardableResult
    private func checked(_ raw: OpaquePointer?) throws -> PostgresResult {
        guard let raw else { throw lost() }
        let result = PostgresResult(raw)
        guard result.isGood else { throw PostgresFailure.error(result, isAlive: isAlive) }
        return result
    }

    private func lost() -> DatabaseError { DatabaseError(kind: .transient, message: "the connection to PostgreSQL was lost") }
}

/// What a failed statement means to the caller.
enum PostgresFailure {
    static func error(_ result: PostgresResult, isAlive: Bool) -> DatabaseError {
        let state = result.sqlState
        guard isAlive else {
            return DatabaseError(
                kind: .transient, message: "the connection to PostgreSQL was lost (\(state.isEmpty ? "no answer" : state))")
        }
        // Messages of class 22 quote the value they stumbled over.
        let message = state.hasPrefix("22") ? "a value does not fit" : result.message
        return DatabaseError(kind: kind(state), message: "\(state) \(message)", wasOvertaken: overtaken.contains(state))
    }

    /// Serialization failure and deadlock: the same transaction at once again may pass.
    private static let overtaken: Set<String> = ["40001", "40P01"]

    /// A right, a table or a column that is not there: the store is not what its migrations made it.
    private static let missing: Set<String> = ["42501", "42P01", "42703"]

    /// What a SQLSTATE means to the caller. Only what a statement and its values can be wrong about counts as theirs: whatever else there is is
    /// the server's, the schema's or a right's.
    static func kind(_ state: String) -> DatabaseError.Kind {
        // 57014 is a statement cut off by its limit, 55P03 a lock not had in time, 25P03 a transaction that idled too long.
        if overtaken.contains(state) || ["57014", "55P03", "25P03"].contains(state) { return .transient }
        // A damaged page or index.
        if state == "XX001" || state == "XX002" { return .corrupt }
        switch state.prefix(2) {
        case "23": return .constraint
        case "08", "40", "53", "57", "58": return .transient  // connection, rolled back, resources, operator, I/O
        case "42": return missing.contains(state) ? .unusable : .other
        // Cardinality, a value, a limit that it exceeds, what its type or statement cannot, and what PL/pgSQL raises.
        case "0A", "21", "22", "54", "P0": return .other
        default: return .unusable
        }
    }
}
