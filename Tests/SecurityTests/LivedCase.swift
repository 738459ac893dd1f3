import Contracts
import Foundation
import HTTPTypes
import Messaging
import Persistence
import TestSupport
import Vocabulary

@testable import Employment
@testable import Registration
@testable import Rehabilitation
@testable import Reporting
@testable import Screening
@testable import ServiceRuntime

/// The five services over one log in memory, asked as anybody outside asks them: with a bearer token and text. One case has been lived
/// through them, from a bureau's file to money paid, so that there is an object behind every address.
final class LivedCase {
    struct Failed: Error, CustomStringConvertible { let description: String }

    /// What a token says of its bearer.
    struct Caller: Hashable, CustomStringConvertible {
        var role: String
        var organisation: String?
        var region: String
        var user: String

        var description: String { "\(role) of \(organisation ?? "nobody") in \(region)" }
    }

    static let bureau = Caller(role: "healthBureau", organisation: "hb-3703", region: "37", user: "nurse-0")
    static let clerk = Caller(role: "clerk", organisation: "dpf-37", region: "37", user: "clerk-0")
    static let reviewer = Caller(role: "reviewer", organisation: "dpf-37", region: "37", user: "reviewer-0")
    static let centre = Caller(role: "rehabilitationCentre", organisation: "rc-1", region: "37", user: "therapist-0")
    static let employer = Caller(role: "employer", organisation: "em-1", region: "37", user: "hr-0")
    static let finance = Caller(role: "finance", organisation: "dpf-37", region: "37", user: "cashier-0")
    static let `operator` = Caller(role: "operator", organisation: nil, region: "37", user: "operator-0")

    /// The ids of what came about, by the names the table of rights uses.
    private(set) var ids: [String: String] = [:]
    /// Whatever must not be heard by those who have no right to it: the ids, and what the people are known by.
    var secrets: [String] { ids.values + Self.canaries }
    static let canaries = ["379999", "金丝雀", "ZZTEST", "1000000", "鸟家长"]

    /// The trace that the bureau's own system began with its upload.
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    let signer = TokenSigner()
    private let log = InMemoryLog()
    private let stores: [TemporaryStore]
    private(set) var services: [String: ServiceAssembly] = [:]
    private var engines: [String: Engine] = [:]
    private var consumers: [String: any LogConsumer] = [:]
    private var tokens: [Caller: String] = [:]

    init(requestsPerSecond: Int = 0, recordsPerDay: Int = 0) throws {
        let personKey = try PersonKey(file: "1 " + String(repeating: "2b", count: 32))
        let keys = TemporaryKeys()
        let vaultStore = try TemporaryStore()
        let definitions = [
            RegistrationService.definition(
                vault: try PersonVault(keys: vaultStore.database), personKey: personKey, sealing: keys.make()),
            ScreeningService.definition(ScreeningContext(personKey: personKey, rowKeys: keys.make())),
            RehabilitationService.definition, EmploymentService.definition, ReportingService.definition,
        ]
        var stores = [vaultStore]
        let verifier = TokenVerifier(TokenKeySet(keys: [signer.keyID: signer.publicKey]))
        for definition in definitions {
            let store = try TemporaryStore()
            stores.append(store)
            let engine = try Engine(
                definition, database: store.database, log: log, clock: .simulated(from: LocalDate(year: 2024, month: 6, day: 3)!))
            engines[definition.name] = engine
            consumers[definition.name] = try engine.openConsumer()
            services[definition.name] = ServiceAssembly(
                definition, engine: engine, tokens: verifier, requestsPerSecond: requestsPerSecond,
                recordsPerDay: recordsPerDay, secureCookie: false,
                log: ServiceLog("careloop.test"))
        }
        self.stores = stores
    }

    deinit { for consumer in consumers.values { consumer.close(within: .seconds(1)) } }

    private struct TemporaryKeys {
        func make() -> ShortLivedKeys { ShortLivedKeys(directory: nil, keptDays: 7) }
    }

    func database(_ service: String) -> any Database { engines[service]!.database }

    /// Bytes of a bureau's own making on its results topic, and everything that follows from them.
    func deliver(_ text: String, from bureau: String) throws {
        let topic = Catalogue.name(RawScreeningResult.topic, for: OrganisationID(trusted: bureau))
        if let plan = Catalogue.topic(for: topic) { try log.ensure([plan.plan(named: topic)]) }
        let record = OutgoingRecord(
            topic: topic, partition: 0, key: Array("x".utf8), value: Array(text.utf8), headers: [],
            timestamp: Instant(startOf: LocalDate(year: 2024, month: 7, day: 8)!))
        let sent = try log.producer(named: "bureau").send([record])
        guard sent.isComplete else { throw Failed(description: "\(sent.failures)") }
        try settle()
    }

    // MARK: Asking

