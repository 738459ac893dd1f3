import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Job seekers over HTTP. Everybody sees pseudonyms; an employer only those who agreed to be shown.
enum JobSeekerRoutes {
    struct RegisterBody: Decodable, Sendable {
        var person: PersonID
        /// Separate consent to be shown to employers.
        var consentToShare: Bool
    }

    struct ConsentBody: Decodable, Sendable {
        var consentToShare: Bool
    }

    struct TrainingBody: Decodable, Sendable {
        var kind: TrainingKind
        var hours: Int
    }

    struct JobSeekerReply: Codable, Sendable {
        var jobSeeker: JobSeekerID
        /// Absent for employers.
        var person: PersonID?
        var status: String
        var sex: Sex
        var ageBand: String
        var region: RegionCode
        var origin: JobSeekerOrigin
        var consentToShare: Bool
        var trainings: Int
        var placement: PlacementID?

        init(_ seeker: JobSeeker, for request: EndpointRequest) {
            let isEmployer = request.actor.role == .employer
            jobSeeker = seeker.jobSeeker
            person = isEmployer ? nil : seeker.facts.person
            status = seeker.status.rawValue
            sex = seeker.facts.sex
            ageBand = AgeBand(birthMonth: seeker.facts.birthMonth, on: request.today).rawValue
            region = seeker.facts.region
            origin = seeker.origin
            consentToShare = seeker.consentToShare
            trainings = seeker.trainings.count
            placement = isEmployer || seeker.chain?.endedOn != nil ? nil : seeker.chain?.placement
        }
    }

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/job-seekers", roles: [.clerk], summary: "求职登记 / Register a job seeker", body: RegisterBody.self,
            returns: JobSeekerReply.self, register),
        .query(
            .get, "/job-seekers", roles: [.clerk, .employer, .auditor], shows: .persons, summary: "求职者列表 / Job seekers",
            query: [.oneOf("status", JobSeeker.Status.self), "region"] + .page
        ) { request, tx in
            let page = try request.page
            let filter = JobSeekerTable.Filter(
                region: try request.subtree, status: try request.query("status", oneOf: JobSeeker.Status.self),
                consentingOnly: request.actor.role == .employer)
            let rows = try JobSeekerTable.list(filter, after: page.after ?? "", limit: page.fetchLimit, in: tx)
            return .page(rows.map { JobSeekerReply($0, for: request) }, page) { $0.jobSeeker.text }
        },
        .query(
            .get, "/job-seekers/{jobSeeker}", roles: [.clerk, .employer, .auditor], shows: .person, summary: "求职者详情 / One job seeker",
            returns: JobSeekerReply.self
        ) { request, tx in
            guard let seeker = try JobSeekerTable.load(try request.path("jobSeeker", as: JobSeekerID.self), in: tx)?.state,
                request.actor.role != .employer || seeker.consentToShare
            else { throw Problem.notFound }
            try request.actor.mustSee(seeker.facts.region, orElse: Problem.notFound)
            return .json(JobSeekerReply(seeker, for: request))
        },
        .command(
            .post, "/job-seekers/{jobSeeker}/consent", roles: [.clerk], summary: "变更信息共享同意 / Give or withdraw consent",
            body: ConsentBody.self, returns: JobSeekerReply.self
        ) { request, body, work in
            let jobSeeker = try known(request, work)
            try work.execute(.setConsent(body.consentToShare), JobSeekerTable.self, jobSeeker)
            return try reply(jobSeeker, request, work)
        },
        .command(
            .post, "/job-seekers/{jobSeeker}/trainings", roles: [.clerk], summary: "登记完成培训 / Record a completed training",
            body: TrainingBody.self, returns: JobSeekerReply.self
        ) { request, body, work in
            let jobSeeker = try known(request, work)
            let training = JobSeekerRules.Training(id: work.derivedID("training"), kind: body.kind, hours: body.hours)
            try work.execute(.completeTraining(training), JobSeekerTable.self, jobSeeker)
            return try reply(jobSeeker, request, work)
        },
    ]

    @Sendable private static func register(_ request: EndpointRequest, _ body: RegisterBody, _ work: UnitOfWork) throws -> Reply {
        guard let facts = try KnownPersons.facts(body.person, in: work.tx) else { throw Problem.invalid(field: "person", "PERSON_UNKNOWN") }
        try request.actor.mustSee(facts.region, orElse: Problem.invalid(field: "person", "PERSON_UNKNOWN"))
        let jobSeeker = try JobSeekerTable.id(ofEveryIDOf: facts.person, in: work)
        try work.execute(
            .register(
                JobSeekerRules.Registration(
                    jobSeeker: jobSeeker, facts: facts, origin: .registration, consentToShare: body.consentToShare,
                    ofWorkingAge: try EmploymentPolicies.isOfWorkingAge(facts, on: request.today))),
            JobSeekerTable.self, jobSeeker)
        var answer = try reply(jobSeeker, request, work)
        answer.status = 201
        return answer
    }

    private static func known(_ request: EndpointRequest, _ work: UnitOfWork) throws -> JobSeekerID {
        let jobSeeker = try request.path("jobSeeker", as: JobSeekerID.self)
        guard let seeker = try work.state(JobSeekerTable.self, jobSeeker) else { throw JobSeekerRefusal.notRegistered }
        try request.actor.mustSee(seeker.facts.region, orElse: JobSeekerRefusal.notRegistered)
        return jobSeeker
    }

    private static func reply(_ jobSeeker: JobSeekerID, _ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        guard let seeker = try work.state(JobSeekerTable.self, jobSeeker) else { throw JobSeekerRefusal.notRegistered }
        return .json(JobSeekerReply(seeker, for: request))
    }
}
