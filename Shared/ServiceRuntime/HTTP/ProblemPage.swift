/// A problem as a person sees it in a browser: both sentences, the reader's language first, and what to do where that is known.
struct ProblemPage {
    private let problem: Problem
    private let entry: RefusalCatalogue.Entry?
    private let language: Language

    init(_ problem: Problem, _ entry: RefusalCatalogue.Entry?, _ language: Language) {
        self.problem = problem
        self.entry = entry
        self.language = language
    }

    /// True when an `Accept` header names HTML, as browsers do for what they show; a client that takes anything gets the document.
    static func isWanted(_ accept: String?) -> Bool {
        (accept ?? "").split(separator: ",").contains { $0.split(separator: ";").first?.trimmed.lowercased() == "text/html" }
    }

    func reply(status: Int, _ headers: [(String, String)]) -> Reply {
        let chinese = paragraphs(entry?.chinese ?? "请求不符合规则。", Self.advice(problem.code)?.chinese, lang: "zh-CN")
        let english = paragraphs(entry?.english ?? "The request breaks a rule.", Self.advice(problem.code)?.english, lang: "en")
        let parts = language == .chinese ? chinese + english : english + chinese
        let detail =
            (problem.field.map { "<p><code>\(Self.escaped($0))</code>" } ?? "<p>") + (problem.rule.map { " \(Self.escaped($0))" } ?? "")
        let way = problem.code == "LINK_INVALID" ? "<p><a href=\"/\">已发布的统计 / Published figures</a></p>" : ""
        // Nothing inline is allowed, and not every service has a style sheet: the browser's own looks, in either colour scheme.
        let text = """
            <!doctype html>
            <html lang="\(language.rawValue)"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><title>CareLoop · \(status)</title></head>
            <body><main><h1>CareLoop</h1>\(parts)\(problem.field == nil && problem.rule == nil ? "" : detail + "</p>")\(way)
            <p><small>\(Self.escaped(problem.code)) · \(status)</small></p></main></body></html>
            """
        return Reply(status: status, contentType: "text/html; charset=utf-8", body: Array(text.utf8), headers: headers)
    }

    private func paragraphs(_ sentence: String, _ advice: String?, lang: String) -> String {
        "<p lang=\"\(lang)\"><strong>\(Self.escaped(sentence))</strong>" + (advice.map { " " + Self.escaped($0) } ?? "") + "</p>"
    }

    /// What helps somebody who came by a link.
    private static func advice(_ code: String) -> Endpoint.Summary? {
        let minutes = Sessions.linkSeconds / 60
        switch code {
        case "LINK_INVALID", "TOKEN_MISSING", "TOKEN_EXPIRED":
            return Endpoint.Summary(
                zh: "请打开一个新的一次性链接：运行系统的人执行 careloop link 即可得到，\(minutes) 分钟内有效，只能打开一次。",
                en:
                    "Open a new one-time link: whoever runs the system gets one with careloop link. It is good for \(minutes) minutes and opens once."
            )
        default: return nil
        }
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
