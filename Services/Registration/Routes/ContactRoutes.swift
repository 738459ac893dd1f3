import Contracts
import ServiceRuntime
import Vocabulary

/// Name, guardian and telephone for the organisation that owns a referral now, and for nobody else (design, section 7).
///
/// Everybody else gets 404, whatever is wrong, so that an answer never tells that a person exists. Every read and every refused attempt
/// leaves an audit entry in the same transaction; that is why a refusal is returned here and not thrown.
struct ContactRoutes: Sendable {
    let vault: PersonVault

    struct Contact: Codable, Sendable {
        var person: PersonID
        var name: String
        var sex: Sex
        var birthMonth: YearMonth
        var residence: RegionCode
        var telephone: String?
        var guardianName: String?
        var guardianTelephone: String?
    }

    var endpoints: [Endpoint] {
        [
            .command(
                .get, "/persons/{person}/contact", roles: .anyRole, shows: .person,
                summary: "转介承接机构查阅联系方式 / Contact, for the owner of a referral",
                query: ["referral", "purpose"],
                returns: Contact.self, read)
        ]
    }

    @Sendable private func read(_ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        let purpose = PersonalText.purpose(request.query("purpose"))
        let found = try contact(request, work)
        let subject = found?.subject ?? "unknown"
        guard let purpose else {
            try AuditTrail.record("read-contact", subject: subject, purpose: "", outcome: .refused, in: work)
            return .problem(
                Problem(AccessRefusal.purposeRequired.rawValue, field: "purpose"), in: RegistrationRefusals.catalogue, request.language)
        }
        guard let found else {
            try AuditTrail.record("read-contact", subject: subject, purpose: purpose, outcome: .refused, in: work)
            return .problem(.notFound, in: RegistrationRefusals.catalogue, request.language)
        }
        try AuditTrail.record("read-contact", subject: subject, purpose: purpose, outcome: .granted, in: work)
        return .json(found.contact)
    }

    /// Nil unless the caller's organisation owns this person's referral now and the file can be read.
    private func contact(_ request: EndpointRequest, _ work: UnitOfWork) throws -> (subject: String, contact: Contact)? {
        guard request.actor.role == .rehabilitationCentre, let institution = request.actor.organisation,
            let referral = request.query("referral"),
            let owned = try ReferralOwners.person(of: referral, ownedBy: institution, in: work.tx)
        else { return nil }
        let person = try PersonTable.resolve(owned, in: work)
        guard try PersonTable.resolve(PersonID(trusted: request.path("person")), in: work) == person,
            let file = try work.state(PersonTable.self, person),
            let secrets = try SecretsTable.open(person, with: vault, in: work.tx)
        else { return nil }
        let contact = Contact(
            person: person, name: secrets.name, sex: file.facts.sex, birthMonth: file.facts.birthMonth, residence: file.facts.region,
            telephone: secrets.telephone, guardianName: secrets.guardianName, guardianTelephone: secrets.guardianTelephone)
        return ("\(person.text)/\(referral)", contact)
    }
}
