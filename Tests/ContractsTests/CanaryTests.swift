import Foundation
import Testing
import Vocabulary

@testable import Contracts

/// Somebody who is nobody goes through the contracts; nothing but the data itself may hold a trace.
struct CanaryTests {
    static let name = "金丝雀"
    static let number = "379999201901010007"
    static let telephone = "00000001234"

    static let traces = [name, number, telephone]

    static var identity: IdentityShared {
        IdentityShared(
            person: PersonID(trusted: "person-c"), caseID: CaseID(trusted: "case-c"), documentKind: .citizenID, documentNumber: number,
            name: name, sex: .female, birthDate: LocalDate(year: 2019, month: 1, day: 1)!, birthOrder: 1, guardianName: name,
            guardianTelephone: telephone, residence: RegionCode(trusted: "370102001"))
    }

    static func holdsTrace(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return traces.contains { text.contains($0) }
    }

    @Test func `keys, headers and the envelope around the data hold no trace`() throws {
        let event = Self.identity
        var meta = EnvelopeTests.meta
        meta.subject = event.key
        let data = event.protobuf()
        try #require(Self.holdsTrace(data), "the canary must be in the data")
        #expect(!Self.holdsTrace(Array(event.key.utf8)))
        for header in BinaryMode.headers(meta) { #expect(!Self.holdsTrace(Array(header.value.utf8)), "\(header.name)") }
        let envelope = Envelope.encode(meta, data: data)
        #expect(!Self.holdsTrace(Array(envelope.dropLast(data.count))), "data comes last in an envelope, all before it is attributes")
    }

    @Test func `the only event type that can name somebody is the short-lived identity`() {
        // By schema: fields that could hold a name, a number or a telephone of a person.
        let telling = ["document_number", "guardian_name", "guardian_telephone", "birth_date"]
        for type in Catalogue.eventTypes where type.type != IdentityShared.type {
            let fields = Samples.all.filter { $0.type == type.type }.flatMap { Mirror(reflecting: $0.event).children.compactMap(\.label) }
            #expect(fields.allSatisfy { !telling.contains(ValidationTests.snake($0)) }, "\(type)")
        }
        let topic = Catalogue.topic(for: IdentityShared.topic)
        #expect(topic?.dataClass == .minorSensitive && topic?.retentionDays == 7 && topic?.consumers == ["registration"])
        #expect(Catalogue.topic(for: RawScreeningResult.topic)?.retentionDays == 7)
    }

    @Test func `errors of decoding repeat nothing`() {
        var broken = Self.identity
        broken.name = ""
        let json = broken.json().replacing("SEX_FEMALE", with: Self.number)
        for text in [json, broken.json().replacing("370102001", with: Self.telephone), Self.number, "{\"\(Self.name)\":1}"] {
            do throws(ContractError) { _ = try IdentityShared(json: text) } catch {
                #expect(!Self.holdsTrace(Array("\(error)".utf8)), "\(error)")
                continue
            }
            Issue.record("accepted what it should not")
        }
    }

    @Test func `a dead letter's key and headers name the record, not the person`() {
        let letter = DeadLettered(
            service: "screening", originTopic: "careloop.partner.hb-1.screening-results.v1", partition: 0, offset: 7, reason: "UNDECODABLE",
            attempts: 1, original: Array(Self.number.utf8))
        #expect(letter.key == "careloop.partner.hb-1.screening-results.v1/0/7")
    }
}
