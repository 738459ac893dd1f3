import Contracts
import ServiceRuntime
import Vocabulary

/// A centre's answer, from its Kafka topic or over HTTP: the same two functions decide both.
enum AnswerReferral {
    /// The words a centre answers with.
    enum Word: String, CaseIterable, Codable, Sendable {
        case accept, decline

        init?(written text: String) {
            switch text {
            case "accept", "接受", "接收": self = .accept
            case "decline", "拒绝", "不接收": self = .decline
            default: return nil
            }
        }
    }

    /// Claims the referral and reserves a place, both or neither.
    static func accept(_ key: AttemptKey, by institution: OrganisationID, in work: UnitOfWork) throws {
        let answer = try work.state(ReferralAnswerTable.self, key)
        // Decided before the place is taken: a refusal of either leaves nothing half done, and a repeat takes no second place.
        let claim = try ReferralAnswerRules.decide(.accept(by: institution), given: answer)
        guard !claim.isEmpty, let question = answer?.question else { return }
        try work.execute(
            .reservePlace(key.place, category: question.category, on: work.cause.today), InstitutionTable.self, institution)
        try work.execute(.accept(by: institution), ReferralAnswerTable.self, key)
    }

    static func decline(_ key: AttemptKey, by institution: OrganisationID, reason: String, in work: UnitOfWork) throws {
        try work.execute(.decline(by: institution, reason: reason), ReferralAnswerTable.self, key)
    }

    /// Longest reason a centre may give.
    static let reasonCharacters = 500

    static let subscription = Subscription.ingress(RawReferralAnswer.topic, "AnswerReferral") { record, work in
        let raw: RawReferralAnswer
        do throws(IngressError) {
            raw = try Ingress.read(RawReferralAnswer.self, value: record.value, headers: record.headers, sender: record.organisation)
        } catch {
            throw DeadLetter(reason: error.code, field: error.field)
        }
        let referral: ReferralID
        do throws(InvalidValue) { referral = try ReferralID(raw.referral) } catch {
            throw DeadLetter(reason: error.code, field: "referral")
        }
        guard raw.attempt >= 1 else { throw DeadLetter(reason: "VALUE_NOT_ALLOWED", field: "attempt") }
        guard let word = Word(written: raw.answer) else { throw DeadLetter(reason: "VALUE_NOT_ALLOWED", field: "answer") }
        let reason = raw.reason ?? ""
        guard reason.count <= reasonCharacters else { throw DeadLetter(reason: "TEXT_TOO_LONG", field: "reason") }

        let key = AttemptKey(referral: referral, attempt: raw.attempt)
        // The centre may have read Screening's notice before this service read Screening's question.
        guard try work.state(ReferralAnswerTable.self, key) != nil else { throw Hold(subject: key.subject) }
        switch word {
        case .accept: try accept(key, by: record.organisation, in: work)
        case .decline: try decline(key, by: record.organisation, reason: reason, in: work)
        }
    }
}
