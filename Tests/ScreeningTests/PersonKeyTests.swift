import Contracts
import Foundation
import ServiceRuntime
import Synchronization
import Testing
import Vocabulary

struct PersonKeyTests {
    private let first = try! PersonKey(file: "1 " + String(repeating: "01", count: 32))
    private let both = try! PersonKey(file: "# rotated\n2 \(String(repeating: "02", count: 32))\n1 \(String(repeating: "01", count: 32))\n")

    @Test func `the same document is always the same person, and another one is another`() {
        let id = PersonIdentifier(.citizenID, number: "37999920190101001x")
        #expect(first.person(id) == first.person(PersonIdentifier(.citizenID, number: "37999920190101001X")))
        #expect(first.person(id) != first.person(PersonIdentifier(.birthCertificate, number: "37999920190101001X")))
        #expect(first.person(id) != first.person(PersonIdentifier(.citizenID, number: "379999201901010024")))
        #expect(first.person(id).text.hasPrefix("p1-") && (try? PersonID(first.person(id).text)) != nil)
    }

    @Test func `siblings under one guardian's document are told apart by birth date and order`() {
        func child(_ date: String, _ order: Int) -> PersonID {
            first.person(PersonIdentifier(.guardianDocument, number: "E1", birthDate: day(date), birthOrder: order))
        }
        #expect(Set([child("2020-01-01", 1), child("2020-01-01", 2), child("2021-01-01", 1)]).count == 3)
        // The other documents name one person whatever else is said.
        #expect(
            first.person(PersonIdentifier(.citizenID, number: "1", birthDate: day("2020-01-01"), birthOrder: 2))
                == first.person(PersonIdentifier(.citizenID, number: "1")))
    }

    @Test func `a newer key mints, an older one still finds, and comparisons stay the same`() {
        let id = PersonIdentifier(.citizenID, number: "379999201901010016")
        #expect(both.people(id).map { $0.text.prefix(3) } == ["p2-", "p1-"])
        #expect(both.people(id).last == first.person(id))
        #expect(both.fingerprint("x") == first.fingerprint("x"))
        #expect(first.fingerprint("x") != first.fingerprint("y"))
    }

    @Test(arguments: ["", "# only remarks", "1 abc", "0 " + String(repeating: "01", count: 32), "1 " + String(repeating: "zz", count: 32)])
    func `a key file that is no use refuses the start and shows no key`(text: String) {
        #expect(throws: PersonKey.Unusable.self) { try PersonKey(file: text) }
    }

    @Test func `a new key file is read back, and no two are the same`() throws {
        let one = try PersonKey(file: PersonKey.makeFile())
        let other = try PersonKey(file: PersonKey.makeFile())
        let id = PersonIdentifier(.citizenID, number: "379999201901010016")
        #expect(one.person(id) != other.person(id))
    }

    @Test func `what is sealed today is readable for days and then from no copy at all`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-keys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // Temporary; a leftover harms nobody.
        let time = ManualTime(Instant(startOf: day("2024-06-03")))
        let keys = ShortLivedKeys(directory: folder, keptDays: 2, elapsed: time)
        let sealed = try keys.seal(Array("row".utf8))
        #expect(!String(decoding: sealed.bytes, as: UTF8.self).contains("row"))
        let restarted = ShortLivedKeys(directory: folder, keptDays: 2, elapsed: time)
        #expect(try restarted.open(sealed) == Array("row".utf8))
        time.advance(milliseconds: 3 * 86_400_000)
        _ = try restarted.seal([1])
        #expect(throws: ShortLivedKeys.Unreadable.self) { try restarted.open(sealed) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["rows-2024-06-06.key"])
        #expect(sealed.key < restarted.oldestKept)
    }

    @Test func `a machine that starts days ahead of the time and is put right ends no key that is needed`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-keys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // Temporary; a leftover harms nobody.
        let time = WrongTime(ManualTime(Instant(startOf: day("2024-06-03"))))
        let sealed = try ShortLivedKeys(directory: folder, keptDays: 2, elapsed: time).seal(Array("row".utf8))
        time.ahead = 10 * 86_400_000
        let started = ShortLivedKeys(directory: folder, keptDays: 2, elapsed: time)
        _ = try started.seal([1])
        time.steady.advance(milliseconds: 60_000)
        #expect(try started.open(sealed) == Array("row".utf8), "while the clock is wrong")
        #expect(sealed.key > started.oldestKept)
        time.ahead = 0
        _ = try started.seal([1])
        #expect(try started.open(sealed) == Array("row".utf8), "and when it is right again")
        // A clock that really is that far goes on ending keys, an hour later.
        time.ahead = 10 * 86_400_000
        _ = try started.seal([1])
        time.steady.advance(milliseconds: 3_700_000)
        #expect(throws: ShortLivedKeys.Unreadable.self) { try started.open(sealed) }
        _ = try started.seal([1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["rows-2024-06-13.key"], "gone on the day itself")
    }

    /// A wall clock that may be put wrong while time passes as it does.
    private final class WrongTime: ElapsedTime {
        let steady: ManualTime
        private let offset = Mutex<Int64>(0)
        var ahead: Int64 {
            get { offset.withLock { $0 } }
            set { offset.withLock { $0 = newValue } }
        }

        init(_ steady: ManualTime) { self.steady = steady }
        var wallMilliseconds: Int64 { steady.wallMilliseconds + ahead }
        var monotonicNanoseconds: Int64 { steady.monotonicNanoseconds }
    }
}
