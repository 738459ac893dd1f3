import Vocabulary

/// One question of a form. Its kind decides what the browser offers and what the answer becomes in the JSON of the address the form goes to.
public struct FormField: Sendable {
    enum Kind: Sendable {
        case text(longest: Int, isLong: Bool)
        /// A line that says who somebody is: a refused form comes back without it, since others see the screen.
        case secret(longest: Int)
        case number(ClosedRange<Int>)
        /// Asked in yuan, sent in fen.
        case yuan
        case date, month
        case choice([(value: String, label: BilingualName)], isRadio: Bool)
        /// Sent as it is, never shown.
        case fixed(FormValue)
        /// The body itself.
        case file(accepts: String)
    }

    let name: String
    let label: BilingualName
    let hint: BilingualName?
    let kind: Kind
    let isRequired: Bool
    let value: String?

    private init(_ name: String, _ label: BilingualName, _ hint: BilingualName?, _ kind: Kind, _ isRequired: Bool, _ value: String?) {
        self.name = name
        self.label = label
        self.hint = hint
        self.kind = kind
        self.isRequired = isRequired
        self.value = value
    }

    /// A line of text, or several.
    public static func text(
        _ name: String, _ zh: String, _ en: String, hint: BilingualName? = nil, longest: Int = 500, isLong: Bool = false,
        isRequired: Bool = true, value: String? = nil
    ) -> FormField {
        FormField(name, BilingualName(zh: zh, en: en), hint, .text(longest: longest, isLong: isLong), isRequired, value)
    }

    /// A line that never stands on a page, not even after it was refused.
    public static func secret(
        _ name: String, _ zh: String, _ en: String, hint: BilingualName? = nil, longest: Int
    ) -> FormField {
        FormField(name, BilingualName(zh: zh, en: en), hint, .secret(longest: longest), true, nil)
    }

    /// A whole number.
    public static func number(
        _ name: String, _ zh: String, _ en: String, hint: BilingualName? = nil, in range: ClosedRange<Int>, isRequired: Bool = true,
        value: Int? = nil
    ) -> FormField {
        FormField(name, BilingualName(zh: zh, en: en), hint, .number(range), isRequired, value.map { String($0) })
    }

    /// An amount: a person writes yuan, the address gets fen.
    public static func yuan(
        _ name: String, _ zh: String, _ en: String, hint: BilingualName? = nil, isRequired: Bool = true, value: Fen? = nil
    ) -> FormField {
        FormField(name, BilingualName(zh: zh, en: en), hint, .yuan, isRequired, value?.yuan)
    }

    /// A day.
    public static func date(
        _ name: String, _ zh: String, _ en: String, hint: BilingualName? = nil, isRequired: Bool = true, value: LocalDate? = nil
    ) -> FormField {
        FormField(name, BilingualName(zh: zh, en: en), hint, .date, isRequired, value?.text)
    }

    /// A month.
    public static func month(
        _ name: String, _ zh: String, _ en: String, hint: BilingualName? = nil, isRequired: Bool = true, value: YearMonth? = nil
    ) -> FormField {
        FormField(name, BilingualName(zh: zh, en: en), hint, .month, isRequired, value?.text)
    }

    /// One of a few words.
    public static func choice(
        _ name: String, _ zh: String, _ en: String, hint: BilingualName? = nil, of words: [(value: String, label: BilingualName)],
        isRadio: Bool = false, isRequired: Bool = true, value: String? = nil
    ) -> FormField {
        FormField(name, BilingualName(zh: zh, en: en), hint, .choice(words, isRadio: isRadio), isRequired, value)
    }

    /// What the form sends without asking.
    public static func fixed(_ name: String, _ value: FormValue) -> FormField {
        FormField(name, BilingualName(zh: name, en: name), nil, .fixed(value), true, nil)
    }

    /// A file, sent as the body of the address.
    public static func file(_ zh: String, _ en: String, hint: BilingualName? = nil, accepts: String) -> FormField {
        FormField("file", BilingualName(zh: zh, en: en), hint, .file(accepts: accepts), true, nil)
    }

    /// How the answer travels: a letter that says what it becomes, and the name.
    var wireName: String {
        switch kind {
        case .text, .secret, .date, .month, .choice, .fixed(.text): "t.\(name)"
        case .number, .fixed(.number): "n.\(name)"
        case .yuan: "y.\(name)"
        case .file: name
        }
    }

