import Foundation

/// What a service answers instead of a result: RFC 9457 problem+json with CareLoop's fields.
struct Problem: Decodable, Hashable, Sendable {
    var status: Int
    /// Public code, for instance `FOUR_EYES`.
    var code: String?
    var title: String?
    var detail: String?
    var field: String?
    var rule: String?
    var source: String?

    init(_ answer: HTTPAnswer) {
        if let read = try? JSONDecoder().decode(Problem.self, from: Data(answer.bytes)) {
            self = read
            return
        }
        // Not problem+json: a proxy or a crash answered. What it said is all there is.
        status = answer.status
        title = String(answer.text.prefix(200))
    }

    /// One line for a terminal.
    var line: String {
        var parts = [code ?? "HTTP \(status)"]
        if let title, !title.isEmpty { parts.append(title) }
        if let detail, detail != title { parts.append(detail) }
        if let field { parts.append(Text("字段 \(field)", "field \(field)").here) }
        if let rule, rule != title { parts.append(rule) }
        if let source { parts.append("(\(source))") }
        return parts.joined(separator: " · ")
    }
}

/// Why a request did not end in a result.
enum ServiceError: Error, CustomStringConvertible {
    /// No answer; whether the request had its effect is not known.
    case unreachable(service: String, ConnectionError)
    /// An answer other than 2xx.
    case refused(service: String, Problem)
    /// An answer that this build does not understand.
    case misunderstood(service: String, String)

    var code: String? {
        if case .refused(_, let problem) = self { problem.code } else { nil }
    }

    var status: Int? {
        if case .refused(_, let problem) = self { problem.status } else { nil }
    }

    var description: String {
        switch self {
        case .unreachable(let service, let error): "\(service): \(error)"
        case .refused(let service, let problem): "\(service): \(problem.line)"
        case .misunderstood(let service, let reason): Text("\(service)：看不懂的答复：\(reason)", "\(service): unexpected answer: \(reason)").here
        }
    }
}
