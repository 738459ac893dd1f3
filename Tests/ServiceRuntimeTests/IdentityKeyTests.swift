import Foundation
import Synchronization
import Testing
import Vocabulary

@testable import ServiceRuntime

struct IdentityKeyTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    @Test func `a private key file is for its owner only, is never overwritten and reads back`() throws {
        let signer = TokenSigner()
        try signer.write(path("private.json"))
        let mode = try #require(try FileManager.default.attributesOfItem(atPath: path("private.json"))[.posixPermissions] as? NSNumber)
        #expect(mode.intValue & 0o777 == 0o600)
        #expect(throws: KeyFileError.self) { try TokenSigner().write(path("private.json")) }
        let keys = TestKeys()
        let token = try TokenSigner.read(path("private.json")).sign(keys.claims(.clerk))
        _ = try TokenVerifier(TokenKeySet(keys: [signer.keyID: signer.publicKey]), elapsed: keys.time).verify(token)
    }

    @Test func `a private key others may read is refused`() throws {
        try TokenSigner().write(path("private.json"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path("private.json"))
        #expect(throws: KeyFileError.self) { try TokenSigner.read(path("private.json")) }
    }

    @Test func `a key set holds only public parts and reads back`() throws {
        let signer = TokenSigner()
        try TokenKeySet(keys: [signer.keyID: signer.publicKey], revoked: ["t-9"]).write(path("keys.json"))
        let text = try String(contentsOfFile: path("keys.json"), encoding: .utf8)
        #expect(!text.contains("\"d\""))
        let read = try TokenKeySet.read(path("keys.json"))
        #expect(read.keys[signer.keyID]?.rawRepresentation == signer.publicKey.rawRepresentation)
        #expect(read.revoked == ["t-9"])
    }

    @Test(arguments: [
        "", "{}", #"{"keys":[{}]}"#, #"{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}"#, #"{"keys":[{"kty":"EC","crv":"P-384","kid":"a"}]}"#,
        #"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AAAA","y":"AAAA"}]}"#, #"{"keys":[],"revoked":[1]}"#,
    ])
    func `a key set that is not right in every part is refused`(_ text: String) {
        #expect(throws: KeyFileError.self) { try TokenKeySet(json: Array(text.utf8)) }
    }

    @Test func `keys are rotated and tokens revoked without a restart, and a broken file changes nothing`() throws {
        let keys = TestKeys()
        let next = TokenSigner()
        let failures = Mutex(0)
        try keys.keySet.write(path("keys.json"))
        let file = try TokenKeyFile(path("keys.json"), elapsed: keys.time) { _ in failures.withLock { $0 += 1 } }
        let verifier = TokenVerifier(file, elapsed: keys.time)
        let old = try keys.token(.clerk)
        let new = try next.sign(keys.claims(.clerk))
        _ = try verifier.verify(old)
        #expect(throws: TokenRefused.unknownKey) { try verifier.verify(new) }

        var both = keys.keySet
        both.add(next.publicKey, id: next.keyID)
        try both.write(path("keys.json"))
        keys.time.advance(milliseconds: 1000)
        _ = try verifier.verify(old)
        _ = try verifier.verify(new)

        try Data("broken".utf8).write(to: URL(fileURLWithPath: path("keys.json")), options: .atomic)
        keys.time.advance(milliseconds: 1000)
        _ = try verifier.verify(old)
        #expect(failures.withLock { $0 } == 1)

        both.revoke("t-1")
        try both.write(path("keys.json"))
        keys.time.advance(milliseconds: 1000)
        #expect(throws: TokenRefused.revoked) { try verifier.verify(old) }
    }

    @Test func `a session link works once and for ten minutes, a session for twelve hours`() throws {
        let time = ManualTime(Instant(milliseconds: 1_700_000_000_000))
        let sessions = Sessions(elapsed: time, secureCookie: true)
        let actor = Actor(organisation: nil, role: .dashboard, user: "d", region: RegionCode(trusted: "37"))
        func secret(_ link: String) -> String { String(link.split(separator: "=").last ?? "") }

        let late = sessions.issueLink(for: actor)
        time.advance(milliseconds: 600_000)
        #expect(sessions.open(secret(late)) == nil)

        let link = secret(sessions.issueLink(for: actor))
        let cookie = try #require(sessions.open(link))
        #expect(cookie.contains("; Secure"))
        #expect(sessions.open(link) == nil)
        let pair = String(cookie.prefix { $0 != ";" })
        #expect(sessions.actors(cookie: pair) == [actor])
        #expect(sessions.actors(cookie: pair + "x") == [])
        #expect(sessions.actors(cookie: nil) == [])
        time.advance(milliseconds: 12 * 3_600_000)
        #expect(sessions.actors(cookie: pair) == [])
    }

    @Test func `a second link opened in the same browser adds its region to the session`() throws {
        let sessions = Sessions(elapsed: ManualTime(Instant(milliseconds: 1_700_000_000_000)), secureCookie: false)
        func actor(_ region: String) -> Actor { Actor(organisation: nil, role: .dashboard, user: "d", region: RegionCode(trusted: region)) }
        func open(_ region: String, _ cookie: String?) throws -> String {
            let link = String(sessions.issueLink(for: actor(region)).split(separator: "=").last ?? "")
            return String(try #require(sessions.open(link, cookie: cookie)).prefix { $0 != ";" })
        }
        let first = try open("37", nil)
        let second = try open("419001", "other=1; \(first)")
        #expect(sessions.actors(cookie: second) == [actor("37"), actor("419001")])
        #expect(sessions.actors(cookie: first) == [], "one browser, one session")
        let again = try open("37", second)
        #expect(sessions.actors(cookie: again) == [actor("419001"), actor("37")], "the same grant is held once")
    }

    @Test func `links that nobody opens do not pile up`() {
        let sessions = Sessions(elapsed: ManualTime(Instant(milliseconds: 0)), secureCookie: false)
        let first = sessions.issueLink(for: .visitor)
        for _ in 0..<3000 { _ = sessions.issueLink(for: .visitor) }
        _ = first
        #expect(sessions.openLinks <= 1024)
    }

    @Test func `an actor covers its subtree and nothing else`() {
        func actor(_ region: String) -> Actor { Actor(organisation: nil, role: .clerk, user: "u", region: RegionCode(trusted: region)) }
        #expect(actor("37").covers(RegionCode(trusted: "370303001")))
        #expect(actor("370303").covers(RegionCode(trusted: "370303")))
        #expect(!actor("370303").covers(RegionCode(trusted: "3703")))
        #expect(!actor("370303").covers(RegionCode(trusted: "370304")))
        #expect(!Actor.visitor.covers(RegionCode(trusted: "37")))
        #expect(Actor.service("screening").covers(RegionCode(trusted: "41")))
    }
}
