import Contracts
import ServiceRuntime
import Vocabulary

/// Screening (筛查): what bureaus find out about children aged 0 to 6, from the initial screen to the diagnosis, and who takes the child's
/// next step.
///
/// Listens to bureaus' result topics, to the directory, to institutions' agreements and places, and to centres' answers. Publishes on
/// `cases`, `referrals` and, for Registration alone, `identities`; receipts to bureaus, notices to institutions.
enum ScreeningService {
    static func definition(_ context: ScreeningContext) -> ServiceDefinition {
        ServiceDefinition(
            name: "screening", title: BilingualName(zh: "筛查", en: "Screening"),
            migrations: ScreeningSchema.migrations,
            refusals: ScreeningRefusals.catalogue,
            subscriptions: [RecordScreeningResult(context: context).subscription]
                + KeepDirectory(context: context).subscriptions
                + SettleAnswers(context: context).subscriptions,
            deadlines: MissedDeadlines(context: context).handlers,
            endpoints: UploadRoutes(context: context).endpoints
                + ReferralRoutes(context: context).endpoints
                + CaseRoutes(context: context).endpoints
                + UploadPages.pages + WorkPages.pages,
            sealing: context.rowKeys,
            rebuilding: RebuildCases(context: context).rebuilding + RebuildReferrals.rebuilding, unsaid: RebuildCases.unsaid,
            identified: { try LeakedDocuments(context: context).persons(in: $0, $1) })
    }

    /// Days a refused row can be fetched again.
    static let refusedRowDays = 7

    @Sendable static func define(_ configuration: Configuration) throws -> ServiceDefinition {
        guard let text = try KeyFile.text(at: try configuration.requiredPersonKey()) else {
            throw ConfigurationError(faults: ["CARELOOP_PERSON_KEY must be the path of a readable file"])
        }
        return definition(
            ScreeningContext(personKey: try PersonKey(file: text), rowKeys: try configuration.shortLivedKeys(keptDays: refusedRowDays)))
    }
}
