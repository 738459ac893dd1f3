import Contracts
import ServiceRuntime

/// Screening (筛查): what bureaus find out about children aged 0 to 6, from the initial screen to the diagnosis, and who takes the child's
/// next step.
///
/// Listens to bureaus' result topics, to the directory, to institutions' agreements and places, and to centres' answers. Publishes on
/// `cases`, `referrals` and, for Registration alone, `identities`; receipts to bureaus, notices to institutions.
enum ScreeningService {
    static func definition(_ context: ScreeningContext) -> ServiceDefinition {
        ServiceDefinition(
            name: "screening",
            migrations: ScreeningSchema.migrations,
            refusals: ScreeningRefusals.catalogue,
            subscriptions: [RecordScreeningResult(context: context).subscription]
                + KeepDirectory(context: context).subscriptions
                + SettleAnswers(context: context).subscriptions,
            deadlines: MissedDeadlines(context: context).handlers,
            endpoints: UploadRoutes(context: context).endpoints
                + ReferralRoutes(context: context).endpoints
                + CaseRoutes(context: context).endpoints,
            sealing: context.rowKeys)
    }

    /// Days a refused row can be fetched again.
    static let refusedRowDays = 7

    @Sendable static func define(_ configuration: Configuration) throws -> ServiceDefinition {
        definition(try context(personKeyPath: try configuration.requiredPersonKey()))
    }

    /// From the configuration: the person key, and beside it the short-lived keys of refused rows.
    static func context(personKeyPath path: String) throws -> ScreeningContext {
        guard let text = try KeyFile.text(at: path) else { throw KeyFile.Fault(path: path, reason: "there is no such file") }
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return ScreeningContext(
            personKey: try PersonKey(file: text),
            rowKeys: ShortLivedKeys(directory: directory.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : directory, keptDays: refusedRowDays))
    }
}