    /// As HTML inside the form called `form`; `entered` is what stood there when the form was refused, `problem` what was wrong with it.
    func html(_ text: PageText, form: String, entered: String?, problem: HTML) -> HTML {
        if case .fixed(let value) = kind { return "<input type=\"hidden\" name=\"\(wireName)\" value=\"\(value.wire)\">" }
        let id = "\(form)-\(name)"
        var value = entered ?? self.value ?? ""
        if case .secret = kind { value = "" }
        let optional: HTML = isRequired ? "" : " <small>\(text("（选填）", "(optional)"))</small>"
        let hintHTML: HTML = hint.map { "<span class=\"hint\" id=\"\(id)-hint\">\(text($0))</span>" } ?? ""
        let errorHTML: HTML = problem.isEmpty ? "" : "<span class=\"wrong\" id=\"\(id)-wrong\">\(problem)</span>"
        let described = (hint == nil ? [] : ["\(id)-hint"]) + (problem.isEmpty ? [] : ["\(id)-wrong"])
        var attributes: HTML = "id=\"\(id)\" name=\"\(wireName)\""
        if isRequired { attributes = attributes + " required" }
        if !described.isEmpty { attributes = attributes + " aria-describedby=\"\(described.joined(separator: " "))\"" }
        if !problem.isEmpty { attributes = attributes + " aria-invalid=\"true\"" }
        if case .choice(let words, isRadio: true) = kind {
            let options = words.enumerated().map { index, word -> HTML in
                let checked: HTML = word.value == value ? " checked" : ""
                let need: HTML = isRequired ? " required" : ""
                return """
                    <label class="radio" for="\(id)-\(index)"><input type="radio" id="\(id)-\(index)" name="\(wireName)" value="\(word.value)"\(need)\(checked)>
                    <span>\(text(word.label))</span></label>
                    """
            }
            let wrong: HTML = problem.isEmpty ? "" : " aria-invalid=\"true\""
            let told: HTML = described.isEmpty ? "" : " aria-describedby=\"\(described.joined(separator: " "))\""
            return
                "<fieldset class=\"field\" role=\"radiogroup\" id=\"\(id)\"\(told)\(wrong)><legend>\(text(label))\(optional)</legend>\(hintHTML)\(errorHTML)\(options)</fieldset>"
        }
        return """
            <div class="field"><label for="\(id)">\(text(label))\(optional)</label>\(hintHTML)\(errorHTML)\(control(text, attributes, value))</div>
            """
    }

    private func control(_ text: PageText, _ attributes: HTML, _ value: String) -> HTML {
        switch kind {
        case .text(let longest, isLong: true): return "<textarea \(attributes) rows=\"3\" maxlength=\"\(longest)\">\(value)</textarea>"
        case .text(let longest, isLong: false), .secret(let longest):
            return "<input type=\"text\" \(attributes) maxlength=\"\(longest)\" autocomplete=\"off\" value=\"\(value)\">"
        case .number(let range):
            return
                "<input type=\"number\" \(attributes) min=\"\(range.lowerBound)\" max=\"\(range.upperBound)\" inputmode=\"numeric\" value=\"\(value)\">"
        case .yuan:
            return
                "<input type=\"text\" \(attributes) inputmode=\"decimal\" pattern=\"-?[0-9]{1,12}([.][0-9]{1,2})?\" class=\"money\" value=\"\(value)\">"
        case .date: return "<input type=\"date\" \(attributes) value=\"\(value)\">"
        // A browser's own month picker cannot be typed into everywhere; a pattern can.
        case .month:
            return
                "<input type=\"text\" \(attributes) pattern=\"[0-9]{4}-[0-9]{2}\" placeholder=\"2025-06\" inputmode=\"numeric\" maxlength=\"7\" value=\"\(value)\">"
        case .choice(let words, _):
            let first: HTML = value.isEmpty ? "<option value=\"\">\(text("请选择", "choose one"))</option>" : ""
            let options = words.map { word -> HTML in
                "<option value=\"\(word.value)\"\(word.value == value ? " selected" as HTML : "")>\(text(word.label))</option>"
            }
            return "<select \(attributes)>\(first)\(options)</select>"
        case .file(let accepts): return "<input type=\"file\" \(attributes) accept=\"\(accepts)\">"
        case .fixed: return ""
        }
    }
}

/// What a form sends without asking.
public enum FormValue: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case text(String)
    case number(Int)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .number(value) }

    var wire: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        }
    }
}
