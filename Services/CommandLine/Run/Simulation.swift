import Contracts
import Messaging
import Vocabulary

/// Two years of CareLoop, day by day, as its partners live them. The day moves only when every service has nothing left to do.
///
/// Used by one task. Everything that depends on order happens in order; what is independent happens together.
final class Simulation {
    let settings: RunSettings
    let system: CareSystem
    let world: World
    let tally = Tally()
    private let log: any EventLog
    private let publisher: PartnerPublisher
    private let mailbox: Mailbox
    private let quiescence: Quiescence
    let bureaus: Bureaus
    private let centres: Centres
    private let offices: Offices
    private let adults: Adults
    let report: @Sendable (Progress) -> Void
    var agenda = Agenda<Errand>()
    var people: [SyntheticPeople]
    /// Records the partners put on their topics, by topic.
    var published: [String: Int] = [:]
    private var lastProduced: [String: Int64] = [:]
    private var knownProposals: Set<String> = []
    private var knownApplications: Set<String> = []
    private var askedSeekers: Set<String> = []

    /// New children screened on a working day, over all bureaus.
    private static let childrenADay = 16

    /// What a person who waits sees.
    struct Progress: Sendable {
        var day: LocalDate
        var done: Int
        var days: Int
        var note: String
    }

    init(settings: RunSettings, system: CareSystem, report: @escaping @Sendable (Progress) -> Void) async throws {
        self.settings = settings
        self.system = system
        self.report = report
        world = try World(seed: settings.seed, keys: system.keys)
        log = try openLog(system.eventLog)
        publisher = PartnerPublisher(log: log, named: "partners")
        quiescence = Quiescence(system: system, token: try system.operatorToken)
        let (seed, count) = (settings.seed, world.districts.count)
        people = world.districts.enumerated().map { index, district in
            SyntheticPeople(
                seed: SplitMix64.hash(seed, "district", String(index)), townships: district.townships, lane: index, lanes: count)
        }
        let bureauIDs = world.bureaus.map(\.id)
        let centreIDs = world.centres.map(\.id)
        let plans = bureauIDs.flatMap(PartnerTopics.plans(ofBureau:)) + centreIDs.flatMap(PartnerTopics.plans(ofCentre:))
        try await BlockingWork.run { [log] in try log.ensure(plans) }
        mailbox = Mailbox(
            log: log,
            topics: bureauIDs.map { Catalogue.name(ResultReceipt.topic, for: $0) }
                + centreIDs.flatMap { id in [ReferralNotice.topic, AnswerReceipt.topic].map { Catalogue.name($0, for: id) } })
        bureaus = Bureaus(world: world, publisher: publisher, tally: tally)
        centres = Centres(world: world, system: system, publisher: publisher, tally: tally)
        offices = Offices(world: world, system: system, tally: tally)
        adults = Adults(world: world, system: system, tally: tally)
    }

    func stop() { mailbox.stop() }

    /// Everything from the directory to the last day. Where the settings say so, the days are spread over a time, services are killed while
    /// they pass, and `checkpoint` looks at the system ten times at the end of a day, when nothing is left to do.
    func run(checkpoint: (Simulation) async throws -> Void) async throws {
        let first = settings.from
        let days = first.distance(to: settings.through)
        report(Progress(day: first, done: 0, days: days, note: Text("登记机构与协议", "directory and agreements").here))
        try await offices.openDirectory(from: LocalDate(year: first.year, month: 1, day: 1)!)
        try await rest()
        try await offices.signAgreements(from: LocalDate(year: first.year, month: 1, day: 1)!, to: settings.through.adding(months: 7))
        try await rest()
        let churn = settings.fire.churnEverySeconds.map {
            Churn(every: $0, seed: settings.seed, settings.services(beyond: 1), system.supervisor, token: quiescence.token)
        }
        try await importFirstResults()
        planAdults()
        planRoutine()
        let killer = settings.fire.killEverySeconds.map { Killer(every: $0, seed: settings.seed, system.supervisor) }
        let (began, soak) = (ContinuousClock.now, Duration.seconds(settings.fire.soakMinutes * 60))
        var day = first
        while true {
            try await live(day)
            let done = first.distance(to: day)
            report(Progress(day: day, done: done, days: days, note: ""))
            if soak > .zero {
                try await Task.sleep(until: began + soak * Double(done) / Double(max(days, 1)))
                if done > 0, done * 10 / days != (done - 1) * 10 / days { try await checkpoint(self) }
            }
            guard day < settings.through else { break }
            day = day.adding(days: 1)
            try await moveClock(to: day)
        }
        if let killer {
            let kills = try await killer.stop()
            Terminal.note(Text("终止了 \(kills) 次", "\(kills) kills").here)
        }
        if let churn {
            let rounds = try await churn.stop()
            Terminal.note(Text("各服务实例进出轮数：\(rounds)", "rounds of churn: \(rounds)").here)
        }
        try await rest()
    }

    // MARK: One day

