import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Job seekers, one row a person.
enum JobSeekerTable: AggregateTable {
    typealias Rules = JobSeekerRules
    typealias Key = JobSeekerID

    /// One person is one job seeker, so the id follows from the person's.
    static func id(of person: PersonID) -> JobSeekerID {
        JobSeekerID(trusted: EventID.derive(cause: person.text, handler: "employment", ordinal: 0, type: "job-seeker"))
    }

    /// The job seeker that this person is, under whichever of its ids it was registered; else the id that it would have.
    static func id(ofEveryIDOf person: PersonID, in work: UnitOfWork) throws -> JobSeekerID {
        let all = try KnownPersons.everyID(of: person, in: work.tx).map(id(of:))
        return try all.first { try work.state(JobSeekerTable.self, $0) != nil } ?? all[0]
    }

    static func load(_ jobSeeker: JobSeekerID, in tx: any Transaction) throws -> Stored<JobSeeker>? {
        try tx.first(Statements.load, [.text(jobSeeker.text)]) { Stored(try seeker($0), version: $0.int(11)) }
    }

    static func insert(_ jobSeeker: JobSeekerID, _ state: JobSeeker, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(jobSeeker.text)] + columns(state))
    }

    static func update(
        _ jobSeeker: JobSeekerID, _ state: JobSeeker, expecting version: Int64, in tx: any Transaction
    ) throws -> Bool {
        try tx.run(Statements.update, columns(state) + [.text(jobSeeker.text), .int(version)]) == 1
    }

    static func publish(_ event: JobSeekerRules.Event, _ jobSeeker: JobSeekerID, state: JobSeeker, in work: UnitOfWork) throws {
        switch event {
        case .registered(let id, let facts, let origin, let consent):
            work.publish(
                JobSeekerRegistered(jobSeeker: id, facts: facts, origin: origin, consentToShare: consent),
                policyVersion: EmploymentPolicies.version)
        case .trainingCompleted(let training):
            work.publish(TrainingCompleted(jobSeeker: jobSeeker, facts: state.facts, kind: training.kind, hours: training.hours))
        case .consentSet(let consent):
            work.publish(ConsentChanged(jobSeeker: jobSeeker, facts: state.facts, consentToShare: consent))
        // A start and an end are told by the placement they belong to.
        case .started, .left: break
        }
    }

    struct Filter: Sendable {
        var region: RegionCode?
        var status: JobSeeker.Status?
        /// Only those an employer may see.
        var consentingOnly: Bool
    }

    static func list(_ filter: Filter, after: String, limit: Int, in tx: any Transaction) throws -> [JobSeeker] {
        let prefix = filter.region?.text ?? ""
        let status = filter.status?.rawValue ?? ""
        return try tx.rows(
            Statements.list,
            [
                .text(prefix), .text(prefix + ":"), .text(after), .text(status), .text(status), .bool(filter.consentingOnly), .int(limit),
            ], seeker)
    }

    private static func columns(_ state: JobSeeker) -> [Value] {
        [
            .text(state.facts.person.text), .text(state.status.rawValue), .text(state.facts.sex.rawValue),
            .text(state.facts.birthMonth.text), .text(state.facts.region.text), .text(state.origin.rawValue),
            .bool(state.consentToShare), .text(state.trainings.joined(separator: " ")), .text(state.chain?.placement.text),
            .text(state.chain?.began.text), .text(state.chain?.endedOn?.text),
        ]
    }

    private static func seeker(_ row: borrowing Row) throws -> JobSeeker {
        var chain: JobSeeker.Chain?
        if let placement = row.textOrNil(8), let began = row.textOrNil(9) {
            chain = JobSeeker.Chain(
                placement: PlacementID(trusted: placement), began: try LocalDate(began),
                endedOn: try row.textOrNil(10).map { try LocalDate($0) })
        }
        return JobSeeker(
            status: try row.word(1), jobSeeker: JobSeekerID(trusted: row.text(12)),
            facts: PersonFacts(
                person: PersonID(trusted: row.text(0)), sex: try row.word(2), birthMonth: try YearMonth(row.text(3)),
                region: RegionCode(trusted: row.text(4))),
            origin: try row.word(5), consentToShare: row.bool(6), trainings: row.text(7).split(separator: " ").map(String.init),
            chain: chain)
    }

    private enum Statements {
        private static let columns = """
            person, status, sex, birth_month, region, origin, consent, trainings, chain_placement, chain_began, chain_ended
            """
        static let load = SQL("SELECT \(columns), version, job_seeker FROM job_seekers WHERE job_seeker = ?")
        static let insert = SQL(
            "INSERT INTO job_seekers (job_seeker, \(columns), version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)")
        static let update = SQL(
            """
            UPDATE job_seekers SET person = ?, status = ?, sex = ?, birth_month = ?, region = ?, origin = ?, consent = ?, trainings = ?,
              chain_placement = ?, chain_began = ?, chain_ended = ?, version = version + 1
            WHERE job_seeker = ? AND version = ?
            """)
        static let list = SQL(
            """
            SELECT \(columns), version, job_seeker FROM job_seekers
            WHERE region >= ? AND region < ? AND job_seeker > ? AND (? = '' OR status = ?) AND consent >= ?
            ORDER BY job_seeker LIMIT ?
            """)
    }
}
