import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Placements over HTTP: reported by the employer or by a clerk for one. An employer knows its own only; another's is 404.
enum PlacementRoutes {
    struct RecordBody: Decodable, Sendable {
        var jobSeeker: JobSeekerID
        /// Taken from the token when an employer reports; named by a clerk.
        var employer: OrganisationID?
        var form: EmploymentForm
        var startedOn: LocalDate
        var contractUntil: LocalDate
        var monthlyWageFen: Int64
    }

    /// What a confirmation rests on.
    enum Evidence: String, CaseIterable, Codable, Sendable {
        case payroll, socialInsurance, visit
    }

    struct ConfirmBody: Decodable, Sendable {
        var month: Int
        var evidence: Evidence
    }

    struct EndBody: Decodable, Sendable {
        var endedOn: LocalDate
        var reason: Placement.EndReason
    }

    struct PlacementReply: Codable, Sendable {
        var placement: PlacementID
        var status: String
        var jobSeeker: JobSeekerID
        var employer: OrganisationID
        var region: RegionCode
        var form: EmploymentForm
        var startedOn: LocalDate
        var contractUntil: LocalDate
        var monthlyWageFen: Int64
        var monthsCountFrom: LocalDate
        var confirmedMonths: [Int]
        /// By when the next confirmation is expected; absent when none is.
        var confirmBy: LocalDate?
        /// Months whose confirmation did not come in time and has not come since.
        var overdueMonths: [Int]
        var stableOn: LocalDate?
        var endedOn: LocalDate?
        /// Codes of what holds although the placement stands, such as `CONTRACT_TOO_SHORT`.
        var notes: [String]

