import Contracts
import Persistence
import ServiceRuntime
import Testing
import Vocabulary

@testable import Registration

struct PersonServiceTests {
    let bench: RegistrationBench
    init() throws { bench = try RegistrationBench() }

    @Test func `a shared case opens one provisional file however often it is said`() throws {
        let identity = try bench.identity(bench.canary)
        let number = try bench.service.deliver(identity)
        try bench.service.deliver(identity, number: number)
        try bench.service.deliver(identity)
        let registered = try bench.service.said(PersonRegistered.self)
        #expect(registered.count == 1)
        #expect(registered.first?.provisional == true && registered.first?.origin == .screeningCase)
        #expect(registered.first?.facts == bench.facts(bench.canary))
    }

    @Test func `a newer telephone of a provisional file replaces the older one`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        try bench.service.deliver(bench.identity(bench.canary, telephone: "00000009999"))
        let secrets = try bench.service.database.read { try SecretsTable.open(bench.canary, with: bench.vault, in: $0) }
        #expect(secrets?.guardianTelephone == "00000009999")
    }

    @Test func `a person registered at the window has the id that Screening would mint, and registers once`() throws {
        let reply = try bench.ask(.post, "/persons", RegistrationBench.registerCanary)
        #expect(reply.status == 201)
        #expect(try reply.decode(PersonReply.self).person == bench.canary)
        let again = try bench.ask(.post, "/persons", RegistrationBench.registerCanary)
        #expect(try again.status == 409 && bench.code(again) == "PERSON_DUPLICATE")
        #expect(try bench.service.said(PersonRegistered.self).map(\.provisional) == [false])
    }

    @Test func `the same request with the same key is answered the same and happens once`() throws {
        let first = try bench.ask(.post, "/persons", RegistrationBench.registerCanary, key: "k1")
        let second = try bench.ask(.post, "/persons", RegistrationBench.registerCanary, key: "k1")
        #expect(first.body == second.body && second.status == 201)
        #expect(try bench.service.said(PersonRegistered.self).count == 1)
    }

    @Test(arguments: [
        (#"{"citizenID":"379999201901010017","name":"甲","region":"370102001"}"#, 422, "ID_CHECKSUM_INVALID"),
        (#"{"citizenID":"37999920190101001","name":"甲","region":"370102001"}"#, 422, "ID_LENGTH_INVALID"),
        (#"{"citizenID":"379999201902300013","name":"甲","region":"370102001"}"#, 422, "ID_BIRTHDATE_INVALID"),
        (#"{"citizenID":"379999201901010024","name":"甲","region":"370102001","sex":"male"}"#, 422, "ID_SEX_MISMATCH"),
        (#"{"citizenID":"379999201901010024","name":"甲","region":"370102001","birthDate":"2019-01-02"}"#, 422, "ID_BIRTHDATE_MISMATCH"),
        (#"{"citizenID":"379999201901010024","name":"甲","region":"379999001"}"#, 422, "REGION_UNKNOWN"),
        (#"{"citizenID":"379999201901010024","name":"甲","region":"410102001"}"#, 403, "REGION_OUT_OF_SCOPE"),
        (#"{"citizenID":"379999201901010024","name":" ","region":"370102001"}"#, 422, "TEXT_INVALID"),
        (#"{"citizenID":"379999201901010024","name":"甲","region":"370102001"}"#, 422, "GUARDIAN_REQUIRED"),
        (
            #"{"citizenID":"379999201901010024","name":"甲","region":"370102001","guardianName":"乙","guardianTelephone":"call me"}"#, 422,
            "TELEPHONE_INVALID"
        ),
        (#"{"citizenID":"379999201901010024","nam":"甲","region":"370102001"}"#, 400, "FIELD_MISSING"),
    ])
    func `bad input is refused with its code and leaves nothing behind`(body: String, status: Int, code: String) throws {
        let reply = try bench.ask(.post, "/persons", body)
        #expect(try reply.status == status && bench.code(reply) == code)
        #expect(try bench.service.said().isEmpty)
    }

    @Test func `a checked citizen ID makes a provisional file active, and its id leads to that file`() throws {
        let child = PersonID(trusted: "p1-child-without-number")
        var identity = try bench.identity(child)
        identity.documentKind = .birthCertificate
        identity.documentNumber = "Y370000001"
        try bench.service.deliver(identity)
        let reply = try bench.ask(.post, "/persons/\(child)/identity", #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#)
        #expect(try reply.status == 200 && reply.decode(PersonReply.self).status == "active")
        #expect(try bench.service.said(IdentityAttached.self).map(\.person) == [child])
        let found = try bench.ask(.post, "/persons/lookup", #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#)
        #expect(try found.decode(PersonReply.self).person == child)
        let duplicate = try bench.ask(.post, "/persons", RegistrationBench.registerCanary)
        #expect(try bench.code(duplicate) == "PERSON_DUPLICATE")
        try bench.service.deliver(bench.identity(bench.canary))
        #expect(try bench.service.said(PersonRegistered.self).count == 1)
    }

    @Test func `a document with another birth date or another number is not attached`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        let later = CitizenID.make(prefix: 379_999, birth: LocalDate(year: 2019, month: 1, day: 2)!, sequence: 2)
        let other = try bench.ask(.post, "/persons/\(bench.canary)/identity", #"{"citizenID":"\#(later.text)"}"#)
        #expect(try other.status == 422 && bench.code(other) == "IDENTITY_MISMATCH")
        let male = try bench.ask(.post, "/persons/\(bench.canary)/identity", #"{"citizenID":"379999201901010016"}"#)
        #expect(try male.status == 422 && bench.code(male) == "IDENTITY_MISMATCH")
        #expect(try bench.service.said(IdentityAttached.self).isEmpty)
    }

    @Test func `whether a number is on file is told on record, alike whatever else is missing, and beyond the region not of whom`() throws {
        let known = RegistrationBench.canaryID
        let nobody = CitizenID.make(prefix: 379_999, birth: LocalDate(year: 2019, month: 1, day: 1)!, sequence: 4).text
        func body(_ number: String, guardian: Bool) -> String {
            #"{"citizenID":"\#(number)","name":"甲","region":"\#("370102001")"\#(guardian ? #","guardianName":"乙""# : "")}"#
        }
        try bench.service.deliver(bench.identity(bench.canary))
        for number in [known, nobody] {
            #expect(try bench.code(bench.ask(.post, "/persons", body(number, guardian: false))) == "GUARDIAN_REQUIRED")
        }
        let duplicate = try bench.ask(.post, "/persons", body(known, guardian: true))
        #expect(try duplicate.status == 409 && bench.code(duplicate) == "PERSON_DUPLICATE")
        // Shown at another file, a number that cannot be its person's is refused before anybody looks whose it is.
        let child = PersonID(trusted: "p1-other-child")
        var identity = try bench.identity(child)
        identity.documentKind = .birthCertificate
        identity.documentNumber = "Y370000003"
        identity.birthDate = LocalDate(year: 2018, month: 5, day: 5)!
        try bench.service.deliver(identity)
        for number in [known, nobody] {
            let reply = try bench.ask(.post, "/persons/\(child)/identity", #"{"citizenID":"\#(number)"}"#)
            #expect(try bench.code(reply) == "IDENTITY_MISMATCH")
        }
        try bench.erase("\(bench.canary)")
        let elsewhere = Actor(
            organisation: OrganisationID(trusted: "dpf-41"), role: .clerk, user: "c", region: RegionCode(trusted: "41"))
        let far = body(known, guardian: true).replacing("370102001", with: "410102001")
        #expect(try bench.code(bench.ask(.post, "/persons", far, as: elsewhere)) == "PERSON_DUPLICATE")
        #expect(try bench.code(bench.ask(.post, "/persons", body(known, guardian: true))) == "PERSON_ERASED")
        let recorded = try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 100, in: $0) }
            .filter { $0.action == "register-person" }
        #expect(recorded.map(\.subject) == [bench.canary.text, "unknown", bench.canary.text])
    }

    @Test func `erasing takes two people and a reason, and both are on record`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        let path = "/persons/\(bench.canary)/erasure"
        func confirm(as actor: Actor) throws -> Reply { try bench.ask(.post, path + "/confirmation", as: actor) }
        #expect(try bench.code(confirm(as: RegistrationBench.reviewer)) == "ERASURE_NOT_REQUESTED")
        let numbers = #"{"purpose":"379999201901010024"}"#
        #expect(try bench.code(bench.ask(.post, path, numbers, as: RegistrationBench.reviewer)) == "PURPOSE_REQUIRED")
        let asked = try bench.ask(.post, path, #"{"purpose":"asked by the family"}"#, as: RegistrationBench.reviewer)
        #expect(try asked.decode(PersonReply.self).erasureRequested)
        #expect(try bench.code(confirm(as: RegistrationBench.reviewer)) == "FOUR_EYES")
        #expect(try bench.service.database.read { try SecretsTable.sealed(bench.canary, in: $0) } != nil)
        let second = Actor(
            organisation: OrganisationID(trusted: "dpf-1"), role: .reviewer, user: "reviewer-2", region: RegionCode(trusted: "37"))
        #expect(try confirm(as: second).decode(PersonReply.self).status == "erased")
        let recorded = try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 100, in: $0) }
        #expect(recorded.map(\.action) == ["request-erasure", "erase-person"])
        #expect(recorded.map(\.actor) == ["reviewer-1", "reviewer-2"] && recorded[0].purpose == "asked by the family")
    }

    @Test func `a search by number is recorded each time, whatever key it comes with`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        let body = #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#
        for _ in 0..<2 { #expect(try bench.ask(.post, "/persons/lookup", body, key: "k1").status == 200) }
        let moved = Actor(
            organisation: RegistrationBench.clerk.organisation, role: .clerk, user: RegistrationBench.clerk.user,
            region: RegionCode(trusted: "41"))
        #expect(try bench.ask(.post, "/persons/lookup", body, as: moved, key: "k1").status == 404)
        let recorded = try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 100, in: $0) }
        #expect(recorded.filter { $0.action == "look-up-person" }.map(\.subject) == [bench.canary.text, bench.canary.text, "unknown"])
    }

    @Test func `nothing is sealed for somebody who was erased meanwhile`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        try bench.erase("\(bench.canary)")
        #expect(throws: PersonRefusal.personErased) {
            try bench.service.database.write { tx in
                try SecretsTable.keepNumber(
                    "379999201901010024" + "11", of: CertificateID(trusted: "cert-1"), bench.canary, with: bench.vault, in: tx)
            }
        }
        // What an older build had sealed under a key of its own goes with the person too.
        let sealed = try bench.vault.seal(Array("number".utf8), for: bench.canary, keyID: nil)
        try bench.service.database.write { tx in
            try tx.run(
                SQL(
                    """
                    INSERT INTO certificate_numbers (certificate, person, key_id, key_version, algorithm, ciphertext)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """),
                [
                    .text("cert-1"), .text(bench.canary.text), .text(sealed.keyID), .int(sealed.keyVersion), .text(sealed.algorithm),
                    .blob(sealed.ciphertext),
                ])
            try SecretsTable.erase(bench.canary, with: bench.vault, in: tx)
        }
        #expect(throws: PersonVault.Failure.erased) { try bench.vault.open(sealed, for: bench.canary) }
    }

    @Test func `files of whom nothing is on record are not one person`() throws {
        let (kept, merged) = try twins()
        try bench.service.database.write { tx in try tx.run(SQL("DELETE FROM person_secrets WHERE person <> ?"), [.text("")]) }
        #expect(try bench.code(bench.ask(.post, "/persons/\(merged)/merges", #"{"into":"\#(kept)"}"#)) == "MERGE_MISMATCH")
    }

    @Test func `two files are merged by two people, read as one, and parted again`() throws {
        let (kept, merged) = try twins()
        let request = try bench.ask(.post, "/persons/\(merged)/merges", #"{"into":"\#(kept)"}"#)
        #expect(request.status == 200)
        let alone = try bench.ask(.post, "/persons/\(merged)/merges/confirmation", #"{"into":"\#(kept)"}"#)
        #expect(try alone.status == 403 && bench.code(alone) == "FOUR_EYES")
        let confirmed = try bench.ask(
            .post, "/persons/\(merged)/merges/confirmation", #"{"into":"\#(kept)"}"#, as: RegistrationBench.otherClerk)
        #expect(try confirmed.decode(PersonReply.self).mergedInto == kept)
        #expect(try bench.service.said(PersonsMerged.self) == [PersonsMerged(kept: kept, merged: merged)])

        let seen = try bench.ask(.get, "/persons/\(merged)").decode(PersonReply.self)
        #expect(seen.person == kept && seen.aliases == [merged])

        let crossed = try bench.ask(.post, "/persons/\(kept)/merges", #"{"into":"\#(merged)"}"#)
        #expect(try bench.code(crossed) == "MERGE_SELF")

        let undone = try bench.ask(.post, "/persons/\(merged)/merges/undo", #"{"from":"\#(kept)"}"#, as: RegistrationBench.reviewer)
        #expect(try undone.decode(PersonReply.self).status == "provisional")
        #expect(try bench.service.said(PersonsUnmerged.self) == [PersonsUnmerged(kept: kept, merged: merged)])
        #expect(try bench.ask(.get, "/persons/\(merged)").decode(PersonReply.self).person == merged)
    }

    @Test func `a merge that was asked for by mistake is taken back, and another may be asked for`() throws {
        let (kept, merged) = try twins()
        try bench.ask(.post, "/persons/\(merged)/merges", #"{"into":"\#(kept)"}"#)
        let withdrawn = try bench.ask(.post, "/persons/\(merged)/merges/withdrawal", as: RegistrationBench.otherClerk)
        #expect(try withdrawn.decode(PersonReply.self).mergeRequestedInto == nil)
        let late = try bench.ask(
            .post, "/persons/\(merged)/merges/confirmation", #"{"into":"\#(kept)"}"#, as: RegistrationBench.otherClerk)
        #expect(try bench.code(late) == "MERGE_NOT_REQUESTED")
        #expect(try bench.ask(.post, "/persons/\(merged)/merges", #"{"into":"\#(kept)"}"#).status == 200)
    }

    @Test func `files whose birth dates differ are not one person`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        var other = try bench.identity(PersonID(trusted: "p1-other"))
        other.birthDate = LocalDate(year: 2019, month: 1, day: 2)!
        try bench.service.deliver(other)
        let reply = try bench.ask(.post, "/persons/p1-other/merges", #"{"into":"\#(bench.canary)"}"#)
        #expect(try bench.code(reply) == "MERGE_MISMATCH")
    }

    @Test func `an erased person cannot be read from any copy, and nothing is opened again`() throws {
        try bench.service.deliver(bench.identity(bench.canary))
        let sealed = try #require(try bench.service.database.read { try SecretsTable.sealed(bench.canary, in: $0) })
        #expect(try bench.vault.openSecrets(sealed, for: bench.canary).name == RegistrationBench.canaryName)
        let reply = try bench.erase("\(bench.canary)")
        #expect(try reply.decode(PersonReply.self).status == "erased")
        #expect(throws: PersonVault.Failure.erased) { try bench.vault.openSecrets(sealed, for: bench.canary) }
        try bench.service.deliver(bench.identity(bench.canary))
        #expect(try bench.service.database.read { try SecretsTable.sealed(bench.canary, in: $0) } == nil)
        let again = try bench.ask(.post, "/persons", RegistrationBench.registerCanary)
        #expect(try bench.code(again) == "PERSON_ERASED")
    }

    @Test(arguments: [true, false])
    func `erasing a person erases every file merged into theirs, whichever id is named, and none is parted again`(byKept: Bool) throws {
        let (kept, merged) = try twins()
        try bench.ask(.post, "/persons/\(merged)/merges", #"{"into":"\#(kept)"}"#)
        try bench.ask(.post, "/persons/\(merged)/merges/confirmation", #"{"into":"\#(kept)"}"#, as: RegistrationBench.otherClerk)
        let copies = try bench.service.database.read { tx in
            try [kept, merged].map { (person: $0, sealed: try SecretsTable.sealed($0, in: tx)) }
        }
        let reply = try bench.erase("\(byKept ? kept : merged)")
        #expect(reply.status == 200)
        for copy in copies {
            let sealed = try #require(copy.sealed)
            #expect(throws: PersonVault.Failure.erased, "\(copy.person)") { try bench.vault.openSecrets(sealed, for: copy.person) }
            #expect(try bench.service.database.read { try SecretsTable.sealed(copy.person, in: $0) } == nil)
        }
        let undone = try bench.ask(.post, "/persons/\(merged)/merges/undo", #"{"from":"\#(kept)"}"#, as: RegistrationBench.reviewer)
        #expect(try bench.code(undone) == "PERSON_ERASED")
        let erased = try bench.service.database.read { try AuditTrail.entries(after: 0, limit: 100, in: $0) }
            .filter { $0.action == "erase-person" }
        #expect(Set(erased.map(\.subject)) == [kept.text, merged.text], "each file's end is on record")
    }

    @Test func `a file is not parted from one that an older build erased alone`() throws {
        let (kept, merged) = try twins()
        try bench.ask(.post, "/persons/\(merged)/merges", #"{"into":"\#(kept)"}"#)
        try bench.ask(.post, "/persons/\(merged)/merges/confirmation", #"{"into":"\#(kept)"}"#, as: RegistrationBench.otherClerk)
        try bench.service.command(as: RegistrationBench.reviewer) { work in
            _ = try work.execute(.erase, PersonTable.self, kept)
            try SecretsTable.erase(kept, with: bench.vault, in: work.tx)
        }
        let undone = try bench.ask(.post, "/persons/\(merged)/merges/undo", #"{"from":"\#(kept)"}"#, as: RegistrationBench.reviewer)
        #expect(try bench.code(undone) == "PERSON_ERASED")
        // Erased once more, the rest goes too.
        try bench.erase("\(kept)")
        #expect(try bench.service.database.read { try SecretsTable.sealed(merged, in: $0) } == nil)
    }

    @Test func `two people of two organisations who happen to have the same user name are two`() throws {
        let (kept, merged) = try twins()
        try bench.ask(.post, "/persons/\(merged)/merges", #"{"into":"\#(kept)"}"#)
        let namesake = Actor(
            organisation: OrganisationID(trusted: "dpf-2"), role: .clerk, user: RegistrationBench.clerk.user,
            region: RegionCode(trusted: "37"))
        let reply = try bench.ask(.post, "/persons/\(merged)/merges/confirmation", #"{"into":"\#(kept)"}"#, as: namesake)
        #expect(try reply.decode(PersonReply.self).mergedInto == kept)
    }

    @Test func `sealed bytes of one person do not open as another's`() throws {
        let sealed = try bench.vault.seal(Array("secret".utf8), for: PersonID(trusted: "a"), keyID: nil)
        #expect(try bench.vault.open(sealed, for: PersonID(trusted: "a")) == Array("secret".utf8))
        #expect(throws: PersonVault.Failure.tampered) { try bench.vault.open(sealed, for: PersonID(trusted: "b")) }
        var flipped = sealed
        flipped.ciphertext[20] ^= 1
        #expect(throws: PersonVault.Failure.tampered) { try bench.vault.open(flipped, for: PersonID(trusted: "a")) }
    }

    @Test func `a clerk lists the files of the own region, page by page`() throws {
        for index in 1...5 { try bench.service.deliver(bench.identity(PersonID(trusted: "p1-\(index)"))) }
        let first = try bench.ask(.get, "/persons?limit=3").decode(RegistrationBench.Items<PersonReply>.self)
        #expect(first.items.map(\.person.text) == ["p1-1", "p1-2", "p1-3"])
        let second = try bench.ask(.get, "/persons?limit=3&after=\(try #require(first.next))").decode(
            RegistrationBench.Items<PersonReply>.self)
        #expect(second.items.map(\.person.text) == ["p1-4", "p1-5"] && second.next == nil)
        let elsewhere = Actor(organisation: nil, role: .clerk, user: "c", region: RegionCode(trusted: "41"))
        #expect(try bench.ask(.get, "/persons", as: elsewhere).decode(RegistrationBench.Items<PersonReply>.self).items.isEmpty)
        #expect(try bench.ask(.get, "/persons/p1-1", as: elsewhere).status == 404)
    }

    private func twins() throws -> (kept: PersonID, merged: PersonID) {
        let merged = PersonID(trusted: "p1-twin")
        try bench.service.deliver(bench.identity(bench.canary))
        var identity = try bench.identity(merged)
        identity.documentKind = .birthCertificate
        identity.documentNumber = "Y370000002"
        try bench.service.deliver(identity)
        return (bench.canary, merged)
    }
}
