import Contracts
import Foundation
import Persistence
import Vocabulary

/// Who owned which referral when, as Screening told it; everybody else's copy must say the same in the end.
struct ReferralOracle {
    struct Attempt {
        let number: Int
        let institution: String
        let respondBy: LocalDate
        /// confirmed, declined, expired or withdrawn; a confirmed attempt may be withdrawn later.
        var ending: String?
    }

    struct Referral {
        var attempts: [Attempt] = []
        var isWithdrawn = false
        var chooseBy: LocalDate?
        var hasCandidates = false
        var isUnplaced = false
        /// Who owns the child's next step now.
        var owner: Attempt? {
            guard let last = attempts.last, last.ending == nil || last.ending == "confirmed" else { return nil }
            return last
        }
    }

    private(set) var referrals: [String: Referral] = [:]
    private let world: World

    init(_ world: World, _ facts: [Fact]) throws {
        self.world = world
        for fact in facts where fact.topic == ReferralIssued.topic { try follow(fact) }
    }

    private mutating func follow(_ fact: Fact) throws {
        guard let id = fact.meta.subject else { throw Broken("an event about a referral names none") }
        var referral = referrals[id] ?? Referral()
        defer { referrals[id] = referral }
        func end(_ number: Int, _ institution: String, _ word: String) throws {
            guard let last = referral.attempts.indices.last, referral.attempts[last].number == number,
                referral.attempts[last].institution == institution
            else { throw Broken("\(word) names attempt \(number) at \(institution) of \(id), which is not the current one") }
            let before = referral.attempts[last].ending
            guard before == nil || (before == "confirmed" && word == "withdrawn") else {
                throw Broken("attempt \(number) of \(id) is \(word) after it was \(before!)")
            }
            referral.attempts[last].ending = word
        }
        switch fact.meta.type {
        case ReferralProposed.type:
            let event = try ReferralProposed(protobuf: fact.data)
            referral.chooseBy = event.chooseBy
            referral.hasCandidates = !event.candidates.isEmpty
            referral.isUnplaced = false
        case ReferralIssued.type:
            let event = try ReferralIssued(protobuf: fact.data)
            guard referral.owner == nil, !referral.isWithdrawn else { throw Broken("\(id) was issued while somebody owned it") }
            guard event.attempt == referral.attempts.count + 1 else { throw Broken("attempt \(event.attempt) of \(id) out of turn") }
            referral.attempts.append(
                Attempt(number: event.attempt, institution: event.institution.text, respondBy: event.respondBy))
        case ReferralConfirmed.type:
            let event = try ReferralConfirmed(protobuf: fact.data)
            try end(event.attempt, event.institution.text, "confirmed")
        case ReferralDeclined.type:
            let event = try ReferralDeclined(protobuf: fact.data)
            try end(event.attempt, event.institution.text, "declined")
        case ReferralExpired.type:
            let event = try ReferralExpired(protobuf: fact.data)
            try end(event.attempt, event.institution.text, "expired")
        case ReferralWithdrawn.type:
            let event = try ReferralWithdrawn(protobuf: fact.data)
            guard !referral.isWithdrawn else { throw Broken("\(id) was withdrawn twice") }
            referral.isWithdrawn = true
            if let institution = event.institution { try end(event.attempt, institution.text, "withdrawn") }
        case ReferralUnplaced.type: referral.isUnplaced = true
        default: break
        }
    }

    func check() throws {
        for (id, referral) in referrals.sorted(by: { $0.key < $1.key }) {
            if let open = referral.owner, open.ending == nil, open.respondBy < world.today {
                throw Broken("attempt \(open.number) of \(id) was to be answered by \(open.respondBy) and is open on \(world.today)")
            }
            if referral.attempts.isEmpty, !referral.isWithdrawn, !referral.isUnplaced, referral.hasCandidates,
                let chooseBy = referral.chooseBy, chooseBy < world.today
            {
                throw Broken("\(id) was to be chosen by \(chooseBy) and nobody was asked")
            }
        }
        try checkScreening()
        try checkRegistration()
        try checkRehabilitation()
    }