        init(_ placement: PlacementID, _ state: Placement) {
            self.placement = placement
            status = state.status.rawValue
            jobSeeker = state.details.jobSeeker
            employer = state.details.employer
            region = state.details.facts.region
            form = state.details.form
            startedOn = state.details.startedOn
            contractUntil = state.details.contractUntil
            monthlyWageFen = state.details.monthlyWageFen.value
            monthsCountFrom = state.details.chainBegan
            confirmedMonths = state.confirmedMonths
            confirmBy = state.awaited.map(\.dueOn).min()
            overdueMonths = state.overdueMonths
            stableOn = state.stableOn
            endedOn = state.endedOn
            notes = state.contractTooShort ? ["CONTRACT_TOO_SHORT"] : []
        }
    }

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/placements", roles: [.clerk, .employer], summary: "登记就业安置 / Report a placement", body: RecordBody.self,
            returns: PlacementReply.self, record),
        .query(
            .get, "/placements", roles: [.clerk, .employer, .auditor], shows: .persons,
            summary: "就业安置列表（overdue=true 为逾期未确认的） / Placements; overdue=true lists missed confirmations",
            query: ["employer", "region", .flag("overdue")] + .page
        ) { request, tx in
            let page = try request.page
            let isEmployer = request.actor.role == .employer
            let employer = isEmployer ? request.actor.organisation : try request.query("employer", as: OrganisationID.self)
            guard !isEmployer || employer != nil else { throw Problem.notFound }
            let filter = PlacementTable.Filter(
                employer: employer, region: isEmployer ? nil : try request.subtree,
                overdueOnly: try request.flag("overdue"))
            let rows = try PlacementTable.list(filter, after: page.after ?? "", limit: page.fetchLimit, in: tx)
            return .page(rows.map { PlacementReply($0.0, $0.1) }, page) { $0.placement.text }
        },
        .query(
            .get, "/placements/{placement}", roles: [.clerk, .employer, .auditor], shows: .person, summary: "就业安置详情 / One placement",
            returns: PlacementReply.self
        ) { request, tx in
            let placement = try request.path("placement", as: PlacementID.self)
            let state = try visible(try PlacementTable.load(placement, in: tx)?.state, to: request)
            return .json(PlacementReply(placement, state))
        },
        .command(
            .post, "/placements/{placement}/confirmations", roles: [.clerk, .employer], summary: "确认在岗 / Confirm that the job stands",
            body: ConfirmBody.self, returns: PlacementReply.self, confirm),
        .command(
            .post, "/placements/{placement}/end", roles: [.clerk, .employer], summary: "登记离职 / Report the end of a job", body: EndBody.self,
            returns: PlacementReply.self, end),
    ]

    @Sendable private static func record(_ request: EndpointRequest, _ body: RecordBody, _ work: UnitOfWork) throws -> Reply {
        let employer = try employer(named: body.employer, request)
        guard let facts = try work.state(JobSeekerTable.self, body.jobSeeker)?.facts else { throw JobSeekerRefusal.notRegistered }
        if request.actor.role == .clerk { try request.actor.mustSee(facts.region, orElse: JobSeekerRefusal.notRegistered) }
        let placement = PlacementID(trusted: work.derivedID("placement"))
        let employerRegion = try work.state(EmployerTable.self, employer)?.region
        let minimum = try employerRegion.map {
            try EmploymentPolicies.minimumWages.lookup("minimum-wage.monthly-fen", region: $0, on: body.startedOn).value
        }
        let start = JobSeekerRules.Start(
            placement: placement, startedOn: body.startedOn,
            longestGapDays: try EmploymentPolicies.number("retention.longest-gap-days", region: facts.region, on: body.startedOn),
            ofWorkingAge: try EmploymentPolicies.isOfWorkingAge(facts, on: body.startedOn))
        let schedule = try EmploymentPolicies.schedule(region: facts.region, on: request.today)
        var details = Placement.Details(
            jobSeeker: body.jobSeeker, facts: facts, employer: employer, form: body.form, startedOn: body.startedOn,
            contractUntil: body.contractUntil, monthlyWageFen: Fen(body.monthlyWageFen), chainBegan: body.startedOn)
        for event in try work.execute(.start(start), JobSeekerTable.self, body.jobSeeker) {
            if case .started(_, _, let began) = event { details.chainBegan = began }
        }
        try work.execute(
            .record(
                PlacementRules.Record(
                    details: details, today: request.today, employerKnown: employerRegion != nil, minimumWageFen: minimum ?? .zero,
                    schedule: schedule)),
            PlacementTable.self, placement)
        var answer = try reply(placement, work)
        answer.status = 201
        return answer
    }

    @Sendable private static func confirm(_ request: EndpointRequest, _ body: ConfirmBody, _ work: UnitOfWork) throws -> Reply {
        let placement = try request.path("placement", as: PlacementID.self)
        let state = try visible(try work.state(PlacementTable.self, placement), to: request)
        let region = state.details.facts.region
        try work.execute(
            .confirm(
                PlacementRules.Confirmation(
                    month: body.month, today: request.today,
                    months: try EmploymentPolicies.confirmationMonths.lookup(
                        "retention.confirmation-months", region: region, on: request.today
                    ).value,
                    stableMonths: try EmploymentPolicies.number("retention.stable-months", region: region, on: request.today))),
            PlacementTable.self, placement)
        return try reply(placement, work)
    }

    @Sendable private static func end(_ request: EndpointRequest, _ body: EndBody, _ work: UnitOfWork) throws -> Reply {
        let placement = try request.path("placement", as: PlacementID.self)
        let state = try visible(try work.state(PlacementTable.self, placement), to: request)
        let events: [PlacementRules.Event]
        do {
            events = try work.execute(.end(on: body.endedOn, reason: body.reason, today: request.today), PlacementTable.self, placement)
        } catch PlacementRefusal.endBeforeConfirmed {
            throw Problem(
                PlacementRefusal.endBeforeConfirmed.rawValue, field: "endedOn",
                rule: state.lastConfirmed.map { "\($0.on) or later: month \($0.month) is confirmed" })
        }
        if !events.isEmpty {
            try work.execute(.leave(placement, endedOn: body.endedOn), JobSeekerTable.self, state.details.jobSeeker)
        }
        return try reply(placement, work)
    }

    private static func employer(named: OrganisationID?, _ request: EndpointRequest) throws -> OrganisationID {
        if request.actor.role == .employer {
            guard let own = request.actor.organisation, named == nil || named == own else { throw Problem.notFound }
            return own
        }
        guard let named else { throw Problem("FIELD_MISSING", status: 400, field: "employer") }
        return named
    }

    /// The placement, to somebody who may know of it: its employer, or a clerk or auditor of the region. 404 for the others.
    private static func visible(_ state: Placement?, to request: EndpointRequest) throws -> Placement {
        guard let state else { throw Problem.notFound }
        if request.actor.role == .employer {
            guard state.details.employer == request.actor.organisation else { throw Problem.notFound }
        } else {
            try request.actor.mustSee(state.details.facts.region, orElse: Problem.notFound)
        }
        return state
    }

    private static func reply(_ placement: PlacementID, _ work: UnitOfWork) throws -> Reply {
        guard let state = try work.state(PlacementTable.self, placement) else { throw PlacementRefusal.placementUnknown }
        return .json(PlacementReply(placement, state))
    }
}
