import HTTPTypes
import Persistence
import Vocabulary

/// What a page works with while it is made. Lives as long as the transaction it reads in.
///
/// A page has no rights and no rules of its own: it asks the service's own addresses in its reader's name (`ask`), and its forms are sent to
/// them (`form`). What those refuse, the page is refused.
public struct PageRequest {
    static let languageCookie = "careloop_lang"
    static let languageSeconds = 365 * 86_400
    /// What every page takes in its address: the language, and that a form has just been taken.
    static let parameters: [QueryParameter] = [QueryParameter("lang", words: ["zh", "en"]), QueryParameter("done", words: ["1"])]

    public let request: EndpointRequest
    /// Sentences in the reader's language.
    public let text: PageText
    /// What came of a form that stands on this page.
    let form: FormState
    let interface: ServiceInterface
    private let tx: any Transaction
    /// In an audited page.
    private let work: UnitOfWork?

    init(_ interface: ServiceInterface, _ request: EndpointRequest, _ tx: any Transaction, _ form: FormState) {
        self.init(interface, request, tx, nil, form)
    }

    init(_ interface: ServiceInterface, _ request: EndpointRequest, _ work: UnitOfWork, _ form: FormState) {
        self.init(interface, request, work.tx, work, form)
    }

    private init(
        _ interface: ServiceInterface, _ request: EndpointRequest, _ tx: any Transaction, _ work: UnitOfWork?, _ form: FormState
    ) {
        self.interface = interface
        self.request = request
        self.tx = tx
        self.work = work
        self.form = form
        text = PageText(language: Self.chosen(request) ?? request.language)
    }

    /// The language that this very request switches to.
    private static func chosen(_ request: EndpointRequest) -> Language? {
        switch request.query("lang") {
        case "en": .english
        case "zh": .chinese
        default: nil
        }
    }

    public var actor: Actor { request.actor }
    /// The transaction the page reads in, for pages whose figures no address gives.
    public var transaction: any Transaction { tx }
    /// What the form that was just sent came to, where it stays on its page.
    public var answer: Reply? { form.answer }

    // MARK: Asking

    /// The answer of one of this service's own GET addresses, in the reader's name and in this page's transaction. Throws what stops the
    /// reader at the door; the address's own refusal is in the answer. In a page that is not audited only reads without a trace can be asked.
    public func reply(_ target: String) throws -> Reply {
        let (endpoint, inner) = try interface.asked(target, by: request, in: text.language)
        switch (endpoint.kind, work) {
        case (.query(let handle), _): return try interface.counted(endpoint, inner) { try handle(inner, tx) }
        case (.command(let prepare), let work?): return try interface.counted(endpoint, inner) { try prepare(inner, [])(work) }
        default: preconditionFailure("\(request.path) asks \(endpoint.path), which this page cannot")
        }
    }

    /// The same, read as `type`. Throws the refusal.
    public func ask<Value: Decodable>(_ target: String, as type: Value.Type) throws -> Value {
        let reply = try reply(target)
        guard reply.status < 400 else { throw Self.problem(reply) }
        return try reply.decode(type)
    }

    static func problem(_ reply: Reply) -> Problem {
        // An answer of ours that is no problem document is one all the same, with its status.
        let document = try? JSONParser.parse(reply.body)
        return Problem(
            document?["code"]?.text ?? "INTERNAL", status: reply.status, field: document?["field"]?.text, rule: document?["rule"]?.text)
    }

    /// An address with its query, percent-coded; what is nil is left away.
    public static func target(_ path: String, _ query: [(String, String?)] = []) -> String {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(PercentCoding.encode($0))" } }
        return pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
    }

    /// A text as one segment of a path.
    public static func segment(_ text: String) -> String { PercentCoding.encode(text) }

    /// A page of another service; nil when nobody said where that is.
    public func page(of service: String, _ target: String) -> String? { interface.addresses.address(of: service).map { $0 + target } }

    // MARK: Answering

    /// The whole page under its heading. `wide` pages fill a wall.
    public func show(
        _ zh: String, _ en: String, status: Int = 200, script: String? = nil, main attributes: HTML = "", isWide: Bool = false, _ body: HTML
    ) -> Reply {
        var frame = PageFrame(text: text, service: interface.engine.title, heading: text(zh, en))
        frame.script = script
        frame.attributes = attributes
        frame.isWide = isWide
        frame.menu = menu
        frame.who = who
        frame.switchTarget = switchTarget
        frame.today = request.today.text
        frame.isSimulated = interface.engine.clock.isSimulated
        var reply = Reply.html(frame.page("\(notice)\(body)").text)
        reply.status = form.refusal.map { _ in form.status } ?? status
        if let chosen = Self.chosen(request) {
            let word = chosen == .english ? "en" : "zh"
            reply.headers.append(
                (
                    name: "Set-Cookie",
                    value: "\(Self.languageCookie)=\(word); HttpOnly; SameSite=Lax; Path=/; Max-Age=\(Self.languageSeconds)"
                ))
        }
        return reply
    }

