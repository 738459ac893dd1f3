import CRdKafka
import Foundation

/// A bearer token (OAUTHBEARER) from a file that somebody else keeps fresh, as Kubernetes and most agents do. Debian's librdkafka is built
/// without the part that would fetch one itself.
struct KafkaToken: Equatable {
    let text: String
    let principal: String
    let expiresMs: Int64

    /// Reads what the client has to know out of a JSON Web Token. Its signature is the broker's to check. Nil when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Self.decoded(parts[1]),
            // What is no JSON is no token.
            let claims = try? JSONSerialization.jsonObject(with: payload) as? [String: Any],
            let subject = claims["sub"] as? String, let expires = claims["exp"] as? NSNumber,
            let expiresMs = Int64(exactly: (expires.doubleValue * 1000).rounded())
        else { return nil }
        self.text = text
        principal = subject
        self.expiresMs = expiresMs
    }

    private static func decoded(_ part: Substring) -> Data? {
        let base = part.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: base + String(repeating: "=", count: (4 - base.utf8.count % 4) % 4))
    }

    /// Gives the client the token of the file, or says why there is none.
    static func refresh(_ handle: OpaquePointer, from file: String?) {
        var text = [CChar](repeating: 0, count: 512)
        guard let file, let token = KafkaCredentials.text(file).flatMap({ KafkaToken($0) }) else {
            rd_kafka_oauthbearer_set_token_failure(handle, "the token's file cannot be read or holds no JSON Web Token with sub and exp")
            return
        }
        let code = rd_kafka_oauthbearer_set_token(handle, token.text, token.expiresMs, token.principal, nil, 0, &text, text.count)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { rd_kafka_oauthbearer_set_token_failure(handle, kafkaText(text)) }
    }
}
