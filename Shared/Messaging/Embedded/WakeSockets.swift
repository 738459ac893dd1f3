import Foundation
import Synchronization

/// A waiting reader's own socket in the log's directory. Its file is removed with it.
final class ReaderSocket: Sendable {
    private let directory: Int32
    private let path: String
    let descriptor: Int32

    init(_ files: EmbeddedFiles) throws(LogError) {
        directory = try SocketDirectory.open(files)
        let name = "reader-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        path = SocketDirectory.path(directory, name)
        do {
            descriptor = try UnixSocket.make(.datagram)
        } catch {
            close(directory)
            throw error
        }
        guard (try? UnixSocket.bind(descriptor, to: path)) == true else {
            let reason = UnixSocket.reason
            close(descriptor)
            close(directory)
            throw .storage("no reader's socket in \(files.readers) (\(reason))")
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
        close(directory)
    }

    /// Wakes this reader from its own process.
    func wake() {
        // A full socket means that a wake is already waiting, any other failure that the reader is going away.
        _ = try? UnixSocket.nudge(descriptor, path)
    }

    /// Takes all wakes that have come, without waiting.
    func drain() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while recv(descriptor, &bytes, 16, Int32(MSG_DONTWAIT)) >= 0 {}
    }

    /// Waits for a wake, at most this long.
    func wait(milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&entry, 1, milliseconds)
    }
}

/// What a writer knows of waiting readers: it sends each one byte after a commit.
final class ReaderWaker {
    private let directory: Int32
    private let sender: Int32
    private var names: [String] = []
    private var listed = timespec(tv_sec: -1, tv_nsec: 0)

    init(_ files: EmbeddedFiles) throws(LogError) {
        directory = try SocketDirectory.open(files)
        do {
            sender = try UnixSocket.make(.datagram)
        } catch {
            close(directory)
            throw error
        }
    }

    deinit {
        close(sender)
        close(directory)
    }

    func wakeAll() {
        refresh()
        for name in names {
            let path = SocketDirectory.path(directory, name)
            // A socket whose process died: nobody else removes its file.
            if (try? UnixSocket.nudge(sender, path)) == ECONNREFUSED { unlink(path) }
        }
    }

    /// Lists the directory again when it has changed, or changed so recently that its time stamp may hide a further change.
    private func refresh() {
        var status = stat()
        guard fstat(directory, &status) == 0 else { return }
        let changed = status.st_mtim
        if changed.tv_sec == listed.tv_sec, changed.tv_nsec == listed.tv_nsec { return }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let isSettled = now.tv_sec - changed.tv_sec > 1
        let path = "/proc/self/fd/\(directory)"
        // A directory that cannot be listed wakes nobody; readers look by themselves every half second.
        names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.hasPrefix("reader-") }
        listed = isSettled ? changed : timespec(tv_sec: -1, tv_nsec: 0)
    }
}

/// Sockets are reached through an open directory, because a socket's address holds 107 bytes only and a log may lie deeper.
private enum SocketDirectory {
    static func open(_ files: EmbeddedFiles) throws(LogError) -> Int32 {
        let descriptor = Glibc.open(files.readers, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .storage("no directory \(files.readers) (\(UnixSocket.reason))") }
        return descriptor
    }

    static func path(_ directory: Int32, _ name: String) -> String { "/proc/self/fd/\(directory)/\(name)" }
}
