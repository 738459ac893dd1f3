import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Training: its start, its months, its end, and why each month cost whom what.
enum EnrolmentRoutes {
    struct EnrolBody: Decodable, Sendable {
        var application: ApplicationID
        /// Left out: today.
        var startedOn: LocalDate?
    }

    struct MonthBody: MonthAmounts {
        var month: YearMonth
        var serviceDays: Int
        var grossFen: Int64
        var basicInsuranceFen: Int64?
        var seriousIllnessFen: Int64?
        var medicalReliefFen: Int64?
        var otherInsuranceFen: Int64?
    }

    struct CorrectionBody: MonthAmounts {
        var serviceDays: Int
        var grossFen: Int64
        var basicInsuranceFen: Int64?
        var seriousIllnessFen: Int64?
        var medicalReliefFen: Int64?
        var otherInsuranceFen: Int64?
        var reason: String
    }

    struct EndBody: Decodable, Sendable {
        var outcome: EnrolmentOutcome
        /// Left out: today.
        var endedOn: LocalDate?
    }

    struct MonthView: Codable, Sendable {
        var enrolment: EnrolmentID
        var line: LineView
        /// The programme is full: the training has ended with this month.
        var ended: Bool
    }

    private static let readers: Endpoint.Access = [.rehabilitationCentre, .clerk, .reviewer, .finance, .auditor]

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/enrolments", roles: [.rehabilitationCentre], summary: "入训 / Enrol a child", body: EnrolBody.self,
            returns: EnrolmentView.self
        ) { request, body, work in
            let centre = try request.organisation()
            // To another centre, and to any before one is confirmed, the application does not exist.
            guard let application = try work.state(ApplicationTable.self, body.application), application.institution == centre
            else { throw ApplicationRules.Refused.notFound }
            let startedOn = body.startedOn ?? request.today
            let id = EnrolmentID(trusted: work.derivedID("enrolment"))
            let submission = application.submission
            let ground = try ApplicationRoutes.ground(of: application, work)
            let other = try ApplicationRoutes.otherOf(submission, but: body.application, work)
            do {
                try work.execute(
                    .enrol(id, at: centre, ground: ground, startedOn: startedOn, duplicate: other), ApplicationTable.self, body.application)
            } catch let refused as ApplicationRules.Refused where [.outOfPeriod, .beforePlanYear].contains(refused) {
                throw Problem(refused.rawValue, field: "startedOn")
            }
            let details = Enrolment.Details(
                application: body.application, facts: submission.facts, category: submission.category, institution: centre,
                terms: application.terms, startedOn: startedOn)
            let others = try others(of: details, but: id, work)
            do {
                try work.execute(.enrol(details, others: others, on: request.today), EnrolmentTable.self, id)
            } catch let refused as EnrolmentRules.Refused
                where refused == .inFuture || refused == .alreadyEnrolled && others.allSatisfy({ $0.endedOn != nil })
            {
                // Another first day would do, where no other training goes on.
                throw Problem(refused.rawValue, field: "startedOn")
            }
            try takePlace(id, submission, at: centre, on: startedOn, work)
            return try reply(id, work, status: 201)
        },
        .command(
            .post, "/enrolments/{enrolment}/months", roles: [.rehabilitationCentre],
            summary: "登记一个训练月：先医保，后补助 / Record a training month: insurance first, then the subsidy", body: MonthBody.self,
            returns: MonthView.self
        ) { request, body, work in
            let (id, enrolment) = try find(request, work)
            let report = try body.report(of: body.month, id)
            let workingDays = try workingDays(of: body.month)
            let required = enrolment.details.terms.requiredDays(workingDaysOfMonth: workingDays)
            let others = try others(of: enrolment.details, but: id, work)
            let events = try naming(report, of: enrolment) {
                try work.execute(.recordMonth(report, requiredDays: required, others: others, on: request.today), EnrolmentTable.self, id)
            }
            try close(id, after: events, work)
            guard let after = try work.state(EnrolmentTable.self, id), let line = after.lines.last else {
                preconditionFailure("the month was just recorded")
            }
            let explanation = Explanation.steps(
                of: line, terms: after.details.terms, before: enrolment.before, workingDays: workingDays)
            let view = MonthView(
                enrolment: id, line: LineView(line, settlement: nil, explanation: explanation), ended: after.status == .ended)
            return .json(view, status: .created)
        },
        .command(
            .post, "/enrolments/{enrolment}/months/{month}/correction", roles: [.rehabilitationCentre],
            summary: "更正一个训练月：该月及其后登记的月份重新计算 / Correct a training month; those recorded after it are worked out anew",
            body: CorrectionBody.self, returns: LinesView.self
        ) { request, body, work in
            let (id, enrolment) = try find(request, work)
            let report = try body.report(of: request.path("month", as: YearMonth.self), id)
            let terms = enrolment.details.terms
            var required: [YearMonth: Int] = [:]
            for line in enrolment.lines {
                required[line.month] = terms.requiredDays(workingDaysOfMonth: try workingDays(of: line.month))
            }
            try EnrolmentTable.lockLines(of: id, in: work.tx)
            let correction = MonthCorrection(
                report: report, reason: try bounded(body.reason, field: "reason"), requiredDays: required,
                settled: Set(try Lists.settlements(ofLinesOf: id, in: work.tx).keys))
            let others = try others(of: enrolment.details, but: id, work)
            let events = try naming(report, of: enrolment) {
                try work.execute(.correctMonth(correction, others: others, on: request.today), EnrolmentTable.self, id)
            }
            try close(id, after: events, work)
            guard let after = try work.state(EnrolmentTable.self, id) else { preconditionFailure("the enrolment was just written") }
            return .json(try lines(id, after, work.tx))
        },
        .command(
            .post, "/enrolments/{enrolment}/end", roles: [.rehabilitationCentre],
            summary: "结束训练，名额随即释放 / End a training; its place is free",
            body: EndBody.self, returns: EnrolmentView.self
        ) { request, body, work in
            let (id, _) = try find(request, work)
            let events = try work.execute(
                .end(body.outcome, endedOn: body.endedOn ?? request.today, on: request.today), EnrolmentTable.self, id)
            try close(id, after: events, work)
            return try reply(id, work)
        },
        .query(
            .get, "/enrolments", roles: readers, shows: .persons,
            summary: "入训名单（missing=2024-07 为当月尚未登记的） / Enrolments; missing=2024-07 lists those without that month's line",
            query: [.oneOf("status", Enrolment.Status.self), "missing"] + .scopedPage,
            returns: PageOf<EnrolmentView>.self
        ) { request, tx in
            let page = try request.page
            let rows = try Lists.enrolments(
                try request.scope(), status: try request.query("status", oneOf: Enrolment.Status.self),
                missing: try request.query("missing", as: YearMonth.self), page, in: tx)
            return .page(rows, page) { $0.enrolment.text }
        },
        .query(
            .get, "/enrolments/{enrolment}", roles: readers, shows: .person,
            summary: "一份入训记录 / One enrolment", returns: EnrolmentView.self
        ) {
            request, tx in
            let (id, enrolment) = try read(request, tx)
            return .json(view(id, enrolment))
        },
        .query(
            .get, "/enrolments/{enrolment}/lines", roles: readers, shows: .person,
            summary: "逐月费用及其理由 / Every month's money, and why this amount",
            returns: LinesView.self
        ) { request, tx in
            let (id, enrolment) = try read(request, tx)
            return .json(try lines(id, enrolment, tx))
        },
        .query(
            .get, "/worklists/withdrawn-diagnoses", roles: [.clerk, .reviewer, .auditor], shows: .persons,
            summary: "诊断已撤回而仍在办或在训的申请，待主管部门处理 / Applications and trainings under way although the diagnosis was withdrawn",
            query: .scopedPage,
            returns: PageOf<WithdrawnDiagnosisView>.self
        ) { request, tx in
            let page = try request.page
            return .page(try Lists.withoutDiagnosis(try request.scope(), page, in: tx), page) { $0.application.text }
        },
        .query(
            .get, "/worklists/merged-trainings", roles: [.clerk, .reviewer, .auditor], shows: .persons,
            summary: "合并档案后同一儿童同时在训的两处，待主管部门处理 / Two trainings at once of a child whose files were merged", query: .scopedPage,
            returns: PageOf<MergedTrainingView>.self
        ) { request, tx in
            let page = try request.page
            return .page(try Lists.trainedTwice(try request.scope(), page, in: tx), page) {
                "\($0.training.enrolment) \($0.other.enrolment)"
            }
        },
    ]

    /// The referral's reserved place becomes the enrolment's; where none is held, a free one is taken. A referral that was confirmed after the
    /// application had come without it is found too, so that one child never holds two places.
    private static func takePlace(
        _ id: EnrolmentID, _ submission: Application.Submission, at centre: OrganisationID, on date: LocalDate, _ work: UnitOfWork
    ) throws {
        let held = try ApplicationRoutes.heldReferral(of: submission.facts.person, submission.category, work)
        if let held, held.institution == centre {
            try work.execute(
                .takeOverPlace(from: held.key.place, to: .enrolment(id), category: submission.category, on: date), InstitutionTable.self,
                centre)
        } else {
            try work.execute(.reservePlace(.enrolment(id), category: submission.category, on: date), InstitutionTable.self, centre)
            if let held { try work.execute(.releasePlace(held.key.place), InstitutionTable.self, held.institution) }
        }
    }

    /// A refused month comes back with the field that is at fault: its form has seven.
    private static func naming<Result>(_ report: MonthReport, of enrolment: Enrolment, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let refused as EnrolmentRules.Refused {
            let field: String? =
                switch refused {
                case .duplicateMonth, .monthOpen: "month"
                case .outOfPeriod: enrolment.days(in: report.month) > 0 ? "serviceDays" : "month"
                case .daysInvalid: "serviceDays"
                case .negative: report.negative ?? "grossFen"
                case .reasonRequired: "reason"
                case .notFound, .alreadyEnrolled, .inFuture, .insuranceFirst, .notRecorded, .settled, .ended, .keyReused: nil
                }
            throw Problem(refused.rawValue, field: field)
        }
    }

    /// The child's other trainings, under whichever of its ids.
    private static func others(of details: Enrolment.Details, but id: EnrolmentID, _ work: UnitOfWork) throws -> [OtherTraining] {
        try EnrolmentTable.others(of: DirectoryTables.everyID(of: details.facts.person, in: work.tx), but: id, in: work.tx)
    }

    /// After a training has ended its application ends with it, and its place is free.
    private static func close(_ id: EnrolmentID, after events: [EnrolmentRules.Event], _ work: UnitOfWork) throws {
        for event in events {
            guard case .ended = event, let details = try work.state(EnrolmentTable.self, id)?.details else { continue }
            try work.execute(.end, ApplicationTable.self, details.application)
            try work.execute(.releasePlace(.enrolment(id)), InstitutionTable.self, details.institution)
        }
    }

    private static func workingDays(of month: YearMonth) throws -> Int {
        do throws(WorkingCalendar.YearNotLoaded) {
            return try WorkingCalendar.shared.workingDays(after: month.first.adding(days: -1), through: month.last)
        } catch {
            throw Problem(WorkingCalendar.YearNotLoaded.code, field: "month", rule: "the calendar of \(error.year) is not loaded")
        }
    }

    private static func lines(_ id: EnrolmentID, _ enrolment: Enrolment, _ tx: any Transaction) throws -> LinesView {
        let settlements = try Lists.settlements(ofLinesOf: id, in: tx)
        let terms = enrolment.details.terms
        var before = SettlementArithmetic.Before.nothing
        var items: [LineView] = []
        for line in enrolment.lines {
            let days: Int?
            do throws(WorkingCalendar.YearNotLoaded) {
                days = try WorkingCalendar.shared.workingDays(after: line.month.first.adding(days: -1), through: line.month.last)
            } catch {
                // A line of a year whose calendar is not loaded is explained without the month's working days.
                days = nil
            }
            let correction = enrolment.corrections[line.line]
            let explanation = Explanation.steps(of: line, terms: terms, before: before, workingDays: days, correction: correction)
            items.append(
                LineView(line, revision: correction?.revision ?? 1, settlement: settlements[line.line], explanation: explanation))
            if line.counted {
                before.months += 1
                before.selfPayFen += line.selfPayFen
                before.subsidyFen += line.subsidyFen
            }
        }
        return LinesView(
            enrolment: id, application: enrolment.details.application, policyVersion: terms.policyVersion,
            policyStanding: terms.standing, items: items, subsidyFen: enrolment.lines.reduce(0) { $0 + $1.subsidyFen.value },
            parentsFen: enrolment.lines.reduce(0) { $0 + $1.parentsFen.value })
    }

    /// A centre's own enrolment; 404 for everybody else's.
    private static func find(_ request: EndpointRequest, _ work: UnitOfWork) throws -> (EnrolmentID, Enrolment) {
        let id = try request.path("enrolment", as: EnrolmentID.self)
        guard let enrolment = try work.state(EnrolmentTable.self, id), enrolment.details.institution == (try request.organisation()) else {
            throw EnrolmentRules.Refused.notFound
        }
        return (id, enrolment)
    }

    private static func read(_ request: EndpointRequest, _ tx: any Transaction) throws -> (EnrolmentID, Enrolment) {
        let id = try request.path("enrolment", as: EnrolmentID.self)
        guard let enrolment = try EnrolmentTable.load(id, in: tx)?.state else { throw Problem.notFound }
        guard try !isSettled(id, within: request.actor, tx) else { return (id, enrolment) }
        try request.mayRead(enrolment.details.facts.region, of: enrolment.details.institution)
        return (id, enrolment)
    }

    /// True when a settlement that this actor reads as its county's holds a month of the training, which may be of a child of another county:
    /// whoever answers for the amount sees how it came about.
    private static func isSettled(_ id: EnrolmentID, within actor: Actor, _ tx: any Transaction) throws -> Bool {
        guard actor.role != .rehabilitationCentre else { return false }
        return try Lists.settlingRegions(of: id, in: tx).contains { actor.covers($0) }
    }

    private static func reply(_ id: EnrolmentID, _ work: UnitOfWork, status: Int = 200) throws -> Reply {
        guard let state = try work.state(EnrolmentTable.self, id) else { preconditionFailure("the enrolment was just written") }
        return .json(view(id, state), status: .init(code: status))
    }

    private static func view(_ id: EnrolmentID, _ state: Enrolment) -> EnrolmentView {
        let details = state.details
        return EnrolmentView(
            enrolment: id, application: details.application, status: state.status.rawValue, person: details.facts.person,
            category: details.category, region: details.facts.region, institution: details.institution, mode: details.terms.mode,
            startedOn: details.startedOn, endedOn: state.endedOn, outcome: state.outcome, standardFen: details.terms.standardFen.value,
            months: details.terms.months, monthsRecorded: state.lines.count, monthsCounted: state.monthsCounted,
            lastMonth: state.lines.map(\.month).max(), subsidyFen: state.lines.reduce(0) { $0 + $1.subsidyFen.value },
            policyVersion: details.terms.policyVersion, policyStanding: details.terms.standing)
    }
}

