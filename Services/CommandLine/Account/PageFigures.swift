/// The figures that Reporting shows, asked over HTTP like any dashboard, brought into the account's.
struct PageFigures: Sendable {
    let system: CareSystem
    let world: World

    private struct Region: Decodable {
        struct Figure: Decodable {
            var measure: String
            var value: Int64
        }

        var figures: [Figure]
    }

    func read() async throws -> [String: Int64] {
        var sums: [String: Int64] = [:]
        for authority in world.authorities {
            let region: Region = try await system.client(.reporting).get(
                "/regions/\(authority.code)", token: world.token(.dashboard, authority.federation.id))
            for figure in region.figures { sums[figure.measure, default: 0] += figure.value }
        }
        return Self.parts.mapValues { measures in
            measures.reduce(0) { $1.hasPrefix("-") ? $0 - sums[String($1.dropFirst()), default: 0] : $0 + sums[$1, default: 0] }
        }
    }

    /// Which measures of Reporting make up a figure of the account; a minus takes one away.
    private static let parts: [String: [String]] = [
        "results.standing": [
            "initialNegative", "initialPositive", "initialUnable", "rescreenNegative", "rescreenPositive", "rescreenUnable",
            "diagnosisNegative", "diagnosisPositive", "diagnosisUnable",
        ],
        "cases": ["casesScreened"],
        "cases.shared": ["casesShared"],
        "referrals.issued": ["referralsIssued"],
        "referrals.taken": ["referralsAccepted"],
        "referrals.declined": ["referralsDeclined"],
        "referrals.expired": ["referralsExpired"],
        "referrals.withdrawn": ["referralsWithdrawn"],
        "applications": ["applied"],
        "applications.approved": ["approved"],
        "applications.rejected": ["rejected"],
        "applications.withdrawn": ["applicationsWithdrawn"],
        "enrolments": ["enrolled"],
        "enrolments.ended": ["completed", "droppedOut", "transferred"],
        "months": ["trainingMonths", "trainingMonthsNotCounted"],
        "months.counted": ["trainingMonths"],
        "subsidyFen": ["subsidyFen"],
        "settlements": ["settlementsSubmitted"],
        "settlements.approved": ["settlementsApproved"],
        "settlements.rejected": ["settlementsRejected"],
        "settlements.paid": ["settlementsPaid"],
        "settlements.fen": ["settlementSubmittedFen", "-settlementRejectedFen"],
        "settlements.paidFen": ["settlementPaidFen"],
        "certificates.issued": ["certificates"],
        "jobSeekers.consenting": ["consentsGiven", "-consentsWithdrawn"],
        "trainings": ["trained"],
        "placements": ["placements"],
        "confirmations": ["employmentConfirmations"],
        "confirmations.missed": ["confirmationsMissed"],
        "placements.stable": ["stableEmployments"],
        "placements.ended": ["employmentsEnded"],
    ]
}
