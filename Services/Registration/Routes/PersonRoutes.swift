import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Person files over HTTP: opened at the window, given a document, merged and parted, erased, looked at.
struct PersonRoutes: Sendable {
    let vault: PersonVault
    let personKey: PersonKey

    var endpoints: [Endpoint] {
        [
            .command(
                .post, "/persons", roles: [.clerk], shows: .person, summary: "登记人员档案 / Open a person file", body: RegisterPersonBody.self,
                returns: PersonReply.self, register),
            .command(
                .post, "/persons/lookup", roles: [.clerk, .reviewer], shows: .person,
                summary: "按证件号码查找档案 / Find a file by citizen ID",
                body: CitizenIDBody.self, returns: PersonReply.self, keepsAnswer: false, lookUp),
            .query(
                .get, "/persons", roles: [.clerk, .reviewer, .auditor], shows: .persons, summary: "档案列表（不含个人信息） / Files, as pseudonyms",
                query: ["region"] + .page
            ) { request, tx in
                try list(request, tx)
            },
            .query(
                .get, "/persons/{person}", roles: [.clerk, .reviewer, .auditor], shows: .person,
                summary: "档案概要（不含个人信息） / One file, as a pseudonym",
                returns: PersonReply.self
            ) { request, tx in try show(request, tx) },
            .command(
                .post, "/persons/{person}/identity", roles: [.clerk], shows: .person,
                summary: "核验并登记公民身份号码 / Attach a checked citizen ID",
                body: CitizenIDBody.self, returns: PersonReply.self, attach),
            .command(
                .post, "/persons/{person}/merges", roles: [.clerk, .reviewer], summary: "申请合并档案 / Ask to merge this file into another",
                body: MergeBody.self, returns: PersonReply.self, requestMerge),
            .command(
                .post, "/persons/{person}/merges/confirmation", roles: [.clerk, .reviewer],
                summary: "另一人确认合并 / A second person confirms the merge", body: MergeBody.self, returns: PersonReply.self, confirmMerge),
            .command(
                .post, "/persons/{person}/merges/withdrawal", roles: [.clerk, .reviewer],
                summary: "撤回或退回合并申请 / Take back or turn down what was asked", returns: PersonReply.self, withdrawMerge),
            .command(
                .post, "/persons/{person}/merges/undo", roles: [.reviewer], summary: "撤销合并 / Part two files again", body: UnmergeBody.self,
                returns: PersonReply.self, unmerge),
            .command(
                .post, "/persons/{person}/erasure", roles: [.clerk, .reviewer],
                summary: "申请删除个人信息，须说明理由 / Ask that a person's data be erased",
                body: ErasureBody.self, returns: PersonReply.self, requestErasure),
            .command(
                .post, "/persons/{person}/erasure/confirmation", roles: [.reviewer],
                summary: "另一人确认删除（销毁密钥，不可恢复） / A second person confirms: the keys are destroyed for good",
                returns: PersonReply.self, erase),
        ]
    }

    @Sendable private func register(_ request: EndpointRequest, _ body: RegisterPersonBody, _ work: UnitOfWork) throws -> Reply {
        try request.actor.mayAct(in: body.region)
        let region = try body.checkedRegion
        let document = try body.document(today: request.today)
        let secrets = try body.secrets(document)
        // Where the number leads to a file that began under another document, or into which one was merged, that file refuses.
        let person = try identify(document, work).file
        let facts = PersonFacts(person: person, sex: document.sex, birthMonth: document.birthDate.month, region: region)
        let registration = PersonRules.Registration(
            facts: facts, completedYears: document.birthDate.completedYears(on: request.today),
            adultFrom: try RegistrationPolicies.number("person.adult-from-years", region: region, on: request.today),
            hasGuardian: secrets.guardianName != nil)
        do { try work.execute(.register(registration), PersonTable.self, person) } catch let refusal as PersonRefusal
            where [.personDuplicate, .personMerged, .personErased].contains(refusal)
        {
            return try numberOnFile(refusal, person, "register-person", request, work)
        }
        try SecretsTable.keep(secrets, of: person, with: vault, in: work.tx)
        return .json(try reply(person, work), status: .created)
    }

