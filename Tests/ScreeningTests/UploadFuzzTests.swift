import TestSupport
import Testing

@testable import Screening

/// Files that nobody sane would upload: the readers end, in pieces of any size, and keep within a record's bound.
struct UploadFuzzTests {
    @Test func `a CSV reader survives anything and reads the same however the bytes are cut`() throws {
        var random = Seeded("fuzz, CSV")
        let seed = Array("\u{feff}结果编号,revision,\"na\"\"me\"\r\nr-1,1,\"two\r\nlines\"\r\n\"open,2\nr-3,\"3\"x,测试\n".utf8)
        for _ in 0..<Seeded.rounds {
            let bytes = random.damaged(seed)
            func read(_ size: Int) -> [String] {
                var reader = CSVReader()
                var lines: [String] = []
                func drain(_ atEnd: Bool) {
                    while reader.next(atEnd: atEnd) {
                        let record = reader.record
                        let fields = (0..<record.count).map { Array(record.field($0)) }
                        lines.append("\(record.line) \(fields) \(record.problem?.rawValue ?? "")")
                    }
                }
                for start in stride(from: 0, to: bytes.count, by: size) {
                    reader.feed(bytes[start..<min(start + size, bytes.count)])
                    drain(false)
                }
                drain(true)
                return lines
            }
            let whole = read(1 << 20)
            try #require(whole.count <= bytes.count + 1)
            try #require(read(Int.random(in: 1...9, using: &random)) == whole)
        }
    }

    @Test func `a JSON list reader and the text decoders survive anything`() throws {
        var random = Seeded("fuzz, JSON lists and text")
        let seed = Array(#"[{"resultId":"r-1","child":{"name":"测试童100001"}}, {"a":"}\"]["},{}]"#.utf8)
        for _ in 0..<Seeded.rounds {
            let bytes = random.damaged(seed)
            var reader = JSONListReader()
            reader.feed(bytes)
            var objects = 0
            do {
                while let object = try reader.next(atEnd: true) {
                    objects += 1
                    try #require(object.first == UInt8(ascii: "{"))
                    try #require(objects <= bytes.count)
                }
            } catch is JSONListReader.Fault {
                // Refused: as good an end as any.
            }
            for encoding in [nil, UploadEncoding(charset: "utf-8"), UploadEncoding(charset: "gb18030")] {
                let text = UploadText(encoding)
                text.settle(by: bytes)
                // Refusing is right too; what is tested is that it comes back.
                _ = try? text.text(bytes[...])
            }
        }
    }
}
