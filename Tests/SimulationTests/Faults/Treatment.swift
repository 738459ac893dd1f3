import Persistence

/// What becomes of a statement on its way to the store.
enum Treatment {
    case plain
    /// Loads a versioned aggregate: what another writer can overtake.
    case load
    case schedule
    case claim
    // What only mutations do:
    case keepClaimed
    case instead(SQL, ([Value]) -> [Value])
    case never(answer: Int)
    case apart
    /// A position that is put back when the transaction buries something, and the burial.
    case move
    case burial

    /// How an unchanged system treats a statement.
    static func usual(_ text: String) -> Treatment {
        if text.hasPrefix("INSERT INTO deadlines") { return .schedule }
        if text.hasPrefix("DELETE FROM deadlines"), text.hasSuffix("AND due = ?") { return .claim }
        if text.hasPrefix("SELECT"), text.contains("version FROM") { return .load }
        return .plain
    }
}

/// Every statement the services use, classified once by its text.
struct StatementBook {
    private var known: [ObjectIdentifier: (sql: SQL, treatment: Treatment)] = [:]
    let mutation: Mutation?

    init(mutation: Mutation?) { self.mutation = mutation }

    mutating func treatment(of sql: SQL) -> Treatment {
        if let known = known[ObjectIdentifier(sql)] { return known.treatment }
        let text = sql.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let treatment = mutation?.treatment(of: text) ?? Treatment.usual(text)
        known[ObjectIdentifier(sql)] = (sql, treatment)
        return treatment
    }
}

/// Which deadlines have fired: each may be claimed once for every time it was set.
struct DeadlineWatch {
    private struct Key: Hashable {
        let service: ServiceName
        let text: String

        init(_ service: ServiceName, _ values: [Value]) {
            self.service = service
            text = values.map { if case .text(let text) = $0 { text } else { "" } }.joined(separator: "/")
        }
    }

    private var fired: Set<Key> = []
    private(set) var count = 0

    mutating func set(_ service: ServiceName, _ values: [Value]) { fired.remove(Key(service, values)) }

    mutating func claimed(_ service: ServiceName, _ values: [Value]) throws {
        count += 1
        let key = Key(service, values)
        guard fired.insert(key).inserted else { throw Broken("deadline \(key.text) of \(service.rawValue) fired twice") }
    }

    /// A store was replaced by an older one: what fired since may fire again there, and is judged by its events.
    mutating func forget(_ service: ServiceName) { fired = fired.filter { $0.service != service } }
}
