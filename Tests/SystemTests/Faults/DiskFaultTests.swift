import Foundation
import SQLiteStatements
import Testing

/// What a disk can do to a service's store, done to Screening as a process.
@Suite struct DiskFaultTests {
    private static let mayMount = getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare")

    @Test(.timeLimit(.minutes(3)), .enabled(if: mayMount, "a small disk can be mounted by root only"))
    func `on a full disk it says so and waits, and goes on by itself when there is room`() async throws {
        let service = try await LoneScreening()
        // A disk of its own for the store, seen by this process only; sh then becomes the service.
        try service.start(
            through: [
                "/usr/bin/unshare", "-m", "/bin/sh", "-c", "mount -t tmpfs -o size=24m tmpfs \"$0\" && exec \"$1\"",
                service.storeDirectory.path,
            ])
        #expect(await service.isReady(), "\(service.output)")
        try await service.publish(0..<50)
        #expect(try await service.hasAnswered(50))

        let root = "/proc/\(service.identifier)/root"
        let ballast = root + service.storeDirectory.path + "/ballast"
        try fill(ballast)
        try await service.publish(50..<600)
        let isRed = await LoneScreening.holds(within: .seconds(30)) {
            guard let said = await service.readiness(), said.status == 503 else { return false }
            return said.body.contains("full")
        }
        let said = await service.readiness()?.body ?? "no answer"
        #expect(isRed, "\(said)")
        #expect(service.isRunning)
        try FileManager.default.removeItem(atPath: ballast)
        #expect(try await service.hasAnswered(600), "\(service.output.suffix(2000))")
        #expect(await service.isReady(), "it is ready again without a restart")
        try await service.expectAccount(of: 600, root: root)
    }

