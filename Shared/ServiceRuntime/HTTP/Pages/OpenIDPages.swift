import Persistence
import Vocabulary

/// Signing in with the account one has at one's organisation. What the browser and the provider are told and checked for stands in
/// `PendingSignIns` and `OpenIDProvider`; here a browser leaves and comes back.
struct OpenIDSignIn: Sendable {
    let provider: OpenIDProvider
    let pending: PendingSignIns
}

enum OpenIDPages {
    static let beginPath = "/sign-in/openid"
    static let callbackPath = "/sign-in/openid/callback"

    static let endpoints: [Endpoint] = [
        .signIn(beginPath, summary: "转到统一身份认证登录 / Sends a browser to sign in at the organisation's provider", query: [], begin),
        .signIn(
            callbackPath, summary: "从统一身份认证返回 / Where the provider sends the browser back to",
            query: ["code", "state", "iss", "error"], ignoringOthers: true, comeBack),
    ]

    /// The way to the provider, as pages show it to somebody without a session.
    static func link(_ text: PageText) -> HTML {
        "<a href=\"\(beginPath)\">\(text("使用统一身份认证登录", "Sign in with your organisation's account"))</a>"
    }

    @Sendable private static func begin(_ request: EndpointRequest, _ body: UploadBody, _ interface: ServiceInterface) async throws -> Reply
    {
        try await interface.withOpenID { openID, redirect in
            let signIn = PendingSignIns.new()
            // First, so that nothing is kept of a way that leads nowhere.
            let place = try await openID.provider.authorization(signIn, redirect: redirect)
            let setCookie = try await interface.writeSessions { try openID.pending.begin(signIn, in: $0) }
            return Reply(status: 303, contentType: "", body: [], headers: [("Location", place), ("Set-Cookie", setCookie)])
        }
    }

    @Sendable private static func comeBack(_ request: EndpointRequest, _ body: UploadBody, _ interface: ServiceInterface) async throws
        -> Reply
    {
        try await interface.withOpenID { openID, redirect in
            let cookie = request.header("cookie")
            guard let state = request.query("state"), state.utf8.count <= OpenIDLimits.parameterBytes else {
                throw OpenIDRefused.state("none")
            }
            let signIn = try await interface.engine.commands.run { try openID.pending.take(state: state, cookie: cookie) }
            guard openID.provider.isIssuer(request.query("iss")) else { throw OpenIDRefused.state("another issuer's") }
            guard request.query("error") == nil else { throw OpenIDRefused.denied }
            guard let code = request.query("code"), (1...OpenIDLimits.parameterBytes).contains(code.utf8.count) else {
                throw OpenIDRefused.state("no code")
            }
            let actor = try await openID.provider.actor(code: code, signIn, redirect: redirect)
            let setCookie = try await interface.writeSessions { try interface.sessions.open(actor, cookie: cookie, in: $0) }
            interface.log.info("somebody signed in", .code("role", actor.role.rawValue), .code("by", "openid"))
            var reply = arrived(request, interface.home(of: actor.role) ?? "/session", interface.engine.title)
            reply.headers.append((name: "Set-Cookie", value: setCookie))
            reply.headers.append((name: "Set-Cookie", value: openID.pending.endCookie))
            return reply
        }
    }

    /// A page of our own that goes on to the desk at once. A redirect would not do: it would still be the provider's site that sends the
    /// browser, which then holds back a session's cookie, because that is SameSite=Strict.
    private static func arrived(_ request: EndpointRequest, _ desk: String, _ service: BilingualName) -> Reply {
        let text = PageText(language: request.language)
        let frame = PageFrame(text: text, service: service, heading: text("您已登录", "You are signed in"))
        var reply = Reply.html(frame.page("<p><a href=\"\(desk)\">\(text("进入工作台", "Go to your desk"))</a></p>").text)
        reply.headers.append((name: "Refresh", value: "0; url=\(desk)"))
        return reply
    }
}

extension ServiceInterface {
    /// Runs one half of a sign-in with this service's own address for the way back. What is refused is told to the log in a word.
    fileprivate func withOpenID(_ body: (OpenIDSignIn, _ redirect: String) async throws -> Reply) async throws -> Reply {
        guard let openID else { throw Problem.notFound }
        do {
            let own = try await Blocking.queries.run { [addresses, engine] in addresses.address(of: engine.name) }
            guard let own else { throw OpenIDRefused.provider("this service's own address is not in the file of page addresses") }
            return try await body(openID, own + OpenIDPages.callbackPath)
        } catch let refused as OpenIDRefused {
            log.warning("a sign-in by OpenID Connect was refused", .code("why", refused.word))
            throw refused.problem
        }
    }
}
