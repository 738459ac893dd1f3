import Contracts
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// The lines of what is held, and how what is held is sealed, without a store.
struct HeldLinesTests {
    private func held(_ id: Int64, _ key: String, _ topic: String = ResultAccepted.topic) -> StoredRecord {
        StoredRecord(id: id, topic: topic, partition: 0, offset: id, key: key, headers: [], body: [1])
    }

    @Test func `a line stands until the last of its records goes, and waits where its first one waits`() {
        var lines = HeldLines([])
        for id in 1...3 { lines.added(held(Int64(id), "p1"), "s:a") }
        lines.added(held(4, "p2"), "s:c")
        lines.removed(held(1, "p1"))
        #expect(lines.subject(topic: ResultAccepted.topic, key: "p1") == "s:a")
        lines.moved(held(2, "p1"), to: "s:b")
        #expect(lines.subject(topic: ResultAccepted.topic, key: "p1") == "s:b")
        #expect(lines.subject(topic: ResultAccepted.topic, key: "p2") == "s:c")
        lines.removed(held(2, "p1"))
        lines.removed(held(3, "p1"))
        #expect(lines.subject(topic: ResultAccepted.topic, key: "p1") == nil)
        #expect(lines.total == 1 && !lines.isEmpty)
    }

    @Test func `room that is given back can be used, by a partner up to its own bound`() {
        let topic = Catalogue.name(RawScreeningResult.topic, for: Scripted.partner)
        var lines = HeldLines([])
        for id in 0..<CoreLimits.heldPerPartnerTopic { lines.added(held(Int64(id), "", topic), "s:a") }
        #expect(!lines.hasRoom(for: topic) && lines.hasRoom(for: ResultAccepted.topic))
        lines.removed(held(0, "", topic))
        #expect(lines.hasRoom(for: topic))
    }

    @Test func `a sealed record keeps its key legible while it waits in order, and no longer`() throws {
        let keys = ShortLivedKeys(directory: nil, keptDays: 30, elapsed: ManualTime(Instant(milliseconds: 1_717_400_000_000)))
        let record = held(1, "p1-key", IdentityShared.topic)
        let waiting = try SealedRecords.sealed(record, keys, keepsKey: true)
        #expect(waiting.key == "p1-key" && waiting.body != [1])
        let buried = try SealedRecords.sealed(waiting, keys, keepsKey: false)
        #expect(buried.key.isEmpty)
        #expect(try SealedRecords.opened(buried, keys) == record)
    }
}
