import Crypto
import Foundation

/// A compact JWS (RFC 7515) taken apart. Nothing of it has been checked, its signature least of all.
struct CompactJWS {
    /// An object.
    let header: JSONValue
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is made over.
    let signed: Data

    /// Names of the header's members.
    let headerNames: [String]

    init(_ token: String) throws(TokenRefused) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("parts") }
        guard let headerBytes = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformed("base64url") }
        // Where it is no JSON does not matter: one word is all that is told of a refused token.
        guard let header = try? JSONParser.parse(headerBytes), case .object(let members) = header else { throw .malformed("header") }
        self.header = header
        headerNames = members.map(\.0)
        self.payload = payload
        self.signature = signature
        signed = Data("\(parts[0]).\(parts[1])".utf8)
    }

    /// The payload as JSON; to be read once the signature is found good.
    var claims: JSONValue {
        get throws(TokenRefused) {
            // As above.
            guard let json = try? JSONParser.parse(payload) else { throw .malformed("payload") }
            return json
        }
    }

    /// True when `key` made the signature, by ES256 (RFC 7518, 3.4).
    func isSigned(by key: P256.Signing.PublicKey) -> Bool {
        // Bytes that are no signature are no good one.
        guard signature.count == 64, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
        return key.isValidSignature(signature, for: signed)
    }
}