    private func fill(_ path: String) throws {
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        guard file >= 0 else { throw LoneScreening.Failed(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        for size in [65_536, 4096, 1] {
            let block = [UInt8](repeating: 1, count: size)
            while write(file, block, size) == size {}
        }
        #expect(errno == ENOSPC)
    }

    @Test(.timeLimit(.minutes(3)))
    func `a sync that fails ends the process, and the next one loses nothing`() async throws {
        let service = try await LoneScreening()
        let shim = try await SyncShim(in: service.directory)
        try service.start(shim.environment(.fail, path: "/store/screening.db"))
        #expect(await service.isReady(), "\(service.output)")
        try await service.publish(0..<50)
        #expect(try await service.hasAnswered(50))
        try shim.pull()
        try await service.publish(50..<100)
        #expect(await service.end(within: .seconds(30)) == 74, "\(service.output.suffix(2000))")
        #expect(service.output.contains("failed to sync"))
        try service.start()
        #expect(try await service.hasAnswered(100))
        #expect(await service.isReady())
        try await service.expectAccount(of: 100)
    }

    @Test(.timeLimit(.minutes(3)), arguments: ["/store/screening.db", "/events.db"])
    func `killed inside the commit of its store or of the log, it loses nothing and says nothing twice`(_ path: String) async throws {
        let service = try await LoneScreening()
        let shim = try await SyncShim(in: service.directory)
        for round in 0..<4 {
            try service.start(shim.environment(.die, path: path))
            #expect(await service.isReady(), "\(service.output)")
            try shim.pull()
            try await service.publish(round * 25..<(round + 1) * 25)
            #expect(await service.end(within: .seconds(30)) == 128 + SIGKILL, "\(service.output.suffix(2000))")
        }
        try service.start()
        #expect(try await service.hasAnswered(100))
        #expect(await service.isReady())
        try await service.expectAccount(of: 100)
    }

    @Test(.timeLimit(.minutes(3)))
    func `a store that another process keeps locked is waited for`() async throws {
        let service = try await LoneScreening()
        try service.start()
        #expect(await service.isReady(), "\(service.output)")
        try await service.publish(0..<20)
        #expect(try await service.hasAnswered(20))
        do {
            let other = try SQLiteConnection(path: service.store.path)
            // The marks of what was answered may be being written just now.
            let isLocked = await LoneScreening.holds(within: .seconds(60)) { (try? other.execute("BEGIN IMMEDIATE")) != nil }
            try #require(isLocked)
            try await service.publish(20..<40)
            // Longer than the ten seconds for which a statement waits.
            let isRed = await LoneScreening.holds(within: .seconds(40)) {
                guard let said = await service.readiness(), said.status == 503 else { return false }
                return said.body.contains("locked")
            }
            #expect(isRed, "\(service.output.suffix(2000))")
            #expect(try await Set(service.receiptsInLog().map(\.result)).count == 20)
            try other.execute("COMMIT")
        }
        #expect(try await service.hasAnswered(40))
        #expect(await service.isReady())
        try await service.expectAccount(of: 40)
    }

    @Test(
        .timeLimit(.minutes(3)),
        arguments: [
            ("CARELOOP_DATABASE", "sqlite:///dev/null/nowhere.db"), ("CARELOOP_EVENT_LOG", "sqlite:///tmp"),
            ("CARELOOP_DATABASE", "postgres://careloop@127.0.0.1:1/postgres?schema=screening"),
        ])
    func `a store or a log that is away ends the start with a sentence`(_ key: String, _ address: String) async throws {
        let service = try await LoneScreening()
        try service.start([key: address])
        #expect(await service.end(within: .seconds(60)) == 70, "\(service.output.suffix(2000))")
        #expect(service.output.contains("the service ends"), "\(service.output.suffix(2000))")
    }

    /// Bytes 0 of a b-tree page in a database file; page 1 has its own header.
    private func pages(of file: URL) throws -> [Int] {
        let bytes = [UInt8](try Data(contentsOf: file))
        return stride(from: 4096, to: bytes.count, by: 4096).filter { [2, 5, 10, 13].contains(bytes[$0]) }
    }

    @Test(.timeLimit(.minutes(3)), arguments: ["one byte", "half a page"])
    func `a damaged page refuses the start and names what to do`(_ damage: String) async throws {
        let service = try await LoneScreening()
        try service.start()
        try await service.publish(0..<300)
        #expect(try await service.hasAnswered(300))
        service.signal(SIGTERM)
        #expect(await service.end(within: .seconds(20)) == 0)
        // Into the file itself, so that there is a page to damage.
        try SQLiteConnection(path: service.store.path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        var random = SystemRandomNumberGenerator()
        let page = try #require(try pages(of: service.store).randomElement(using: &random))
        let file = try FileHandle(forUpdating: service.store)
        try file.seek(toOffset: UInt64(page))
        try file.write(contentsOf: Data(repeating: 0, count: damage == "one byte" ? 1 : 2048))
        try file.close()
        try service.start()
        let status = await service.end(within: .seconds(20))
        #expect(status != nil && status != 0, "the page at \(page)")
        #expect(service.output.contains("is damaged") && service.output.contains("careloop backup place"), "\(service.output.suffix(1500))")
    }

    /// The last pages of a WAL are lost, torn or damaged in a power cut, before anything of them was sent.
    @Test(.timeLimit(.minutes(5)))
    func `a store whose last pages are lost is older and whole, and says the same events again`() async throws {
        let service = try await LoneScreening()
        try await service.publish(0..<200)
        try service.start(["CARELOOP_CRASH_AT": "relay-before-send:1"])
        #expect(await service.end(within: .seconds(30)) == 128 + SIGKILL, "\(service.output)")
        #expect(try await service.receiptsInLog().isEmpty)
        func events(after damage: (URL) throws -> Void) async throws -> [String: String] {
            let future = try LoneScreening(copying: service)
            try damage(URL(fileURLWithPath: future.store.path + "-wal"))
            try future.start()
            #expect(try await future.hasAnswered(200), "\(future.output.suffix(2000))")
            #expect(await future.isReady())
            try await future.expectAccount(of: 200)
            try await future.kill9()
            return Dictionary(try await future.receiptsInLog().map { ($0.result, $0.event) }, uniquingKeysWith: { first, _ in first })
        }
        let whole = try await events { _ in }
        let size = try FileManager.default.attributesOfItem(atPath: service.store.path + "-wal")[.size] as? Int ?? 0
        let frames = (size - 32) / (24 + 4096)
        let seed = UInt64.random(in: 0...UInt64.max)
        print("WAL of \(frames) frames, seed \(seed)")
        // Between the last migrations and the end, so that something is left and something is lost.
        let frame = frames / 2 + Int(seed % UInt64(frames / 2 - 1))
        let boundary = UInt64(32 + frame * (24 + 4096))
        for end in [boundary, boundary + 1 + seed % 4119] {
            let again = try await events { wal in
                let file = try FileHandle(forUpdating: wal)
                try file.truncate(atOffset: end)
                try file.close()
            }
            #expect(again == whole, "cut at \(end), seed \(seed)")
        }
        let again = try await events { wal in
            let file = try FileHandle(forUpdating: wal)
            try file.seek(toOffset: boundary + 100)
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: boundary + 100)
            try file.write(contentsOf: Data([byte ^ 0x10]))
            try file.close()
        }
        #expect(again == whole, "a bit flipped behind \(boundary), seed \(seed)")
    }
}
