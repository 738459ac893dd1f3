import Vocabulary

/// Adults at the window, youths in community rehabilitation, job seekers and their employers.
struct Adults: Sendable {
    let world: World
    let system: CareSystem
    let tally: Tally

    private struct Register: Encodable {
        var citizenID: String
        var name: String
        var sex: String
        var birthDate: String
        var region: String
        var telephone: String
        var guardianName: String?
        var guardianTelephone: String?
    }

    private struct Person: Decodable { var person: String }

    func register(_ adult: Adult, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        let person = adult.person
        let body = Register(
            citizenID: person.documentNumber, name: person.name, sex: person.male ? "male" : "female", birthDate: person.birth.text,
            region: person.residence.text, telephone: person.guardianTelephone, guardianName: adult.isYouth ? person.guardianName : nil,
            guardianTelephone: adult.isYouth ? person.guardianTelephone : nil)
        var known = adult
        known.id = try await system.client(.registration).post(
            "/persons", body, token: world.clerk(person.residence), key: "register-\(adult.name)", as: Person.self
        ).person
        tally.add("persons.window")
        let next = calendar.after(day, workingDays: 2 + world.decide("next-step", adult.name, below: 8))
        if adult.isYouth {
            return [
                FollowUp(errand: .applyForYouth(known), name: adult.name, phase: .assist, day: next)
            ]
        }
        return [FollowUp(errand: .applyForCertificate(known), name: adult.name, phase: .adults, day: next)]
    }

    // MARK: Certificates

    private struct Assessment: Encodable {
        var category: String
        var grade: Int
        var assessedBy: String
        var assessedOn: String
    }

    private struct Certificate: Decodable { var certificate: String }

    func applyForCertificate(_ adult: Adult, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        let categories: [CertificateCategory] = [.visual, .hearing, .speech, .physical]
        let region = adult.person.residence
        let assessor = world.districts.first { $0.code.contains(region) }?.bureau.id ?? world.districts[0].bureau.id
        let body = Assessment(
            category: categories[world.decide("category", adult.name, below: categories.count)].rawValue,
            grade: 1 + world.decide("grade", adult.name, below: 4), assessedBy: assessor.text, assessedOn: day.adding(days: -3).text)
        let certificate = try await system.client(.registration).post(
            "/persons/\(adult.id)/certificates", body, token: world.clerk(region), key: "certificate-\(adult.name)", as: Certificate.self
        ).certificate
        tally.add("certificates.applied")
        return [
            FollowUp(
                errand: .issueCertificate(adult, certificate: certificate), name: adult.name, phase: .adults,
                day: calendar.after(day, workingDays: 3 + world.decide("issue-delay", adult.name, below: 6)))
        ]
    }

    func issueCertificate(_ adult: Adult, _ certificate: String, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        try await system.client(.registration).post(
            "/certificates/\(certificate)/issue", NoContent(), token: world.reviewer(adult.person.residence), key: "issue-\(certificate)")
        tally.add("certificates.issued")
        return [
            FollowUp(
                errand: .registerJobSeeker(adult), name: adult.name, phase: .adults,
                day: calendar.after(day, workingDays: 2 + world.decide("seek-delay", adult.name, below: 10)))
        ]
    }

    // MARK: Youths

    /// 10 to 17 years in Zhangdian: community rehabilitation, applied for without a referral.
    func youthApplication(_ adult: Adult) -> Application? {
        let region = adult.person.residence
        let near = world.districts.first { $0.code.contains(region) }?.centres.filter { !$0.categories.isEmpty } ?? []
        guard let centre = near.isEmpty ? nil : near[world.decide("centre", adult.name, below: near.count)] else { return nil }
        let category = centre.categories[world.decide("category", adult.name, below: centre.categories.count)]
        return Application(
            referral: nil, person: adult.id, category: category.rawValue, region: region, centre: centre.id, name: adult.name)
    }

    private struct Seeker: Decodable {
        var jobSeeker: String
        var person: String?
        var origin: String
        var consentToShare: Bool
        var region: String
    }

    private struct Consent: Encodable { var consentToShare: Bool }

    /// Those whom completed rehabilitation made job seekers: the clerk finds them on the list and asks for their consent.
    func seekersFromRehabilitation() async throws -> [(jobSeeker: String, region: RegionCode)] {
        var found: [(String, RegionCode)] = []
        for authority in world.authorities {
            let list: [Seeker] = try await system.client(.employment).all("/job-seekers", token: world.clerk(authority.code))
            for seeker in list where seeker.origin == "rehabilitation" { found.append((seeker.jobSeeker, try RegionCode(seeker.region))) }
        }
        return found.sorted { $0.0 < $1.0 }.map { (jobSeeker: $0.0, region: $0.1) }
    }

    func askConsent(_ jobSeeker: String, _ region: RegionCode) async throws -> Bool {
        guard world.chance(0.8, "consents", jobSeeker) else { return false }
        try await system.client(.employment).post(
            "/job-seekers/\(jobSeeker)/consent", Consent(consentToShare: true), token: world.clerk(region), key: "consent-\(jobSeeker)")
        tally.add("jobSeekers.consenting")
        return true
    }

    func withdrawConsent(_ jobSeeker: String, _ region: RegionCode) async throws {
        try await system.client(.employment).post(
            "/job-seekers/\(jobSeeker)/consent", Consent(consentToShare: false), token: world.clerk(region), key: "no-consent-\(jobSeeker)")
        tally.add("jobSeekers.consenting", -1)
    }

    // MARK: Work

    private struct RegisterSeeker: Encodable {
        var person: String
        var consentToShare: Bool
    }

