import Contracts
import Persistence
import Vocabulary

/// Clerks, reviewers, finance and centres at their desks: each looks what there is to do and does one thing of it.
extension World {
    func workAtWindow() throws {
        switch dice.weighted([
            (0, weight: 14), (1, weight: 5), (2, weight: 12), (3, weight: 10), (4, weight: 12), (5, weight: 10), (6, weight: 10),
            (7, weight: 14),
            (8, weight: 2), (9, weight: 8), (10, weight: 10),
        ]) {
        case 0: try choose()
        case 1: try withdraw()
        case 2: try apply()
        case 3: try forEach(Desk.submitted) { try send(.rehabilitation, "/applications/\($0[0])/materials", as: Cast.clerk) }
        case 4:
            try forEach(Desk.underReview) { row in
                if dice.happens(900) {
                    try send(.rehabilitation, "/applications/\(row[0])/approval", as: Cast.reviewer)
                } else {
                    try send(.rehabilitation, "/applications/\(row[0])/rejection", #"{"reason":"诊断不符"}"#, as: Cast.reviewer)
                }
            }
        case 5:
            try forEach(Desk.approved) {
                try send(.rehabilitation, "/applications/\($0[0])/institution", #"{"institution":"\#($0[1])"}"#, as: Cast.clerk)
            }
        case 6:
            try forEach(Desk.placed) { try send(.rehabilitation, "/enrolments", #"{"application":"\#($0[0])"}"#, as: Cast.centre($0[1])) }
        case 7: try recordMonth()
        case 8:
            try forEach(Desk.inTraining) {
                try send(.rehabilitation, "/enrolments/\($0[0])/end", #"{"outcome":"droppedOut"}"#, as: Cast.centre($0[1]))
            }
        case 9: try settleAccounts()
        default: try workWithAdults()
        }
    }

    private func forEach(_ sql: SQL, _ body: ([String]) throws -> Void) throws {
        let rows = try look(at: .rehabilitation, sql) { [$0.text(0), $0.text(1), $0.text(2)] }
        if let row = dice.pick(rows) { try body(row) }
    }

    private func choose() throws {
        let open = try look(at: .screening, Desk.toChoose) { ($0.text(0), $0.text(1)) }
        guard let (referral, candidates) = dice.pick(open) else { return }
        let offered = candidates.split(separator: "\n").compactMap { $0.split(separator: "\t").first.map(String.init) }
        guard let centre = dice.happens(850) ? dice.pick(offered) : dice.pick(Cast.centres) else { return }
        try send(.screening, "/referrals/\(referral)/choice", #"{"institution":"\#(centre)"}"#, as: Cast.clerk)
    }

    private func withdraw() throws {
        guard let referral = dice.pick(try look(at: .screening, Desk.toWithdraw) { $0.text(0) }) else { return }
        try send(.screening, "/referrals/\(referral)/withdraw", #"{"reason":"the family moved"}"#, as: Cast.clerk)
    }

    private func apply() throws {
        try forEach(Desk.confirmed) {
            try send(.rehabilitation, "/applications", #"{"referral":"\#($0[0])","residenceBasis":"hukou"}"#, as: Cast.clerk)
        }
    }

    private func recordMonth() throws {
        try forEach(Desk.inTraining) { row in
            let month = today.month.adding(-1 - dice.below(2))
            let gross = 100_000 + dice.below(250_000)
            let insured = dice.happens(500) ? dice.below(gross) : 0
            let days = 18 + dice.below(6)
            // A centre that began in the middle of the month knows how many days are left of it, and now and then forgets.
            let left = max(0, max(month.first, try LocalDate(row[2])).distance(to: month.last) + 1)
            let report =
                #""serviceDays":\#(left > 3 ? min(days, left) : days),"grossFen":\#(gross),"basicInsuranceFen":\#(insured),"#
                + #""seriousIllnessFen":0,"medicalReliefFen":0,"otherInsuranceFen":0}"#
            let path = "/enrolments/\(row[0])/months"
            let recorded = try look(at: .rehabilitation, SQL("SELECT month FROM lines WHERE enrolment = '\(row[0])'")) { $0.text(0) }
            // What was recorded is corrected mostly, and now and then sent once more.
            if recorded.contains(month.text), gross % 4 > 0 {
                let correction = #"{"reason":"a session came in late","# + report
                try send(.rehabilitation, "\(path)/\(month)/correction", correction, as: Cast.centre(row[1]))
            } else {
                try send(.rehabilitation, path, #"{"month":"\#(month)","# + report, as: Cast.centre(row[1]))
            }
        }
    }

    private func settleAccounts() throws {
        switch dice.below(3) {
        case 0:
            let quarter = today.adding(days: -dice.below(90)).month.quarter
            try send(
                .rehabilitation, "/settlements", #"{"institution":"\#(dice.pick(Cast.centres)!)","quarter":"\#(quarter)"}"#, as: Cast.clerk)
        case 1: try forEach(Desk.toApprove) { try send(.rehabilitation, "/settlements/\($0[0])/approval", as: Cast.reviewer) }
        default: try forEach(Desk.toPay) { try send(.rehabilitation, "/settlements/\($0[0])/payment", as: Cast.finance) }
        }
    }

    /// Adults: registered at the window, looking for work, trained, placed, confirmed in their job.
    private func workWithAdults() throws {
        switch dice.below(5) {
        case 0 where partners.adults < 5:
            partners.adults += 1
            let birth = LocalDate(year: 1990, month: 1, day: 1)!.adding(days: partners.adults)
            let document = CitizenID.make(prefix: 379_999, birth: birth, sequence: 100 + partners.adults).text
            try send(
                .registration, "/persons", #"{"citizenID":"\#(document)","name":"示例成人","region":"370303001","telephone":"000-00000000"}"#,
                as: Cast.clerk)
        case 1, 0:
            guard let person = dice.pick(try look(at: .registration, Desk.adults) { $0.text(0) }) else { return }
            try send(.employment, "/job-seekers", #"{"person":"\#(person)","consentToShare":true}"#, as: Cast.clerk)
        case 2:
            guard let seeker = dice.pick(try look(at: .employment, Desk.seekers) { $0.text(0) }) else { return }
            try send(.employment, "/job-seekers/\(seeker)/trainings", #"{"kind":"skill","hours":40}"#, as: Cast.clerk)
        case 3:
            guard let seeker = dice.pick(try look(at: .employment, Desk.seekers) { $0.text(0) }) else { return }
            try send(
                .employment, "/placements",
                #"{"jobSeeker":"\#(seeker)","employer":"em-1","form":"proportional","startedOn":"\#(today.adding(days: -3))","#
                    + #""contractUntil":"\#(today.adding(days: 400))","monthlyWageFen":300000}"#, as: Cast.clerk)
        default:
            guard let placement = dice.pick(try look(at: .employment, Desk.placements) { $0.text(0) }) else { return }
            try send(
                .employment, "/placements/\(placement)/confirmations", #"{"month":\#(1 + dice.below(6)),"evidence":"payroll"}"#,
                as: Cast.clerk)
        }
    }
}

/// What the people at their desks see.
private enum Desk {
    static let toChoose = SQL(
        "SELECT id, candidates FROM referrals WHERE status IN ('proposed', 'unplaced', 'declined', 'expired') ORDER BY id")
    static let toWithdraw = SQL("SELECT id FROM referrals WHERE status IN ('proposed', 'issued', 'unplaced', 'confirmed') ORDER BY id")
    static let confirmed = SQL(
        """
        SELECT referral, institution, status FROM referral_answers WHERE status = 'confirmed'
        AND referral NOT IN (SELECT referral FROM applications WHERE referral IS NOT NULL) ORDER BY attempt_key
        """)
    static let submitted = SQL("SELECT application, status, status FROM applications WHERE status = 'submitted' ORDER BY application")
    static let underReview = SQL("SELECT application, status, status FROM applications WHERE status = 'underReview' ORDER BY application")
    static let approved = SQL(
        """
        SELECT a.application, r.institution, a.status FROM applications a JOIN referral_answers r ON r.referral = a.referral
        AND r.attempt = a.attempt WHERE a.status = 'approved' ORDER BY a.application
        """)
    static let placed = SQL("SELECT application, institution, status FROM applications WHERE status = 'placed' ORDER BY application")
    static let inTraining = SQL("SELECT enrolment, institution, started_on FROM enrolments WHERE status = 'inTraining' ORDER BY enrolment")
    static let toApprove = SQL("SELECT settlement, status, status FROM settlements WHERE status = 'submitted' ORDER BY settlement")
    static let toPay = SQL("SELECT settlement, status, status FROM settlements WHERE status = 'approved' ORDER BY settlement")
    static let adults = SQL("SELECT person FROM persons WHERE origin = 'window' ORDER BY person")
    static let seekers = SQL("SELECT job_seeker FROM job_seekers ORDER BY job_seeker")
    static let placements = SQL("SELECT placement FROM placements ORDER BY placement")
}
