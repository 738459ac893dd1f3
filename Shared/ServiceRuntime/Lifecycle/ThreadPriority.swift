#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Who comes first where threads want the same processors.
enum ThreadPriority {
    /// How far a yielding thread stands back: with this it gets two fifths of what another thread gets that wants the same processor, and all of one
    /// that is free. More would let it starve where several systems share a machine.
    private static let niceness: Int32 = 4

    /// Makes the calling thread stand back from now on. On Linux niceness is a thread's own; elsewhere it would be the whole process's, so nothing
    /// is done. A system that does not allow it leaves things as they were.
    static func yield() {
        #if canImport(Glibc)
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
        #endif
    }
}
