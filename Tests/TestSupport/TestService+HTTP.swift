import HTTPTypes
import ServiceRuntime

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension TestService {
    private var interface: ServiceInterface {
        ServiceInterface(engine: engine, endpoints: definition.endpoints, refusals: definition.refusals, tokens: nil)
    }

    /// One request as `actor`, with everything but the socket; then whatever follows from it.
    @discardableResult
    public func handle(
        _ method: HTTPRequest.Method, _ target: String, as actor: Actor?, headers: [String: String] = [:]
    ) throws -> Reply {
        let reply = interface.handle(method, target, as: actor, headers: headers)
        try settle()
        return reply
    }

    /// A request with `body` as JSON.
    @discardableResult
    public func handle(
        _ method: HTTPRequest.Method, _ target: String, _ body: some Encodable, as actor: Actor?, headers: [String: String] = [:]
    ) throws -> Reply {
        let reply = interface.handle(method, target, body: Reply.json(body).body, as: actor, headers: headers)
        try settle()
        return reply
    }

    /// A request to a stream endpoint, such as an upload, whose answer is whole.
    @discardableResult
    public func handleStream(
        _ method: HTTPRequest.Method, _ target: String, body: [UInt8] = [], as actor: Actor?, headers: [String: String] = [:]
    ) async throws -> Reply {
        let reply = await interface.handleStream(method, target, body: body, as: actor, headers: headers)
        try settle()
        return reply
    }
}
