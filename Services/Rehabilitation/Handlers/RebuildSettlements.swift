import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: settlements, as this service's own events tell them.
enum RebuildSettlements {
    static let rebuilding: [Rebuilding] = [
        .on(SettlementSubmitted.self) { event, _, work in
            var lines = try event.lineIDs.map { id in
                guard let line = try SettlementTable.line(id, in: work.tx) else { throw NotRebuilt("settlement \(event.settlement)") }
                return line
            }
            guard lines.count == event.lines else { throw NotRebuilt("settlement \(event.settlement)") }
            // A line may have been corrected since, where the settlement was sent back.
            for (index, fen) in zip(lines.indices, event.lineFen) { lines[index].subsidyFen = fen }
            let submission = Settlement.Submission(
                institution: event.institution, region: event.region, quarter: event.quarter, lines: lines, submittedBy: work.signature,
                submittedOn: work.cause.today)
            try work.rebuild(.submitted(submission), SettlementTable.self, event.settlement)
        },
        .on(SettlementApproved.self) { event, _, work in
            try rebuild(.approved(by: work.signature, on: work.cause.today), event.settlement, work)
        },
        .on(SettlementRejected.self) { event, _, work in
            let rejection = Settlement.Rejection(by: work.signature, on: work.cause.today, reason: event.reason)
            try rebuild(.rejected(rejection), event.settlement, work)
        },
        .on(SettlementPaid.self) { event, _, work in try rebuild(.paid(by: work.signature, on: event.paidOn), event.settlement, work) },
    ]

    private static func rebuild(_ event: SettlementRules.Event, _ id: SettlementID, _ work: UnitOfWork) throws {
        guard try work.state(SettlementTable.self, id) != nil else { throw NotRebuilt("settlement \(id)") }
        try work.rebuild(event, SettlementTable.self, id)
    }
}
