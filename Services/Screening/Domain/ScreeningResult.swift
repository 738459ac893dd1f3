import Vocabulary

/// A bureau's result after validation: every field is what it claims to be, nothing is decided yet.
struct ScreeningResultInput: Hashable, Sendable {
    /// The bureau's own identifier of the result.
    var resultID: String
    /// 1 for the first.
    var revision: Int
    /// Why it was corrected or withdrawn; empty when the bureau gave none.
    var reason: String
    /// Nil for a withdrawal.
    var content: ResultContent?

    var isWithdrawal: Bool { content == nil }
}

/// What one examination found, and in whom.
struct ResultContent: Hashable, Sendable {
    var topic: ScreeningTopic
    var stage: ScreeningStage
    var outcome: ScreeningOutcome
    var takenOn: LocalDate
    /// Check-up round, age in months.
    var roundMonths: Int
    /// Instrument as the bureau names it; empty when not stated.
    var tool: String
    var child: ChildIdentity
}

/// Who a child is. Lives in memory between ingress and the one topic that only Registration reads; no table of Screening holds it.
struct ChildIdentity: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var documentKind: DocumentKind
    /// Upper case.
    var documentNumber: String
    var name: String
    var sex: Sex
    var birthDate: LocalDate
    /// Among siblings born the same day; 1 when alone.
    var birthOrder: Int
    var guardianName: String
    var guardianTelephone: String
    /// 6, 9 or 12 digits.
    var residence: RegionCode

    /// Township where known: what leaves this service beside a pseudonym.
    var region: RegionCode { residence.text.utf8.count == 12 ? residence.parent ?? residence : residence }

    // An error message or a failed expectation must not print a child.
    var description: String { "a child's identity" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension ScreeningResultInput {
    /// Everything that makes two submissions of one revision the same, in one fixed order. Contains identity: only ever hashed.
    var canonicalContent: String {
        guard let content else { return "withdrawn\u{1f}\(reason)" }
        let child = content.child
        var text = content.topic.rawValue
        text.reserveCapacity(240)
        for field in [
            content.stage.rawValue, content.outcome.rawValue, content.takenOn.text, String(content.roundMonths),
            content.tool, child.documentKind.rawValue, child.documentNumber, child.name, child.sex.rawValue, child.birthDate.text,
            String(child.birthOrder), child.guardianName, child.guardianTelephone, child.residence.text, reason,
        ] {
            text += "\u{1f}"
            text += field
        }
        return text
    }
}

/// What is known of a result: its highest revision so far.
struct KnownRevision: Hashable, Sendable {
    var revision: Int
    /// Keyed hash of the content.
    var fingerprint: [UInt8]
    /// The case it counts in; nil once withdrawn.
    var caseID: CaseID?

    /// The fingerprint of what was read back from our own events after an older backup: they do not say everything the bureau sent.
    static let unknownContent: [UInt8] = []
}

/// The order of a bureau's revisions (修订): identity is organisation + result id, the higher revision holds, and no order of arrival
/// is promised.
enum RevisionLedger {
    enum Standing: Hashable, Sendable {
        /// Never heard of, or higher than what is known.
        case newer
        /// The same once more; nothing to do.
        case repeated
        /// A higher revision is known already; nothing to do.
        case outdated
        /// The same revision says something else: the first stands, and the bureau is told.
        case conflict
    }

    static func standing(revision: Int, fingerprint: [UInt8], given known: KnownRevision?) -> Standing {
        guard let known else { return .newer }
        if revision > known.revision { return .newer }
        if revision < known.revision { return .outdated }
        return fingerprint == known.fingerprint || known.fingerprint == KnownRevision.unknownContent ? .repeated : .conflict
    }
}