    private func checkScreening() throws {
        let rows = try world.look(at: .screening, Self.referralRows) { ($0.text(0), $0.text(1), $0.textOrNil(2), $0.text(3)) }
        guard rows.count == referrals.count else { throw Broken("Screening has \(rows.count) referrals, the log \(referrals.count)") }
        var waiting: [String: Int] = [:]
        for (id, status, institution, attempts) in rows {
            guard let told = referrals[id] else { throw Broken("Screening keeps \(id), the log never told it") }
            guard attempts.isEmpty ? told.attempts.isEmpty : attempts.split(separator: "\n").count == told.attempts.count else {
                throw Broken("Screening and the log differ on the attempts of \(id)")
            }
            let owned = status == "issued" || status == "confirmed"
            guard owned == (told.owner != nil), !owned || institution == told.owner?.institution,
                (status == "confirmed") == (told.owner?.ending == "confirmed"), (status == "withdrawn") == told.isWithdrawn
            else { throw Broken("Screening says \(id) is \(status) at \(institution ?? "-"), the log \(told)") }
            if status == "issued", let institution { waiting[institution, default: 0] += 1 }
        }
        for (institution, load) in try world.look(at: .screening, Self.loads, { ($0.text(0), Int($0.int(1))) })
        where load != waiting[institution] ?? 0 {
            throw Broken("Screening counts \(load) referrals waiting at \(institution), there are \(waiting[institution] ?? 0)")
        }
    }

    private func checkRegistration() throws {
        for (id, attempt, institution, holds) in try world.look(
            at: .registration, Self.owners, { ($0.text(0), Int($0.int(1)), $0.text(2), $0.bool(3)) })
        {
            let owner = referrals[id]?.owner
            guard holds == (owner != nil), !holds || (owner?.institution == institution && owner?.number == attempt) else {
                throw Broken(
                    "Registration says \(institution) \(holds ? "owns" : "does not own") \(id), the log \(owner?.institution ?? "nobody")")
            }
        }
    }

    private func checkRehabilitation() throws {
        var answers: [String: (status: String, institution: String)] = [:]
        for (id, attempt, status, institution) in try world.look(
            at: .rehabilitation, Self.answers, { ($0.text(0), Int($0.int(1)), $0.text(2), $0.text(3)) })
        {
            answers["\(id)/\(attempt)"] = (status, institution)
            guard let told = referrals[id]?.attempts.first(where: { $0.number == attempt }) else {
                throw Broken("Rehabilitation knows attempt \(attempt) of \(id), the log never told it")
            }
            let fits =
                switch told.ending {
                case nil: status == "open"
                // A no that crosses an expiry or a withdrawal: both stand, each with the one who said it.
                case "expired"?, "withdrawn"?: status == told.ending || status == "declined"
                case let ending?: status == ending
                }
            guard fits else {
                throw Broken("attempt \(attempt) of \(id) is \(status) at Rehabilitation and \(told.ending ?? "open") on the log")
            }
        }
        let asked = referrals.values.reduce(0) { $0 + $1.attempts.count }
        guard answers.count == asked else { throw Broken("Rehabilitation was asked \(answers.count) times of \(asked)") }
        try Places(world).check(answers)
        try checkOrderOfAnswers(answers)
    }

    /// A centre whose first word on the log is no cannot have accepted: its records are applied in the order of its topic. By the log, and not
    /// by what it wrote: a log that loses what it acknowledged may have lost the no.
    private func checkOrderOfAnswers(_ answers: [String: (status: String, institution: String)]) throws {
        struct Word: Decodable {
            let referral: String
            let attempt: Int
            let answer: String
        }
        let overHTTP = Set(world.partners.answeredOverHTTP)
        var seen: Set<Partners.Asked> = []
        for centre in Cast.centres {
            for record in world.log.records(Catalogue.name(RawReferralAnswer.topic, for: OrganisationID(trusted: centre))) {
                let word = try JSONDecoder().decode(Word.self, from: Data(record.value ?? []))
                let asked = Partners.Asked(centre: centre, referral: word.referral, attempt: word.attempt)
                guard seen.insert(asked).inserted, word.answer == "decline", !overHTTP.contains(asked) else { continue }
                let status = answers["\(asked.referral)/\(asked.attempt)"]?.status
                guard status != "confirmed" && status != "claimed" && status != "superseded" else {
                    throw Broken("\(centre) wrote decline first and \(asked.referral)/\(asked.attempt) is \(status!)")
                }
            }
        }
    }

    private static let referralRows = SQL("SELECT id, status, institution, attempts FROM referrals")
    private static let loads = SQL("SELECT institution, open_load FROM institutions")
    private static let owners = SQL("SELECT referral, attempt, institution, holds FROM referral_owners")
    private static let answers = SQL("SELECT referral, attempt, status, institution FROM referral_answers")
}
