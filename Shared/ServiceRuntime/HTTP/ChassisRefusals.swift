import Vocabulary

extension RefusalCatalogue {
    /// Codes the chassis and the vocabulary answer with, whichever service it is.
    public static let chassis = RefusalCatalogue(identity + requests + writes + words)

    private static let identity: [Entry] = [
        Entry("TOKEN_MISSING", 401, zh: "请先登录：请求没有令牌。", en: "No bearer token came with the request.", source: "RFC 6750"),
        Entry("TOKEN_INVALID", 401, zh: "令牌无效。", en: "The bearer token is not valid.", source: "RFC 8725"),
        Entry("TOKEN_EXPIRED", 401, zh: "令牌已过期或尚未生效。", en: "The bearer token has expired or is not valid yet.", source: "RFC 7519"),
        Entry("LINK_INVALID", 401, zh: "链接已使用或已失效。", en: "The link has been used or has expired."),
        Entry(
            "FORM_FOREIGN", 403, zh: "表单不是本次登录的页面发出的，请重新打开页面再试。",
            en: "The form does not come from a page of this session; open the page again."),
        Entry(
            "OPENID_STATE_INVALID", 403, zh: "登录已超时、已完成，或不是在本浏览器中开始的，请重新登录。",
            en: "This sign-in took too long, is over, or was not begun in this browser; sign in again.", source: "RFC 6749"),
        Entry("OPENID_DENIED", 403, zh: "统一身份认证没有同意登录。", en: "The organisation's sign-in said no.", source: "RFC 6749"),
        Entry(
            "OPENID_TOKEN_INVALID", 403, zh: "统一身份认证给出的凭据无效，没有登录。", en: "What the organisation's sign-in vouches with is not valid.",
            source: "OpenID Connect Core"),
        Entry(
            "OPENID_UNMAPPED", 403, zh: "您的账号有效，但在本服务中还没有权限。",
            en: "Your account is good, but nobody has given it any right in this service."),
        Entry(
            "OPENID_UNAVAILABLE", 503, zh: "统一身份认证暂时无法使用，请稍后再试。",
            en: "The organisation's sign-in cannot be used at present; try again later."),
        Entry("ROLE_NOT_ALLOWED", 403, zh: "该角色不能执行此操作。", en: "The caller's role may not do this."),
        Entry("REGION_OUT_OF_SCOPE", 403, zh: "超出所辖区域。", en: "The region lies outside the caller's own."),
        Entry("PURPOSE_NOT_GRANTED", 403, zh: "查阅目的未获批准。", en: "The purpose of reading is missing or not granted.", source: "个人信息保护法"),
        Entry("NOT_FOUND", 404, zh: "没有找到。", en: "There is no such thing."),
    ]

