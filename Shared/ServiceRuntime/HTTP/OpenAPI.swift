import HTTPTypes

/// The service's own description in OpenAPI 3.1, made from its endpoints, so that it cannot say anything else.
enum OpenAPI {
    static func document(service: String, endpoints: [Endpoint], catalogue: RefusalCatalogue) -> JSONValue {
        var paths: [(String, JSONValue)] = []
        for (path, group) in Dictionary(grouping: endpoints, by: \.path).sorted(by: { $0.key < $1.key }) {
            let operations = group.sorted { $0.method.rawValue < $1.method.rawValue }
                .map { ($0.method.rawValue.lowercased(), operation($0)) }
            paths.append((path, .object(operations)))
        }
        return .object([
            ("openapi", .string("3.1.0")),
            (
                "info",
                .object([
                    ("title", .string("CareLoop \(service)")), ("version", .string("1")),
                    ("description", .string("Codes of refusals: \(catalogue.codes.joined(separator: ", "))")),
                ])
            ),
            ("paths", .object(paths)),
            (
                "components",
                .object([
                    (
                        "securitySchemes",
                        .object([
                            (
                                "bearer",
                                .object([("type", .string("http")), ("scheme", .string("bearer")), ("bearerFormat", .string("JWT"))])
                            )
                        ])
                    ),
                    ("schemas", .object([("Problem", problem.json)])),
                ])
            ),
        ])
    }

    private static let problem = Schema.object([
        .init("type", .string()), .init("title", .string()), .init("status", .integer), .init("code", .string()),
        .init("detail", .string(), required: false), .init("field", .string(), required: false), .init("rule", .string(), required: false),
        .init("source", .string()), .init("retryable", .boolean),
    ])

    private static func operation(_ endpoint: Endpoint) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("operationId", .string(name(endpoint))),
            ("summary", .string(endpoint.summary.english)),
            ("description", .string(endpoint.summary.chinese)),
        ]
        if !endpoint.access.isOpen {
            members.append(("security", .array([.object([("bearer", .array([]))])])))
            members.append(("x-roles", .array(endpoint.roles.map { .string($0.rawValue) })))
        }
        let parameters = pathParameters(endpoint) + queryParameters(endpoint) + headerParameters(endpoint)
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if let body = body(endpoint) { members.append(("requestBody", body)) }
        members.append(("responses", .object(responses(endpoint))))
        return .object(members)
    }

    private static func name(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split(separator: "/").map { $0.filter { $0 != "{" && $0 != "}" } }
        return ([endpoint.method.rawValue.lowercased()] + words).joined(separator: "_")
    }

    private static func pathParameters(_ endpoint: Endpoint) -> [JSONValue] {
        endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            parameter(String($0.dropFirst().dropLast()), place: "path", required: true)
        }
    }

    private static func queryParameters(_ endpoint: Endpoint) -> [JSONValue] {
        endpoint.query.map { parameter($0.name, place: "query", required: false, words: $0.words) }
    }

    private static func headerParameters(_ endpoint: Endpoint) -> [JSONValue] {
        guard case .command = endpoint.kind else { return [] }
        let days = CoreLimits.answersKept.components.seconds / 86_400
        return [
            parameter(
                "Idempotency-Key", place: "header", required: false,
                description:
                    "\(days) 天内用同一键重发同一请求，答复相同且只生效一次 / The same request under the same key within \(days) days has one effect and one answer"
            )
        ]
    }

    private static func parameter(
        _ name: String, place: String, required: Bool, words: [String]? = nil, description: String? = nil
    ) -> JSONValue {
        let allowed = words.map { [("enum", JSONValue.array($0.map { .string($0) }))] } ?? []
        return .object(
            [("name", .string(name)), ("in", .string(place)), ("required", .bool(required))]
                + (description.map { [("description", .string($0))] } ?? [])
                + [("schema", .object([("type", .string("string"))] + allowed))])
    }

    private static func body(_ endpoint: Endpoint) -> JSONValue? {
        if let schema = endpoint.bodySchema {
            return .object([
                ("required", .bool(true)), ("content", .object([("application/json", .object([("schema", schema.json)]))])),
            ])
        }
        guard !endpoint.consumes.isEmpty else { return nil }
        return .object([("required", .bool(true)), ("content", .object(endpoint.consumes.map { ($0, .object([])) }))])
    }

    private static func responses(_ endpoint: Endpoint) -> [(String, JSONValue)] {
        var good: [(String, JSONValue)] = [("description", .string("done"))]
        if let schema = endpoint.replySchema {
            good.append(("content", .object([("application/json", .object([("schema", schema.json)]))])))
        }
        let refused = JSONValue.object([
            ("description", .string("refused, and why")),
            (
                "content",
                .object([
                    ("application/problem+json", .object([("schema", .object([("$ref", .string("#/components/schemas/Problem"))]))]))
                ])
            ),
        ])
        return [("2XX", .object(good)), ("4XX", refused), ("5XX", refused)]
    }
}
