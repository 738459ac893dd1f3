import ServiceRuntime
import Vocabulary

/// Employment (就业): who looks for work, who offers it, and whether a job lasts.
///
/// Publishes on `job-seekers` and `employers`. Listens to `persons` (who has a file), `organisations` (employers) and `assistance` (who
/// completed rehabilitation at working age).
enum EmploymentService {
    static let definition = ServiceDefinition(
        name: "employment", title: BilingualName(zh: "就业", en: "Employment"),
        migrations: EmploymentSchema.migrations,
        refusals: EmploymentRefusals.catalogue,
        subscriptions: FollowPersons.subscriptions + [RegisterEmployer.subscription, RegisterFromRehabilitation.subscription],
        deadlines: [MissConfirmation.deadline],
        endpoints: JobSeekerRoutes.endpoints + PlacementRoutes.endpoints + EmployerRoutes.endpoints + PolicyRoutes.endpoints,
        rebuilding: RebuildEmployment.rebuilding)
}
