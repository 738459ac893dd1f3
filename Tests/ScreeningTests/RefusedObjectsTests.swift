import Contracts
import Foundation
import ServiceRuntime
import Testing
import Vocabulary

@testable import Screening

/// What was refused of a JSON upload: objects that can be mended and sent again.
struct RefusedObjectsTests {
    private func send(_ text: String, _ bench: Bench) async -> Reply {
        await bench.interface.handleStream(
            .post, "/uploads", body: Array(text.utf8), as: Sample.bureauUser, headers: ["content-type": "application/json"])
    }

    @Test func `refused objects come back as JSON with what is wrong beside them, and once mended they are taken`() async throws {
        let bench = try Bench()
        var bad = Sample.raw("j-2", "initial", "negative", sequence: 3)
        bad.child?.sex = "7"
        let unread = Sample.raw("j-3", "initial", "negative", sequence: 5).json().replacing(
            "{\"resultId\"", with: "{\"bloodType\":\"A\",\"resultId\"")
        let broken = "{\"resultId\":\"j-4\",\"revision\":1.}"
        let body = "[" + [Sample.raw("j-1", "initial", "negative").json(), bad.json(), unread, broken].joined(separator: ",\n") + "]"
        let report = try await send(body, bench).decode(UploadReport.self)
        #expect(report.accepted == 1 && report.refused == 3, "\(report.problems)")
        let address = try #require(report.refusedFile)
        let file = bench.interface.handle(.get, address, as: Sample.bureauUser)
        #expect(file.status == 200 && file.contentType.hasPrefix("application/json") && address.hasSuffix(".json"))
        let items = try #require(try JSONSerialization.jsonObject(with: Data(file.body)) as? [[String: Any]], "\(file.text)")
        let told = items.compactMap { $0["refused"] as? [String: Any] }
        try #require(told.count == 3)
        #expect(told.compactMap { $0["line"] as? Int } == [2, 3, 4])
        #expect(told[0]["code"] as? String == "SEX_INVALID" && told[0]["field"] as? String == "sex")
        #expect((told[0]["source"] as? String) == "GB/T 2261.1-2003")
        let message = try #require(told[0]["message"] as? [String: String])
        #expect(message["zh"] != nil)
        #expect(told[1]["code"] as? String == "UNKNOWN_FIELD" && items[1]["bloodType"] as? String == "A")
        // What is no JSON cannot stand in a list of it as it was; it comes as the text it was.
        #expect(told[2]["original"] as? String == broken)
        #expect(items[0]["resultId"] as? String == "j-2")

        // Sent back as it is, everything is refused for the reason it was, and not for the note.
        let same = try await send(file.text, bench).decode(UploadReport.self)
        #expect(same.refusedByCode["SEX_INVALID"] == 1 && same.rows == 3)
        #expect(!same.problems.contains { $0.field == "refused" }, "\(same.problems)")
        let mended = file.text.replacing("\"sex\":\"7\"", with: "\"sex\":\"1\"").replacing("\"bloodType\":\"A\",", with: "")
        let again = try await send(mended, bench).decode(UploadReport.self)
        #expect(again.accepted == 2 && again.refused == 1, "\(again.problems)")
        #expect(try Set(bench.said(ResultAccepted.self).map(\.resultID)) == ["j-1", "j-2", "j-3"])
        let csv = bench.interface.handle(.get, "/uploads/\(try #require(report.upload))/refused.csv", as: Sample.bureauUser)
        #expect(csv.status == 404, "there is no table of it")
    }
}
