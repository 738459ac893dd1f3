import Foundation
import Persistence

/// What it costs that a commit is on the disk before it is answered: batches of a thousand events with `synchronous=FULL` against `NORMAL`,
/// each pair one after the other in changing order, and the median of the pairs' ratios.
func syncBenchmark() throws {
    let (batches, size, pairs) = (150, 1000, 9)
    var ratios: [Double] = []
    var rates: [Bool: [Double]] = [:]
    for pair in 0..<pairs {
        var rate: [Bool: Double] = [:]
        for isDurable in pair % 2 == 0 ? [true, false] : [false, true] {
            rate[isDurable] = try eventsPerSecond(isDurable: isDurable, batches: batches, size: size)
            rates[isDurable, default: []].append(rate[isDurable]!)
        }
        ratios.append(rate[true]! / rate[false]!)
    }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    print(
        """
        sync: batches of \(size), \(pairs) pairs: FULL \(Int(median(rates[true]!))) events/s, NORMAL \(Int(median(rates[false]!))) events/s, \
        median ratio \(format(median(ratios))) (target 0.85), from \(format(ratios.min()!)) to \(format(ratios.max()!))
        """)
}

private let createState = SQL(
    """
    CREATE TABLE state (
        id INTEGER PRIMARY KEY, version INTEGER NOT NULL, status INTEGER NOT NULL, region TEXT NOT NULL, institution TEXT NOT NULL,
        category TEXT NOT NULL, month TEXT NOT NULL, due TEXT NOT NULL, total INTEGER NOT NULL, sex INTEGER NOT NULL)
    """)
private let createOutbox = SQL("CREATE TABLE box (id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL, body BLOB NOT NULL)")
private let createPosition = SQL("CREATE TABLE place (one INTEGER PRIMARY KEY, next INTEGER NOT NULL)")
private let upsert = SQL(
    """
    INSERT INTO state VALUES (?, 1, 0, '370303', 'rc-370303-1', 'hearing', '2024-06', '2024-06-12', 1, 2)
    ON CONFLICT (id) DO UPDATE SET version = version + 1, total = total + 1
    """)
private let append = SQL("INSERT INTO box (number, body) VALUES (?, ?)")
private let move = SQL("INSERT INTO place VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET next = excluded.next")

/// An event is a row of state, a row of the outbox with 300 bytes, and its share of a position.
private func eventsPerSecond(isDurable: Bool, batches: Int, size: Int) throws -> Double {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-sync-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") } }
    let database = try SQLiteDatabase(path: folder.appendingPathComponent("store.db").path, isDurable: isDurable)
    let body = [UInt8](repeating: 7, count: 300)
    try database.write { tx in for statement in [createState, createOutbox, createPosition] { try tx.run(statement) } }
    func write(_ batch: Int) throws {
        try database.write { tx in
            for index in batch * size..<(batch + 1) * size {
                try tx.run(upsert, [.int(index * 7919 % 20_000)])
                try tx.run(append, [.int(index), .blob(body)])
            }
            try tx.run(move, [.int(batch)])
        }
    }
    // What a service that is up does: its WAL has grown once to the size of a checkpoint and is written over since. A batch is over 1 MB of it.
    let grown = SQLiteDatabase.Limits.checkpointPages / 250
    for batch in 0..<grown { try write(batch) }
    let began = ContinuousClock.now
    for batch in grown..<grown + batches { try write(batch) }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    try database.close()
    return Double(batches * size) / seconds
}
