/// Does independent things at the same time, at most `limit` at once. The first failure cancels the rest and is thrown.
func together<Item: Sendable>(
    _ items: [Item], limit: Int = 8, _ body: @escaping @Sendable (Item) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        var next = items.makeIterator()
        for _ in 0..<limit {
            guard let item = next.next() else { break }
            group.addTask { try await body(item) }
        }
        while try await group.next() != nil {
            if let item = next.next() { group.addTask { try await body(item) } }
        }
    }
}

/// As `together`, with results in the order of the items.
func together<Item: Sendable, Value: Sendable>(
    _ items: [Item], limit: Int = 8, collecting body: @escaping @Sendable (Item) async throws -> Value
) async throws -> [Value] {
    var results = [Value?](repeating: nil, count: items.count)
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        var next = Array(items.enumerated()).makeIterator()
        for _ in 0..<limit {
            guard let (index, item) = next.next() else { break }
            group.addTask { (index, try await body(item)) }
        }
        while let (index, value) = try await group.next() {
            results[index] = value
            if let (index, item) = next.next() { group.addTask { (index, try await body(item)) } }
        }
    }
    return results.compactMap { $0 }
}
