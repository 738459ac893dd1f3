import Vocabulary

/// What stands around every page: skip link, where one is, the menu, who one is, the other language.
struct PageFrame {
    let text: PageText
    let service: BilingualName
    let heading: String
    var menu: HTML = ""
    var who: HTML = ""
    var script: String?
    var attributes: HTML = ""
    var isWide = false
    /// This page in the other language; nil where a switch would lose what is shown.
    var switchTarget: String?
    var today: String?
    var isSimulated = false

    init(text: PageText, service: BilingualName, heading: String) {
        self.text = text
        self.service = service
        self.heading = heading
    }

    func page(_ body: HTML) -> HTML {
        let other = text("en", "zh-CN")
        let scripts: HTML = script.map { "<script src=\"\($0)\" defer></script>" } ?? ""
        let lang: HTML =
            switchTarget.map { "<a class=\"lang\" href=\"\($0)\" hreflang=\"\(other)\" lang=\"\(other)\">\(text("English", "中文"))</a>" }
            ?? ""
        let date: HTML =
            today.map {
                "<p>\(text("业务日期", "Business date")) <time>\($0)</time>\(isSimulated ? text("（模拟）", " (simulated)") : "")</p>"
            } ?? ""
        return """
            <!doctype html>
            <html lang="\(text.language.rawValue)"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(heading) · CareLoop \(text(service))</title><link rel="stylesheet" href="/assets/page.css"><link rel="icon" href="/assets/icon.svg">
            \(scripts)</head>
            <body\(isWide ? " class=\"wide\"" as HTML : "")><a class="skip" href="#main">\(text("跳到正文", "Skip to content"))</a>
            <header class="top"><div class="bar-top"><p class="brand"><a href="/session">CareLoop</a> <span>\(text(service))</span></p>
            <div class="who">\(who)\(lang)</div></div>\(menu)</header>
            <main id="main" tabindex="-1"\(attributes)><h1>\(heading)</h1>
            \(body)</main><footer>\(date)</footer></body></html>
            """
    }
}
