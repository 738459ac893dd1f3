import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// The disability certificate (残疾人证) over HTTP: applied for by a clerk with the assessment, issued by somebody else.
struct CertificateRoutes: Sendable {
    let vault: PersonVault

    struct ComponentBody: Codable, Sendable {
        var category: CertificateCategory
        /// 1 the most severe, to 4.
        var grade: Int
    }

    struct ApplicationBody: Decodable, Sendable {
        var category: CertificateCategory
        var grade: Int
        var components: [ComponentBody]?
        var assessedBy: OrganisationID
        var assessedOn: LocalDate
    }

    struct CertificateReply: Codable, Sendable {
        var certificate: CertificateID
        var person: PersonID
        var status: String
        var category: CertificateCategory
        var grade: Int
        var assessedBy: OrganisationID
        var validFrom: LocalDate?
        var validTo: LocalDate?

        init(_ person: PersonID, _ record: CertificateRecord) {
            certificate = record.certificate
            self.person = person
            status = record.status.rawValue
            category = record.assessment.category
            grade = record.assessment.grade.number
            assessedBy = record.assessment.assessedBy
            validFrom = record.validFrom
            validTo = record.validTo
        }
    }

    struct NumberReply: Codable, Sendable {
        var certificate: CertificateID
        var number: String
    }

    var endpoints: [Endpoint] {
        [
            .command(
                .post, "/persons/{person}/certificates", roles: [.clerk], summary: "申请残疾人证 / Apply for a certificate",
                body: ApplicationBody.self, returns: CertificateReply.self, apply),
            .command(
                .post, "/certificates/{certificate}/issue", roles: [.clerk, .reviewer], summary: "核发残疾人证 / Issue a certificate",
                returns: CertificateReply.self, issue),
            .command(
                .post, "/certificates/{certificate}/refusal", roles: [.clerk, .reviewer],
                summary: "退回残疾人证申请，可重新申请 / Turn an application down; another may be put in", returns: CertificateReply.self, refuse),
            .query(
                .get, "/persons/{person}/certificates", roles: [.clerk, .reviewer, .auditor], shows: .person,
                summary: "残疾人证状态 / A person's certificate",
                returns: CertificateReply.self
            ) { request, tx in
                let person = try PersonTable.resolve(try request.path("person", as: PersonID.self), in: tx)
                let all = try CertificateTable.everyRecord(of: person, in: tx)
                guard let file = try PersonTable.load(person, in: tx)?.state,
                    let (_, record) = all.first(where: { $0.1.isHeld(on: request.today) }) ?? all.first
                else { throw Problem.notFound }
                try request.actor.mustSee(file.facts.region, orElse: Problem.notFound)
                return .json(CertificateReply(person, record))
            },
            .command(
                .get, "/certificates/{certificate}/number", roles: [.clerk, .reviewer], shows: .person,
                summary: "查阅残疾人证号码 / Read a certificate's number",
                query: ["purpose"],
                returns: NumberReply.self, number),
        ]
    }

    @Sendable private func apply(_ request: EndpointRequest, _ body: ApplicationBody, _ work: UnitOfWork) throws -> Reply {
        let person = try PersonTable.resolve(try request.path("person", as: PersonID.self), in: work)
        guard let file = try work.state(PersonTable.self, person) else { throw PersonRefusal.personUnknown }
        try request.actor.mustSee(file.facts.region, orElse: PersonRefusal.personUnknown)
        guard body.assessedOn <= request.today else { throw Problem.invalid(field: "assessedOn", "OCCURRED_IN_FUTURE") }
        let assessment = Assessment(
            category: body.category, grade: try grade(body.grade, field: "grade"),
            components: try (body.components ?? []).enumerated().map { index, component in
                Assessment.Component(category: component.category, grade: try grade(component.grade, field: "components[\(index)].grade"))
            }, assessedBy: body.assessedBy, assessedOn: body.assessedOn)
        let secrets = try SecretsTable.open(person, with: vault, in: work.tx)
        let application = CertificateRules.Application(
            certificate: CertificateID(trusted: work.derivedID("certificate")), assessment: assessment, by: request.actor.signature,
            today: request.today, hasCitizenID: file.identityChecked && secrets?.knownCitizenID != nil,
            assessorDesignated: try work.state(OrganisationTable.self, body.assessedBy)?.kind == .healthBureau,
            needsGuardian: try isMinor(secrets, request, file) || [.intellectual, .mental].contains(body.category),
            hasGuardian: file.hasGuardian,
            heldUnderAnotherID: try CertificateTable.everyRecord(of: person, in: work.tx).contains {
                $0.0 != person && $0.1.isHeld(on: request.today)
            })
        try work.execute(.apply(application), CertificateTable.self, person)
        return .json(try reply(person, work), status: .created)
    }

