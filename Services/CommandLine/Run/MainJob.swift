import Foundation

/// `careloop run` and `demo` from the first line to the last.
struct MainJob: Sendable {
    let settings: RunSettings
    let staysUp: Bool
    /// What goes to stdout is JSON: everything else goes to stderr.
    var json = false

    func run() async throws -> Account {
        let interruption = Interruption()
        do {
            return try await run(until: interruption)
        } catch {
            // Services that a signal stops leave work undone here; that is no news.
            await interruption.giveWay()
            throw error
        }
    }

    private func run(until interruption: Interruption) async throws -> Account {
        let began = ContinuousClock.now
        let launcher = Launcher(settings: settings)
        let system = try await launcher.start { _ in }
        do {
            let account = try await live(system, began)
            if staysUp {
                say(Text("按 Ctrl-C 停止", "Ctrl-C stops it").here)
                await interruption.wait()
            }
            await system.stop()
            return account
        } catch {
            await system.stop()
            throw error
        }
    }

    private func live(_ system: CareSystem, _ began: ContinuousClock.Instant) async throws -> Account {
        say(Text("事件日志：\(system.eventLog)", "event log: \(system.eventLog)").here)
        say(Text("数据目录：\(system.directory.path)", "data: \(system.directory.path)").here)
        for process in system.supervisor.processes { say("  \(process.name)  pid \(process.identifier)  \(process.logFile)") }
        let simulation = try await Simulation(settings: settings, system: system) { progress in Self.show(progress) }
        defer { simulation.stop() }
        if staysUp { for page in try Self.pages(system, simulation.world) { say(page.line) } }
        let accountant = Accountant(settings: settings, directory: system.directory, eventLog: system.eventLog)
        let isMock = settings.eventLog == "mock"
        let notes: Accountant.Notes
        if settings.keep, let kept = try? Accountant.notes(system.directory) {
            // The run was finished before: its partners have done everything, only the account is taken again.
            notes = kept
        } else {
            try await simulation.run { simulation in
                let notes = try await self.notes(of: simulation)
                let account = try await BlockingWork.run { try accountant.account(notes, isMock: isMock) }
                let seconds = (ContinuousClock.now - began).components.seconds
                Terminal.note(account.tiesOut ? "account after \(seconds) s: ties out" : account.text(money: Figures.money))
                guard account.tiesOut else { throw Complaint("途中账目不符", "the account drifted on the way", code: .accountDiffers) }
            }
            Terminal.endProgress()
            let pending = system.supervisor.pendingCrashes
            guard pending.isEmpty else {
                let list = pending.joined(separator: " ")
                throw Complaint("没有走到：\(list)", "never came by: \(list)", code: .accountDiffers)
            }
            notes = try await self.notes(of: simulation)
            try accountant.keep(notes)
        }
        let account = try await BlockingWork.run { try accountant.account(notes, isMock: isMock) }
        let seconds = (ContinuousClock.now - began).components.seconds
        say(account.text(money: Figures.money))
        say(
            Text(
                account.tiesOut ? "账目相符（\(seconds) 秒）" : "账目不符（\(seconds) 秒）",
                account.tiesOut ? "the account ties out (\(seconds) s)" : "the account does NOT tie out (\(seconds) s)"
            ).here)
        if settings.keep, !account.tiesOut {
            let hint = Text(
                "（保留的运行：其后由他人报送的，只在库与日志中，不在伙伴一栏）",
                "(a kept run: what others have sent since stands in the stores and the log, not in the partners' column)")
            say(hint.here)
        }
        if let file = settings.accountFile { try Files.write(try account.json(), to: file) }
        let pages = staysUp ? try Self.pages(system, simulation.world) : []
        for page in pages { say(page.line) }
        if json { if staysUp { try Terminal.json(Report(account: account, pages: pages)) } else { try Terminal.json(account) } }
        return account
    }

    /// What the partners know once the system is at rest.
    private func notes(of simulation: Simulation) async throws -> Accountant.Notes {
        Accountant.Notes(
            seed: settings.seed, children: settings.children, from: settings.from.text, through: settings.through.text,
            tally: simulation.tally.values, attempts: simulation.tally.states("attempt"),
            page: try await PageFigures(system: simulation.system, world: simulation.world).read())
    }

    private func say(_ text: String) { if json { Terminal.note(text) } else { Terminal.say(text) } }

    private static func show(_ progress: Simulation.Progress) {
        let bar = Terminal.bar(progress.done, of: progress.days)
        if Terminal.isInteractive {
            Terminal.progress("\(progress.day) \(bar) \(progress.note)")
        } else if !progress.note.isEmpty && progress.done == 0 || (progress.note.isEmpty && progress.day.parts.day == 1) {
            Terminal.note("\(progress.day) \(bar) \(progress.note)")
        }
    }

    /// What `careloop run --json` writes; a demo, which leaves nothing to look at, writes the account alone.
    private struct Report: Encodable {
        let account: Account
        let pages: [PageLink]
    }

    /// Links to the figures of each authority, and to the desks of one bureau, one centre, a clerk and a reviewer. A grant is for one region
    /// and what lies below it; those to figures, opened in one browser, become one session.
    private static func pages(_ system: CareSystem, _ world: World) throws -> [PageLink] {
        var grants = world.authorities.map {
            Grant(role: .dashboard, organisation: $0.federation.id, region: $0.code, user: "dashboard-\($0.code)")
        }
        if let district = world.districts.first(where: { $0.code.text == "3703" }) ?? world.districts.first,
            let centre = district.centres.first
        {
            let authority = world.authority(of: district.code)
            func officer(_ role: Grant.Kind) -> Grant {
                Grant(role: role, organisation: authority.federation.id, region: authority.code, user: "desk-\(role.rawValue)")
            }
            grants += [
                Grant(role: .healthBureau, organisation: district.bureau.id, region: district.bureau.region, user: "desk-bureau"),
                Grant(role: .rehabilitationCentre, organisation: centre.id, region: centre.region, user: "desk-centre"), officer(.clerk),
                officer(.reviewer),
            ]
        }
        return try grants.flatMap { grant in try PageLink.issue(grant, keys: system.keys) { system.client($0).base.description } }
    }
}
