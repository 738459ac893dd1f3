import Vocabulary

/// Settlements, as the offices make them: submitted, sent back now and then, approved, paid.
extension Offices {
    private struct Submit: Encodable {
        var institution: String
        var quarter: String
    }

    private struct Settlement: Decodable {
        var settlement: String
        var totalFen: Int64
        var lines: Int
    }

    func submitSettlement(_ centre: SyntheticOrganisation, _ quarter: Quarter, on day: LocalDate, calendar: Agenda<Errand>) async throws
        -> [FollowUp]
    {
        try await submit(centre.id, centre.region, quarter, key: "settle-\(centre.id)-\(quarter)", on: day, calendar: calendar)
    }

    /// What was sent back, with the papers that were missing.
    func resubmitSettlement(_ settlement: SubmittedSettlement, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        try await submit(
            settlement.centre, settlement.region, settlement.quarter, key: "settle-again-\(settlement.id)", on: day, calendar: calendar)
    }

    private func submit(
        _ centre: OrganisationID, _ region: RegionCode, _ quarter: Quarter, key: String, on day: LocalDate, calendar: Agenda<Errand>
    ) async throws -> [FollowUp] {
        do {
            let settlement = try await system.client(.rehabilitation).post(
                "/settlements", Submit(institution: centre.text, quarter: quarter.text), token: world.clerk(region), key: key,
                as: Settlement.self)
            tally.add("settlements")
            tally.add("settlements.lines", Int64(settlement.lines))
            tally.add("settlements.fen", settlement.totalFen)
            let submitted = SubmittedSettlement(
                id: settlement.settlement, centre: centre, region: region, quarter: quarter, lines: settlement.lines,
                fen: settlement.totalFen)
            return [
                FollowUp(
                    errand: .approveSettlement(submitted), name: settlement.settlement, phase: .settle,
                    day: calendar.after(day, workingDays: 2))
            ]
        } catch let error as ServiceError where error.code == "NOTHING_TO_SETTLE" {
            return []
        }
    }

    /// Approved, or sent back because a paper is missing.
    func approveSettlement(_ settlement: SubmittedSettlement, on day: LocalDate, calendar: Agenda<Errand>) async throws -> [FollowUp] {
        let client = system.client(.rehabilitation)
        let token = world.reviewer(settlement.region)
        if world.chance(0.06, "sends-back", "\(settlement.centre)/\(settlement.quarter)/\(settlement.id)") {
            try await client.post(
                "/settlements/\(settlement.id)/rejection", Reason(reason: "缺少票据"), token: token, key: "approve-\(settlement.id)")
            tally.add("settlements.rejected")
            tally.add("settlements.lines", -Int64(settlement.lines))
            tally.add("settlements.fen", -settlement.fen)
            return [
                FollowUp(
                    errand: .resubmitSettlement(settlement), name: "\(settlement.id)-again", phase: .settle,
                    day: calendar.after(day, workingDays: 3))
            ]
        }
        try await client.post("/settlements/\(settlement.id)/approval", NoContent(), token: token, key: "approve-\(settlement.id)")
        tally.add("settlements.approved")
        return [
            FollowUp(
                errand: .paySettlement(settlement.id, settlement.region), name: settlement.id, phase: .settle,
                day: calendar.after(day, workingDays: 3))
        ]
    }

    func paySettlement(_ id: String, _ region: RegionCode) async throws {
        let paid = try await system.client(.rehabilitation).post(
            "/settlements/\(id)/payment", NoContent(), token: world.finance(region), key: "pay-\(id)", as: Settlement.self)
        tally.add("settlements.paid")
        tally.add("settlements.paidFen", paid.totalFen)
    }
}
