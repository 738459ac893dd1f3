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

    /// Claims the referral and reserves a place, both or neither. False when the centre had claimed it before.
    @discardableResult
    static func accept(_ key: AttemptKey, by institution: OrganisationID, in work: UnitOfWork) throws -> Bool {
        let answer = try work.state(ReferralAnswerTable.self, key)
        // Decided before the place is taken: a refusal of either leaves nothing half done, and a repeat takes no second place.
        let claim = try ReferralAnswerRules.decide(.accept(by: institution), given: answer)
        guard !claim.isEmpty, let question = answer?.question else { return false }
        try work.execute(
            .reservePlace(key.place, category: question.category, on: work.cause.today), InstitutionTable.self, institution)
        try work.execute(.accept(by: institution), ReferralAnswerTable.self, key)
        return true
    }

    /// False when the centre had declined before.
    @discardableResult
    static func decline(_ key: AttemptKey, by institution: OrganisationID, reason: String, in work: UnitOfWork) throws -> Bool {
        try !work.execute(.decline(by: institution, reason: reason), ReferralAnswerTable.self, key).isEmpty
    }

    /// Longest reason a centre may give.
    static let reasonCharacters = 500
}
