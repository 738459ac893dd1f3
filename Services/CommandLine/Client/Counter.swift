import Synchronization

/// A number that several tasks add to.
final class Counter: Sendable {
    private let count = Atomic(0)

    /// The number afterwards.
    @discardableResult
    func add(_ amount: Int = 1) -> Int { count.add(amount, ordering: .relaxed).newValue }

    var value: Int { count.load(ordering: .relaxed) }
}
