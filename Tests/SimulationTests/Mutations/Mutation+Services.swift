import Contracts
import ServiceRuntime

@testable import Rehabilitation
@testable import Reporting

/// Mutations of what services do with a fact: the same definition with another handler in one place.
extension Mutation {
    func changed(_ definition: ServiceDefinition) -> ServiceDefinition {
        let handlers: [Subscription]
        switch self {
        case .placeNotReleased where definition.name == "rehabilitation": handlers = Self.withoutRelease
        case .restoredWithoutReplay: return definition.rebuildingNothing()
        case .correctionNotSubtracted where definition.name == "reporting": handlers = [Self.withoutSubtraction]
        default: return definition
        }
        return definition.replacing(handlers)
    }

    private static let withoutRelease: [Subscription] = [
        .on(ReferralExpired.self, "ExpireAttempt") { event, _, work in
            try work.execute(.expire, ReferralAnswerTable.self, AttemptKey(referral: event.referral, attempt: event.attempt))
        },
        .on(ReferralWithdrawn.self, "WithdrawAttempt") { event, _, work in
            try work.execute(
                .withdraw(reason: event.reason), ReferralAnswerTable.self, AttemptKey(referral: event.referral, attempt: event.attempt))
        },
    ]

    private static let withoutSubtraction = Counter.counting(ResultCorrected.self, "CountCorrection") { event, counter in
        try counter.add(Measure(event.after.stage, event.after.outcome), 1, Cell(event.after))
    }
}
