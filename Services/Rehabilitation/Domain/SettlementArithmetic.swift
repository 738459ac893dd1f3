import Vocabulary

/// How the annual standard limits a month (domain.md 1.10 no. 7: no source says which, so it is policy).
enum CapMode: String, CaseIterable, Codable, Hashable, Sendable {
    /// Months counted so far together stay under their share of the standard; a cheap month leaves room for a dear one.
    case cumulative
    /// Every month stays under a single month's share.
    case perMonth
}

/// Money of one training month: insurance first, then subsidy under the cap, then the parents (医保支付后…据实补助…家长自行承担, S3).
enum SettlementArithmetic {
    /// What the four insurances paid.
    struct Insurance: Hashable, Sendable {
        var basicFen: Fen
        var seriousIllnessFen: Fen
        var medicalReliefFen: Fen
        var otherFen: Fen

        var totalFen: Fen { basicFen + seriousIllnessFen + medicalReliefFen + otherFen }
        var hasNegative: Bool { [basicFen, seriousIllnessFen, medicalReliefFen, otherFen].contains { $0 < .zero } }
    }

    /// Counted months of one enrolment before this one.
    struct Before: Hashable, Sendable {
        var months: Int
        var selfPayFen: Fen
        var subsidyFen: Fen
        static let nothing = Before(months: 0, selfPayFen: .zero, subsidyFen: .zero)
    }

    struct Share: Hashable, Sendable {
        /// 1 to N for a counted month, 0 otherwise.
        var ordinal: Int
        var subsidyFen: Fen
        /// Negative when an earlier over-payment comes back to the parents.
        var parentsFen: Fen
    }

    /// `cap(n) = standard × n ÷ N`, rounded half up to a fen.
    static func cap(_ standardFen: Fen, months: Int, of programme: Int) -> Fen { standardFen.prorated(months, of: programme) }

    /// One month's subsidy and parents' part. A month that does not count, or comes after the programme's last, adds neither self-pay nor
    /// cap: the family bears it.
    static func line(
        selfPayFen: Fen, qualifies: Bool, before: Before, standardFen: Fen, months programme: Int, mode: CapMode
    ) -> Share {
        guard qualifies, before.months < programme else { return Share(ordinal: 0, subsidyFen: .zero, parentsFen: selfPayFen) }
        let ordinal = before.months + 1
        let subsidyFen =
            switch mode {
            case .cumulative:
                max(.zero, min(before.selfPayFen + selfPayFen, cap(standardFen, months: ordinal, of: programme)) - before.subsidyFen)
            case .perMonth:
                min(selfPayFen, cap(standardFen, months: 1, of: programme))
            }
        return Share(ordinal: ordinal, subsidyFen: subsidyFen, parentsFen: selfPayFen - subsidyFen)
    }
}
