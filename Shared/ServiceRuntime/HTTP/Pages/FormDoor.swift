import HTTPTypes
import Persistence
import Vocabulary

/// The one way in which a browser writes: `POST /forms`, a form of one of our pages, sent under its session.
///
/// The form names one of this service's own addresses and goes there as its JSON would: same rights, same command, same transaction, same
/// refusals. What only the door checks is that the form is ours: it carries the token that pages of this very session hold, which no page of
/// another site can read or guess, and the session's cookie is not sent along from other sites in the first place.
enum FormDoor {
    static let endpoint = Endpoint.form(
        "/forms", summary: "提交本服务页面上的表单 / Takes a form of one of this service's pages", bodyLimit: FormBody.maximumFileBytes, take)

    @Sendable private static func take(_ request: EndpointRequest, _ body: UploadBody, _ interface: ServiceInterface) async throws -> Reply
    {
        try mustBeOurs(request)
        let form = try await FormBody.read(body, contentType: request.header("content-type"))
        guard !request.grants.isEmpty else { throw Problem.unauthenticated() }
        guard request.session?.isOurs(form["token"] ?? "") == true else {
            interface.log.warning("a form without its session's token was refused")
            throw Problem.forbidden("FORM_FOREIGN")
        }
        guard let page = form["page"].flatMap(ownPath), let call = form["call"].flatMap(Call.init),
            form["then"].map({ ownPath($0) != nil }) ?? true
        else {
            throw Problem.malformed("FORM_MALFORMED")
        }
        let reply = try await send(form, call, request, interface)
        guard reply.status < 400 else { return try await again(page, form, request, interface, refused: reply) }
        guard let goal = form["then"], let filled = filled(goal, reply) else {
            return try await again(page, form, request, interface, answered: reply)
        }
        guard let place = ownPath(filled) else { throw Problem.malformed("FORM_MALFORMED") }
        var answer = Reply(status: 303, contentType: "", body: [])
        answer.headers.append((name: "Location", value: place + (place.contains("?") ? "&" : "?") + "done=1"))
        return answer
    }

    /// What the form asks for.
    private struct Call {
        let method: HTTPRequest.Method
        let target: String

        init?(_ text: String) {
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, let method = HTTPRequest.Method(parts[0]), let target = ownPath(parts[1]) else { return nil }
            self.method = method
            self.target = target
        }
    }

    /// A browser that says where a request comes from must say: from here.
    static func mustBeOurs(_ request: EndpointRequest) throws(Problem) {
        guard let site = request.header("sec-fetch-site") else { return }
        guard site == "same-origin" || site == "none" else { throw .forbidden("FORM_FOREIGN") }
    }

    /// A path of this service: never another host's, whatever a browser makes of slashes.
    private static func ownPath(_ text: String) -> String? {
        text.hasPrefix("/") && !text.hasPrefix("//") && !text.contains("\\") && text.unicodeScalars.allSatisfy { $0.value > 32 }
            ? text : nil
    }

    private static func send(_ form: FormBody, _ call: Call, _ request: EndpointRequest, _ interface: ServiceInterface) async throws
        -> Reply
    {
        var headers = ["accept-language": request.language.rawValue]
        headers["idempotency-key"] = form["key"]
        headers["traceparent"] = request.header("traceparent")
        if let file = form.file { headers["content-type"] = contentType(file) }
        let admitted: ServiceInterface.Admitted
        do {
            let actor = request.grants.first { grant in interface.mayCall(grant, call.method, call.target) } ?? request.actor
            admitted = try interface.admit(.init(method: call.method, target: call.target, headers: headers, actor: actor))
        } catch { return interface.catalogue.reply(error, request.language) }
        defer { interface.finish(admitted) }
        switch admitted.endpoint.kind {
        case .command:
            let bytes = admitted.endpoint.bodySchema == nil ? [] : form.json().bytes
            return try await admitted.endpoint.queue(of: interface.engine).run { interface.perform(admitted, body: bytes) }
        case .stream:
            guard let file = form.file, !file.name.isEmpty else {
                return interface.catalogue.reply(Problem("FIELD_MISSING", status: 400, field: "file"), request.language)
            }
            let reply = await interface.stream(admitted, body: file.parts.body(limit: admitted.endpoint.bodyLimit))
            guard case .whole(let whole) = reply.kind else { throw Problem.malformed("FORM_MALFORMED") }
            // Whatever was not read, so that the connection can go on.
            while try await file.parts.next() != nil {}
            return whole
        case .query, .page, .form: throw Problem.malformed("FORM_MALFORMED")
        }
    }

    /// By the name of the file: what a browser says of it depends on the programs installed beside it.
    private static func contentType(_ file: FormBody.File) -> String {
        let name = file.name.lowercased()
        if name.hasSuffix(".csv") || name.hasSuffix(".txt") { return "text/csv" }
        return name.hasSuffix(".json") ? "application/json" : file.contentType
    }

    /// The page the form stood on, with what came of it.
    private static func again(
        _ page: String, _ form: FormBody, _ request: EndpointRequest, _ interface: ServiceInterface, refused: Reply? = nil,
        answered: Reply? = nil
    ) async throws -> Reply {
        var state = FormState()
        state.name = form["form"] ?? ""
        state.call = form["call"] ?? ""
        state.entered = Dictionary(form.fields.filter { $0.name.dropFirst().first == "." }.map { ($0.name, $0.value) }) { first, _ in first
        }
        state.refusal = refused.map { PageRequest.problem($0) }
        state.status = refused?.status ?? 200
        state.answer = answered
        let admitted = try interface.admit(.init(method: .get, target: page, headers: request.cookies, session: request.session))
        defer { interface.finish(admitted) }
        guard case .page = admitted.endpoint.kind else { throw Problem.malformed("FORM_MALFORMED") }
        return try await admitted.endpoint.queue(of: interface.engine).run { [state] in interface.perform(admitted, body: [], form: state) }
    }

    /// `/applications/{application}` with that member of the answer in it; nil when the answer has none.
    private static func filled(_ goal: String, _ reply: Reply) -> String? {
        guard let open = goal.firstIndex(of: "{"), let close = goal[open...].firstIndex(of: "}") else { return goal }
        let name = String(goal[goal.index(after: open)..<close])
        // An answer without a body, or with another one, has no such member.
        guard let value = (try? JSONParser.parse(reply.body))?[name]?.text else { return nil }
        return goal.replacingCharacters(in: open...close, with: PercentCoding.encode(value))
    }
}

extension EndpointRequest {
    /// What says who a browser is and what it can read, for a request made in its name.
    fileprivate var cookies: [String: String] {
        var headers: [String: String] = [:]
        for name in ["cookie", "accept-language", "accept"] { headers[name] = header(name) }
        return headers
    }
}

extension ServiceInterface {
    /// True when this grant's role may call that address.
    func mayCall(_ grant: Actor, _ method: HTTPRequest.Method, _ target: String) -> Bool {
        guard case .endpoint(let endpoint, _) = routes.match(method, String(target.prefix { $0 != "?" })) else { return false }
        return endpoint.roles.contains(grant.role)
    }
}
