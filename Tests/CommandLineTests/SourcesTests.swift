import Foundation
import Testing

@testable import CareLoopTool

struct SourcesTests {
    @Test func `an age is told in its two largest units`() {
        #expect([5, 65, 3_661, 90_061, -3].map { Age(seconds: $0).text } == ["5 s", "1 min 5 s", "1 h 1 min", "1 d 1 h", "0 s"])
    }

    @Test func `a stopped source says where, why, since when and what to do`() throws {
        let json = #"""
            {"items":[{"topic":"careloop.screening.cases.v1","partitions":32,"state":"stopped","held":0,"paused":[],
             "stops":[{"partition":3,"reason":"RECORD_CHANGED","detail":"another record stands at 4","fromOffset":4,"toOffset":9,
             "ageSeconds":61,"advice":"refill it"}]}]}
            """#
        let source = try #require(try JSONDecoder().decode(Sources.Answer.self, from: Data(json.utf8)).items.first)
        let text = try #require(source.lines.first)
        for part in ["careloop.screening.cases.v1/3", "RECORD_CHANGED", "1 min 1 s", "another record stands at 4", "refill it"] {
            #expect(text.contains(part))
        }
    }

    @Test func `resuming needs one word about where, not two`() {
        #expect(throws: (any Error).self) { try Sources.Resume.parse(["screening", "t", "--skip", "--from-start"]) }
        #expect(throws: Never.self) { try Sources.Resume.parse(["screening", "t", "--from-start", "--partition", "3"]) }
    }
}
