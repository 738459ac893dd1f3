import Persistence
import Vocabulary

/// One release of one month's figures.
struct Release: Hashable, Sendable {
    /// `2024-06.1`: month and revision.
    var id: String { "\(month.text).\(revision)" }
    let month: YearMonth
    let revision: Int
    let asOf: LocalDate
    let watermark: String
    /// A pseudonymous user, or `timer`.
    let madeBy: String
    let policyVersion: String
    let planPeriod: String
}

/// One figure of a release.
struct ReleasedFigure: Hashable, Sendable {
    let region: RegionCode
    /// An indicator's number, or `funnel.` and a measure.
    let indicator: String
    let value: IndicatorValue
    let suppressed: Int
}

/// What has been told to everyone.
enum ReleaseTables {
    static func lastRevision(of month: YearMonth, in tx: any Transaction) throws -> Int {
        try tx.first(Statements.lastRevision, [.text(month.text)]) { Int($0.intOrNil(0) ?? 0) } ?? 0
    }

    static func keep(_ release: Release, _ figures: [ReleasedFigure], hidden: [HiddenCell], in tx: any Transaction) throws {
        try tx.run(
            Statements.insert,
            [
                .text(release.id), .text(release.month.text), .int(release.revision), .text(release.asOf.text), .text(release.watermark),
                .text(release.madeBy), .text(release.policyVersion), .text(release.planPeriod),
            ])
        for figure in figures { try keep(figure, of: release, in: tx) }
        try hide(hidden, in: release.month, in: tx)
    }

    /// One figure of a release that was told before an older backup was put in place.
    static func keepAgain(_ release: Release, _ figure: ReleasedFigure, hidden: [HiddenCell], in tx: any Transaction) throws {
        if try tx.first(Statements.made, [.text(release.id)], { $0.int(0) }) == nil {
            try keep(release, [], hidden: [], in: tx)
        }
        try keep(figure, of: release, in: tx)
        try hide(hidden, in: release.month, in: tx)
    }

    private static func keep(_ figure: ReleasedFigure, of release: Release, in tx: any Transaction) throws {
        try tx.run(
            Statements.insertFigure,
            [
                .text(release.id), .text(figure.region.text), .text(figure.indicator),
                figure.value.numerator.map { Value.int($0) } ?? .null, figure.value.denominator.map { Value.int($0) } ?? .null,
                .int(figure.value.basisPoints), .text(figure.value.noValueReason), .int(figure.suppressed),
            ])
    }

    private static func hide(_ cells: [HiddenCell], in month: YearMonth, in tx: any Transaction) throws {
        for cell in cells { try tx.run(Statements.hide, [.text(month.text), .text(cell.measure.rawValue), .text(cell.region.text)]) }
    }

    /// True when `month` was released with the figures of that day.
    static func isMade(_ month: YearMonth, asOf date: LocalDate, in tx: any Transaction) throws -> Bool {
        try tx.first(Statements.madeOn, [.text(month.text), .text(date.text)]) { $0.int(0) } != nil
    }

    /// What releases of this month have hidden so far.
    static func hidden(in month: YearMonth, in tx: any Transaction) throws -> Set<HiddenCell> {
        Set(
            try tx.rows(Statements.hidden, [.text(month.text)]) {
                HiddenCell(measure: try $0.word(0), region: RegionCode(trusted: $0.text(1)))
            })
    }

    /// Newest first; `before` is the id a page ends with.
    static func list(before: String?, limit: Int, in tx: any Transaction) throws -> [Release] {
        try tx.rows(Statements.list, [.text(before ?? ":"), .int(limit)], release)
    }

    static func latest(month: YearMonth?, in tx: any Transaction) throws -> Release? {
        try tx.first(Statements.latest, [.text(month?.text ?? ""), .text(month?.text ?? "")], release)
    }

