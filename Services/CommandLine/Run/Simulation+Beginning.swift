import Vocabulary

/// What a run begins with: the bureaus' first files, and everything that is planned from the first day on.
extension Simulation {
    // MARK: The first import

    /// Every bureau sends its file over HTTP; positive children are called to the re-screen from then on.
    func importFirstResults() async throws {
        let isOverLog = settings.kills > 0 || settings.fire.wantsFirstResultsOverLog
        let all = world.districts.reduce(0) { $0 + $1.townships.count }
        var files: [FirstFile] = []
        var records: [BureauRecord] = []
        var left = settings.children
        for (index, district) in world.districts.enumerated() {
            let isLast = index == world.districts.count - 1
            let count = isLast ? left : settings.children * district.townships.count / all
            left -= count
            var source = ResultRowSource(
                .init(
                    seed: SplitMix64.hash(settings.seed, "import", district.code.text), day: settings.from,
                    faultyShare: settings.faultyShare,
                    idPrefix: "r"),
                people: people[index])
            // Every other bureau writes Chinese headers, every fourth in GB 18030.
            var file = ResultFile(
                format: .csv, headers: index % 2 == 0 ? .chinese : .english, encoding: index % 4 == 0 ? .gb18030 : .utf8)
            for _ in 0..<count {
                let made = source.next()
                file.append(made.row)
                if isOverLog, made.fault != .malformedQuoting {
                    let meaning: BureauRecord.Meaning =
                        switch made.fault {
                        case nil: .new
                        case .repeated: .again
                        // A word where the schema has a number is no record at all.
                        case .revisionNotNumber: .broken
                        default: .wrong
                        }
                    records.append(BureauRecord(district: index, row: made.row, form: .json, meaning: meaning, child: nil))
                }
                if made.fault == nil {
                    let child = ScreenedChild(
                        district: index, person: made.person, topic: made.topic, round: made.round, name: made.row.resultID)
                    add(bureaus.after(initial: made.outcome, of: child, row: made.row, on: settings.from))
                }
            }
            people[index] = source.people
            file.finish()
            files.append(FirstFile(district: district, rows: count, encoding: file.encoding, bytes: try file.take()))
        }
        let (done, total) = (Counter(), settings.children)
        let (world, system, tally, report, first) = (world, system, tally, report, settings.from)
        report(Progress(day: first, done: 0, days: 1, note: Text("导入首批结果", "first import").here))
        guard !isOverLog else { return try await publishUnderFire(records) }
        try await together(files, limit: 3) { file in
            try await file.send(to: system, as: world.token(.healthBureau, file.district.bureau.id), tally)
            let rows = done.add(file.rows)
            report(Progress(day: first, done: rows, days: total, note: Text("导入首批结果", "first import").here))
        }
        try await rest()
    }

    /// The same results over the log, while every service is killed again and again.
    private func publishUnderFire(_ records: [BureauRecord]) async throws {
        let (supervisor, kills, seed) = (system.supervisor, settings.kills, settings.seed)
        let killers = Task {
            try await together(ServiceName.allCases, limit: ServiceName.allCases.count) { service in
                var random = SplitMix64(seed: seed, stream: "kill-\(service.rawValue)")
                for _ in 0..<kills {
                    try await Task.sleep(for: .milliseconds(random.below(400)))
                    try await supervisor.killAndRestart(service)
                }
            }
        }
        // Spread over the time of the killing, so that there is work in every instant of it.
        let isChurning = settings.fire.churnEverySeconds != nil
        let size = isChurning ? max(20, records.count / Self.churnedPieces) : 20
        let pieces = stride(from: 0, to: records.count, by: size).map { Array(records[$0..<min($0 + size, records.count)]) }
        let pause = isChurning ? Duration.seconds(1) : .milliseconds(30 * kills / max(1, pieces.count / 20))
        for piece in pieces {
            published.merge(try await bureaus.publish(piece), uniquingKeysWith: +)
            for record in piece { remember(record) }
            // The pace of the load, not a wait for anything.
            try await Task.sleep(for: pause)
        }
        try await killers.value
        try await rest()
    }

    // MARK: What is planned from the beginning

    func planAdults() {
        guard let zhangdian = try? RegionCode("370303") else { preconditionFailure("370303 is a region code") }
        var random = SplitMix64(seed: settings.seed, stream: "adults")
        var source = SyntheticPeople(seed: SplitMix64.hash(settings.seed, "adults"), townships: world.districts.flatMap(\.townships))
        let span = max(1, settings.from.distance(to: settings.through) * 2 / 3)
        for _ in 0..<Self.adultsAtWindow {
            let person = source.person(on: settings.from, ages: 18...52)
            let adult = Adult(person: person, isYouth: false)
            agenda.addWorking(.register(adult), adult.name, .adults, on: settings.from.adding(days: 3 + random.below(span)))
        }
        let places = RegionTable.shared.children(of: zhangdian)
        for _ in 0..<Self.youths {
            let person = source.person(on: settings.from, ages: 16...16, place: random.pick(places))
            let adult = Adult(person: person, isYouth: true)
            agenda.addWorking(.register(adult), adult.name, .adults, on: settings.from.adding(days: 3 + random.below(60)))
        }
    }

    /// A settlement of every centre each quarter. Reporting releases each month by itself.
    func planRoutine() {
        var month = settings.from.month
        while month <= settings.through.month {
            let next = month.adding(1).first
            if month.quarter.last == month.last {
                for centre in world.centres {
                    agenda.addWorking(
                        .submitSettlement(centre: centre.id, month.quarter), "\(centre.id)/\(month.quarter)", .settle,
                        on: next.adding(days: 8))
                }
            }
            month = month.adding(1)
        }
    }

    /// Seconds over which the first results are spread, at most, while instances come and go.
    private static let churnedPieces = 60
    private static let adultsAtWindow = 90
    private static let youths = 14
}
