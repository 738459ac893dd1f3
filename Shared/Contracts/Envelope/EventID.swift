import Crypto

/// Identifiers that follow from their cause, so a retry says the same event again.
public enum EventID {
    /// The first 16 bytes of SHA-256 over cause, handler, ordinal and type, each closed by a zero byte, as 32 hex digits.
    public static func derive(cause: String, handler: String, ordinal: Int, type: String) -> String {
        var material: [UInt8] = []
        material.reserveCapacity(cause.utf8.count + handler.utf8.count + type.utf8.count + 24)
        material.append(contentsOf: cause.utf8)
        material.append(0)
        material.append(contentsOf: handler.utf8)
        material.append(0)
        material.append(contentsOf: String(ordinal).utf8)
        material.append(0)
        material.append(contentsOf: type.utf8)
        material.append(0)
        // Straight from the buffer: `hash(data:)` and a digest's sequence take the slow generic way, once for every event there is.
        var hash = SHA256()
        material.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().withUnsafeBytes { digest in
            String(unsafeUninitializedCapacity: 32) { buffer in
                for index in 0..<16 {
                    buffer[2 * index] = hexDigit(digest[index] >> 4)
                    buffer[2 * index + 1] = hexDigit(digest[index] & 15)
                }
                return 32
            }
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }
}
