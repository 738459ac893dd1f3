import Foundation
import Testing
import Vocabulary

@testable import Contracts

/// One list of topics, held equal to the event types and to the schemas.
struct CatalogueTests {
    @Test func `every event type stands on its topic, and every type on a topic is an event`() {
        for type in Catalogue.eventTypes where type.type != DeadLettered.type {
            #expect(Catalogue.types(on: type.topic).contains(type.type), "\(type)")
        }
        let known = Set(Catalogue.eventTypes.map { $0.type } + [RawScreeningResult.type, RawReferralAnswer.type])
        #expect(Set(Catalogue.topics.flatMap(\.types)) == known)
        #expect(Catalogue.eventTypes.count == Set(Catalogue.eventTypes.map { $0.type }).count)
        #expect(Catalogue.topics.count == Set(Catalogue.topics.map(\.name)).count)
        for type in known { #expect(Catalogue.knows(type: type) && Catalogue.message(for: type) != nil) }
        #expect(!Catalogue.knows(type: "careloop.screening.referral-issued.v2"))
        #expect(Catalogue.event(for: ReferralIssued.type) == ReferralIssued.self && Catalogue.event(for: RawScreeningResult.type) == nil)
    }

    @Test func `the schemas' comments name the same types and topics as the code`() throws {
        var written: Set<String> = []
        for file in try SchemaFiles.current() {
            for line in file.text.split(separator: "\n") where line.hasPrefix("// careloop.") {
                let words = line.dropFirst(3).split(separator: " ")
                if words.count == 3, words[1] == "on" { written.insert("\(words[0]) \(words[2])") }
            }
        }
        let coded =
            Catalogue.eventTypes.map { "\($0.type) \($0.topic)" } + [
                "\(RawScreeningResult.type) \(RawScreeningResult.topic)", "\(RawReferralAnswer.type) \(RawReferralAnswer.topic)",
            ]
        #expect(written == Set(coded))
    }

    @Test func `partitions are what they will be for each topic's life`() {
        let expected = [
            "careloop.registration.organisations.v1": 8, "careloop.registration.persons.v1": 32, "careloop.screening.cases.v1": 32,
            "careloop.screening.identities.v1": 8, "careloop.screening.referrals.v1": 32, "careloop.rehabilitation.institutions.v1": 8,
            "careloop.rehabilitation.answers.v1": 8, "careloop.rehabilitation.assistance.v1": 32,
            "careloop.rehabilitation.settlements.v1": 8,
            "careloop.employment.employers.v1": 8, "careloop.employment.job-seekers.v1": 32, "careloop.reporting.indicators-internal.v1": 8,
            "careloop.reporting.indicators-published.v1": 8, "careloop.partner.{organisation}.screening-results.v1": 1,
            "careloop.partner.{organisation}.receipts.v1": 1, "careloop.partner.{organisation}.referrals.v1": 1,
            "careloop.partner.{organisation}.referral-answers.v1": 1, "careloop.partner.{organisation}.answer-receipts.v1": 1,
            "careloop.registration.dead-letters.v1": 1,
            "careloop.screening.dead-letters.v1": 1, "careloop.rehabilitation.dead-letters.v1": 1, "careloop.employment.dead-letters.v1": 1,
            "careloop.reporting.dead-letters.v1": 1,
        ]
        #expect(Dictionary(uniqueKeysWithValues: Catalogue.topics.map { ($0.name, $0.partitions) }) == expected)
    }

    @Test func `a service that reads what names people has dead letters of the same class, kept no longer`() throws {
        for service in ["registration", "screening", "rehabilitation", "employment", "reporting"] {
            let letters = try #require(Catalogue.topics.first { $0.name == "careloop.\(service).dead-letters.v1" })
            let read = Catalogue.topics.filter { $0.consumers.contains(service) }
            #expect(!read.isEmpty)
            for topic in read { #expect(letters.dataClass >= topic.dataClass, "\(service) buries what stood on \(topic.name)") }
            #expect(letters.retentionDays ?? .max <= read.filter(\.isSensitive).compactMap(\.retentionDays).min() ?? .max)
        }
        #expect(Catalogue.topics.filter { $0.types == [DeadLettered.type] && $0.dataClass == .minorSensitive }.count == 2)
    }

    @Test func `facts are kept for ever, what names people is not`() {
        for topic in Catalogue.topics {
            if topic.dataClass >= .personal { #expect(topic.retentionDays == 7, "\(topic.name)") }
            if topic.compacted { #expect(topic.retentionDays == nil && topic.name.contains("indicators")) }
            #expect(topic.replication == 3 && topic.minInSyncReplicas == 2 && topic.maxRecordBytes > 0)
            #expect(topic.name.hasPrefix("careloop.") && topic.name.hasSuffix(".v1"))
        }
        #expect(Catalogue.topics.filter { $0.dataClass == .public }.map(\.name) == [Indicator.publishedTopic])
        #expect(Catalogue.topic(for: DeadLettered.topic(of: "screening"))?.dataClass == .minorSensitive)
        #expect(Catalogue.topic(for: DeadLettered.topic(of: "reporting"))?.dataClass == .internal)
    }

    @Test func `a concrete partner topic resolves to its template and organisation`() throws {
        let bureau = OrganisationID(trusted: "hb-370102")
        for template in Catalogue.topics where template.isPartner {
            let name = Catalogue.name(template.name, for: bureau)
            #expect(Catalogue.topic(for: name)?.name == template.name)
            #expect(Catalogue.topic(for: name)?.organisation(in: name) == bureau)
        }
        for name in [
            "careloop.partner..receipts.v1", "careloop.partner.A_B.receipts.v1", "careloop.partner.hb-1.other.v1",
            "careloop.partner.a.b.receipts.v1",
            "careloop.partner.hb-1.receipts.v1x", "xcareloop.partner.hb-1.receipts.v1", "careloop.partner.receipts.v1", "",
        ] { #expect(Catalogue.topic(for: name) == nil, "\(name)") }
        let plain = try #require(Catalogue.topic(for: ReferralIssued.topic))
        #expect(!plain.isPartner && plain.organisation(in: plain.name) == nil && plain.name(for: bureau) == plain.name)
    }

    @Test func `an organisation gets its own topics and one right on each`() {
        let bureau = Catalogue.partnerTopics(for: OrganisationID(trusted: "hb-1"), kind: .healthBureau)
        #expect(
            bureau.map { "\($0.access) \($0.name)" } == [
                "write careloop.partner.hb-1.screening-results.v1", "read careloop.partner.hb-1.receipts.v1",
            ])
        let centre = Catalogue.partnerTopics(for: OrganisationID(trusted: "rc-1"), kind: .rehabilitationCentre)
        #expect(
            centre.map { "\($0.access) \($0.name)" } == [
                "read careloop.partner.rc-1.referrals.v1", "write careloop.partner.rc-1.referral-answers.v1",
                "read careloop.partner.rc-1.answer-receipts.v1",
            ])
        #expect(Catalogue.partnerTopics(for: OrganisationID(trusted: "e-1"), kind: .employer).isEmpty)
    }

    @Test func `each internal topic has one producing service and readers`() {
        for topic in Catalogue.topics {
            #expect(Catalogue.services.contains(topic.producer) || (topic.isPartner && topic.producer == "partner"))
            #expect(!topic.consumers.isEmpty && !topic.consumers.contains(topic.producer), "\(topic.name)")
        }
        #expect(
            Catalogue.producedTopics(by: "employment") == [
                "careloop.employment.dead-letters.v1", "careloop.employment.employers.v1", "careloop.employment.job-seekers.v1",
            ])
        #expect(Catalogue.consumedTopics(by: "rehabilitation").contains(RawReferralAnswer.topic))
    }

    @Test func `AsyncAPI parses, lists every topic and message, and its references hold`() throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(Catalogue.asyncAPI.utf8)) as? [String: Any])
        #expect(document["asyncapi"] as? String == "3.0.0")
        let channels = try #require(document["channels"] as? [String: [String: Any]])
        #expect(Set(channels.values.compactMap { $0["address"] as? String }) == Set(Catalogue.topics.map(\.name)))
        let components = try #require(document["components"] as? [String: Any])
        let messages = try #require(components["messages"] as? [String: [String: Any]])
        #expect(Set(messages.values.compactMap { $0["name"] as? String }) == Set(Catalogue.topics.flatMap(\.types)))
        for channel in channels.values where (channel["address"] as? String)?.contains("{") == true {
            #expect(channel["parameters"] != nil)
        }
        func references(_ value: Any) -> [String] {
            if let object = value as? [String: Any] {
                return (object["$ref"] as? String).map { [$0] } ?? object.values.flatMap(references)
            }
            return (value as? [Any])?.flatMap(references) ?? []
        }
        let all = references(document)
        #expect(all.count > 100)
        for reference in all where reference.hasPrefix("#/") {
            var place: Any? = document
            for part in reference.dropFirst(2).split(separator: "/") { place = (place as? [String: Any])?[String(part)] }
            #expect(place != nil, "\(reference)")
        }
        for reference in all where !reference.hasPrefix("#/") {
            let parts = reference.split(separator: "#")
            let name = parts[1].split(separator: ".").last ?? ""
            let text = try String(contentsOf: SchemaFiles.root.appendingPathComponent(String(parts[0])), encoding: .utf8)
            #expect(text.contains("message \(name) {"), "\(reference)")
        }
    }

    @Test func `the README's table has one row for each topic`() {
        let rows = Catalogue.markdownTable.split(separator: "\n")
        #expect(rows.count == Catalogue.topics.count + 2)
        for (row, topic) in zip(rows.dropFirst(2), Catalogue.topics) {
            #expect(row.hasPrefix("| `\(topic.name)` |") && row.hasSuffix(" |"))
        }
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 8 })
    }

    @Test func `the README holds the catalogue's table as it is`() throws {
        #expect(
            try String(contentsOf: SchemaFiles.root.appendingPathComponent("README.md"), encoding: .utf8).contains(Catalogue.markdownTable))
    }

    @Test func `JSON we write escapes what must be escaped`() throws {
        let text = "a\"b\\c\n\u{1}筛"
        let tree: JSONTree = ["k\"": .text(text), "n": -3, "l": [], "o": ["x": 1]]
        let object = try #require(try JSONSerialization.jsonObject(with: Data(tree.written.utf8)) as? [String: Any])
        #expect(object["k\""] as? String == text && object["n"] as? Int == -3)
    }
}