    func registerJobSeeker(_ adult: Adult, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        let consents = world.chance(0.88, "consents", adult.name)
        let seeker = try await system.client(.employment).post(
            "/job-seekers", RegisterSeeker(person: adult.id, consentToShare: consents), token: world.clerk(adult.person.residence),
            key: "seek-\(adult.name)", as: Seeker.self)
        tally.add("jobSeekers.registered")
        if consents { tally.add("jobSeekers.consenting") }
        var next: [FollowUp] = []
        if world.chance(0.6, "trains", adult.name) {
            next.append(
                FollowUp(
                    errand: .train(adult, jobSeeker: seeker.jobSeeker), name: "\(adult.name)-training", phase: .adults,
                    day: calendar.after(day, workingDays: 5 + world.decide("training-delay", adult.name, below: 20))))
        }
        if consents, world.chance(0.75, "finds-work", adult.name) {
            next.append(placing(adult, seeker.jobSeeker, day, calendar))
        } else if consents, world.chance(0.4, "withdraws-consent", adult.name) {
            next.append(
                FollowUp(
                    errand: .withdrawConsent(jobSeeker: seeker.jobSeeker, adult.person.residence), name: "\(adult.name)-consent",
                    phase: .adults, day: day.adding(days: 40)))
        }
        return next
    }

    func placing(_ adult: Adult, _ jobSeeker: String, _ day: LocalDate, _ calendar: Agenda<Errand>) -> FollowUp {
        FollowUp(
            errand: .place(adult, jobSeeker: jobSeeker), name: "\(adult.name)-job", phase: .adults,
            day: calendar.after(day, workingDays: 10 + world.decide("job-delay", adult.name, below: 60)))
    }

    private struct TrainingDone: Encodable {
        var kind: String
        var hours: Int
    }

    func train(_ adult: Adult, _ jobSeeker: String) async throws {
        let kinds = TrainingKind.allCases
        try await system.client(.employment).post(
            "/job-seekers/\(jobSeeker)/trainings",
            TrainingDone(
                kind: kinds[world.decide("kind", adult.name, below: kinds.count)].rawValue,
                hours: 40 + world.decide("hours", adult.name, below: 80)),
            token: world.clerk(adult.person.residence), key: "train-\(jobSeeker)")
        tally.add("trainings")
    }

    private struct Placement: Encodable {
        var jobSeeker: String
        var form: String
        var startedOn: String
        var contractUntil: String
        var monthlyWageFen: Int64
    }

    private struct Placed: Decodable {
        var placement: String
        var stableOn: String?
    }

    func place(_ adult: Adult, _ jobSeeker: String, on day: LocalDate) async throws -> [FollowUp] {
        let near = world.districts.first { $0.code.contains(adult.person.residence) }?.employers ?? world.employers
        let employer = near[world.decide("employer", adult.name, below: near.count)].id
        let forms = EmploymentForm.allCases
        let body = Placement(
            jobSeeker: jobSeeker, form: forms[world.decide("form", adult.name, below: forms.count)].rawValue, startedOn: day.text,
            contractUntil: day.adding(months: 24).text, monthlyWageFen: 190_000 + Int64(world.decide("wage", adult.name, below: 250_000)))
        let client = system.client(.employment)
        let token = world.token(.employer, employer)
        if world.chance(0.1, "stingy", adult.name) {
            // Below the minimum wage: refused, and reported again as it should be.
            var stingy = body
            stingy.monthlyWageFen = 100_000
            do {
                try await client.post("/placements", stingy, token: token, key: "place-low-\(jobSeeker)")
                throw Complaint("低于最低工资的安置未被拒绝", "a placement below the minimum wage was not refused")
            } catch let error as ServiceError where error.code == "WAGE_BELOW_MINIMUM" {
                tally.add("placements.refused")
            }
        }
        let placed = try await client.post("/placements", body, token: token, key: "place-\(jobSeeker)", as: Placed.self)
        tally.add("placements")
        let job = Job(placement: placed.placement, employer: employer, startedOn: day, name: adult.name)
        let endsAfter = world.chance(0.15, "leaves", adult.name) ? 2 + world.decide("leaves-after", adult.name, below: 4) : nil
        var next = [1, 3, 6].filter { endsAfter == nil || $0 < endsAfter! }.map { month in
            // One in ten payrolls comes too late: the confirmation is missed, and made good.
            let late = endsAfter == nil && world.chance(0.1, "late-confirmation-\(month)", adult.name) ? 35 : 0
            return FollowUp(
                errand: .confirmJob(job, month: month), name: "\(job.placement)/\(month)", phase: .adults,
                day: day.adding(months: month).adding(days: 1 + late + world.decide("confirm-delay-\(month)", adult.name, below: 9)))
        }
        if let endsAfter {
            next.append(
                FollowUp(
                    errand: .endJob(job), name: "\(job.placement)/end", phase: .adults, day: day.adding(months: endsAfter).adding(days: 5)))
        }
        return next
    }

    private struct Confirmation: Encodable {
        var month: Int
        var evidence: String
    }

    func confirm(_ job: Job, month: Int) async throws {
        let placed = try await system.client(.employment).post(
            "/placements/\(job.placement)/confirmations", Confirmation(month: month, evidence: "payroll"),
            token: world.token(.employer, job.employer),
            key: "confirm-\(job.placement)-\(month)", as: Placed.self)
        tally.add("confirmations")
        if placed.stableOn != nil { tally.once("placements.stable", job.placement) }
    }

    private struct End: Encodable {
        var endedOn: String
        var reason: String
    }

    func end(_ job: Job, on day: LocalDate) async throws {
        try await system.client(.employment).post(
            "/placements/\(job.placement)/end", End(endedOn: day.text, reason: "resigned"), token: world.token(.employer, job.employer),
            key: "end-\(job.placement)")
        tally.add("placements.ended")
    }
}