    /// The figures of a region and of those directly below it.
    static func figures(_ release: Release, _ regions: [RegionCode], in tx: any Transaction) throws -> [ReleasedFigure] {
        try regions.flatMap { region in
            try tx.rows(Statements.figures, [.text(release.id), .text(region.text)]) { row in
                var value = IndicatorValue(count: 0)
                value.numerator = row.intOrNil(1)
                value.denominator = row.intOrNil(2)
                value.basisPoints = row.intOrNil(3).map { Int($0) }
                value.noValueReason = row.textOrNil(4)
                return ReleasedFigure(region: region, indicator: row.text(0), value: value, suppressed: Int(row.int(5)))
            }
        }
    }

    /// Regions a release has figures of.
    static func regions(_ release: Release, in tx: any Transaction) throws -> [RegionCode] {
        try tx.rows(Statements.regions, [.text(release.id)]) { RegionCode(trusted: $0.text(0)) }
    }

    private static func release(_ row: borrowing Row) throws -> Release {
        Release(
            month: try YearMonth(row.text(0)), revision: Int(row.int(1)), asOf: try LocalDate(row.text(2)), watermark: row.text(3),
            madeBy: row.text(4), policyVersion: row.text(5), planPeriod: row.text(6))
    }

    private enum Statements {
        static let columns = "month, revision, as_of, watermark, made_by, policy_version, plan_period"
        static let lastRevision = SQL("SELECT MAX(revision) FROM releases WHERE month = ?")
        static let made = SQL("SELECT revision FROM releases WHERE id = ?")
        static let madeOn = SQL("SELECT revision FROM releases WHERE month = ? AND as_of = ?")
        static let insert = SQL(
            """
            INSERT INTO releases (id, month, revision, as_of, watermark, made_by, policy_version, plan_period)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        static let insertFigure = SQL(
            """
            INSERT INTO released_figures (release, region, indicator, numerator, denominator, basis_points, reason, suppressed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        static let hide = SQL(
            "INSERT INTO hidden_cells (month, measure, region) VALUES (?, ?, ?) ON CONFLICT (month, measure, region) DO NOTHING")
        static let hidden = SQL("SELECT measure, region FROM hidden_cells WHERE month = ?")
        static let list = SQL("SELECT \(columns) FROM releases WHERE id < ? ORDER BY id DESC LIMIT ?")
        static let latest = SQL(
            "SELECT \(columns) FROM releases WHERE (? = '' OR month = ?) ORDER BY month DESC, revision DESC LIMIT 1")
        static let figures = SQL(
            "SELECT indicator, numerator, denominator, basis_points, reason, suppressed FROM released_figures WHERE release = ? AND region = ?"
        )
        static let regions = SQL("SELECT DISTINCT region FROM released_figures WHERE release = ? ORDER BY region")
    }
}

/// What was last told inside, so that only changes are told again.
enum ToldIndicators {
    struct Told: Sendable {
        var numerator: Int64?
        var denominator: Int64?
        var version: Int
    }

    static func all(in tx: any Transaction) throws -> [String: Told] {
        Dictionary(
            uniqueKeysWithValues: try tx.rows(Statements.all) { row in
                (row.text(0), Told(numerator: row.intOrNil(1), denominator: row.intOrNil(2), version: Int(row.int(3))))
            })
    }

    static func keep(_ cell: String, _ told: Told, in tx: any Transaction) throws {
        try tx.run(
            Statements.keep,
            [
                .text(cell), told.numerator.map { Value.int($0) } ?? .null, told.denominator.map { Value.int($0) } ?? .null,
                .int(told.version),
            ])
    }

    /// What was told before an older backup was put in place, unless something newer was.
    static func keepNewer(_ cell: String, _ told: Told, in tx: any Transaction) throws {
        guard try tx.first(Statements.version, [.text(cell)], { Int($0.int(0)) }) ?? 0 < told.version else { return }
        try keep(cell, told, in: tx)
    }

    private enum Statements {
        static let version = SQL("SELECT version FROM told_indicators WHERE cell = ?")
        static let all = SQL("SELECT cell, numerator, denominator, version FROM told_indicators")
        static let keep = SQL(
            """
            INSERT INTO told_indicators (cell, numerator, denominator, version) VALUES (?, ?, ?, ?)
            ON CONFLICT (cell) DO UPDATE SET numerator = excluded.numerator, denominator = excluded.denominator, version = excluded.version
            """)
    }
}
