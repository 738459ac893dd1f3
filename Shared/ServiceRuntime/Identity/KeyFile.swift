#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Small files that hold keys: readable by their owner only, written whole or not at all.
public enum KeyFile {
    /// A key file that cannot be read or written: the path and the system's reason, never the content.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        public let path: String
        public let reason: String
        public var description: String { "\(path): \(reason)" }

        public init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    private static let largest = 64 << 10

    /// The text of the file; nil when there is none.
    public static func text(at path: String) throws(Fault) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw fault(path)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: largest)
        var length = 0
        while length < largest {
            let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + length, largest - length) }
            guard count >= 0 else { throw fault(path) }
            if count == 0 { break }
            length += count
        }
        return String(decoding: bytes[..<length], as: UTF8.self)
    }

    /// Writes beside the place, makes it durable and renames, so that nobody ever reads half a key. Mode 0600.
    public static func save(_ text: String, to path: String) throws(Fault) { try save(text, to: path, replacing: true) }

    /// As `save`, but what is there already stands: of several processes that make the file at once the first one wins.
    static func saveUnlessThere(_ text: String, to path: String) throws(Fault) { try save(text, to: path, replacing: false) }

    private static func save(_ text: String, to path: String, replacing: Bool) throws(Fault) {
        let draft = "\(path).\(getpid())-\(UInt32.random(in: .min ... .max)).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw fault(draft) }
        let bytes = Array(text.utf8)
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        let synced = fsync(file)
        close(file)
        guard written == bytes.count, synced == 0, replacing ? rename(draft, path) == 0 : link(draft, path) == 0 || errno == EEXIST else {
            let failed = fault(path)
            unlink(draft)
            throw failed
        }
        if !replacing { unlink(draft) }
        // Its name too has to outlive a power cut: what is sealed with a key is worth as much as the key.
        let folder = open(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".", O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw fault(path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw fault(path) }
    }

    static func remove(_ path: String) { unlink(path) }

    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            )
        }
        return names
    }

    private static func fault(_ path: String) -> Fault { Fault(path: path, reason: String(cString: strerror(errno))) }
}
