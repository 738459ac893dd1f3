/// Every bound of signing in by OpenID Connect.
enum OpenIDLimits {
    /// How long a person may take at the provider.
    static let signInSeconds: Int64 = 600
    /// Sign-ins under way at a time; the oldest goes first.
    static let signIns = 4096
    /// Bytes of any one answer of the provider.
    static let answerBytes = 256 << 10
    /// How long the provider may take for one answer.
    static let answerSeconds = 8
    /// Questions to the provider at a time, those given up and not ended included.
    static let requests = 64
    /// Bytes of an ID token.
    static let tokenBytes = 32 << 10
    /// Bytes of the code and of the state that come back.
    static let parameterBytes = 4 << 10
    /// How long what the provider says of itself is believed.
    static let discoverySeconds: Int64 = 3600
    /// How long its keys are believed.
    static let keysSeconds: Int64 = 3600
    /// Least time between two looks for keys that were not there before.
    static let keysAgainSeconds: Int64 = 60
    /// Least time between an answer that did not come and the next question.
    static let againSeconds: Int64 = 5
    /// Keys that one provider may have.
    static let keys = 64
    /// How old an ID token may be when it arrives; it comes straight from the provider.
    static let tokenAgeSeconds: Int64 = 300
    /// How far the provider's clock may differ from ours.
    static let clockSkewSeconds = TokenVerifier.clockSkewSeconds
    /// Bytes of a subject (OpenID Connect Core, 2).
    static let subjectBytes = 255
    /// Groups of one person that are looked at.
    static let groups = 1000
    /// Bits of an RSA modulus: below it is weak, above it costs us time.
    static let modulusBits = 2048...8192
}

/// Why nobody was signed in. Told to the log in one word that holds nothing anybody sent; the person gets the problem.
enum OpenIDRefused: Error, Equatable {
    /// The provider does not answer as it should.
    case provider(String)
    /// The provider says no.
    case denied
    /// What came back is not what this browser was sent away with, or comes late or again.
    case state(String)
    case token(TokenRefused)
    /// A good account of the provider's that is nobody here.
    case unmapped

    var problem: Problem {
        switch self {
        case .provider: .unavailable("OPENID_UNAVAILABLE", retryAfterSeconds: Int(OpenIDLimits.againSeconds))
        case .denied: .forbidden("OPENID_DENIED")
        case .state: .forbidden("OPENID_STATE_INVALID")
        case .token: .forbidden("OPENID_TOKEN_INVALID")
        case .unmapped: .forbidden("OPENID_UNMAPPED")
        }
    }

    var word: String {
        switch self {
        case .provider(let what): "provider: \(what)"
        case .denied: "denied"
        case .state(let what): "state: \(what)"
        case .token(let refused): "ID token: \(ServiceInterface.word(refused))"
        case .unmapped: "unmapped"
        }
    }
}
