import Contracts
import Foundation
import Persistence
import ServiceRuntime
import Vocabulary

@testable import Employment
@testable import Registration
@testable import Rehabilitation
@testable import Reporting
@testable import Screening

/// The five services by name.
enum ServiceName: String, CaseIterable, Hashable {
    case registration, screening, rehabilitation, employment, reporting

    /// What each service is made of. Keys last as long as the simulated machine: they lie in files, which a crash leaves alone.
    static func definitions(_ time: SimulatedTime) throws -> [ServiceName: ServiceDefinition] {
        let personKey = "1 " + String(repeating: "2b", count: 32)
        return [
            .registration: RegistrationService.definition(
                vault: try sharedVault.get(), personKey: try PersonKey(file: personKey),
                sealing: ShortLivedKeys(directory: nil, keptDays: 7, elapsed: time)),
            .screening: ScreeningService.definition(
                ScreeningContext(
                    personKey: try PersonKey(file: personKey), rowKeys: ShortLivedKeys(directory: nil, keptDays: 7, elapsed: time))),
            .rehabilitation: RehabilitationService.definition,
            .employment: EmploymentService.definition,
            .reporting: ReportingService.definition,
        ]
    }

    /// One store of people's keys for all runs of this process: a key belongs to nobody else, and making a pool of them costs more than a run.
    private static let sharedVault = Result {
        let folder = try Workspace.make("vault")
        return try PersonVault(keys: SQLiteDatabase(path: folder.appendingPathComponent("keys.db").path))
    }
}