    private func live(_ day: LocalDate) async throws {
        try await read(day)
        let calendar = agenda
        // Bureaus.
        var records = agenda.take(.publish, on: day).compactMap { entry -> BureauRecord? in
            if case .publish(let record) = entry.errand { record } else { nil }
        }
        if calendar.workingDay(day) == day, day > settings.from {
            records += bureaus.daily(day, count: Self.childrenADay, people: &people)
        }
        if !records.isEmpty {
            published.merge(try await bureaus.publish(records), uniquingKeysWith: +)
            for record in records { add(followUps(of: record, on: day)) }
            try await rest()
            try await read(day)
        }
        // Guardians, one after the other: the last place goes to the first who asks.
        let choices = agenda.take(.choose, on: day)
        for (_, errand) in choices {
            if case .choose(let proposal) = errand { try await offices.choose(proposal) }
        }
        if !choices.isEmpty {
            try await rest()
            try await read(day)
        }
        try await answer(day)
        try await assist(day)
        for phase in [Phase.months, .settle, .adults] { try await work(phase, day) }
        try await rest()
        agenda.forget(before: day)
    }

    /// Centres answer: different centres at the same time, what a centre declines one by one, because it moves a child on.
    private func answer(_ day: LocalDate) async throws {
        let accepted = agenda.take(.answer, on: day).compactMap(Self.notice)
        let centres = centres
        for counts in try await together(
            Self.grouped(accepted),
            collecting: { group in
                var counts: [String: Int] = [:]
                for item in group { counts.merge(try await centres.answer(item, accept: true), uniquingKeysWith: +) }
                return counts
            })
        { published.merge(counts, uniquingKeysWith: +) }
        if !accepted.isEmpty {
            try await rest()
            try await read(day)
        }
        for (_, errand) in agenda.take(.decline, on: day) {
            guard case .answer(let item, _) = errand else { continue }
            published.merge(try await centres.answer(item, accept: false), uniquingKeysWith: +)
            try await rest()
            try await read(day)
        }
    }

    private static func notice(_ entry: (name: String, errand: Errand)) -> Mailbox.Notice? {
        if case .answer(let item, _) = entry.errand { item } else { nil }
    }

