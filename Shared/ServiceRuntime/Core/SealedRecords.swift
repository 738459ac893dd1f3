import Contracts
import Messaging
import Persistence

/// Keeps what people's records hold unreadable wherever their bytes lie outside their topic: key, headers and body together under a key as
/// short-lived as the topic.
enum SealedRecords {
    /// Before the key's name where the whole record is sealed; letters of older builds have their body sealed alone.
    private static let whole = "whole:"

    /// The record as it may be stored. `keepsKey` leaves the key legible for ordering, which only keys of internal topics may be: they are
    /// pseudonyms. Throws `KeyFile.Fault` when there is no key to be had.
    static func sealed(_ record: StoredRecord, _ sealing: ShortLivedKeys?, keepsKey: Bool) throws -> StoredRecord {
        var kept = record
        guard record.sealedWith == nil else {
            if !keepsKey { kept.key = "" }
            return kept
        }
        let plan = Catalogue.topic(for: record.topic)
        // What a partner wrote may hold anything, whatever its schema says.
        guard let sealing, plan.map({ $0.isSensitive || $0.isWrittenByPartner }) ?? true else { return record }
        let sealed = try sealing.seal(pack(record))
        kept.key = keepsKey ? record.key : ""
        kept.headers = []
        kept.body = sealed.bytes
        kept.sealedWith = whole + sealed.key
        return kept
    }

    /// The record as the log had it. Throws `ShortLivedKeys.Unreadable` when it has outlived its key.
    static func opened(_ record: StoredRecord, _ sealing: ShortLivedKeys?) throws -> StoredRecord {
        guard let name = record.sealedWith else { return record }
        guard let sealing else { throw ShortLivedKeys.Unreadable() }
        var open = record
        open.sealedWith = nil
        if name.hasPrefix(whole) {
            let bytes = try sealing.open(ShortLivedKeys.Sealed(key: String(name.dropFirst(whole.count)), bytes: record.body ?? []))
            try unpack(bytes, into: &open)
        } else if let body = record.body {
            open.body = try sealing.open(ShortLivedKeys.Sealed(key: name, bytes: body))
        }
        return open
    }

    /// The key's name as others are told it.
    static func keyName(_ record: StoredRecord) -> String? {
        record.sealedWith.map { $0.hasPrefix(whole) ? String($0.dropFirst(whole.count)) : $0 }
    }

    /// Key, headers and body as nameless headers: the last is missing where there is no body.
    private static func pack(_ record: StoredRecord) -> [UInt8] {
        var parts = [LogHeader(name: "key", text: record.key), LogHeader(name: "headers", value: record.headers)]
        if let body = record.body { parts.append(LogHeader(name: "body", value: body)) }
        return WireHeaders.encode(parts)
    }

    private static func unpack(_ bytes: [UInt8], into record: inout StoredRecord) throws {
        let parts = WireHeaders.decode(bytes)
        guard parts.count >= 2 else { throw ShortLivedKeys.Unreadable() }
        record.key = parts[0].text
        record.headers = parts[1].value
        record.body = parts.count > 2 ? parts[2].value : nil
    }
}
