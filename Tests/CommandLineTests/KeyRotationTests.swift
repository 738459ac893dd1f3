import Foundation
import ServiceRuntime
import Testing
import Vocabulary

@testable import CareLoopTool

/// What an operator does when a credential got into wrong hands.
@Suite struct KeyRotationTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-keys-\(UUID().uuidString)").path

    private func verifier() throws -> TokenVerifier { TokenVerifier(try TokenKeySet.read("\(folder)/token-keys.json")) }

    private static let grant = Grant(
        role: .clerk, organisation: OrganisationID(trusted: "dpf-37"), region: RegionCode(trusted: "37"), user: "clerk-1")

    @Test func `a revoked token is refused and its neighbours are not`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // It is temporary; what is left of it harms nobody.
        let keys = try KeyStore.make(in: folder)
        let (leaked, other) = (try keys.issue(Self.grant), try keys.issue(Self.grant))
        _ = try verifier().verify(leaked)
        try keys.revoke(try #require(KeyStore.tokenID(leaked)))
        #expect(throws: TokenRefused.revoked) { try verifier().verify(leaked) }
        _ = try verifier().verify(other)
        #expect(KeyStore.tokenID("a.b.c") == nil && KeyStore.tokenID("2k3j4") == "2k3j4")
    }

    @Test func `after a rotation both keys' tokens are good until the old key is dropped`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // It is temporary; what is left of it harms nobody.
        let old = try KeyStore.make(in: folder).issue(Self.grant)
        _ = try KeyStore.rotate(folder, dropOld: false)
        let fresh = try KeyStore.load(folder).issue(Self.grant)
        for token in [old, fresh] { _ = try verifier().verify(token) }
        _ = try KeyStore.rotate(folder, dropOld: true)
        for token in [old, fresh] { #expect(throws: TokenRefused.unknownKey) { try verifier().verify(token) } }
        _ = try verifier().verify(try KeyStore.load(folder).issue(Self.grant))
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/token-signing.key")[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
    }

    @Test func `a broken audit trail is told with its row, in words`() throws {
        func said(_ json: String) throws -> Text { try JSONDecoder().decode(Audit.Trail.self, from: Data(json.utf8)).sentence }
        let head = #""entries":9,"head":{"number":9,"hash":"ab"}"#
        #expect(try said(#"{"intact":true,\#(head)}"#).en == "whole: 9 entries, head 9 ab")
        #expect(
            try said(#"{"intact":false,\#(head),"broken":{"number":4,"reason":"contents"}}"#).en
                == "broken at entry 4: the entry was changed")
        #expect(try said(#"{"intact":false,\#(head),"broken":{"number":10,"reason":"truncated"}}"#).zh == "第 10 条断裂：尾部被截断")
    }
}