    private static let requests: [Entry] = [
        Entry("METHOD_NOT_ALLOWED", 405, zh: "该地址不支持此方法。", en: "This address does not take that method.", source: "RFC 9110"),
        Entry("BODY_TOO_LARGE", 413, zh: "请求内容过大。", en: "The body is larger than this address takes.", source: "RFC 9110"),
        Entry("URI_TOO_LONG", 414, zh: "地址过长。", en: "The address is too long.", source: "RFC 9110"),
        Entry("CONTENT_TYPE_UNSUPPORTED", 415, zh: "不支持的内容类型。", en: "The body must be application/json.", source: "RFC 9110"),
        Entry("HEADERS_TOO_LARGE", 431, zh: "请求头过多或过长。", en: "Too many header fields, or too long ones.", source: "RFC 6585"),
        Entry("TOO_MANY_REQUESTS", 429, zh: "请求过于频繁。", en: "Too many requests from this principal.", source: "RFC 6585"),
        Entry(
            "RECORDS_PER_DAY", 429, zh: "今天查阅的个人记录已达上限，请明天再试，或请运维人员核实。",
            en: "As many records of persons as one may see in a day have been seen; try again tomorrow, or ask the operator.",
            source: "OWASP API6"),
        Entry("JSON_MALFORMED", 400, zh: "内容不是合法的 JSON。", en: "The body is not well-formed JSON.", source: "RFC 8259"),
        Entry("FIELD_MISSING", 400, zh: "缺少必填字段。", en: "A required field is missing."),
        Entry("FIELD_TYPE", 400, zh: "字段类型不符。", en: "A field is of another type."),
        Entry("FIELD_UNKNOWN", 400, zh: "有未知字段。", en: "A field is not known here."),
        Entry("VALUE_NOT_ALLOWED", 422, zh: "取值不在允许范围内。", en: "The value is not one of those allowed."),
        Entry("VALUE_UNKNOWN", 422, zh: "取值未知。", en: "The value is not known to this build."),
        Entry("UNDECODABLE", 422, zh: "内容无法解码。", en: "The content cannot be decoded as its schema."),
        Entry("LIMIT_INVALID", 400, zh: "每页条数不在允许范围内。", en: "The page size is outside its bounds."),
        Entry("CURSOR_INVALID", 400, zh: "翻页游标无效。", en: "The cursor is not one this service gave out."),
        Entry("PARAMETER_UNKNOWN", 400, zh: "该地址不接受此查询参数。", en: "The address does not take this query parameter.", source: "RFC 3986"),
        Entry("FORM_MALFORMED", 400, zh: "表单内容无法识别。", en: "The form cannot be read."),
        Entry("QUERY_MALFORMED", 400, zh: "地址中的参数无法识别。", en: "The address or its query cannot be read.", source: "RFC 3986"),
        Entry(
            "ARCHIVE_UNREADABLE", 503, zh: "日志归档文件缺失或损坏，无法查全。",
            en: "An archive of the journal is missing or damaged, so not everything can be looked through."),
        Entry("INTERNAL", 500, zh: "服务内部错误，已记录。", en: "Something went wrong in the service; it has been logged."),
    ]

    private static let writes: [Entry] = [
        Entry(
            "IDEMPOTENCY_KEY_INVALID", 400, zh: "Idempotency-Key 须为 1 至 128 个可见 ASCII 字符。",
            en: "An Idempotency-Key is 1 to 128 visible ASCII characters."),
        .keyReused,
        Entry("REQUEST_IN_PROGRESS", 409, zh: "相同请求正在处理。", en: "The same request is being worked on."),
        Entry("OUTBOX_FULL", 503, zh: "待发事件已达上限，请稍后重试。", en: "What waits to be sent has reached its cap; try again later."),
        Entry("DATABASE_BUSY", 503, zh: "数据库忙，请稍后重试。", en: "The database is busy; try again later."),
        Entry(
            "DATABASE_UNUSABLE", 503, zh: "数据库目前无法使用，需要运维人员处理，请稍后重试。",
            en: "The database cannot be used at present and has to be mended; try again later."),
        Entry("CONCURRENCY_CONFLICT", 409, zh: "数据已被他人更新，请重试。", en: "Somebody else changed it first; try again."),
        Entry("SUBJECT_UNKNOWN", 409, zh: "所指对象尚未到达本服务。", en: "What the request is about has not arrived here yet; try again later."),
        Entry("POLICY_MISSING", 422, zh: "该地区该日期没有可用的政策数据。", en: "No policy is in force for this region and date."),
        Entry("CALENDAR_YEAR_NOT_LOADED", 503, zh: "该年度的工作日历尚未载入。", en: "The working-day calendar of that year is not loaded."),
        Entry("CLOCK_NOT_SIMULATED", 409, zh: "系统时钟不可移动。", en: "The system clock cannot be moved."),
        Entry("CLOCK_BACKWARDS", 409, zh: "日期只能向后推移。", en: "The date only moves forward."),
    ]

    /// Broken rules of the vocabulary: the request can be read and says what cannot be.
    private static let words = RuleSentence.all.map { Entry($0.code, 422, zh: $0.chinese, en: $0.english, source: $0.source) }
}
