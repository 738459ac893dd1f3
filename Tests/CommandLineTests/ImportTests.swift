import Foundation
import Testing

@testable import CareLoopTool

/// Refused rows that come in several parts become one file.
struct ImportTests {
    @Test func `tables keep one header`() {
        let parts = ["\u{feff}a,b\r\n1,2\r\n", "\u{feff}a,b\r\n3,4\r\n"].map { Array($0.utf8) }
        #expect(String(decoding: Import.table(parts), as: UTF8.self) == "\u{feff}a,b\r\n1,2\r\n3,4\r\n")
        #expect(Import.table([]).isEmpty)
    }

    @Test func `lists become one list`() throws {
        let parts = ["[\n{\"a\":\"[1]\"},\n{\"a\":\"2\"}\n]\n", "[\n{\"a\":\"3]\"}\n]\n"].map { Array($0.utf8) }
        for count in 1...2 {
            let whole = Import.list(Array(parts.prefix(count)))
            let items = try #require(try JSONSerialization.jsonObject(with: Data(whole)) as? [[String: String]])
            #expect(items.compactMap { $0["a"] } == Array(["[1]", "2", "3]"].prefix(count + 1)))
        }
    }
}
