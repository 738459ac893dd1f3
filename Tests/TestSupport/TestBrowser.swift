import HTTPTypes
import ServiceRuntime
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A browser without a screen at one service's pages: keeps cookies, signs in by link, fills in the forms that a page shows and nothing else.
public final class TestBrowser {
    public let service: TestService
    /// The instance of the service that its requests go to.
    public var interface: ServiceInterface
    private let signer: TokenSigner
    public var cookies: [String: String] = [:]
    public var language = "zh-CN"
    /// A hidden field that is left away, as by a page that is not ours.
    public var forgets: String?
    private var links = 0

    public convenience init(_ service: TestService) { self.init(service, TokenSigner()) }

    /// The same person's browser at another instance of the service, over the same store.
    public func anotherInstance() -> TestBrowser { TestBrowser(service, signer) }

    private convenience init(_ service: TestService, _ signer: TokenSigner) {
        var keys = TokenKeySet()
        keys.add(signer.publicKey, id: signer.keyID)
        let interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints + Endpoint.forBrowsers, refusals: service.definition.refusals,
            tokens: TokenVerifier(keys, elapsed: service.engine.clock.elapsed))
        self.init(service, at: interface, signer)
    }

    /// A browser whose links are signed by `signer`, which `interface` trusts or not.
    public init(_ service: TestService, at interface: ServiceInterface, _ signer: TokenSigner) {
        self.service = service
        self.interface = interface
        self.signer = signer
    }

    /// A browser in which `actor` has opened a link and pressed the button.
    public convenience init(_ service: TestService, as actor: Actor) async throws {
        self.init(service)
        let signedIn = await signIn(try link(for: actor))
        precondition(signedIn.status == 303, "signing in ended with \(signedIn.status): \(signedIn.text)")
    }

    /// What `careloop link` would print, from its slash on.
    public func link(for actor: Actor, audience: TokenClaims.Audience = .link, seconds: Int64 = 600) throws -> String {
        links += 1
        let claims = TokenClaims(
            subject: actor.user, role: actor.role, organisation: actor.organisation, region: actor.region ?? RegionCode(trusted: "37"),
            issuedAt: service.engine.clock.elapsed.wallMilliseconds / 1000, lifetimeSeconds: seconds, id: "link-\(links)-\(signer.keyID)",
            audience: audience)
        return "/session?link=\(try signer.sign(claims))"
    }

    /// Opens the link and presses its button.
    public func signIn(_ link: String) async -> Reply {
        let page = get(link)
        guard page.status == 200 else { return page }
        return await post("/session", hiddenFields(page))
    }

    /// The page at `target`.
    public func get(_ target: String, more: [String: String] = [:]) -> Reply {
        let reply = interface.handle(.get, target, headers: headers.merging(more) { $1 })
        keep(reply)
        return reply
    }

    /// Fills in the form `name` of a page and sends it; answers by the name of the field.
    public func send(_ name: String, on page: Reply, _ answers: [String: String] = [:]) async throws -> Reply {
        let reply = await post("/forms", try fields(name, page, answers))
        try service.settle()
        return reply
    }

    /// Sends the form `name` with a file in it, to `calling`, one of the addresses it lets one choose from.
    public func send(
        _ name: String, on page: Reply, _ answers: [String: String] = [:], calling target: String? = nil, file: String, content: [UInt8]
    ) async throws -> Reply {
        let boundary = "----boundary7"
        var body: [UInt8] = []
        for (field, value) in try fields(name, page, answers) + (target.map { [("call", "POST \($0)")] } ?? []) {
            guard field != forgets else { continue }
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field)\"\r\n\r\n\(value)\r\n".utf8
        }
        body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(file)\"\r\n".utf8
        body += "Content-Type: application/vnd.ms-excel\r\n\r\n".utf8
        body += content
        body += "\r\n--\(boundary)--\r\n".utf8
        let reply = await post("/forms", body: body, contentType: "multipart/form-data; boundary=\(boundary)")
        try service.settle()
        return reply
    }

    /// A form sent to `target` as it stands, whoever made it.
    public func post(_ target: String, _ fields: [(String, String)], more: [String: String] = [:]) async -> Reply {
        let text = fields.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }.joined(separator: "&")
        return await post(target, body: Array(text.utf8), contentType: "application/x-www-form-urlencoded", more: more)
    }

    private func post(_ target: String, body: [UInt8], contentType: String, more: [String: String] = [:]) async -> Reply {
        var sent = headers.merging(more) { $1 }
        sent["content-type"] = contentType
        let reply = await interface.handleStream(.post, target, body: body, headers: sent)
        keep(reply)
        return reply
    }

    /// What the form `name` of a page would send: what it hides, and for its fields the answers given.
    public func fields(_ name: String, _ page: Reply, _ answers: [String: String]) throws -> [(String, String)] {
        let text = page.text
        guard let start = text.range(of: "id=\"\(name)\""), let end = text.range(of: "</form>", range: start.upperBound..<text.endIndex)
        else {
            throw Missing(description: "the page has no form \(name): \(text)")
        }
        let form = String(text[start.upperBound..<end.lowerBound])
        var fields = hidden(in: form)
        for (answer, value) in answers {
            guard let field = ["t.", "n.", "y."].first(where: { form.contains("name=\"\($0)\(answer)\"") }) else {
                throw Missing(description: "the form \(name) does not ask for \(answer): \(form)")
            }
            fields.append((field + answer, value))
        }
        return fields
    }

    /// What a page or a form was expected to have.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// What the sign-in form of a page hides; the way out, which a page under a session has too, stands before it.
    public func hiddenFields(_ page: Reply) -> [(String, String)] {
        let text = page.text
        let start = text.range(of: "action=\"/session\"")?.upperBound ?? text.startIndex
        return hidden(in: String(text[start...]))
    }

    /// The token that the forms of a page carry, its way out at least.
    public func tokenOnPage(_ page: Reply) -> String { hidden(in: page.text).first { $0.0 == "token" }?.1 ?? "" }

    private func hidden(in form: String) -> [(String, String)] {
        form.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)">/).map {
            (String($0.output.1), Self.plain(String($0.output.2)))
        }
    }

    private var headers: [String: String] {
        var headers = ["accept": "text/html", "accept-language": language]
        if !cookies.isEmpty { headers["cookie"] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        return headers
    }

    private func keep(_ reply: Reply) {
        for (name, value) in reply.headers where name == "Set-Cookie" {
            let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = value.contains("Max-Age=0") ? nil : String(pair[1])
        }
    }

    private static func plain(_ text: String) -> String {
        var text = text
        for (code, character) in [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
            text = text.replacingOccurrences(of: code, with: character)
        }
        return text
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension Reply {
    /// A header of this answer, by its name as it was written.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
