import Contracts
import Crypto
import Foundation
import Persistence

/// Old rows of the journal in checksummed files, from which the relay reads them back when their topic is sent again.
///
/// A file is whole and durable under its name before its rows leave the store; a crash in between leaves a file nobody knows, which the next
/// attempt writes anew. Belongs to the relay's thread.
final class JournalArchive {
    /// An archive that is missing or is not what was written.
    struct Damaged: Error, CustomStringConvertible {
        let file: String
        let reason: String
        var description: String { "archive \(file) \(reason)" }
    }

    private let folder: URL
    private let age: Duration
    /// The archive read last: several streams are sent from one file.
    private var open: (file: String, rows: [Outbox.Row])?

    init(folder: String, age: Duration = CoreLimits.journalAge) {
        self.folder = URL(fileURLWithPath: folder, isDirectory: true)
        self.age = age
    }

    /// Moves rows older than the age, as many as go into one file. Returns how many; 0 when there are none.
    func move(now: Int64, _ database: any Database, _ lease: RelayLease) throws -> Int {
        let before = now - Int64(age.wholeMilliseconds)
        let rows = try database.read {
            try Archives.candidates(before: before, limit: CoreLimits.archiveRows, bytes: CoreLimits.archiveBytes, in: $0)
        }
        guard let first = rows.first?.id, let last = rows.last?.id else { return 0 }
        let bytes = ArchiveFormat.encode(rows)
        let file = "journal-\(first)-\(last).rows"
        try write(bytes, file)
        let archive = Archives.Archive(first: first, last: last, rows: rows.count, file: file, digest: Self.digest(bytes))
        try lease.write { try Archives.add(archive, in: $0) }
        return rows.count
    }

    /// The rows of `archive`. Throws `Damaged` with the file's name when it is not what was written.
    func rows(of archive: Archives.Archive) throws -> [Outbox.Row] {
        if let open, open.file == archive.file { return open.rows }
        let bytes: [UInt8]
        do { bytes = Array(try Data(contentsOf: folder.appendingPathComponent(archive.file))) } catch {
            throw Damaged(file: archive.file, reason: "cannot be read")
        }
        guard Self.digest(bytes) == archive.digest, let rows = ArchiveFormat.decode(bytes), rows.count == archive.rows else {
            throw Damaged(file: archive.file, reason: "is damaged: its checksum differs from the one kept when it was written")
        }
        open = (archive.file, rows)
        return rows
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private func write(_ bytes: [UInt8], _ file: String) throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let part = folder.appendingPathComponent(file + ".part")
        try Data(bytes).write(to: part)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: part.path)
        let handle = try FileHandle(forUpdating: part)
        try handle.synchronize()
        try handle.close()
        let target = folder.appendingPathComponent(file)
        if FileManager.default.fileExists(atPath: target.path) { try FileManager.default.removeItem(at: target) }
        try FileManager.default.moveItem(at: part, to: target)
        // The name is durable with the directory.
        let directory = Foundation.open(folder.path, O_RDONLY)
        guard directory >= 0 else { throw Damaged(file: file, reason: "has a folder that cannot be opened") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Damaged(file: file, reason: "has a folder that cannot be made durable") }
    }
}

/// Rows as bytes: a first line that names the format, then each row's numbers, key, headers and body with their lengths, little-endian.
enum ArchiveFormat {
    private static let magic = Array("careloop-journal-1\n".utf8)
    private static let none: Int64 = -1

    static func encode(_ rows: [Outbox.Row]) -> [UInt8] {
        var bytes = magic
        func put(_ number: Int64) { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
        func put(_ part: [UInt8]?) {
            put(part.map { Int64($0.count) } ?? none)
            bytes.append(contentsOf: part ?? [])
        }
        for row in rows {
            put(row.id)
            put(row.stream)
            put(row.number)
            put(row.recordedMs)
            put(row.late.map { Int64($0.epoch) } ?? none)
            put(Array(row.key.utf8))
            put(row.headers)
            put(row.body)
        }
        return bytes
    }

    /// Nil when the bytes are no archive.
    static func decode(_ bytes: [UInt8]) -> [Outbox.Row]? {
        guard bytes.starts(with: magic) else { return nil }
        var rows: [Outbox.Row] = []
        var index = magic.count
        var isWhole = true
        func number() -> Int64 {
            guard index + 8 <= bytes.count else {
                isWhole = false
                return 0
            }
            defer { index += 8 }
            return bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(fromByteOffset: index, as: Int64.self)) }
        }
        func part() -> [UInt8]? {
            let count = number()
            guard count != none, isWhole else { return nil }
            guard count >= 0, count <= bytes.count - index else {
                isWhole = false
                return nil
            }
            defer { index += Int(count) }
            return Array(bytes[index..<index + Int(count)])
        }
        while index < bytes.count, isWhole {
            let (id, stream, counted, recordedMs, epoch) = (number(), number(), number(), number(), number())
            let (key, headers, body) = (part(), part(), part())
            guard isWhole, let key, let headers else { return nil }
            rows.append(
                Outbox.Row(
                    id: id, stream: stream, number: counted, key: String(decoding: key, as: UTF8.self), headers: headers, body: body,
                    recordedMs: recordedMs, late: epoch == none ? nil : EventSequence(epoch: Int(epoch), number: counted)))
        }
        return isWhole ? rows : nil
    }
}
