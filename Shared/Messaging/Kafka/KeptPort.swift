import Foundation

/// A port of 127.0.0.1 at which nobody listens for a while and that nobody else may have meanwhile.
///
/// In a file without librdkafka's headers: they bring their own copy of the socket constants, and where both are seen in one file an optimised
/// build finds the constants in no other.
enum KeptPort {
    /// A socket that is bound but does not listen: connections are refused, the system gives the port to no outgoing connection, and whoever
    /// binds with SO_REUSEADDR, as the mock does, may still listen there. Nil when the port is taken.
    static func keep(_ port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var reuses: Int32 = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuses, socklen_t(MemoryLayout<Int32>.size))
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func giveBack(_ descriptor: Int32) { close(descriptor) }
}
