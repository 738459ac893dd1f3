import Foundation

/// A library put in front of libc that lets one sync of a chosen file fail, or the process die in it.
///
/// It acts once each time the file `trigger` exists, on the first fsync or fdatasync of a file whose path contains `path`, and removes it.
struct SyncShim {
    /// What happens in the sync.
    enum Act: String {
        /// EIO, once: the next sync would report success, as Linux does.
        case fail
        /// SIGKILL: the frames of a commit are written, nobody has heard that they are durable.
        case die
    }

    let library: URL
    let trigger: URL

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        static int struck(int file) {
            const char *trigger = getenv("SHIM_TRIGGER"), *path = getenv("SHIM_PATH"), *act = getenv("SHIM_ACT");
            char link[64], name[4096];
            if (!trigger || !path || !act || access(trigger, F_OK)) return 0;
            snprintf(link, sizeof link, "/proc/self/fd/%d", file);
            ssize_t length = readlink(link, name, sizeof name - 1);
            if (length < 0) return 0;
            name[length] = 0;
            if (!strstr(name, path) || unlink(trigger)) return 0;
            if (!strcmp(act, "die")) { kill(getpid(), SIGKILL); for (;;) pause(); }
            errno = EIO;
            return 1;
        }
        int fsync(int file) { return struck(file) ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file); }
        int fdatasync(int file) { return struck(file) ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file); }
        """

    /// Compiled with the compiler that came with Swift.
    init(in directory: URL) async throws {
        library = directory.appendingPathComponent("shim.so")
        trigger = directory.appendingPathComponent("shim-trigger")
        let file = directory.appendingPathComponent("shim.c")
        try Self.source.write(to: file, atomically: true, encoding: .utf8)
        let made = try await Program(named: "clang").run(
            ["-shared", "-fPIC", "-O1", "-o", library.path, file.path, "-ldl"], in: directory)
        guard made.status == 0 else { throw LoneScreening.Failed(description: made.output) }
    }

    func environment(_ act: Act, path: String) -> [String: String] {
        ["LD_PRELOAD": library.path, "SHIM_TRIGGER": trigger.path, "SHIM_PATH": path, "SHIM_ACT": act.rawValue]
    }

    func pull() throws { try Data().write(to: trigger) }
    var isPending: Bool { FileManager.default.fileExists(atPath: trigger.path) }
}