    func token(_ caller: Caller) throws -> String {
        if let known = tokens[caller] { return known }
        let now = Int64(Date().timeIntervalSince1970)
        let made = try signer.sign(
            TokenClaims(
                subject: caller.user, role: Role(rawValue: caller.role)!,
                organisation: caller.organisation.map { OrganisationID(trusted: $0) },
                region: RegionCode(trusted: caller.region), issuedAt: now, lifetimeSeconds: 3600, id: "t-\(tokens.count)"))
        tokens[caller] = made
        return made
    }

    /// One request with everything but the socket. An answer that goes on for ever counts as its head, 200.
    func ask(
        _ service: String, _ method: String, _ target: String, _ body: String = "", type: String = "application/json", as caller: Caller?,
        traceparent: String? = nil
    ) async throws -> (status: Int, body: String) {
        let interface = services[service]!.interface
        var headers = ["accept-language": "en", "content-type": type]
        headers["traceparent"] = traceparent
        if let caller { headers["authorization"] = "Bearer \(try token(caller))" }
        let head = ServiceInterface.Head(method: HTTPRequest.Method(method)!, target: target, headers: headers, actor: nil, peer: "test")
        let admitted: ServiceInterface.Admitted
        do throws(Problem) { admitted = try interface.admit(head) } catch {
            let reply = interface.catalogue.reply(error, .english)
            return (reply.status, String(decoding: reply.body, as: UTF8.self))
        }
        defer { interface.finish(admitted) }
        let bytes = Array(body.utf8)
        let reply: Reply
        switch admitted.endpoint.kind {
        case .stream, .form:
            guard case .whole(let whole) = await interface.stream(admitted, body: UploadBody(bytes: bytes)).kind else { return (200, "") }
            reply = whole
        case .command, .query, .page: reply = interface.perform(admitted, body: bytes)
        }
        return (reply.status, String(decoding: reply.body, as: UTF8.self))
    }

