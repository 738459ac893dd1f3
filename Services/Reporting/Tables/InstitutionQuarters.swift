import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Which institution trained and was paid in which quarter, where it lies, and which agreements it has begun. Facts only ever add to it, in any order.
enum InstitutionQuarters {
    static func place(_ institution: OrganisationID, _ region: RegionCode, in tx: any Transaction) throws {
        try tx.run(Statements.place, [.text(institution.text), .text(region.text)])
    }

    /// Keeps the agreement that begins on that day. Returns false when it was kept before.
    static func begins(_ institution: OrganisationID, _ validFrom: LocalDate, in tx: any Transaction) throws -> Bool {
        try tx.run(Statements.begins, [.text(institution.text), .text(validFrom.text)]) == 1
    }

    static func trained(_ institution: OrganisationID, _ quarter: Quarter, in tx: any Transaction) throws {
        try tx.run(Statements.trained, [.text(institution.text), .text(quarter.text)])
    }

    /// `quarter` is the one of the payment's day, whichever the settlement is named after.
    static func paid(_ institution: OrganisationID, _ quarter: Quarter, in tx: any Transaction) throws {
        try tx.run(Statements.paid, [.text(institution.text), .text(quarter.text)])
    }

    /// Quarters that ended before `date`, by the institution's county as recorded.
    static func counts(on date: LocalDate, from: Quarter? = nil, to: Quarter? = nil, in tx: any Transaction) throws -> [(
        region: RegionCode, count: QuarterCount
    )] {
        let last = to.map { min($0, date.month.quarter) } ?? date.month.quarter
        return try tx.rows(Statements.counts, [.text(date.month.quarter.text), .text(from?.text ?? ""), .text(last.text)]) {
            (RegionCode(trusted: $0.text(0)), QuarterCount(trained: $0.int(1), paid: $0.int(2)))
        }
    }

    private enum Statements {
        static let place = SQL(
            "INSERT INTO institutions (institution, region) VALUES (?, ?) ON CONFLICT (institution) DO UPDATE SET region = excluded.region")
        static let begins = SQL(
            "INSERT INTO agreement_starts (institution, valid_from) VALUES (?, ?) ON CONFLICT (institution, valid_from) DO NOTHING")
        static let trained = SQL(
            """
            INSERT INTO institution_quarters (institution, quarter, trained, paid) VALUES (?, ?, 1, 0)
            ON CONFLICT (institution, quarter) DO UPDATE SET trained = 1
            """)
        static let paid = SQL(
            """
            INSERT INTO institution_quarters (institution, quarter, trained, paid) VALUES (?, ?, 0, 1)
            ON CONFLICT (institution, quarter) DO UPDATE SET paid = 1
            """)
        static let counts = SQL(
            """
            SELECT i.region, SUM(q.trained), SUM(q.trained * q.paid) FROM institution_quarters q
            JOIN institutions i ON i.institution = q.institution WHERE q.quarter < ? AND q.quarter >= ? AND q.quarter <= ? GROUP BY i.region
            """)
    }
}
