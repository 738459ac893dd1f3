import HTTPTypes
import Vocabulary

/// What came of the form that a page is shown after; nothing for a page that is simply looked at.
struct FormState: Sendable {
    static let none = FormState()

    /// Of the form that was sent.
    var name = ""
    /// The address its sender chose.
    var call = ""
    /// What stood in its fields, by wire name.
    var entered: [String: String] = [:]
    var refusal: Problem?
    var status = 422
    var answer: Reply?

    /// The id of the field that is at fault, when it is one a person filled in.
    func id(of field: String) -> String? { entered.keys.contains { $0.dropFirst(2) == field } ? "\(name)-\(field)" : nil }
}

extension PageRequest {
    /// A form that sends its fields, as JSON, to one of this service's own addresses, under the reader's session. Nothing is shown to whoever
    /// may not use that address.
    ///
    /// `name` tells the forms of a page apart. Afterwards the browser goes to `then`, where `{application}` takes that member of the answer;
    /// without `then`, or where the answer lacks that member, the page itself is shown again with the answer in `answer`. `choices` are
    /// further addresses that the sender chooses from, `target`'s own words first.
    public func form(
        _ method: HTTPRequest.Method, _ target: String, name: String, _ zh: String, _ en: String, fields: [FormField] = [],
        then: String? = nil, isDangerous: Bool = false, choices: [(target: String, label: BilingualName)] = []
    ) -> HTML {
        let path = String(target.prefix { $0 != "?" })
        // A page that puts its reader's own words into a target may name what is no address.
        guard case .endpoint(let endpoint, _) = interface.routes.match(method, path) else { return "" }
        guard endpoint.roles.contains(actor.role), let token = request.session?.formToken else {
            return ""
        }
        let isMine = form.name == name
        let inputs = fields.map { field -> HTML in
            let isWrong = isMine && form.refusal?.field == field.name
            let problem: HTML =
                isWrong ? "\(form.refusal.flatMap { interface.catalogue[$0.code] }.map { text($0.chinese, $0.english) } ?? "")" : ""
            return field.html(text, form: name, entered: isMine ? form.entered[field.wireName] : nil, problem: problem)
        }
        let calls = choices.map { "\(method.rawValue) \($0.target)" }
        let chosen = isMine && calls.contains(form.call) ? form.call : "\(method.rawValue) \(target)"
        let options = zip(choices, calls).enumerated().map { index, option -> HTML in
            let (choice, call) = option
            let id = "\(name)-call-\(index)"
            let checked: HTML = call == chosen ? " checked" : ""
            return """
                <label class="radio" for="\(id)"><input type="radio" id="\(id)" name="call" value="\(call)"\(checked)>
                <span>\(text(choice.label))</span></label>
                """
        }
        let way: HTML =
            options.isEmpty
            ? "<input type=\"hidden\" name=\"call\" value=\"\(method.rawValue) \(target)\">"
            : "<fieldset class=\"field\"><legend>\(text("要做什么", "What to do"))</legend>\(options)</fieldset>"
        let isFile = fields.contains { if case .file = $0.kind { true } else { false } }
        let coding: HTML = isFile ? " enctype=\"multipart/form-data\"" : ""
        let goal: HTML = then.map { "<input type=\"hidden\" name=\"then\" value=\"\($0)\">" } ?? ""
        // What says where the form goes stands before a file, so that a file is never read for a form that is refused.
        return """
            <form method="post" action="/forms" class="form" id="\(name)"\(coding)><input type="hidden" name="token" value="\(token)">
            <input type="hidden" name="key" value="\(ServiceInterface.randomID())"><input type="hidden" name="form" value="\(name)">
            <input type="hidden" name="page" value="\(pageTarget)">
            \(goal)\(way)\(inputs)
            <p class="actions"><button type="submit"\(isDangerous ? " class=\"danger\"" as HTML : "")>\(text(zh, en))</button></p></form>
            """
    }

    /// Where this page is, without what only said that a form was taken.
    private var pageTarget: String {
        Self.target(request.path, request.queryPairs.filter { $0.0 != "done" }.map { ($0.0, Optional($0.1)) })
    }
}

extension EndpointRequest {
    /// The query as it came, sorted by name.
    var queryPairs: [(String, String)] { query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
