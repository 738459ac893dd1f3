import Foundation
import NIOCore

/// A file that could not be read or written: which, and what the system said.
struct FileTrouble: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "\(path): \(reason)" }
}

enum Files {
    static func read(_ path: String) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw FileTrouble(path: path, reason: reason(error))
        }
    }

    static func write(_ bytes: some Sequence<UInt8>, to path: String, mode: Int = 0o644) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        } catch {
            throw FileTrouble(path: path, reason: reason(error))
        }
    }

    static func makeDirectory(_ path: String, mode: Int = 0o755) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw FileTrouble(path: path, reason: reason(error))
        }
    }

    /// Opens for writing from the start; `-` is stdout.
    static func create(_ path: String) throws -> FileHandle {
        if path == "-" { return .standardOutput }
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw FileTrouble(path: path, reason: String(cString: strerror(errno)))
        }
        return handle
    }

    static func size(_ path: String) throws -> Int {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.size] as? NSNumber)?.intValue ?? 0
        } catch {
            throw FileTrouble(path: path, reason: reason(error))
        }
    }

    /// A file's bytes in pieces of `size`, read as the consumer asks for them; `progress` hears how many went out.
    static func pieces(
        of path: String, size: Int = 1 << 18, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> AsyncThrowingStream<ByteBuffer, any Error> {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FileTrouble(path: path, reason: String(cString: strerror(errno)))
        }
        let sent = Counter()
        return AsyncThrowingStream {
            guard let data = try handle.read(upToCount: size), !data.isEmpty else { return nil }
            progress(sent.add(data.count))
            return ByteBuffer(bytes: data)
        }
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        return underlying.map { String(cString: strerror(Int32($0.code))) } ?? (error as NSError).localizedDescription
    }
}
