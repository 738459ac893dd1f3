import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Placements, one row a job.
enum PlacementTable: AggregateTable {
    typealias Rules = PlacementRules
    typealias Key = PlacementID

    /// Deadline kind of a confirmation; the subject is `<placement>/<month>`.
    static let confirmationDeadline = "placement-confirmation"

    static func subject(_ placement: PlacementID, _ month: Int) -> String { "\(placement)/\(month)" }

    static func load(_ placement: PlacementID, in tx: any Transaction) throws -> Stored<Placement>? {
        try tx.first(Statements.load, [.text(placement.text)]) { Stored(try self.placement($0), version: $0.int(19)) }
    }

    static func insert(_ placement: PlacementID, _ state: Placement, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(placement.text)] + columns(state))
    }

    static func update(_ placement: PlacementID, _ state: Placement, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(Statements.update, columns(state) + [.text(placement.text), .int(version)]) == 1
    }

    static func publish(_ event: PlacementRules.Event, _ placement: PlacementID, state: Placement, in work: UnitOfWork) throws {
        let job = state.details
        switch event {
        case .recorded(_, _, let awaited):
            for confirmation in awaited {
                try work.schedule(confirmationDeadline, subject: subject(placement, confirmation.month), due: confirmation.dueOn)
            }
            work.publish(
                PlacementRecorded(
                    placement: placement, jobSeeker: job.jobSeeker, facts: job.facts, employer: job.employer, form: job.form,
                    startedOn: job.startedOn, contractUntil: job.contractUntil, monthlyWageFen: job.monthlyWageFen),
                policyVersion: EmploymentPolicies.version)
        case .confirmed(let month):
            try work.cancelDeadline(confirmationDeadline, subject: subject(placement, month))
            work.publish(
                EmploymentConfirmed(
                    placement: placement, jobSeeker: job.jobSeeker, facts: job.facts, employer: job.employer, month: month),
                policyVersion: EmploymentPolicies.version)
        case .stableReached(let day):
            work.publish(
                StableEmploymentReached(
                    placement: placement, jobSeeker: job.jobSeeker, facts: job.facts, employer: job.employer, reachedOn: day),
                policyVersion: EmploymentPolicies.version)
        case .confirmationMissed(let missed):
            work.publish(
                ConfirmationMissed(
                    placement: placement, jobSeeker: job.jobSeeker, facts: job.facts, employer: job.employer, month: missed.month,
                    dueOn: missed.dueOn), policyVersion: EmploymentPolicies.version)
        // Deadlines of a job that has ended find nothing awaited when their day comes.
        case .ended(let day, let reason):
            work.publish(
                EmploymentEnded(
                    placement: placement, jobSeeker: job.jobSeeker, facts: job.facts, employer: job.employer, endedOn: day,
                    reason: reason.rawValue))
        }
    }

    struct Filter: Sendable {
        /// Nil: of every employer.
        var employer: OrganisationID?
        var region: RegionCode?
        /// Only those with a confirmation that did not come in time.
        var overdueOnly = false
    }

    static func list(_ filter: Filter, after: String, limit: Int, in tx: any Transaction) throws -> [(PlacementID, Placement)] {
        let prefix = filter.region?.text ?? ""
        let employer = filter.employer?.text ?? ""
        return try tx.rows(
            Statements.list,
            [
                .text(employer), .text(employer), .text(prefix), .text(prefix + ":"), .text(after), .bool(filter.overdueOnly), .int(limit),
            ]
        ) { (PlacementID(trusted: $0.text(20)), try placement($0)) }
    }

    private static func columns(_ state: Placement) -> [Value] {
        let job = state.details
        return [
            .text(state.status.rawValue), .text(job.jobSeeker.text), .text(job.facts.person.text), .text(job.facts.sex.rawValue),
            .text(job.facts.birthMonth.text), .text(job.facts.region.text), .text(job.employer.text), .text(job.form.rawValue),
            .text(job.startedOn.text), .text(job.contractUntil.text), .int(job.monthlyWageFen.value), .text(job.chainBegan.text),
            .bool(state.contractTooShort), .text(state.confirmedMonths.map(String.init).joined(separator: " ")),
            .text(state.stableOn?.text), .text(state.endedOn?.text),
            .text(state.awaited.map { "\($0.month):\($0.dueOn)" }.joined(separator: " ")),
            .text(state.missedMonths.map(String.init).joined(separator: " ")), .int(state.overdueMonths.count),
        ]
    }

    private static func placement(_ row: borrowing Row) throws -> Placement {
        Placement(
            status: try row.word(0),
            details: Placement.Details(
                jobSeeker: JobSeekerID(trusted: row.text(1)),
                facts: PersonFacts(
                    person: PersonID(trusted: row.text(2)), sex: try row.word(3), birthMonth: try YearMonth(row.text(4)),
                    region: RegionCode(trusted: row.text(5))),
                employer: OrganisationID(trusted: row.text(6)), form: try row.word(7), startedOn: try LocalDate(row.text(8)),
                contractUntil: try LocalDate(row.text(9)), monthlyWageFen: Fen(row.int(10)), chainBegan: try LocalDate(row.text(11))),
            contractTooShort: row.bool(12), confirmedMonths: row.text(13).split(separator: " ").compactMap { Int($0) },
            awaited: try row.text(16).split(separator: " ").map { try awaited($0) },
            missedMonths: row.text(17).split(separator: " ").compactMap { Int($0) },
            stableOn: try row.textOrNil(14).map { try LocalDate($0) }, endedOn: try row.textOrNil(15).map { try LocalDate($0) })
    }

    private static func awaited(_ text: Substring) throws -> Placement.Awaited {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let month = Int(parts[0]) else {
            throw DatabaseError(kind: .corrupt, message: "a stored confirmation is a month and a day")
        }
        return Placement.Awaited(month: month, dueOn: try LocalDate(String(parts[1])))
    }

    private enum Statements {
        private static let columns = """
            status, job_seeker, person, sex, birth_month, region, employer, form, started_on, contract_until, wage_fen, chain_began,
            contract_too_short, confirmed_months, stable_on, ended_on, awaited, missed_months,
            overdue_months
            """
        static let load = SQL("SELECT \(columns), version, placement FROM placements WHERE placement = ?")
        static let insert = SQL(
            """
            INSERT INTO placements (placement, \(columns), version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
            """)
        static let update = SQL(
            """
            UPDATE placements SET status = ?, job_seeker = ?, person = ?, sex = ?, birth_month = ?, region = ?, employer = ?, form = ?,
              started_on = ?, contract_until = ?, wage_fen = ?, chain_began = ?, contract_too_short = ?, confirmed_months = ?,
              stable_on = ?, ended_on = ?, awaited = ?, missed_months = ?, overdue_months = ?, version = version + 1
            WHERE placement = ? AND version = ?
            """)
        static let list = SQL(
            """
            SELECT \(columns), version, placement FROM placements
            WHERE (? = '' OR employer = ?) AND region >= ? AND region < ? AND placement > ? AND overdue_months >= ?
            ORDER BY placement LIMIT ?
            """)
    }
}
