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
        let digest = SHA256.hash(data: material)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            var index = 0
            for byte in digest.prefix(16) {
                buffer[index] = hexDigit(byte >> 4)
                buffer[index + 1] = hexDigit(byte & 15)
                index += 2
            }
            return 32
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }
}
