import Contracts
import Persistence

/// Files, job seekers and the timeline: each service's copy against what the log told it.
struct PersonOracle {
    let world: World
    let facts: [Fact]
    let results: ResultOracle

    func check() throws {
        func count(_ type: String) -> Int { facts.filter { $0.meta.type == type }.count }
        let registered = try facts.filter { $0.meta.type == PersonRegistered.type }.map {
            try PersonRegistered(protobuf: $0.data).facts.person.text
        }
        guard Set(registered).count == registered.count else { throw Broken("a file was opened twice") }
        let files = Set(try world.look(at: .registration, Self.files) { $0.text(0) })
        guard files == Set(registered) else { throw Broken("\(files.count) files, \(registered.count) on the log") }
        for (id, sharing) in results.shared where !files.contains(sharing.facts.person.text) {
            throw Broken("case \(id) was shared and the child has no file")
        }
        for service in [ServiceName.rehabilitation, .employment] {
            let known = Set(try world.look(at: service, service == .employment ? Self.knownPersons : Self.persons) { $0.text(0) })
            guard known == files else { throw Broken("\(service.rawValue) knows \(known.count) people of \(files.count)") }
        }
        let trainings = try world.look(at: .employment, Self.trainings) { $0.text(0).split(separator: " ").count }.reduce(0, +)
        guard trainings == count(TrainingCompleted.type) else {
            throw Broken("\(trainings) trainings, \(count(TrainingCompleted.type)) on the log")
        }
        for (sql, type) in [
            (Self.seekers, JobSeekerRegistered.type), (Self.placements, PlacementRecorded.type), (Self.employers, EmployerRegistered.type),
        ] {
            let kept = Int(try world.look(at: .employment, sql) { $0.int(0) }[0])
            guard kept == count(type) else { throw Broken("\(kept) of \(type) kept, \(count(type)) on the log") }
        }
        try checkTimeline()
        try checkDirectory()
        try checkDeadLetters()
    }

    /// Every fact of others that Registration reads is one line, and no line is anything else.
    private func checkTimeline() throws {
        let read: Set = [
            ReferralIssued.topic, ReferralClaimed.topic, ResultAccepted.topic, AssistanceApplied.topic, JobSeekerRegistered.topic,
        ]
        let told = Set(facts.filter { read.contains($0.topic) }.map(\.meta.id))
        let lines = Set(try world.look(at: .registration, Self.timeline) { $0.text(0) })
        let missing = facts.filter { told.subtracting(lines).contains($0.meta.id) }.map(\.meta.type)
        guard missing.isEmpty else { throw Broken("the timeline misses \(missing)") }
    }

    private func checkDirectory() throws {
        let told = Set(facts.filter { $0.meta.type == OrganisationRegistered.type }.compactMap(\.meta.subject))
        for service in [ServiceName.screening, .rehabilitation] {
            let known = Set(try world.look(at: service, Self.organisations) { $0.text(0) })
            guard known == told else { throw Broken("\(service.rawValue) knows \(known.count) organisations of \(told.count)") }
        }
    }

    /// A dead letter in a store is one on the service's topic, and the other way round.
    private func checkDeadLetters() throws {
        for service in ServiceName.allCases {
            let topic = DeadLettered.topic(of: service.rawValue)
            let told = facts.filter { $0.topic == topic }.compactMap(\.meta.subject)
            let kept = try world.look(at: service, Self.letters) { "\($0.text(0))/\($0.int(1))/\($0.int(2))" }
            guard Set(kept).count == kept.count else { throw Broken("\(service.rawValue) keeps a dead letter twice") }
            guard told.sorted() == kept.sorted() else {
                throw Broken("\(service.rawValue) keeps \(kept.count) dead letters and told \(told.count)")
            }
        }
    }

    private static let files = SQL("SELECT person FROM persons")
    private static let persons = SQL("SELECT person FROM persons")
    private static let knownPersons = SQL("SELECT person FROM known_persons")
    private static let trainings = SQL("SELECT trainings FROM job_seekers")
    private static let seekers = SQL("SELECT count(*) FROM job_seekers")
    private static let placements = SQL("SELECT count(*) FROM placements")
    private static let employers = SQL("SELECT count(*) FROM employers")
    private static let timeline = SQL("SELECT entry FROM timeline")
    private static let organisations = SQL("SELECT organisation FROM organisations")
    private static let letters = SQL("SELECT topic, partition_no, record_offset FROM dead_letters")
}