    /// A request that must be answered with 2xx; then everything that follows from it, in all five services.
    @discardableResult
    func must(
        _ service: String, _ method: String, _ target: String, _ body: String = "", type: String = "application/json", as caller: Caller,
        traceparent: String? = nil
    ) async throws -> [String: Any] {
        let reply = try await ask(service, method, target, body, type: type, as: caller, traceparent: traceparent)
        guard (200..<300).contains(reply.status) else { throw Failed(description: "\(method) \(target): \(reply.status) \(reply.body)") }
        try settle()
        // Some answers have no body, and no caller reads them.
        return (try? JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any]) ?? [:]
    }

    func settle() throws {
        var idle = 0
        while idle < 2 {
            var done = 0
            for (name, engine) in engines { done += try engine.consumeStep(consumers[name]!) + engine.timerStep() + engine.relayStep() }
            idle = done == 0 ? idle + 1 : 0
        }
    }

    private func moveClock(to date: String) async throws {
        for service in services.keys { try await must(service, "POST", "/clock", #"{"date":"\#(date)"}"#, as: Self.operator) }
    }

    private func keep(_ name: String, _ value: Any?) throws {
        guard let text = value as? String else { throw Failed(description: "no \(name)") }
        ids[name] = text
    }

    // MARK: Living

    /// A citizen ID of the unassigned region 379999, its check digit after GB 11643-1999.
    static func citizenID(_ birth: String, _ sequence: String) -> String {
        let digits = Array("379999\(birth)\(sequence)").map { $0.wholeNumberValue! }
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let check = Array("10X98765432")[zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 } % 11]
        return "379999\(birth)\(sequence)\(check)"
    }

    /// Everything, once.
    func live() async throws -> LivedCase {
        try await found()
        try await screen()
        try await train()
        try await work()
        try await must("reporting", "POST", "/releases", #"{"month":"2024-06"}"#, as: Self.reviewer)
        return self
    }

    private func found() async throws {
        func organisation(_ id: String, _ kind: String, _ region: String) -> String {
            #"{"organisation":"\#(id)","kind":"\#(kind)","name":"\#(id)","region":"\#(region)","validFrom":"2024-01-01"}"#
        }
        let all = [
            organisation("hb-3703", "healthBureau", "3703"), organisation("rc-1", "rehabilitationCentre", "370303"),
            organisation("rc-2", "rehabilitationCentre", "370303"), organisation("em-1", "employer", "370303"),
            organisation("em-2", "employer", "370303"),
        ]
        try await must(
            "registration", "POST", "/organisations/import", #"{"organisations":[\#(all.joined(separator: ","))]}"#, as: Self.clerk)
        for centre in ["rc-1", "rc-2"] {
            try await must(
                "rehabilitation", "POST", "/agreements",
                #"{"institution":"\#(centre)","region":"370303","categories":["hearing"],"capacity":9,"validFrom":"2024-01-01","validTo":"2026-12-31"}"#,
                as: Self.clerk)
        }
    }

    private func screen() async throws {
        let child =
            #"{"documentKind":"citizenID","documentNumber":"\#(Self.citizenID("20210901", "002"))","name":"金丝雀","sex":"女","birthDate":"2021-09-01","guardianName":"鸟家长","guardianTelephone":"10000000001","residence":"370303001"}"#
        let results = ["initial", "rescreen", "diagnosis"].map { stage in
            #"{"resultId":"canary-\#(stage)","revision":1,"stage":"\#(stage)","topic":"hearing","outcome":"positive","takenOn":"2024-06-03","roundMonths":36,"child":\#(child)}"#
        }
        // One row is refused, so that there is a file of refused rows.
        let refused = #"{"resultId":"ZZTEST-refused","revision":1,"stage":"initial","topic":"hearing","takenOn":"2024-06-03"}"#
        try keep(
            "upload",
            try await must(
                "screening", "POST", "/uploads", "[\((results + [refused]).joined(separator: ","))]", as: Self.bureau,
                traceparent: "00-\(Self.trace)-00f067aa0ba902b7-01")["upload"])
        let referrals = try await must("screening", "GET", "/referrals", as: Self.clerk)["items"] as? [[String: Any]]
        try keep("referral", referrals?.first?["referral"])
        try keep("case", referrals?.first?["caseID"])
        try keep("person", referrals?.first?["person"])
        try await must("screening", "POST", "/referrals/\(ids["referral"]!)/choice", #"{"institution":"rc-1"}"#, as: Self.clerk)
        try await must(
            "rehabilitation", "POST", "/referrals/\(ids["referral"]!)/answer", #"{"attempt":1,"answer":"accept"}"#, as: Self.centre)
    }

    private func train() async throws {
        let application = try await must(
            "rehabilitation", "POST", "/applications", #"{"referral":"\#(ids["referral"]!)","residenceBasis":"hukou"}"#, as: Self.clerk)
        try keep("application", application["application"])
        let path = "/applications/\(ids["application"]!)"
        try await must("rehabilitation", "POST", "\(path)/materials", as: Self.clerk)
        try await must("rehabilitation", "POST", "\(path)/approval", as: Self.reviewer)
        try await must("rehabilitation", "POST", "\(path)/institution", #"{"institution":"rc-1"}"#, as: Self.clerk)
        let enrolment = try await must(
            "rehabilitation", "POST", "/enrolments", #"{"application":"\#(ids["application"]!)"}"#, as: Self.centre)
        try keep("enrolment", enrolment["enrolment"])
        try await moveClock(to: "2024-07-08")
        try await must(
            "rehabilitation", "POST", "/enrolments/\(ids["enrolment"]!)/months",
            #"{"month":"2024-06","serviceDays":20,"grossFen":300000,"basicInsuranceFen":110000,"seriousIllnessFen":0,"medicalReliefFen":0,"otherInsuranceFen":0}"#,
            as: Self.centre)
        try keep(
            "settlement",
            try await must(
                "rehabilitation", "POST", "/settlements", #"{"institution":"rc-1","quarter":"2024-Q2"}"#, as: Self.clerk)["settlement"])
        try await must("rehabilitation", "POST", "/settlements/\(ids["settlement"]!)/approval", as: Self.reviewer)
        try await must("rehabilitation", "POST", "/settlements/\(ids["settlement"]!)/payment", as: Self.finance)
    }

    private func work() async throws {
        for (name, sequence) in [("adult", "003"), ("twin", "005")] {
            let document = Self.citizenID("19900101", sequence)
            ids["\(name)Document"] = document
            try keep(
                name,
                try await must(
                    "registration", "POST", "/persons",
                    #"{"citizenID":"\#(document)","name":"金丝雀","region":"370303001","telephone":"10000000002"}"#, as: Self.clerk)["person"])
        }
        try keep(
            "certificate",
            try await must(
                "registration", "POST", "/persons/\(ids["adult"]!)/certificates",
                #"{"category":"hearing","grade":1,"assessedBy":"hb-3703","assessedOn":"2024-06-03"}"#, as: Self.clerk)["certificate"])
        try await must("registration", "POST", "/certificates/\(ids["certificate"]!)/issue", as: Self.reviewer)
        try keep(
            "jobSeeker",
            try await must(
                "employment", "POST", "/job-seekers", #"{"person":"\#(ids["adult"]!)","consentToShare":true}"#, as: Self.clerk)["jobSeeker"]
        )
        try keep(
            "placement",
            try await must(
                "employment", "POST", "/placements",
                #"{"jobSeeker":"\#(ids["jobSeeker"]!)","form":"flexible","startedOn":"2024-06-01","contractUntil":"2026-12-31","monthlyWageFen":250000}"#,
                as: Self.employer)["placement"])
    }
}
