#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The end of a process whose file system failed to sync.
///
/// After a failed fsync the kernel may have dropped what it could not write and forgotten that it was ever changed: asked again it reports
/// success for bytes that are on no disk. So nothing is asked again. The process ends at once, without closing anything, and the next one
/// reads what is really there.
public enum LostSync {
    /// EX_IOERR of sysexits.h.
    public static let exitStatus: Int32 = 74

    /// Says why on standard error and ends the process. Blocks nothing and flushes nothing.
    public static func endProcess(_ why: String) -> Never {
        let line = Array("the disk failed to sync, so this process ends and reads it anew at its next start: \(why)\n".utf8)
        // Nobody is left to hear of a failed write.
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        _exit(exitStatus)
    }
}
