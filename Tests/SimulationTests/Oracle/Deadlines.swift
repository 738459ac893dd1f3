import Contracts
import Persistence
import Vocabulary

/// A deadline that was missed is told once, and one that was met never.
struct DeadlineOracle {
    let world: World
    let facts: [Fact]

    func check() throws {
        // Of each case the steps told as missed since its last result: facts of a person come in the order in which they were said.
        var steps: [String: Set<String>] = [:]
        var confirmations: Set<String> = []
        var reviews: [String: LocalDate] = [:]
        for fact in facts {
            switch fact.meta.type {
            case ScreeningDeadlineMissed.type:
                let event = try ScreeningDeadlineMissed(protobuf: fact.data)
                guard event.dueOn < world.today else { throw Broken("a step due on \(event.dueOn) was missed on \(world.today)") }
                guard steps[event.caseID.text, default: []].insert("\(event.step.rawValue)/\(event.dueOn)").inserted else {
                    throw Broken("the \(event.step.rawValue) step of \(event.caseID) due on \(event.dueOn) was missed twice")
                }
            case ResultAccepted.type: steps[try ResultAccepted(protobuf: fact.data).caseID.text] = nil
            case ResultCorrected.type: steps[try ResultCorrected(protobuf: fact.data).caseID.text] = nil
            case ResultWithdrawn.type: steps[try ResultWithdrawn(protobuf: fact.data).caseID.text] = nil
            case ReviewDeadlineMissed.type:
                let event = try ReviewDeadlineMissed(protobuf: fact.data)
                guard reviews.updateValue(event.dueOn, forKey: event.application.text) == nil else {
                    throw Broken("the review of \(event.application) was missed twice")
                }
            case ConfirmationMissed.type:
                let event = try ConfirmationMissed(protobuf: fact.data)
                guard confirmations.insert("\(event.placement)/\(event.month)").inserted else {
                    throw Broken("the confirmation of \(event.placement) for month \(event.month) was missed twice")
                }
            default: break
            }
        }
        let rows = try world.look(at: .rehabilitation, Self.reviews) { ($0.text(0), $0.textOrNil(1), $0.textOrNil(2)) }
        for (application, decideBy, decidedOn) in rows {
            guard let decideBy else { continue }
            if let decidedOn, decidedOn <= decideBy, reviews[application] != nil {
                throw Broken("\(application) was decided on \(decidedOn), in time, and told as missed")
            }
            if decidedOn == nil, decideBy < world.today.text, reviews[application] == nil {
                throw Broken("\(application) was to be decided by \(decideBy) and nobody said that it was not")
            }
        }
    }

    private static let reviews = SQL("SELECT application, decide_by, decided_on FROM applications WHERE status <> 'withdrawn'")
}
