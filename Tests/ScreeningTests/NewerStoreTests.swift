import Persistence
import ServiceRuntime
import Testing

@testable import Screening

private let statements = [SQL("UPDATE screening_cases SET status = 'novel'"), SQL("UPDATE screening_cases SET entries = 'novel'")]

/// A word or a shape that a newer build wrote into the store is the store's matter: no record is blamed for it.
@Test(arguments: statements.indices)
func `a stored word this build does not know stops what reads it and blames no record`(index: Int) throws {
    let bench = try Bench()
    try bench.send(Sample.raw("i-1", "initial", "positive", on: "2024-05-06", sequence: 1))
    _ = try bench.service.database.write { try $0.run(statements[index]) }
    // More often than a record's own failure is tried.
    for attempt in 1...CoreLimits.handlerAttempts + 2 {
        #expect("attempt \(attempt)") {
            try attempt == 1
                ? bench.send(Sample.raw("r-1", "rescreen", "positive", on: "2024-05-20", sequence: 1)) : bench.service.settle()
        } throws: { error in (error as? DatabaseError)?.kind == .newerStore }
    }
    #expect(try bench.service.database.read { try DeadLetters.openCount(in: $0) } == 0)
}
