import Contracts
import Vocabulary

/// What a request without content carries.
struct NoContent: Encodable {}

/// The federation's clerks and reviewers and the finance bureaus.
struct Offices: Sendable {
    let world: World
    let system: CareSystem
    let tally: Tally

    // MARK: Before anything else

    private struct Organisation: Encodable {
        var organisation: String
        var kind: String
        var name: String
        var creditCode: String
        var region: String
        var validFrom: String
    }

    private struct Directory: Encodable { var organisations: [Organisation] }
    private struct Registered: Decodable { var registered: Int }

    /// Enters everybody in the directory and brings the centres' agreements into force.
    func openDirectory(from day: LocalDate) async throws {
        for authority in world.authorities {
            let here = world.organisations.filter { authority.isHome(of: $0.region) }
            let body = Directory(
                organisations: here.map {
                    Organisation(
                        organisation: $0.id.text, kind: $0.kind.rawValue, name: $0.name, creditCode: $0.creditCode, region: $0.region.text,
                        validFrom: day.text)
                })
            let registered = try await system.client(.registration).post(
                "/organisations/import", body, token: world.clerk(authority.code), key: "directory-\(authority.code)", as: Registered.self)
            tally.add("organisations", Int64(registered.registered))
        }
    }

    private struct Imported: Decodable {
        var accepted: Int
        var refused: [Row]

        struct Row: Decodable {
            var line: Int
            var code: String
        }
    }

    func signAgreements(from day: LocalDate, to last: LocalDate) async throws {
        for authority in world.authorities {
            var rows = Records(columns: ["institution", "name", "region", "categories", "capacity", "valid_from", "valid_to"])
            let centres = world.centres.filter { authority.isHome(of: $0.region) }
            for centre in centres {
                rows.append([
                    centre.id.text, centre.name, centre.region.text, centre.categories.map(\.rawValue).joined(separator: ";"),
                    String(centre.capacity), day.text, last.text,
                ])
            }
            let answer = try await system.client(.rehabilitation).send(
                .POST, "/agreements/import", token: world.clerk(authority.code),
                headers: [("Content-Type", "text/csv"), ("Idempotency-Key", "agreements-\(authority.code)")],
                body: .init(bytes: try rows.bytes(.csv)))
            guard answer.status == 200 || answer.status == 201 else {
                throw ServiceError.refused(service: "rehabilitation", Problem(answer))
            }
            let report: Imported = try HTTPClient.decode(answer, from: "rehabilitation")
            if let row = report.refused.first {
                throw Complaint("协议第 \(row.line) 行被拒：\(row.code)", "line \(row.line) of the agreements was refused: \(row.code)")
            }
            tally.add("agreements", Int64(report.accepted))
        }
    }

    // MARK: Referrals

    private struct Referral: Decodable {
        struct Candidate: Decodable { var institution: String }

        var referral: String
        var region: String
        var chooseBy: String
        var candidates: [Candidate]
    }

    /// What waits for a guardian's choice.
    func proposals() async throws -> [Proposal] {
        var found: [Proposal] = []
        for authority in world.authorities {
            let list: [Referral] = try await system.client(.screening).all("/referrals?status=proposed", token: world.clerk(authority.code))
            for referral in list {
                found.append(
                    Proposal(
                        referral: referral.referral, region: try RegionCode(referral.region),
                        candidates: referral.candidates.map { OrganisationID(trusted: $0.institution) },
                        chooseBy: try LocalDate(referral.chooseBy)))
            }
        }
        return found.sorted { $0.referral < $1.referral }
    }

    /// Most guardians choose, mostly the nearest; the others let the time pass.
    func plan(_ proposal: Proposal, on day: LocalDate, calendar: Agenda<Errand>) -> [FollowUp] {
        guard world.chance(0.8, "chooses", proposal.referral), !proposal.candidates.isEmpty else { return [] }
        let on = calendar.after(day, workingDays: world.decide("choice-delay", proposal.referral, below: 4))
        guard on <= proposal.chooseBy else { return [] }
        return [FollowUp(errand: .choose(proposal), name: proposal.referral, phase: .choose, day: on)]
    }

    private struct Choice: Encodable { var institution: String }

    func choose(_ proposal: Proposal) async throws {
        let nearest = world.chance(0.75, "nearest", proposal.referral)
        let index = nearest ? 0 : world.decide("which", proposal.referral, below: proposal.candidates.count)
        do {
            try await system.client(.screening).post(
                "/referrals/\(proposal.referral)/choice", Choice(institution: proposal.candidates[index].text),
                token: world.clerk(proposal.region),
                key: "choice-\(proposal.referral)")
            tally.add("choices")
        } catch let error as ServiceError where error.status == 409 || error.status == 422 {
            // The place went to another child meanwhile; the list's first with room is asked when the time has passed.
            tally.add("choices.refused")
        }
    }

