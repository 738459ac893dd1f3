import Persistence
import Vocabulary

/// Signing in with a one-time link, and out again; with an account of the organisation's by `OpenIDPages`. The same in every service.
///
/// A link is a short token that the installation's token key signed. Looking at it (a messenger's preview, a virus scanner) shows a page with
/// one button and uses nothing up; the button does, once in each service, in the service's own store, whichever instance is asked.
enum SessionPages {
    static let endpoints = [page, open, end, FormDoor.endpoint] + OpenIDPages.endpoints + assets

    private static let page = Endpoint.page(
        "/session", roles: .everyone, title: BilingualName(zh: "登录", en: "Sign in"), query: ["link"]
    ) { page in
        guard let link = page.request.query("link") else { return page.actor.role == .visitor ? signedOut(page) : signedIn(page) }
        let claims = try page.interface.linked(link)
        guard try !page.interface.isUsed(claims, page.transaction) else { throw Problem.unauthenticated("LINK_INVALID") }
        let actor = claims.actor
        let door = page.interface.sessions.openDoor()
        let place = actor.region.map { page.place($0) } ?? ""
        var reply = page.show(
            "登录", "Sign in",
            """
            <p>\(page.text("您将以下列身份登录“", "You are about to sign in to “"))\(page.text(page.interface.engine.title))\(page.text("”：", "” as:"))</p>
            \(page.facts([
                ("身份", "Role", "\(page.text(actor.role.name))"), ("机构", "Organisation", "\(actor.organisation?.text ?? "")"),
                ("地区", "Region", "\(place)"), ("用户", "User", "\(actor.user)"),
            ]))
            <form method="post" action="/session" class="form"><input type="hidden" name="token" value="\(door.token)">
            <input type="hidden" name="link" value="\(link)"><p class="actions"><button type="submit">\(page.text("登录", "Sign in"))</button></p></form>
            <p class="note">\(page.text("链接只能用一次，十分钟内有效。", "The link works once, within ten minutes."))</p>
            """)
        reply.headers.append((name: "Set-Cookie", value: door.setCookie))
        return reply
    }

    private static func signedOut(_ page: PageRequest) -> Reply {
        page.show(
            "登录", "Sign in",
            """
            \(page.interface.openID == nil ? "" : "<p>\(OpenIDPages.link(page.text))</p>" as HTML)
            <p>\(page.text("请打开发给您的一次性链接。没有链接时，请向运行系统的人索取（careloop link）。",
                "Open the one-time link you were sent. Without one, ask whoever runs the system (careloop link)."))</p>
            """)
    }

    private static func signedIn(_ page: PageRequest) -> Reply {
        let home = page.interface.home(of: page.actor.role)
        let way: HTML =
            home.map { "<p>\(page.link($0, page.text("进入工作台", "Go to your desk")))</p>" }
            ?? "<p>\(page.text("本服务没有您这一身份的页面。", "This service has no page for your role."))</p>"
        return page.show("您已登录", "You are signed in", way)
    }

    private static let open = Endpoint.form("/session", summary: "用一次性链接登录 / Sign in with a one-time link") { request, body, interface in
        try FormDoor.mustBeOurs(request)
        let form = try await FormBody.read(body, contentType: request.header("content-type"))
        let cookie = request.header("cookie")
        guard interface.sessions.isDoor(form["token"] ?? "", cookie: cookie) else { throw Problem.forbidden("FORM_FOREIGN") }
        let link = form["link"] ?? ""
        let claims = try interface.linked(link)
        let used = try interface.used(link)
        let setCookie = try await interface.writeSessions { tx in
            // With the session it opens: who is cut off in between has either both or still the link.
            guard try interface.useUp(claims, tx) else { throw Problem.unauthenticated("LINK_INVALID") }
            return try interface.sessions.open(claims.actor, by: used, cookie: cookie, in: tx)
        }
        var reply = Reply(status: 303, contentType: "", body: [])
        reply.headers.append((name: "Location", value: interface.home(of: claims.role) ?? "/session"))
        reply.headers.append((name: "Set-Cookie", value: setCookie))
        interface.log.info("somebody signed in", .code("role", claims.role.rawValue))
        return reply
    }

    private static let end = Endpoint.form("/session/end", summary: "退出登录 / Sign out") { request, body, interface in
        let form = try await FormBody.read(body, contentType: request.header("content-type"))
        let cookie = request.header("cookie")
        guard request.session?.isOurs(form["token"] ?? "") == true else { throw Problem.forbidden("FORM_FOREIGN") }
        let setCookie = try await interface.writeSessions { try interface.sessions.end(cookie: cookie, in: $0) }
        var reply = Reply(status: 303, contentType: "", body: [])
        reply.headers.append((name: "Location", value: "/session"))
        reply.headers.append((name: "Set-Cookie", value: setCookie))
        return reply
    }

    private static let assets: [Endpoint] = [
        .stream(.get, "/assets/page.css", roles: .everyone, summary: "页面样式 / The pages' style") { _, _ in
            .reply(.text(PageStyle.sheet, contentType: "text/css; charset=utf-8"))
        },
        .stream(.get, "/assets/icon.svg", roles: .everyone, summary: "页面图标 / The pages' icon") { _, _ in
            .reply(.text(PageStyle.icon, contentType: "image/svg+xml"))
        },
    ]
}

extension ServiceInterface {
    /// What a link says; using it up is another matter. Throws `LINK_INVALID` for one that is not good.
    func linked(_ link: String) throws(Problem) -> TokenClaims {
        guard let tokens else { throw .unauthenticated("LINK_INVALID") }
        do { return try tokens.verify(link: link) } catch {
            log.info("a link was refused", .code("why", Self.word(error)))
            throw .unauthenticated("LINK_INVALID")
        }
    }

    /// What is kept of a good link once it opened a session.
    fileprivate func used(_ link: String) throws(Problem) -> UsedLink {
        guard let tokens else { throw .unauthenticated("LINK_INVALID") }
        do { return try tokens.used(link: link) } catch { throw error.problem }
    }

    /// Whether the link was used in this service before.
    func isUsed(_ claims: TokenClaims, _ tx: any Transaction) throws -> Bool {
        try IdempotencyKeys.outcome(principal: "link", route: "POST /session", key: claims.id, in: tx) != nil
    }

    /// False when the link was used in this service before.
    func useUp(_ claims: TokenClaims, _ tx: any Transaction) throws -> Bool {
        try IdempotencyKeys.keep(
            IdempotencyKeys.Outcome(bodyHash: [], status: 303, contentType: "", body: []), principal: "link", route: "POST /session",
            key: claims.id, nowMs: engine.clock.elapsed.wallMilliseconds, in: tx)
    }

    /// A transaction over sessions, from async code.
    func writeSessions<Result: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Result) async throws -> Result {
        try await engine.commands.run { [sessions] in try sessions.write(body) }
    }
}

extension Endpoint {
    /// What every service's pages need beside them: signing in and out, the form door, style and icon.
    public static var forBrowsers: [Endpoint] { SessionPages.endpoints }
}
