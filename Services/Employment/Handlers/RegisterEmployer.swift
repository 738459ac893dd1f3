import Contracts
import ServiceRuntime
import Vocabulary

/// An employer entered the directory → it may report placements. Other kinds of organisation are of no concern here.
enum RegisterEmployer {
    static let subscription = Subscription.on(OrganisationRegistered.self, "RegisterEmployer") { event, _, work in
        switch event.kind {
        case .employer:
            try work.execute(.register(region: event.region, .directory), EmployerTable.self, event.organisation)
        case .healthBureau, .disabledPersonsFederation, .rehabilitationCentre, .financeBureau, .trainingBase: break
        }
    }
}
