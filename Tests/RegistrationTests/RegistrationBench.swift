import Contracts
import Foundation
import HTTPTypes
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Vocabulary

@testable import Registration

/// Registration on real stores, asked as callers ask.
final class RegistrationBench {
    static let start = LocalDate(year: 2025, month: 3, day: 3)!
    static let keyFile = "1 " + String(repeating: "1f", count: 32)

    let service: TestService
    let interface: ServiceInterface
    let personKey: PersonKey
    let keyStore: any Database
    let vault: PersonVault
    private let keyPath: String

    init(elapsed: any ElapsedTime = SystemTime(), archived: Bool = false) throws {
        keyPath = NSTemporaryDirectory() + "careloop-keys-\(UUID().uuidString).db"
        keyStore = try SQLiteDatabase(path: keyPath)
        vault = try PersonVault(keys: keyStore)
        personKey = try PersonKey(file: Self.keyFile)
        service = try TestService(
            RegistrationService.definition(vault: vault, personKey: personKey), today: Self.start, elapsed: elapsed, archived: archived)
        interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
    }

    deinit {
        // The file is temporary and the test is over; a leftover harms nobody.
        try? keyStore.close()
        try? FileManager.default.removeItem(atPath: keyPath)
    }

    static let clerk = Actor(
        organisation: OrganisationID(trusted: "dpf-1"), role: .clerk, user: "clerk-1", region: RegionCode(trusted: "37"))
    static let otherClerk = Actor(
        organisation: OrganisationID(trusted: "dpf-1"), role: .clerk, user: "clerk-2", region: RegionCode(trusted: "37"))
    static let reviewer = Actor(
        organisation: OrganisationID(trusted: "dpf-1"), role: .reviewer, user: "reviewer-1", region: RegionCode(trusted: "37"))
    static let auditor = Actor(
        organisation: OrganisationID(trusted: "dpf-1"), role: .auditor, user: "auditor-1", region: RegionCode(trusted: "37"))
    static func centre(_ id: String) -> Actor {
        Actor(
            organisation: OrganisationID(trusted: id), role: .rehabilitationCentre, user: "centre-user", region: RegionCode(trusted: "37"))
    }

    @discardableResult
    func ask(_ method: HTTPRequest.Method, _ target: String, _ body: String = "", as actor: Actor = clerk, key: String? = nil) throws
        -> Reply
    {
        var headers = ["accept-language": "en"]
        if let key { headers["idempotency-key"] = key }
        let reply = interface.handle(method, target, body: Array(body.utf8), as: actor, headers: headers)
        try service.settle()
        return reply
    }

    /// One asks, another confirms; what the second is answered.
    @discardableResult
    func erase(_ person: String, key: String? = nil) throws -> Reply {
        try ask(.post, "/persons/\(person)/erasure", #"{"purpose":"asked by the family"}"#, as: Self.otherClerk)
        return try ask(.post, "/persons/\(person)/erasure/confirmation", as: Self.reviewer, key: key)
    }

    func code(_ reply: Reply) throws -> String { try reply.decode(ProblemBody.self).code }

    struct ProblemBody: Decodable { var code: String }
    struct Items<Item: Decodable>: Decodable {
        var items: [Item]
        var next: String?
    }

    // The canary: found nowhere but where it belongs.
    static let canaryName = "金丝雀测试"
    static let canaryID = "379999201901010024"
    static let canaryTelephone = "00000001234"
    static let canaryGuardian = "测试监护甲"

    func identity(_ person: PersonID, name: String = canaryName, telephone: String = canaryTelephone) throws -> IdentityShared {
        IdentityShared(
            person: person, caseID: CaseID(trusted: "case-1"), documentKind: .citizenID, documentNumber: Self.canaryID, name: name,
            sex: .female,
            birthDate: LocalDate(year: 2019, month: 1, day: 1)!, birthOrder: 1, guardianName: Self.canaryGuardian,
            guardianTelephone: telephone, residence: RegionCode(trusted: "370102001"))
    }

    var canary: PersonID { personKey.person(PersonIdentifier(.citizenID, number: Self.canaryID)) }

    func facts(_ person: PersonID) -> PersonFacts {
        PersonFacts(person: person, sex: .female, birthMonth: YearMonth(year: 2019, month: 1), region: RegionCode(trusted: "370102001"))
    }

    func issued(_ person: PersonID, to institution: String, attempt: Int = 1) -> ReferralIssued {
        ReferralIssued(
            referral: ReferralID(trusted: "ref-1"), attempt: attempt, caseID: CaseID(trusted: "case-1"), facts: facts(person),
            category: .hearing,
            institution: OrganisationID(trusted: institution), chosenBy: .guardian, respondBy: Self.start.adding(days: 14))
    }

    static let registerCanary =
        #"{"citizenID":"\#(canaryID)","name":"\#(canaryName)","region":"370102001","guardianName":"\#(canaryGuardian)","guardianTelephone":"\#(canaryTelephone)"}"#
}