    private static func grouped(_ items: [Mailbox.Notice]) -> [[Mailbox.Notice]] {
        var groups: [OrganisationID: [Mailbox.Notice]] = [:]
        for item in items { groups[item.centre, default: []].append(item) }
        return groups.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Applications in order: approval and enrolment take places.
    private func assist(_ day: LocalDate) async throws {
        let calendar = agenda
        for (_, errand) in agenda.take(.assist, on: day) {
            switch errand {
            case .apply(let application): add(try await offices.apply(application, on: day, calendar: calendar))
            case .applyForYouth(let adult):
                if let application = adults.youthApplication(adult) {
                    add(try await offices.apply(application, on: day, calendar: calendar))
                }
            case .completeMaterials(let assistance): add(try await offices.completeMaterials(assistance, on: day, calendar: calendar))
            case .decide(let assistance): add(try await offices.decide(assistance, on: day, calendar: calendar))
            case .confirmInstitution(let assistance): add(try await offices.confirmInstitution(assistance, on: day, calendar: calendar))
            case .enrol(let assistance): add(try await centres.enrol(assistance, on: day))
            default: preconditionFailure("only assistance stands in this part of the day")
            }
        }
    }

    /// Things that do not meet: at the same time.
    private func work(_ phase: Phase, _ day: LocalDate) async throws {
        let due = agenda.take(phase, on: day)
        guard !due.isEmpty else { return }
        let (calendar, centres, offices, adults, world) = (agenda, centres, offices, adults, world)
        let following = try await together(
            due.map(\.errand),
            collecting: { errand -> [FollowUp] in
                switch errand {
                case .month(let training): return try await centres.record(training, on: day)
                case .submitSettlement(let id, let quarter):
                    guard let centre = world.centre(id) else { return [] }
                    return try await offices.submitSettlement(centre, quarter, on: day, calendar: calendar)
                case .approveSettlement(let settlement):
                    return try await offices.approveSettlement(settlement, on: day, calendar: calendar)
                case .resubmitSettlement(let settlement):
                    return try await offices.resubmitSettlement(settlement, on: day, calendar: calendar)
                case .paySettlement(let id, let region):
                    try await offices.paySettlement(id, region)
                    return []
                case .withdrawConsent(let jobSeeker, let region):
                    try await adults.withdrawConsent(jobSeeker, region)
                    return []
                case .register(let adult): return try await adults.register(adult, on: day, calendar: calendar)
                case .applyForCertificate(let adult): return try await adults.applyForCertificate(adult, on: day, calendar: calendar)
                case .issueCertificate(let adult, let certificate):
                    return try await adults.issueCertificate(adult, certificate, on: day, calendar: calendar)
                case .registerJobSeeker(let adult): return try await adults.registerJobSeeker(adult, on: day, calendar: calendar)
                case .train(let adult, let jobSeeker):
                    try await adults.train(adult, jobSeeker)
                    return []
                case .place(let adult, let jobSeeker): return try await adults.place(adult, jobSeeker, on: day)
                case .confirmJob(let job, let month):
                    try await adults.confirm(job, month: month)
                    return []
                case .endJob(let job):
                    try await adults.end(job, on: day)
                    return []
                default: preconditionFailure("\(errand) belongs to another part of the day")
                }
            })
        for follow in following { add(follow) }
    }

    // MARK: What partners learn

    /// Receipts, notices and worklists, once the system is at rest.
    private func read(_ day: LocalDate) async throws {
        let (receipts, notices, answers) = mailbox.take()
        for item in receipts { take(item.receipt) }
        for receipt in answers { centres.take(receipt) }
        for item in notices { add(centres.plan(item, on: day, calendar: agenda)) }
        let produced = lastProduced
        if moved(ReferralIssued.topic, produced) {
            for proposal in try await offices.proposals() where knownProposals.insert(proposal.referral).inserted {
                add(offices.plan(proposal, on: day, calendar: agenda))
            }
            for application in try await offices.unapplied() where knownApplications.insert(application.name).inserted {
                add([offices.plan(application, on: day, calendar: agenda)])
            }
        }
        if moved(JobSeekerRegistered.topic, produced) {
            for seeker in try await adults.seekersFromRehabilitation() where askedSeekers.insert(seeker.jobSeeker).inserted {
                tally.add("jobSeekers.rehabilitation")
                _ = try await adults.askConsent(seeker.jobSeeker, seeker.region)
            }
        }
    }

    private var lookedAt: [String: Int64] = [:]

    private func moved(_ topic: String, _ produced: [String: Int64]) -> Bool {
        let now = produced[topic, default: 0]
        defer { lookedAt[topic] = now }
        return lookedAt[topic, default: 0] != now
    }

    /// What a bureau meant by each (bureau, result, revision) it sent and has no final word on.
    private var meant: [String: BureauRecord.Meaning] = [:]

    func remember(_ record: BureauRecord) {
        switch record.meaning {
        case .new, .correction, .withdrawal:
            meant["\(world.districts[record.district].bureau.id)/\(record.row.resultID)/\(record.row.revision)"] = record.meaning
        case .again, .conflict, .wrong, .broken: break
        }
    }

    private func take(_ receipt: ResultReceipt) {
        tally.add("kafka.receipts")
        tally.add("kafka.\(receipt.outcome.rawValue)")
        if receipt.code == "RESULT_CONFLICT" || receipt.outcome == .repeated { return }
        // The first receipt of a result is the word on it: a child that has turned seven meanwhile is refused, and the bureau learns it here.
        let meaning = meant.removeValue(forKey: "\(receipt.organisation)/\(receipt.resultID)/\(receipt.revision)")
        guard receipt.outcome == .accepted else { return }
        switch meaning {
        case .new: tally.add("results.new")
        case .correction: tally.add("results.corrected")
        case .withdrawal: tally.add("results.withdrawn")
        case .again, .conflict, .wrong, .broken, nil: tally.add("results.unexpected")
        }
    }

    private func followUps(of record: BureauRecord, on day: LocalDate) -> [FollowUp] {
        remember(record)
        guard record.meaning == .new, let child = record.child, let outcome = ScreeningOutcome(rawValue: record.row.outcome),
            let stage = ScreeningStage(rawValue: record.row.stage)
        else { return [] }
        switch stage {
        case .initial: return bureaus.after(initial: outcome, of: child, row: record.row, on: day)
        case .rescreen: return bureaus.after(rescreen: outcome, of: child, on: day)
        case .diagnosis: return bureaus.after(diagnosis: outcome, of: child, row: record.row, on: day)
        }
    }

    // MARK: Time

    /// Until nothing is left to do, and the partners have read what was sent to them.
    func rest() async throws {
        let statuses = try await quiescence.wait(published: published)
        let produced = statuses.values.reduce(into: [String: Int64]()) { $0.merge($1.produced, uniquingKeysWith: +) }
        lastProduced = produced
        let end = ContinuousClock.now + .seconds(30)
        while try !mailbox.hasRead(produced) {
            guard ContinuousClock.now < end else {
                throw Complaint("伙伴没有收到回执或通知", "partners did not get their receipts or notices", code: .tooLate)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private func moveClock(to day: LocalDate) async throws {
        let token = quiescence.token
        // First where a service that starts again reads it: otherwise one killed just now would come back on the day before.
        try Files.write((day.text + "\n").utf8, to: system.directory.clockFile)
        try await system.supervisor.moveClocks(to: day, token: token)
        try await rest()
    }

    func add(_ followUps: [FollowUp]) { for follow in followUps { add(follow) } }

    func add(_ follow: FollowUp) {
        if follow.inOffice {
            agenda.addWorking(follow.errand, follow.name, follow.phase, on: follow.day)
        } else {
            agenda.add(follow.errand, follow.name, follow.phase, on: follow.day)
        }
    }
}
