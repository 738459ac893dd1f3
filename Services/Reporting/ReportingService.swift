import ServiceRuntime
import Vocabulary

/// Reporting (统计): what all the others' facts add up to, exact and live inside, and as releases with small counts hidden for everyone.
///
/// Listens to every fact that counts and never holds one: facts merge in any order, and its store can be dropped and rebuilt from the log to
/// the same figures. Publishes on `indicators-internal` (daily, what changed) and `indicators-published` (per release).
enum ReportingService {
    static var definition: ServiceDefinition {
        let cache = StandingCache()
        return ServiceDefinition(
            name: "reporting", title: BilingualName(zh: "统计", en: "Figures"),
            migrations: ReportingSchema.migrations,
            refusals: ReportingRefusals.catalogue,
            subscriptions: CountScreening.subscriptions + CountReferrals.subscriptions + CountAssistance.subscriptions
                + CountPersons.subscriptions,
            deadlines: [DailyIndicators.deadline, MonthlyRelease.deadline],
            endpoints: FigureRoutes.endpoints + IndicatorRoutes.endpoints + ReleaseRoutes.endpoints + LiveRoutes.endpoints(cache)
                + PageRoutes.endpoints(cache),
            rebuilding: RebuildIndicators.rebuilding)
    }
}