    /// A refusal of an address, as the page's answer: for audited pages, which must not throw.
    public func refused(_ reply: Reply) -> Reply {
        var page = interface.catalogue.reply(Self.problem(reply), text.language, asPage: true)
        page.status = reply.status
        return page
    }

    private var menu: HTML {
        guard actor.role != .visitor else { return "" }
        let items = interface.endpoints.filter { $0.isInMenu && $0.roles.contains(actor.role) }
        guard !items.isEmpty else { return "" }
        // The nearest page above this one is marked, or this one itself.
        let here = items.filter { request.path == $0.path || request.path.hasPrefix($0.path + "/") }.max {
            $0.path.utf8.count < $1.path.utf8.count
        }
        let entries = items.map { item -> HTML in
            let isHere = item.path == here?.path
            let mark: HTML = isHere ? (request.path == item.path ? " aria-current=\"page\"" : " aria-current=\"true\"") : ""
            return "<li><a href=\"\(item.path)\"\(mark)>\(text(item.summary.chinese, item.summary.english))</a></li>"
        }
        return "<nav class=\"menu\" aria-label=\"\(text("菜单", "Menu"))\"><ul>\(entries)</ul></nav>"
    }

    /// Who the page is for, and the way out.
    private var who: HTML {
        guard actor.role != .visitor else { return "<a href=\"/session\">\(text("登录", "Sign in"))</a>" }
        let place = actor.region.flatMap { RegionTable.shared.fullName(of: $0) } ?? actor.region?.text ?? ""
        var out: HTML = ""
        if let token = request.session?.formToken {
            out = """
                <form method="post" action="/session/end"><input type="hidden" name="token" value="\(token)">
                <button type="submit" class="plain">\(text("退出", "Sign out"))</button></form>
                """
        }
        return """
            <span class="me"><strong>\(text(actor.role.name))</strong> \(actor.organisation?.text ?? "") · \(place) · \(actor.user)</span>\(out)
            """
    }

    /// This page in the other language.
    private var switchTarget: String {
        var query = request.queryPairs.filter { $0.0 != "lang" && $0.0 != "done" }
        query.append(("lang", text("en", "zh")))
        return Self.target(request.path, query.map { ($0.0, Optional($0.1)) })
    }

    private var notice: HTML {
        if let refusal = form.refusal {
            let entry = interface.catalogue[refusal.code]
            let sentence = entry.map { text($0.chinese, $0.english) } ?? text("请求不符合规则。", "The request breaks a rule.")
            let detail: HTML =
                refusal.field.flatMap { form.id(of: $0) }.map { " <a href=\"#\($0)\">\(text("到该项", "Go to the field"))</a>" }
                ?? refusal.field.map { $0.isEmpty ? "" : " <code>\($0)</code>" } ?? ""
            return """
                <div class="notice bad" role="alert" id="refusal" tabindex="-1"><p><strong>\(text("没有完成：", "Not done: "))\(sentence)</strong>\(detail)</p>
                \(refusal.rule.flatMap { $0 == entry?.english ? nil : $0 }.map { "<p>\($0)</p>" as HTML } ?? "")<p class="code">\(refusal.code)</p></div>
                """
        }
        guard request.query("done") == "1" else { return "" }
        return "<p class=\"notice good\" role=\"status\">\(text("已完成。", "Done."))</p>"
    }
}

extension ServiceInterface {
    /// The endpoint behind `target` and the request it would get from whoever made `outer`, after the checks that any caller passes.
    func asked(_ target: String, by outer: EndpointRequest, in language: Language) throws(Problem) -> (Endpoint, EndpointRequest) {
        let (path, query) = try Self.parts(target)
        // A page that puts its reader's own words into a target may ask for what is no address.
        guard case .endpoint(let endpoint, let parameters) = routes.match(.get, path) else { throw .notFound }
        if !endpoint.access.isOpen { try outer.actor.must(be: endpoint.roles) }
        try Self.check(query, endpoint)
        let inner = EndpointRequest(
            id: outer.id, method: .get, path: path, query: query, actor: outer.actor, now: outer.now, language: language,
            parameters: parameters, headers: [:], grants: outer.grants, declared: Set(endpoint.query.map(\.name)))
        return (endpoint, inner)
    }

    /// Path and decoded query.
    static func parts(_ target: String) throws(Problem) -> (path: String, query: [String: String]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let query = PercentCoding.query(parts.count == 2 ? parts[1] : "") else { throw .malformed("QUERY_MALFORMED") }
        return (String(parts.first ?? ""), query)
    }

    /// The first page of the menu that somebody in this role may see; nil where the service has no page for the role.
    func home(of role: Role) -> String? {
        endpoints.first { $0.isInMenu && $0.roles.contains(role) && !$0.path.contains("{") }?.path
    }
}
