import Contracts
import Messaging
import Vocabulary

/// A record of the log as a person reads it, whichever form it has: CloudEvents in the protobuf format, binary mode, or something else.
enum EventText {
    /// Every event type there is, to turn its bytes into JSON; without those that say who a child is, which do not belong on a screen.
    private static let types: [String: any ContractEvent.Type] = Dictionary(
        uniqueKeysWithValues: Catalogue.eventTypes.filter { ![IdentityShared.type, DeadLettered.type].contains($0.type) }.map {
            ($0.type, $0)
        })

    struct Content {
        var meta: EventMeta?
        /// JSON of the data, nil when it is not to be shown or cannot be read.
        var data: String?
    }

    static func content(_ record: LogRecord) -> Content {
        guard let value = record.value else { return Content(meta: nil, data: nil) }
        let headers = record.headers.map { (name: $0.name, value: $0.value) }
        if record.header("content-type")?.text == Envelope.contentType, let (meta, data) = try? Envelope.decode(value) {
            return Content(meta: meta, data: json(meta.type, data, binary: true))
        }
        let meta = try? Envelope.meta(headers: headers)
        let type = record.header("ce_type")?.text
        let isJSON = record.header("content-type")?.text.contains("json") ?? (value.first == UInt8(ascii: "{"))
        // What a bureau sends names a child; only its type is shown.
        guard let type, type != RawScreeningResult.type else { return Content(meta: meta, data: nil) }
        return Content(meta: meta, data: json(type, value, binary: !isJSON))
    }

    static func line(_ record: LogRecord) -> String {
        let content = content(record)
        let type = content.meta?.type ?? record.header("ce_type")?.text ?? "–"
        let time = content.meta.map { String($0.recorded.text.prefix(19)) } ?? String(record.timestamp.text.prefix(19))
        let place = "\(record.partition)/\(record.offset)"
        return
            "\(time)  \(place)  \(type)  \(String(decoding: record.key, as: UTF8.self))  \(content.data ?? "\(record.value?.count ?? 0) bytes")"
    }

    /// One object on one line.
    static func json(_ record: LogRecord) throws -> String {
        let content = content(record)
        var fields = [
            "\"topic\":\(quoted(record.topic))", "\"partition\":\(record.partition)", "\"offset\":\(record.offset)",
            "\"key\":\(quoted(String(decoding: record.key, as: UTF8.self)))",
            "\"type\":\(quoted(content.meta?.type ?? record.header("ce_type")?.text ?? ""))",
        ]
        if let meta = content.meta {
            fields += [
                "\"id\":\(quoted(meta.id))", "\"recorded\":\(quoted(meta.recorded.text))", "\"correlation\":\(quoted(meta.correlation))",
            ]
        }
        fields.append("\"data\":\(content.data ?? "null")")
        return "{" + fields.joined(separator: ",") + "}"
    }

    /// Internal figures come in an envelope, published ones in binary mode.
    static func indicator(_ value: [UInt8], _ record: LogRecord) -> Indicator? {
        if record.header("content-type")?.text == Envelope.contentType {
            return (try? Envelope.decode(value)).flatMap { try? Indicator(protobuf: $0.1) }
        }
        if record.header("content-type")?.text.contains("json") == true {
            return try? Indicator(json: String(decoding: value, as: UTF8.self))
        }
        return try? Indicator(protobuf: value)
    }

    private static func json(_ type: String, _ data: [UInt8], binary: Bool) -> String? {
        guard binary else { return String(decoding: data, as: UTF8.self) }
        return types[type].flatMap { try? $0.init(protobuf: data).json() }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case let control where control.value < 32: out += "\\u00" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
