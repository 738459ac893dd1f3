import Vocabulary

/// A problem as a person sees it in a browser: both sentences, the reader's language first, and what to do where that is known.
struct ProblemPage {
    private let problem: Problem
    private let entry: RefusalCatalogue.Entry?
    private let language: Language
    private let offersOpenID: Bool

    init(_ problem: Problem, _ entry: RefusalCatalogue.Entry?, _ language: Language, offersOpenID: Bool = false) {
        self.problem = problem
        self.entry = entry
        self.language = language
        self.offersOpenID = offersOpenID
    }

    /// True when an `Accept` header names HTML, as browsers do for what they show; a client that takes anything gets the document.
    static func isWanted(_ accept: String?) -> Bool {
        (accept ?? "").split(separator: ",").contains { $0.split(separator: ";").first?.trimmed.lowercased() == "text/html" }
    }

    func reply(status: Int, _ headers: [(String, String)]) -> Reply {
        let text = PageText(language: language)
        let chinese = paragraph(entry?.chinese ?? "请求不符合规则。", Self.advice(problem.code)?.chinese, lang: "zh-CN")
        let english = paragraph(entry?.english ?? "The request breaks a rule.", Self.advice(problem.code)?.english, lang: "en")
        var detail: HTML = ""
        if let field = problem.field, !field.isEmpty { detail = "<code>\(field)</code> " }
        if let rule = problem.rule { detail = "\(detail)\(rule)" }
        let frame = PageFrame(text: text, service: BilingualName(zh: "", en: ""), heading: text("无法打开", "Cannot be opened"))
        let body: HTML = """
            \(text.language == .chinese ? [chinese, english] : [english, chinese])\(detail.isEmpty ? "" : "<p>\(detail)</p>" as HTML)
            <p class="code">\(problem.code) · \(status)</p><ul class="way">\(way(status, text))<li><a href="/session">\(text("回到首页", "Back to the start"))</a></li></ul>
            """
        return Reply(status: status, contentType: "text/html; charset=utf-8", body: Array(frame.page(body).text.utf8), headers: headers)
    }

    private func way(_ status: Int, _ text: PageText) -> HTML {
        offersOpenID && status == 401 ? "<li>\(OpenIDPages.link(text))</li>" : ""
    }

    private func paragraph(_ sentence: String, _ advice: String?, lang: String) -> HTML {
        "<p lang=\"\(lang)\"><strong>\(sentence)</strong> \(advice ?? "")</p>"
    }

    /// What helps somebody who came by a link.
    private static func advice(_ code: String) -> Endpoint.Summary? {
        let minutes = Sessions.linkSeconds / 60
        switch code {
        case "LINK_INVALID", "TOKEN_MISSING", "TOKEN_EXPIRED", "FORM_FOREIGN":
            return Endpoint.Summary(
                zh: "请打开一个新的一次性链接：运行系统的人执行 careloop link 即可得到，\(minutes) 分钟内有效，只能打开一次。",
                en:
                    "Open a new one-time link: whoever runs the system gets one with careloop link. It is good for \(minutes) minutes and opens once."
            )
        case "OPENID_UNMAPPED":
            return Endpoint.Summary(
                zh: "请联系本单位负责 CareLoop 的管理员，请其把您的账号（或您所在的组）连同角色、机构和地区写入本服务的映射文件（CARELOOP_OPENID_MAPPING），然后重新登录。",
                en:
                    "Ask your organisation's administrator of CareLoop to enter your account, or a group you are in, with role, organisation and region in this service's mapping file (CARELOOP_OPENID_MAPPING); then sign in again."
            )
        default: return nil
        }
    }
}