    private struct Confirmed: Decodable {
        var referral: String
        var region: String
        var institution: String
    }

    /// Confirmed referrals nobody has applied for yet.
    func unapplied() async throws -> [Application] {
        var found: [Application] = []
        for authority in world.authorities {
            let list: [Confirmed] = try await system.client(.rehabilitation).all(
                "/referrals?status=confirmed&unapplied=true", token: world.clerk(authority.code))
            for referral in list {
                found.append(
                    Application(
                        referral: referral.referral, person: nil, category: nil, region: try RegionCode(referral.region),
                        centre: OrganisationID(trusted: referral.institution), name: referral.referral))
            }
        }
        return found.sorted { $0.name < $1.name }
    }

    func plan(_ application: Application, on day: LocalDate, calendar: Agenda<Errand>) -> FollowUp {
        FollowUp(
            errand: .apply(application), name: application.name, phase: .assist,
            day: calendar.after(day, workingDays: 1 + world.decide("apply-delay", application.name, below: 6)))
    }

    // MARK: Applications

    private struct Apply: Encodable {
        var referral: String?
        var person: String?
        var category: String?
        var residenceBasis: String?
    }

    private struct Applied: Decodable { var application: String }
    struct Reason: Encodable { var reason: String }
    private struct Institution: Encodable { var institution: String }

    func apply(_ application: Application, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        let body = Apply(
            referral: application.referral, person: application.person, category: application.category,
            residenceBasis: world.chance(0.85, "hukou", application.name) ? "hukou" : "residencePermit")
        do {
            let applied = try await system.client(.rehabilitation).post(
                "/applications", body, token: world.clerk(application.region), key: "apply-\(application.name)", as: Applied.self)
            tally.add("applications")
            let assistance = Assistance(
                application: applied.application, region: application.region, centre: application.centre, name: application.name)
            return [
                FollowUp(
                    errand: .completeMaterials(assistance), name: application.name, phase: .assist,
                    day: calendar.after(day, workingDays: 1 + world.decide("papers-delay", application.name, below: 4)))
            ]
        } catch let error as ServiceError where error.status == 409 || error.status == 422 {
            tally.add("applications.refused")
            tally.add("applications.refused.\(error.code ?? "")")
            return []
        }
    }

    func completeMaterials(_ assistance: Assistance, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        try await system.client(.rehabilitation).post(
            "/applications/\(assistance.application)/materials", NoContent(), token: world.clerk(assistance.region),
            key: "materials-\(assistance.application)")
        tally.add("materials")
        // Five working days are the rule; one in twenty takes longer.
        let late = world.chance(0.05, "late-review", assistance.name)
        let days =
            late ? 6 + world.decide("very-late", assistance.name, below: 4) : 1 + world.decide("review-delay", assistance.name, below: 5)
        return [
            FollowUp(errand: .decide(assistance), name: assistance.name, phase: .assist, day: calendar.after(day, workingDays: days))
        ]
    }

    func decide(_ assistance: Assistance, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        let client = system.client(.rehabilitation)
        if world.chance(0.02, "withdraws", assistance.name) {
            // The family moves away before anybody has decided.
            try await client.post(
                "/applications/\(assistance.application)/withdrawal", Reason(reason: "家庭迁往外地"), token: world.clerk(assistance.region),
                key: "withdraw-\(assistance.application)")
            tally.add("applications.withdrawn")
            return []
        }
        let token = world.reviewer(assistance.region)
        if world.chance(0.04, "reject", assistance.name) {
            try await client.post(
                "/applications/\(assistance.application)/rejection", Reason(reason: "诊断证明不符合要求"), token: token,
                key: "decide-\(assistance.application)")
            tally.add("applications.rejected")
            return []
        }
        try await client.post(
            "/applications/\(assistance.application)/approval", NoContent(), token: token, key: "decide-\(assistance.application)")
        tally.add("applications.approved")
        return [
            FollowUp(
                errand: .confirmInstitution(assistance), name: assistance.name, phase: .assist,
                day: calendar.after(day, workingDays: 1 + world.decide("confirm-delay", assistance.name, below: 3)))
        ]
    }

    func confirmInstitution(_ assistance: Assistance, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        do {
            try await system.client(.rehabilitation).post(
                "/applications/\(assistance.application)/institution", Institution(institution: assistance.centre.text),
                token: world.clerk(assistance.region), key: "institution-\(assistance.application)")
        } catch let error as ServiceError where error.status == 409 || error.status == 422 {
            tally.add("institutions.refused")
            return []
        }
        tally.add("institutions.confirmed")
        return [
            FollowUp(
                errand: .enrol(assistance), name: assistance.name, phase: .assist,
                day: calendar.after(day, workingDays: 1 + world.decide("enrol-delay", assistance.name, below: 8)))
        ]
    }
}
