import Foundation
import Persistence
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

    @Test func `instances that make a day's key at the same moment seal under one and the same`() throws {
        for round in 0..<50 {
            let place = folder.appendingPathComponent("keys-\(round)").path
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let instances = (0..<8).map { _ in ShortLivedKeys(directory: place, keptDays: 2) }
            let sealed = Mutex<[ShortLivedKeys.Sealed]>([])
            DispatchQueue.concurrentPerform(iterations: instances.count) { index in
                do {
                    let one = try instances[index].seal([UInt8(index)])
                    sealed.withLock { $0.append(one) }
                } catch {
                    Issue.record(error)
                }
            }
            // Whoever starts later has only the file.
            let later = ShortLivedKeys(directory: place, keptDays: 2)
            #expect(Set(try sealed.withLock { $0 }.map { try later.open($0).first }) == Set((0..<8).map { UInt8($0) }))
        }
    }

    @Test func `a digest is the same for whoever has the day's key, says nothing to others, and dies with the key`() throws {
        let place = folder.appendingPathComponent("digests").path
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
        let keys = ShortLivedKeys(directory: place, keptDays: 7, elapsed: time)
        let asked = Array("some number".utf8)
        let made = try keys.digest(asked)
        // Another instance, and this one after its restart.
        let other = ShortLivedKeys(directory: place, keptDays: 7, elapsed: time)
        #expect(try other.digest(asked) == made && other.digest(asked, under: made.key) == made)
        #expect(try keys.digest(Array("some other".utf8)).bytes != made.bytes)
        #expect(try ShortLivedKeys(directory: nil, keptDays: 7, elapsed: time).digest(asked).bytes != made.bytes)
        // Nor does the name of one kind of key open the other.
        #expect(throws: ShortLivedKeys.Unreadable.self) { try keys.open(made) }
        #expect(throws: ShortLivedKeys.Unreadable.self) { try keys.digest(asked, under: try keys.seal(asked).key) }
        time.advance(milliseconds: 7 * 86_400_000)
        #expect(try keys.digest(asked, under: made.key) == made, "as long as an answer is repeated")
        time.advance(milliseconds: 86_400_000)
        #expect(throws: ShortLivedKeys.Unreadable.self) { try keys.digest(asked, under: made.key) }
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

    @Test func `a session lives for twelve hours, in a cookie that scripts and other sites do not see`() throws {
        let time = ManualTime(Instant(milliseconds: 1_700_000_000_000))
        let bench = try SessionBench(time, secureCookie: true)
        let actor = Actor(organisation: nil, role: .dashboard, user: "d", region: RegionCode(trusted: "37"))
        let cookie = try bench.openCookie(actor)
        #expect(cookie.hasPrefix("__Host-careloop_screening=") && cookie.contains("; Secure") && cookie.contains("; HttpOnly"))
        let pair = String(cookie.prefix { $0 != ";" })
        #expect(try bench.actors(pair) == [actor])
        #expect(try bench.actors(pair + "x") == [])
        #expect(try bench.actors(nil) == [])
        time.advance(milliseconds: 12 * 3_600_000 - 1)
        #expect(try bench.actors(pair) == [actor])
        time.advance(milliseconds: 1)
        #expect(try bench.actors(pair) == [])
    }

    @Test func `a second sign-in for figures adds its region to the session, any other takes it over`() throws {
        let bench = try SessionBench(ManualTime(Instant(milliseconds: 1_700_000_000_000)))
        func actor(_ region: String, _ role: Role = .dashboard) -> Actor {
            Actor(organisation: nil, role: role, user: "d", region: RegionCode(trusted: region))
        }
        let first = try bench.open(actor("37"))
        let second = try bench.open(actor("419001"), cookie: "other=1; \(first)")
        #expect(try bench.actors(second) == [actor("37"), actor("419001")])
        #expect(try bench.actors(first) == [], "one browser, one session")
        let again = try bench.open(actor("37"), cookie: second)
        #expect(try bench.actors(again) == [actor("419001"), actor("37")], "the same grant is held once")
        let clerk = try bench.open(actor("37", .clerk), cookie: again)
        #expect(try bench.actors(clerk) == [actor("37", .clerk)] && bench.actors(again) == [])
        let reviewer = try bench.open(actor("37", .reviewer), cookie: clerk)
        #expect(try bench.actors(reviewer) == [actor("37", .reviewer)], "four eyes are two sessions")
    }

    @Test func `a session ends with the link that opened it, when that is revoked or its key is dropped, and not when it is merely over`()
        throws
    {
        let time = ManualTime(Instant(milliseconds: 1_700_000_000_000))
        let signer = TokenSigner()
        let claims = TokenClaims(
            subject: "d", role: .clerk, organisation: OrganisationID(trusted: "dpf-37"), region: RegionCode(trusted: "37"),
            issuedAt: 1_700_000_000, lifetimeSeconds: 600, id: "link-1", audience: .link)
        let link = try signer.sign(claims)
        var keys = TokenKeySet()
        keys.add(signer.publicKey, id: signer.keyID)
        try keys.write(path("keys.json"))
        let verifier = TokenVerifier(try TokenKeyFile(path("keys.json"), elapsed: time) { _ in }, elapsed: time)
        let bench = try SessionBench(time) { verifier.stands($0) }
        let session = try bench.open(try verifier.verify(link: link).actor, by: try verifier.used(link: link))
        time.advance(milliseconds: 3_600_000)
        #expect(try bench.actors(session).count == 1, "a link is over in ten minutes, a session is not")
        var other = keys
        other.revoke("link-1")
        try other.write(path("keys.json"))
        time.advance(milliseconds: 2_000)
        #expect(try bench.sessions.living(cookie: session) == nil)
        try keys.write(path("keys.json"))
        time.advance(milliseconds: 2_000)
        #expect(try bench.actors(session).count == 1)
        // Another key, even where it goes by the name of the one that signed.
        var next = TokenKeySet()
        next.add(TokenSigner().publicKey, id: signer.keyID)
        try next.write(path("keys.json"))
        time.advance(milliseconds: 2_000)
        #expect(try bench.actors(session).isEmpty)
    }

    @Test func `sessions do not pile up`() throws {
        let bench = try SessionBench(ManualTime(Instant(milliseconds: 0)))
        let first = try bench.open(.visitor)
        #expect(try bench.actors(first) == [.visitor])
        bench.time.advance(milliseconds: 1)
        var last = ""
        try bench.store.database.write { tx in
            for _ in 0..<Sessions.maximum + 20 { last = String(try bench.sessions.open(.visitor, in: tx).prefix { $0 != ";" }) }
        }
        #expect(try bench.actors(last) == [.visitor] && bench.actors(first) == [])
        #expect(try bench.store.database.read { try BrowserSessions.count(in: $0) } == Sessions.maximum)
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
