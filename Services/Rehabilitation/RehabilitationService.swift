import Contracts
import ServiceRuntime
import Vocabulary

/// Rehabilitation owns agreements, places, applications for assistance, enrolments and settlements.
///
/// It publishes institutions and their places, centres' answers to referrals and a
/// receipt for each that came over the log, every step of assistance, and settlements.
enum RehabilitationService {
    static let definition = definition(calendar: .shared)

    /// Opens the short-lived keys that the configuration names; everything else is opened by the chassis.
    @Sendable static func define(_ configuration: Configuration) throws -> ServiceDefinition {
        definition(calendar: .shared, sealing: try configuration.shortLivedKeys(keptDays: sealedDays))
    }

    /// Days a centre's record that was set aside can be replayed: as long as its topic keeps it.
    private static let sealedDays = Catalogue.Limits.shortRetentionDays

    /// `calendar`: by which provisional deadlines are counted again.
    static func definition(
        calendar: WorkingCalendar, sealing: ShortLivedKeys = ShortLivedKeys(directory: nil, keptDays: sealedDays)
    ) -> ServiceDefinition {
        ServiceDefinition(
            name: "rehabilitation", title: BilingualName(zh: "康复救助", en: "Rehabilitation"),
            migrations: RehabilitationSchema.migrations,
            refusals: RehabilitationRefusals.catalogue,
            subscriptions: [AskCentre.subscription, HearAnswer.subscription] + SettleAttempt.subscriptions + KeepDirectory.subscriptions,
            deadlines: [MissReview.deadline, RecountReview.deadline(calendar)],
            endpoints: InstitutionRoutes.endpoints + ReferralRoutes.endpoints + ApplicationRoutes.endpoints + EnrolmentRoutes.endpoints
                + SettlementRoutes.endpoints + PolicyRoutes.endpoints + pages,
            sealing: sealing, rebuilding: RebuildPlaces.rebuilding + RebuildAssistance.rebuilding + RebuildSettlements.rebuilding)
    }

    private static let pages = WorkPages.pages + ReferralPages.pages + ApplicationPages.pages + TrainingPages.pages + SettlementPages.pages
}
