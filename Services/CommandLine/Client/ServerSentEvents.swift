import NIOCore

/// One event of a `text/event-stream`.
struct ServerSentEvent: Hashable, Sendable {
    var id: String?
    var event = "message"
    var data = ""
}

/// Cuts a byte stream into server-sent events, wherever the pieces break (HTML standard, 9.2.6; comments and `retry` are skipped).
struct ServerSentEventReader {
    private var line: [UInt8] = []
    private var next = ServerSentEvent()
    private var lines: [String] = []
    private var hasField = false

    mutating func read(_ bytes: some Sequence<UInt8>) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            if byte != 10 {
                line.append(byte)
                continue
            }
            if line.last == 13 { line.removeLast() }
            if line.isEmpty {
                if hasField {
                    next.data = lines.joined(separator: "\n")
                    events.append(next)
                }
                next = ServerSentEvent(id: next.id)
                lines = []
                hasField = false
            } else {
                take(String(decoding: line, as: UTF8.self))
            }
            line.removeAll(keepingCapacity: true)
        }
        return events
    }

    private mutating func take(_ line: String) {
        guard !line.hasPrefix(":") else { return }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count == 2 ? parts[1] : ""
        if value.hasPrefix(" ") { value = value.dropFirst() }
        switch parts[0] {
        case "data":
            lines.append(String(value))
            hasField = true
        case "event": next.event = String(value)
        case "id": next.id = String(value)
        default: break
        }
    }
}
