/// The W3C trace context (`traceparent`) of a cause: which trace it belongs to, from whoever asked first to the last event that follows.
///
/// A cause that brings none begins one of its own, whose trace id is the cause's correlation id. Nothing is drawn by lot, so a retry is in
/// the same trace.
public enum TraceContext {
    /// `header` when it is a version 00 traceparent as the recommendation writes it (lower case, neither id all zeros); nil for anything
    /// else, which the recommendation says to ignore.
    public static func accepted(_ header: String?) -> String? {
        guard let header, header.utf8.count == 55 else { return nil }
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 32, 16, 2], parts[0] == "00",
            header.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) || $0 == 45 }),
            parts[1].utf8.contains(where: { $0 != 48 }), parts[2].utf8.contains(where: { $0 != 48 })
        else { return nil }
        return header
    }

    /// The traceparent of a first cause; nil when `correlation` is not the 32 hexadecimal digits our ids are.
    public static func root(of correlation: String) -> String? {
        let id = correlation.utf8.prefix { $0 != UInt8(ascii: ".") }
        guard id.count == 32 else { return nil }
        let text = String(decoding: id, as: UTF8.self)
        return accepted("00-\(text)-\(text.prefix(16))-01")
    }

    /// The 32 digits that name the whole trace.
    public static func id(of traceparent: String) -> String { String(traceparent.dropFirst(3).prefix(32)) }
}

extension ServiceLog.Field {
    /// The trace a line belongs to; by it the lines of five services are found together. Empty where there is none.
    static func trace(_ traceparent: String?) -> ServiceLog.Field { .id("trace", traceparent.map(TraceContext.id) ?? "") }
}
