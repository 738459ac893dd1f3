import Foundation
import Synchronization

/// A file as it is now: looked at again at most once a second, read again when it has changed. One that no longer reads leaves the last good
/// content in force and is told to `onFailure`.
public final class WatchedFile<Content: Sendable>: Sendable {
    private struct State {
        var content: Content
        var stamp: Stamp
        var lookedAt: Int64
        var generation: Int
    }

    private struct Stamp: Equatable {
        var modifiedNanoseconds: Int64
        var size: Int64
        var inode: UInt64
    }

    private static var lookAgainNanoseconds: Int64 { 1_000_000_000 }

    private let path: String
    private let read: @Sendable (String) throws -> Content
    private let elapsed: any ElapsedTime
    private let onFailure: @Sendable (any Error) -> Void
    private let state: Mutex<State>

    /// Throws what `read` throws when the file at `path` cannot be read now.
    public init(
        _ path: String, read: @escaping @Sendable (String) throws -> Content, elapsed: any ElapsedTime = SystemTime(),
        onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) throws {
        self.path = path
        self.read = read
        self.elapsed = elapsed
        self.onFailure = onFailure
        let stamp = Self.stamp(path)
        let content = try read(path)
        state = Mutex(State(content: content, stamp: stamp, lookedAt: elapsed.monotonicNanoseconds, generation: 0))
    }

    /// The content, and a number that changes whenever it does.
    public var current: (content: Content, generation: Int) {
        let now = elapsed.monotonicNanoseconds
        return state.withLock { state in
            guard now - state.lookedAt >= Self.lookAgainNanoseconds else { return (state.content, state.generation) }
            state.lookedAt = now
            let stamp = Self.stamp(path)
            guard stamp != state.stamp else { return (state.content, state.generation) }
            do {
                state.content = try read(path)
                state.stamp = stamp
                state.generation += 1
            } catch {
                onFailure(error)
            }
            return (state.content, state.generation)
        }
    }

    private static func stamp(_ path: String) -> Stamp {
        var info = stat()
        guard stat(path, &info) == 0 else { return Stamp(modifiedNanoseconds: -1, size: -1, inode: 0) }
        #if os(Linux)
            let modified = info.st_mtim
        #else
            let modified = info.st_mtimespec
        #endif
        return Stamp(
            modifiedNanoseconds: Int64(modified.tv_sec) * 1_000_000_000 + Int64(modified.tv_nsec), size: Int64(info.st_size),
            inode: UInt64(info.st_ino))
    }
}
