import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// The directory of organisations over HTTP.
enum OrganisationRoutes {
    struct OrganisationBody: Codable, Sendable {
        /// Our own id; made from the request when absent.
        var organisation: OrganisationID?
        var kind: OrganisationKind
        var name: String
        var creditCode: String?
        var region: RegionCode
        /// Today when absent.
        var validFrom: LocalDate?
    }

    /// Many entries in one transaction: all of them or none.
    struct ImportBody: Decodable, Sendable {
        var organisations: [OrganisationBody]
    }

    struct ImportReply: Codable, Sendable {
        var registered: Int
        var known: Int
    }

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/organisations", roles: [.clerk, .reviewer], summary: "登记机构 / Enter an organisation", body: OrganisationBody.self,
            returns: OrganisationBody.self
        ) { request, body, work in
            let (organisation, details, _) = try register(body, at: "", request, work)
            return .json(reply(organisation, details), status: .created)
        },
        .command(
            .post, "/organisations/import", roles: [.clerk, .reviewer], summary: "批量登记机构 / Enter many organisations", body: ImportBody.self,
            returns: ImportReply.self, bodyLimit: 8 << 20
        ) { request, body, work in
            guard body.organisations.count <= 5_000 else {
                throw Problem("BODY_TOO_LARGE", status: 413, field: "organisations", rule: "at most 5000 a request")
            }
            var registered = 0
            for (index, row) in body.organisations.enumerated() {
                if try register(row, at: "organisations[\(index)].", request, work).isNew { registered += 1 }
            }
            return .json(ImportReply(registered: registered, known: body.organisations.count - registered), status: .created)
        },
        .stream(
            .post, "/organisations/file", roles: [.clerk, .reviewer],
            summary: "导入机构名录表（?check=true 只检查） / Enter organisations from a CSV file (?check=true only checks)", query: [.flag("check")],
            consumes: ["text/csv"],
            returns: TableReport.self, bodyLimit: 4 << 20
        ) { request, context in
            let bytes = try await context.body.collect()
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem("TEXT_NOT_UTF8", status: 422) }
            let contents: TableContents<OrganisationBody>
            do throws(TableFileError) { contents = try OrganisationFile.read(text) } catch {
                throw Problem(error.code, status: 422, rule: error.rule)
            }
            if try request.flag("check") { return .json(check(contents, request)) }
            return .json(try await context.write(part: 0, channel: "IMPORT") { work in try apply(contents, request, work) })
        },
        .query(.get, "/organisations/template.csv", roles: .anyRole, summary: "机构名录表模板 / Template of the directory's file") { _, _ in
            .download(TableFile<OrganisationFile.Column>.template, fileName: "organisations.csv")
        },
        .query(
            .get, "/organisations", roles: .anyRole, summary: "机构名录 / Directory of organisations",
            query: [.oneOf("kind", OrganisationKind.self), "region"] + .page
        ) { request, tx in
            let page = try request.page
            let rows = try OrganisationTable.list(
                kind: try request.query("kind", oneOf: OrganisationKind.self), region: try request.query("region", as: RegionCode.self),
                after: page.after ?? "", limit: page.fetchLimit, in: tx)
            return .page(rows.map { reply($0.0, $0.1) }, page) { $0.organisation?.text ?? "" }
        },
        .query(
            .get, "/organisations/{organisation}", roles: .anyRole, summary: "机构详情 / One organisation", returns: OrganisationBody.self
        ) { request, tx in
            let organisation = try request.path("organisation", as: OrganisationID.self)
            guard let details = try OrganisationTable.load(organisation, in: tx)?.state else { throw Problem.notFound }
            return .json(reply(organisation, details))
        },
    ]

    /// What reading the file alone can say, and whether each region is the caller's.
    private static func check(_ contents: TableContents<OrganisationBody>, _ request: EndpointRequest) -> TableReport {
        var report = TableReport(contents, checkOnly: true)
        for row in contents.rows {
            switch row.value {
            case .failure(let error): report.refuse(row, error)
            case .success(let body):
                if request.actor.covers(body.region) {
                    report.accepted += 1
                } else {
                    report.refuse(
                        row, code: "REGION_OUT_OF_SCOPE", field: OrganisationFile.Column.region.headers[0],
                        in: RegistrationRefusals.complete)
                }
            }
        }
        return report
    }

    /// Each line by itself: what is refused leaves no write, because an entry's rules speak before its first one.
    private static func apply(
        _ contents: TableContents<OrganisationBody>, _ request: EndpointRequest, _ work: UnitOfWork
    ) throws -> TableReport {
        var report = TableReport(contents, checkOnly: false)
        for row in contents.rows {
            switch row.value {
            case .failure(let error): report.refuse(row, error)
            case .success(let body):
                do {
                    let isNew = try register(body, at: "", request, work).isNew
                    report.accepted += 1
                    if !isNew { report.unchanged += 1 }
                } catch let refusal as OrganisationRefusal {
                    report.refuse(row, code: refusal.rawValue, in: RegistrationRefusals.complete)
                } catch let problem as Problem {
                    report.refuse(row, code: problem.code, field: problem.field ?? "", in: RegistrationRefusals.complete)
                }
            }
        }
        return report
    }

    private static func register(
        _ body: OrganisationBody, at path: String, _ request: EndpointRequest, _ work: UnitOfWork
    ) throws -> (OrganisationID, Organisation, isNew: Bool) {
        try request.actor.mayAct(in: body.region)
        let name = try PersonalText.name(body.name, field: "\(path)name")
        let creditCode = try body.creditCode.map { text in
            try field("\(path)creditCode") { () throws(InvalidValue) in try CreditCode(text) }
        }
        let region = try field("\(path)region") { () throws(InvalidValue) in try RegionTable.shared.validated(body.region.text) }
        let organisation = body.organisation ?? OrganisationID(trusted: work.derivedID("organisation"))
        // Uniqueness is asked of the table, so what this transaction has registered has to be in it.
        try work.save()
        let details = Organisation(
            kind: body.kind, name: name, creditCode: creditCode, region: region,
            validFrom: try body.validFrom ?? work.state(OrganisationTable.self, organisation)?.validFrom ?? request.today)
        let taken = try OrganisationTable.creditCodeIsTaken(creditCode, by: organisation, in: work.tx)
        let events = try work.execute(.register(details, creditCodeTaken: taken), OrganisationTable.self, organisation)
        return (organisation, details, !events.isEmpty)
    }

    private static func reply(_ organisation: OrganisationID, _ details: Organisation) -> OrganisationBody {
        OrganisationBody(
            organisation: organisation, kind: details.kind, name: details.name, creditCode: details.creditCode?.text,
            region: details.region, validFrom: details.validFrom)
    }
}
