import Persistence
import ServiceRuntime
import Vocabulary

/// Agreements and places.
enum InstitutionRoutes {
    struct AgreementBody: Decodable, Sendable {
        var institution: OrganisationID
        var region: RegionCode
        var categories: [AssistanceCategory]
        var capacity: Int
        var validFrom: LocalDate
        var validTo: LocalDate
    }

    struct ScopeBody: Decodable, Sendable {
        var categories: [AssistanceCategory]
        var capacity: Int
        var validTo: LocalDate
    }

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/agreements", roles: [.clerk, .reviewer], summary: "签订或续签定点协议 / Activate or renew an agreement",
            body: AgreementBody.self, returns: InstitutionView.self
        ) { request, body, work in
            let agreement = Agreement(
                institution: body.institution,
                region: try field("region") { () throws(InvalidValue) in try RegionTable.shared.validated(body.region.text) },
                categories: body.categories, capacity: body.capacity, validFrom: body.validFrom, validTo: body.validTo)
            try activate(agreement, request, work)
            return try reply(body.institution, work, status: 201)
        },
        .command(
            .post, "/agreements/{institution}/scope", roles: [.clerk, .reviewer],
            summary: "变更协议范围 / Change categories, capacity or end of an agreement",
            body: ScopeBody.self, returns: InstitutionView.self
        ) { request, body, work in
            let institution = try request.path("institution", as: OrganisationID.self)
            guard let state = try work.state(InstitutionTable.self, institution) else { throw Problem.notFound }
            try request.actor.mustSee(state.agreement.region, orElse: Problem.notFound)
            try work.execute(
                .changeScope(categories: body.categories, capacity: body.capacity, validTo: body.validTo), InstitutionTable.self,
                institution)
            return try reply(institution, work, status: 200)
        },
        .stream(
            .post, "/agreements/import", roles: [.clerk, .reviewer],
            summary: "导入协议表（?check=true 只检查） / Import agreements from CSV (?check=true only checks)", query: [.flag("check")],
            consumes: ["text/csv"], returns: TableReport.self, bodyLimit: 4 << 20
        ) { request, context in
            let bytes = try await context.body.collect()
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem("TEXT_NOT_UTF8", status: 422) }
            let contents: TableContents<Agreement>
            do throws(TableFileError) { contents = try AgreementFile.read(text) } catch {
                throw Problem(error.code, status: 422, rule: error.rule)
            }
            let checkOnly = try request.flag("check")
            guard !checkOnly else { return .json(check(contents, request)) }
            return .json(try await context.write(part: 0, channel: "IMPORT") { work in try apply(contents, request, work) })
        },
        .query(.get, "/agreements/template.csv", roles: .anyRole, summary: "协议表模板 / Template of the agreements file") { _, _ in
            .download(TableFile<AgreementFile.Column>.template, fileName: "agreements.csv")
        },
        .query(
            .get, "/institutions", roles: [.clerk, .reviewer, .rehabilitationCentre, .auditor, .finance],
            summary: "定点机构与名额 / Institutions with their places", query: [.oneOf("category", AssistanceCategory.self)] + .scopedPage,
            returns: PageOf<InstitutionView>.self
        ) { request, tx in
            let page = try request.page
            let category = try request.query("category", oneOf: AssistanceCategory.self)
            let rows = try Lists.institutions(try request.scope(), category: category, page, in: tx)
            return .page(rows, page) { $0.institution.text }
        },
        .query(
            .get, "/institutions/{institution}", roles: [.clerk, .reviewer, .rehabilitationCentre, .auditor, .finance],
            summary: "一家定点机构 / One institution", returns: InstitutionView.self
        ) { request, tx in
            let institution = try request.path("institution", as: OrganisationID.self)
            guard let state = try InstitutionTable.load(institution, in: tx)?.state else { throw Problem.notFound }
            try request.mayRead(state.agreement.region, of: institution)
            return .json(view(institution, state, name: try DirectoryTables.organisation(institution, in: tx)?.name))
        },
    ]

    private static func activate(_ agreement: Agreement, _ request: EndpointRequest, _ work: UnitOfWork) throws {
        try request.actor.mayAct(in: agreement.region)
        // What stands now is the other county's: naming one's own in the new agreement does not make it one's own.
        if let before = try work.state(InstitutionTable.self, agreement.institution)?.agreement {
            try request.actor.mustSee(before.region, orElse: Problem.notFound)
        }
        // The directory may not have heard of the institution yet; when it has, it must be a centre.
        let known = try DirectoryTables.organisation(agreement.institution, in: work.tx)
        guard known == nil || known?.kind == .rehabilitationCentre else {
            throw Problem("INSTITUTION_KIND", status: 422, field: "institution")
        }
        try work.execute(.activateAgreement(agreement), InstitutionTable.self, agreement.institution)
    }

    private static func reply(_ institution: OrganisationID, _ work: UnitOfWork, status: Int) throws -> Reply {
        guard let state = try work.state(InstitutionTable.self, institution) else {
            preconditionFailure("the institution was just written")
        }
        let name = try DirectoryTables.organisation(institution, in: work.tx)?.name
        return .json(view(institution, state, name: name), status: .init(code: status))
    }

    private static func view(_ institution: OrganisationID, _ state: Institution, name: String?) -> InstitutionView {
        let agreement = state.agreement
        return InstitutionView(
            institution: institution, name: name, region: agreement.region, categories: agreement.categories, capacity: agreement.capacity,
            taken: state.taken, free: state.free, validFrom: agreement.validFrom, validTo: agreement.validTo)
    }

    /// What reading the file alone can say, and whether each region is the caller's.
    private static func check(_ contents: TableContents<Agreement>, _ request: EndpointRequest) -> TableReport {
        var report = TableReport(contents, checkOnly: true)
        for row in contents.rows {
            switch row.value {
            case .failure(let error): report.refuse(row, error)
            case .success(let agreement):
                if !request.actor.covers(agreement.region) {
                    report.refuse(row, code: "REGION_OUT_OF_SCOPE", field: "所在地", in: RehabilitationRefusals.complete)
                } else {
                    do throws(InstitutionRules.Refused) {
                        _ = try InstitutionRules.decide(.activateAgreement(agreement), given: nil)
                        report.accepted += 1
                    } catch {
                        report.refuse(row, code: error.rawValue, in: RehabilitationRefusals.complete)
                    }
                }
            }
        }
        return report
    }

    private static func apply(_ contents: TableContents<Agreement>, _ request: EndpointRequest, _ work: UnitOfWork) throws -> TableReport {
        var report = TableReport(contents, checkOnly: false)
        for row in contents.rows {
            switch row.value {
            case .failure(let error): report.refuse(row, error)
            case .success(let agreement):
                do {
                    let before = try work.state(InstitutionTable.self, agreement.institution)?.agreement
                    // Every refusal of an agreement comes before its first write, so the next row finds nothing half done.
                    try activate(agreement, request, work)
                    report.accepted += 1
                    if before == agreement { report.unchanged += 1 }
                } catch let refusal as InstitutionRules.Refused {
                    report.refuse(row, code: refusal.rawValue, in: RehabilitationRefusals.complete)
                } catch let problem as Problem {
                    report.refuse(row, code: problem.code, field: problem.field ?? "", in: RehabilitationRefusals.complete)
                }
            }
        }
        return report
    }
}