    @Sendable private func issue(_ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        let (person, record, file) = try known(request, work)
        let number = try SecretsTable.open(person, with: vault, in: work.tx)?.knownCitizenID.map {
            "\($0)\(record.assessment.category.code)\(record.assessment.grade.number)"
        }
        let events = try work.execute(
            .issue(
                CertificateRules.Issue(
                    certificate: record.certificate, by: request.actor.signature, today: request.today,
                    numberValid: isValid(number, request.today),
                    validityYears: try RegistrationPolicies.number(
                        "certificate.validity-years", region: file.facts.region, on: request.today))),
            CertificateTable.self, person)
        if !events.isEmpty, let number {
            // The file changes with it, so that of an erasure at the same moment and this only one commits as it was decided.
            try work.execute(.sealBeside, PersonTable.self, person)
            try SecretsTable.keepNumber(number, of: record.certificate, person, with: vault, in: work.tx)
        }
        return .json(try reply(person, work))
    }

    @Sendable private func refuse(_ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        let (person, record, _) = try known(request, work)
        try work.execute(.refuse(record.certificate), CertificateTable.self, person)
        return .json(try reply(person, work))
    }

    @Sendable private func number(_ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        let (person, record, _) = try known(request, work)
        guard let purpose = PersonalText.purpose(request.query("purpose")) else {
            try AuditTrail.record("read-certificate-number", subject: record.certificate.text, purpose: "", outcome: .refused, in: work)
            return .problem(
                Problem(AccessRefusal.purposeRequired.rawValue, field: "purpose"), in: RegistrationRefusals.catalogue, request.language)
        }
        let number = try SecretsTable.number(of: record.certificate, person, with: vault, in: work.tx)
        try AuditTrail.record(
            "read-certificate-number", subject: record.certificate.text, purpose: purpose, outcome: number == nil ? .refused : .granted,
            in: work)
        guard let number else { return .problem(.notFound, in: RegistrationRefusals.catalogue, request.language) }
        return .json(NumberReply(certificate: record.certificate, number: number))
    }

    private func known(_ request: EndpointRequest, _ work: UnitOfWork) throws -> (PersonID, CertificateRecord, PersonFile) {
        let certificate = try request.path("certificate", as: CertificateID.self)
        guard let person = try CertificateTable.holder(of: certificate, in: work.tx),
            let record = try work.state(CertificateTable.self, person), let file = try work.state(PersonTable.self, person)
        else { throw CertificateRefusal.certificateUnknown }
        try request.actor.mustSee(file.facts.region, orElse: CertificateRefusal.certificateUnknown)
        return (person, record, file)
    }

    private func isMinor(_ secrets: PersonSecrets?, _ request: EndpointRequest, _ file: PersonFile) throws -> Bool {
        let adultFrom = try RegistrationPolicies.number("person.adult-from-years", region: file.facts.region, on: request.today)
        let birth = try secrets.map { try LocalDate($0.birthDate) } ?? file.facts.birthMonth.last
        return birth.completedYears(on: request.today) < adultFrom
    }

    private func isValid(_ number: String?, _ today: LocalDate) -> Bool {
        guard let number else { return false }
        do {
            _ = try CertificateNumber(number, today: today)
            return true
        } catch { return false }
    }

    private func grade(_ number: Int, field name: String) throws(Problem) -> DisabilityGrade {
        guard let grade = DisabilityGrade(number: number) else {
            throw Problem("VALUE_NOT_ALLOWED", status: 422, field: name, rule: "1 to 4", source: DisabilityGrade.source)
        }
        return grade
    }

    private func reply(_ person: PersonID, _ work: UnitOfWork) throws -> CertificateReply {
        guard let record = try work.state(CertificateTable.self, person) else { throw CertificateRefusal.certificateUnknown }
        return CertificateReply(person, record)
    }
}
