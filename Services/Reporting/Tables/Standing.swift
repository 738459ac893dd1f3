import Persistence
import Synchronization
import Vocabulary

/// The figures as they stand: since the beginning by county, or of a period from the fine figures.
enum Standing {
    /// Since the beginning.
    static func toDate(on date: LocalDate, in tx: any Transaction) throws -> IndicatorBasis {
        try basis(RegionTree(CountyTotalTable.all(in: tx), table: .shared, on: date), .toDate, on: date, in: tx)
    }

    static func of(_ period: Period, on date: LocalDate, in tx: any Transaction) throws -> IndicatorBasis {
        guard period != .toDate else { return try toDate(on: date, in: tx) }
        return try basis(tree(from: period.from, to: period.to, on: date, in: tx), period, on: date, in: tx)
    }

    private static func basis(_ tree: RegionTree, _ period: Period, on date: LocalDate, in tx: any Transaction) throws -> IndicatorBasis {
        let matureUntil = try ReportingPolicies.matureUntil(date)
        let mature = try RegionTree(
            FigureQueries.placements(from: period.from, to: min(period.to ?? matureUntil, matureUntil), in: tx),
            table: .shared, on: date)
        let quarters = try InstitutionQuarters.counts(on: date, from: period.from?.quarter, to: period.to?.quarter, in: tx)
        return IndicatorBasis(tree: tree, mature: mature, quarters: quarters, table: .shared, on: date)
    }

    private static func tree(from: YearMonth?, to: YearMonth?, on date: LocalDate, in tx: any Transaction) throws -> RegionTree {
        let sums = try FigureQueries.sums(FigureQueries.Filter(from: from, to: to), by: .region, in: tx)
        return RegionTree(sums.map { (RegionCode(trusted: $0.group), $0.measure, $0.value) }, table: .shared, on: date)
    }
}

/// The last tree read, so that any number of watchers costs one read per change.
final class StandingCache: Sendable {
    private struct Kept {
        let events: Int64
        let date: LocalDate
        let basis: IndicatorBasis
    }

    private let kept = Mutex<Kept?>(nil)

    /// The figures to date and how fresh they are; nil before anything was counted.
    func current(in tx: any Transaction) throws -> (basis: IndicatorBasis, freshness: Freshness)? {
        guard let freshness = try FreshnessTable.overall(in: tx) else { return nil }
        let known = kept.withLock { $0 }
        if let known, known.events == freshness.events, known.date == freshness.day { return (known.basis, freshness) }
        let basis = try Standing.toDate(on: freshness.day, in: tx)
        kept.withLock { kept in
            if kept?.events ?? 0 <= freshness.events { kept = Kept(events: freshness.events, date: freshness.day, basis: basis) }
        }
        return (basis, freshness)
    }
}
