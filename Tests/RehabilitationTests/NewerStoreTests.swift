import Persistence
import ServiceRuntime
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench
private let statements = [
    SQL("UPDATE referral_answers SET status = 'novel'"), SQL("UPDATE institutions SET places = 'novel/referral-1'"),
    SQL("UPDATE institutions SET categories = 'hearing,novel'"),
]

/// A word that a newer build wrote into the store is the store's matter: no record is blamed for it, and the process goes on.
@Test(arguments: statements.indices)
func `a stored word this build does not know stops what reads it and blames no record`(index: Int) throws {
    let bench = try Bench()
    try bench.agree()
    try bench.issue()
    #expect(try bench.accept() == "200")
    _ = try bench.service.database.write { try $0.run(statements[index]) }
    // More often than a record's own failure is tried.
    for attempt in 1...CoreLimits.handlerAttempts + 2 {
        #expect("attempt \(attempt)") {
            try attempt == 1 ? bench.withdraw() : bench.service.settle()
        } throws: { error in (error as? DatabaseError)?.kind == .newerStore }
    }
    #expect(try bench.deadLetters() == 0)
    #expect(bench.interface.handle(.get, "/institutions/centre-a", body: [], as: Bench.clerk).status == (index == 0 ? 200 : 500))
}
