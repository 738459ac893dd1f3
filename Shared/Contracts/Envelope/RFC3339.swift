import Vocabulary

extension Instant {
    /// An RFC 3339 timestamp, `2024-03-05T10:00:00.123+08:00`; parts of a millisecond are dropped. Nil for anything else, and for a leap second.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard (20...35).contains(bytes.count) else { return nil }
        func number(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[start..<(start + count)] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        guard let year = number(0, 4), bytes[4] == 45, let month = number(5, 2), bytes[7] == 45, let day = number(8, 2),
            let date = LocalDate(year: year, month: month, day: day), bytes[10] | 0x20 == 116,
            let hour = number(11, 2), hour < 24, bytes[13] == 58, let minute = number(14, 2), minute < 60, bytes[16] == 58,
            let second = number(17, 2), second < 60
        else { return nil }
        var index = 19
        var fraction = 0
        if bytes[index] == 46 {
            var scale = 100
            index += 1
            let first = index
            while index < bytes.count, (48...57).contains(bytes[index]) {
                fraction += Int(bytes[index] - 48) * scale
                scale /= 10
                index += 1
            }
            guard index > first, index - first <= 9 else { return nil }
        }
        guard index < bytes.count else { return nil }
        var offsetMinutes = 0
        switch bytes[index] {
        case 90, 122:
            guard index + 1 == bytes.count else { return nil }
        case 43, 45:
            guard index + 6 == bytes.count, let hours = number(index + 1, 2), hours < 24, bytes[index + 3] == 58,
                let minutes = number(index + 4, 2), minutes < 60
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (bytes[index] == 43 ? 1 : -1)
        default: return nil
        }
        let minutes = Int64(date.days) * 1440 + Int64(hour * 60 + minute - offsetMinutes)
        self.init(seconds: minutes * 60 + Int64(second), nanos: Int64(fraction) * 1_000_000)
    }
}