/// What a centre reports about a month, or reports anew.
protocol MonthAmounts: Decodable, Sendable {
    var serviceDays: Int { get }
    var grossFen: Int64 { get }
    /// What each insurance paid. All four are needed: an uninsured child has four zeros.
    var basicInsuranceFen: Int64? { get }
    var seriousIllnessFen: Int64? { get }
    var medicalReliefFen: Int64? { get }
    var otherInsuranceFen: Int64? { get }
}

extension MonthAmounts {
    /// Beyond this nothing is a month's cost; it also keeps every sum far from overflow.
    private var mostFen: Int64 { 100_000_000_000 }

    func report(of month: YearMonth, _ enrolment: EnrolmentID) throws -> MonthReport {
        let amounts = [
            ("grossFen", grossFen), ("basicInsuranceFen", basicInsuranceFen), ("seriousIllnessFen", seriousIllnessFen),
            ("medicalReliefFen", medicalReliefFen), ("otherInsuranceFen", otherInsuranceFen),
        ]
        for (field, fen) in amounts where (fen ?? 0).magnitude > mostFen { throw Problem.invalid(field: field, "AMOUNT_INVALID") }
        return MonthReport(
            line: LineID(trusted: "\(enrolment)-\(month)"), month: month, serviceDays: serviceDays, grossFen: Fen(grossFen),
            insurance: insurance)
    }

    private var insurance: SettlementArithmetic.Insurance? {
        guard let basicInsuranceFen, let seriousIllnessFen, let medicalReliefFen, let otherInsuranceFen else { return nil }
        return SettlementArithmetic.Insurance(
            basicFen: Fen(basicInsuranceFen), seriousIllnessFen: Fen(seriousIllnessFen), medicalReliefFen: Fen(medicalReliefFen),
            otherFen: Fen(otherInsuranceFen))
    }
}

extension MonthReport {
    /// The field of an insurance that paid less than nothing.
    fileprivate var negative: String? {
        guard let insurance else { return nil }
        let amounts = [
            ("basicInsuranceFen", insurance.basicFen), ("seriousIllnessFen", insurance.seriousIllnessFen),
            ("medicalReliefFen", insurance.medicalReliefFen), ("otherInsuranceFen", insurance.otherFen),
        ]
        return amounts.first { $0.1 < .zero }?.0
    }
}