    @Sendable private func lookUp(_ request: EndpointRequest, _ body: CitizenIDBody, _ work: UnitOfWork) throws -> Reply {
        let document = try field("citizenID") { () throws(InvalidValue) in try CitizenID(body.citizenID, today: request.today) }
        let person = try identify(document, work).file
        guard let file = try work.state(PersonTable.self, person), request.actor.covers(file.facts.region) else {
            try AuditTrail.record("look-up-person", subject: "unknown", purpose: "", outcome: .refused, in: work)
            return .problem(.notFound, in: RegistrationRefusals.catalogue, request.language)
        }
        try AuditTrail.record("look-up-person", subject: person.text, purpose: "", outcome: .granted, in: work)
        return .json(PersonReply(person, file))
    }

    private func list(_ request: EndpointRequest, _ tx: any Transaction) throws -> Reply {
        let page = try request.page
        let files = try PersonTable.list(
            region: try request.subtree, after: page.after ?? "", limit: page.fetchLimit, in: tx)
        return .page(files.map { PersonReply($0.0, $0.1) }, page) { $0.person.text }
    }

    private func show(_ request: EndpointRequest, _ tx: any Transaction) throws -> Reply {
        let asked = try request.path("person", as: PersonID.self)
        let person = try PersonTable.resolve(asked, in: tx)
        guard let file = try PersonTable.load(person, in: tx)?.state else { throw Problem.notFound }
        try request.actor.mustSee(file.facts.region, orElse: Problem.notFound)
        var reply = PersonReply(person, file)
        reply.aliases = try PersonTable.identities(of: person, in: tx).filter { $0 != person }
        return .json(reply)
    }

    @Sendable private func attach(_ request: EndpointRequest, _ body: CitizenIDBody, _ work: UnitOfWork) throws -> Reply {
        let person = try known(request, work)
        let document = try field("citizenID") { () throws(InvalidValue) in try CitizenID(body.citizenID, today: request.today) }
        guard var secrets = try SecretsTable.open(person, with: vault, in: work.tx), let file = try work.state(PersonTable.self, person)
        else {
            throw PersonRefusal.personErased
        }
        let (minted, holder) = try identify(document, work)
        let taken = try holder != person && work.state(PersonTable.self, holder) != nil
        let attachment = PersonRules.Attachment(
            agrees: secrets.birthDate == document.birthDate.text && (file.facts.sex == document.sex || !file.facts.sex.isStated),
            contradictsNumber: secrets.knownCitizenID.map { $0 != document.text } ?? false, numberTaken: taken)
        let events: [PersonRules.Event]
        do { events = try work.execute(.attachIdentity(attachment), PersonTable.self, person) } catch PersonRefusal.personDuplicate {
            return try numberOnFile(.personDuplicate, holder, "attach-identity", request, work)
        }
        guard !events.isEmpty else { return .json(try reply(person, work)) }
        secrets.citizenID = document.text
        try SecretsTable.keep(secrets, of: person, with: vault, in: work.tx)
        if minted != person { try PersonTable.addAlias(minted, of: person, in: work.tx) }
        return .json(try reply(person, work))
    }

    @Sendable private func requestMerge(_ request: EndpointRequest, _ body: MergeBody, _ work: UnitOfWork) throws -> Reply {
        let person = try known(request, work)
        let kept = try PersonTable.resolve(body.into, in: work)
        guard let keptFile = try work.state(PersonTable.self, kept) else { throw PersonRefusal.personUnknown }
        try request.actor.mustSee(keptFile.facts.region, orElse: PersonRefusal.personUnknown)
        let mine = try SecretsTable.open(person, with: vault, in: work.tx)
        let theirs = try SecretsTable.open(kept, with: vault, in: work.tx)
        let file = try work.state(PersonTable.self, person)
        // Where nothing is on file of one of them, as after a restore, nobody can say that they are one.
        let isOneBirth = mine.flatMap { mine in theirs.map { $0.birthDate == mine.birthDate } } ?? false
        let agrees = isOneBirth && file?.facts.sex == keptFile.facts.sex
        try work.execute(.requestMerge(into: kept, by: request.actor.signature, agrees: agrees), PersonTable.self, person)
        return .json(try reply(person, work))
    }

    @Sendable private func confirmMerge(_ request: EndpointRequest, _ body: MergeBody, _ work: UnitOfWork) throws -> Reply {
        let person = try known(request, work)
        let kept = try PersonTable.resolve(body.into, in: work)
        try mustSee(kept, request, work)
        let events = try work.execute(.confirmMerge(into: kept, by: request.actor.signature), PersonTable.self, person)
        if !events.isEmpty { try work.execute(.absorb, PersonTable.self, kept) }
        return .json(try reply(person, work))
    }

