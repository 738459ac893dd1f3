import Contracts
import Persistence
import Vocabulary

extension Problem {
    /// What the caller hears of `error`. Only what no caller can help is a 500, and of that only the error's type is told to the log.
    public init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as any Refusal: self.init(refusal.rawValue)
        case let invalid as InvalidValue: self = .invalid(field: "", invalid)
        case let violation as ContractError:
            if case .invalid(let field, let value) = violation {
                self = .invalid(field: field, value)
            } else {
                self.init(violation.reason, status: 422, field: violation.field)
            }
        case is PolicyMissing: self.init(PolicyMissing.code, status: 422)
        case is Hold: self.init("SUBJECT_UNKNOWN", status: 409, retryAfterSeconds: 1)
        case let letter as DeadLetter: self.init(letter.reason, status: 422, field: letter.field)
        case is VersionConflict: self.init("CONCURRENCY_CONFLICT", status: 409, retryAfterSeconds: 1)
        case let failure as DatabaseError where failure.kind == .transient: self = .unavailable("DATABASE_BUSY", retryAfterSeconds: 1)
        case let failure as DatabaseError where failure.kind == .unusable: self = .unavailable("DATABASE_UNUSABLE", retryAfterSeconds: 30)
        default: self.init("INTERNAL", status: 500)
        }
    }

    /// True when the same request may end otherwise another time, so that no idempotency key may keep it.
    func isTransient(_ catalogue: RefusalCatalogue) -> Bool {
        retryAfterSeconds != nil || (status ?? catalogue[code]?.status ?? 422) >= 500
    }
}
