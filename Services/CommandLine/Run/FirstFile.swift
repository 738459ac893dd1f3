import NIOCore
import Vocabulary

/// A bureau's first file of results.
struct FirstFile: Sendable {
    let district: District
    let rows: Int
    let encoding: ResultFile.Encoding
    let bytes: [UInt8]

    func send(to system: CareSystem, as token: String, _ tally: Tally) async throws {
        let pieces = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            var start = 0
            while start < bytes.count {
                let end = min(start + 1 << 17, bytes.count)
                continuation.yield(ByteBuffer(bytes: bytes[start..<end]))
                start = end
            }
            continuation.finish()
        }
        let answer = try await system.client(.screening).upload(
            "/uploads", token: token, headers: [("Content-Type", "text/csv; charset=\(encoding.rawValue)")], pieces: pieces)
        let report: UploadReport = try HTTPClient.decode(answer, from: "screening")
        tally.add("csv.rows", Int64(rows))
        report.count(into: tally)
    }
}

/// What Screening says about an upload.
struct UploadReport: Codable, Sendable {
    struct Message: Codable, Sendable {
        var zh: String
        var en: String
    }

    struct Problem: Codable, Sendable {
        var line: Int
        var field: String
        var code: String
        var message: Message?
        var rule: String
        var source: String

        /// In the language of this terminal; the rule where the service has no sentence.
        var sentence: String { message.map { Text($0.zh, $0.en).here } ?? rule }
    }

    var upload: String?
    var state: String
    var rows: Int
    var accepted: Int
    var corrected: Int
    var withdrawn: Int
    var repeated: Int
    var conflicts: Int
    var refused: Int
    var refusedByCode: [String: Int]
    var refusedFile: String?
    /// Set by a check of a file too long to be compared with itself whole.
    var comparedRows: Int?
    var problems: [Problem]

    func count(into tally: Tally) {
        tally.add("csv.accepted", Int64(accepted))
        tally.add("csv.repeated", Int64(repeated))
        tally.add("csv.conflict", Int64(conflicts))
        tally.add("csv.refused", Int64(refused))
        tally.add("results.new", Int64(accepted - corrected - withdrawn))
        tally.add("results.corrected", Int64(corrected))
        tally.add("results.withdrawn", Int64(withdrawn))
    }
}