    @Sendable private func withdrawMerge(_ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        let person = try known(request, work)
        try work.execute(.withdrawMerge, PersonTable.self, person)
        return .json(try reply(person, work))
    }

    @Sendable private func unmerge(_ request: EndpointRequest, _ body: UnmergeBody, _ work: UnitOfWork) throws -> Reply {
        let person = try known(request, work)
        try mustSee(body.from, request, work)
        let events = try work.execute(.unmerge(from: body.from), PersonTable.self, person)
        if !events.isEmpty { try work.execute(.release, PersonTable.self, body.from) }
        return .json(try reply(person, work))
    }

    @Sendable private func requestErasure(_ request: EndpointRequest, _ body: ErasureBody, _ work: UnitOfWork) throws -> Reply {
        let person = try PersonTable.resolve(try known(request, work), in: work)
        try mustSee(person, request, work)
        guard let purpose = PersonalText.purpose(body.purpose) else {
            throw Problem(AccessRefusal.purposeRequired.rawValue, field: "purpose")
        }
        if try !work.execute(.requestErasure(by: request.actor.signature), PersonTable.self, person).isEmpty {
            try AuditTrail.record("request-erasure", subject: person.text, purpose: purpose, outcome: .granted, in: work)
        }
        return .json(try reply(person, work))
    }

    @Sendable private func erase(_ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        // A person asks to be forgotten, not a file: whichever id is named, everything that means the same person goes.
        let person = try PersonTable.resolve(try known(request, work), in: work)
        try mustSee(person, request, work)
        try work.execute(.confirmErasure(by: request.actor.signature), PersonTable.self, person)
        for identity in try PersonTable.identities(of: person, in: work.tx).sorted(by: { $0.text < $1.text }) {
            // An alias of a document has no file of its own.
            guard try work.state(PersonTable.self, identity) != nil else { continue }
            try work.execute(.erase, PersonTable.self, identity)
            try AuditTrail.record("erase-person", subject: identity.text, purpose: "erasure", outcome: .granted, in: work)
            try SecretsTable.erase(identity, with: vault, in: work.tx)
        }
        return .json(try reply(person, work))
    }

    /// The id this document has, under the newest key or an older one that somebody was minted with, and the file it means today.
    private func identify(_ document: CitizenID, _ work: UnitOfWork) throws -> (minted: PersonID, file: PersonID) {
        let identifier = PersonIdentifier(.citizenID, number: document.text)
        for candidate in personKey.people(identifier) {
            let file = try PersonTable.resolve(candidate, in: work)
            if try work.state(PersonTable.self, file) != nil { return (candidate, file) }
        }
        let minted = personKey.person(identifier)
        return (minted, minted)
    }

    /// A number that is on file already: on record, and of a file beyond the caller's region no more than that it is there.
    private func numberOnFile(
        _ refusal: PersonRefusal, _ holder: PersonID, _ action: String, _ request: EndpointRequest, _ work: UnitOfWork
    ) throws -> Reply {
        let isCovered = try work.state(PersonTable.self, holder).map { request.actor.covers($0.facts.region) } ?? false
        try AuditTrail.record(action, subject: isCovered ? holder.text : "unknown", purpose: "", outcome: .refused, in: work)
        let told = isCovered ? refusal : .personDuplicate
        return .problem(Problem(told.rawValue), in: RegistrationRefusals.catalogue, request.language)
    }

    /// Throws as for an id that never was when the file lies outside the caller's region.
    private func mustSee(_ person: PersonID, _ request: EndpointRequest, _ work: UnitOfWork) throws {
        guard let file = try work.state(PersonTable.self, person) else { throw PersonRefusal.personUnknown }
        try request.actor.mustSee(file.facts.region, orElse: PersonRefusal.personUnknown)
    }

    /// The file the path names, within the caller's region. The path's own id: merging and parting speak of one file, not of what it stands for.
    private func known(_ request: EndpointRequest, _ work: UnitOfWork) throws -> PersonID {
        let person = try request.path("person", as: PersonID.self)
        try mustSee(person, request, work)
        return person
    }

    private func reply(_ person: PersonID, _ work: UnitOfWork) throws -> PersonReply {
        guard let file = try work.state(PersonTable.self, person) else { throw PersonRefusal.personUnknown }
        return PersonReply(person, file)
    }
}

extension Sex {
    /// False where nobody has said, so that a document cannot contradict it.
    fileprivate var isStated: Bool {
        switch self {
        case .male, .female: true
        case .unknown, .unspecified: false
        }
    }
}
