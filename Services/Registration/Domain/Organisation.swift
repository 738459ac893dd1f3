import Contracts
import ServiceRuntime
import Vocabulary

/// An organisation of the directory (机构名录). Credit code, region and name are attributes; the id is our own and never changes.
struct Organisation: Hashable, Sendable {
    var kind: OrganisationKind
    var name: String
    var creditCode: CreditCode?
    var region: RegionCode
    var validFrom: LocalDate
}

/// The rules of the directory: one entry per organisation, one organisation per credit code.
enum OrganisationRules: Decider {
    typealias State = Organisation
    typealias Refused = OrganisationRefusal

    enum Command: Hashable, Sendable {
        case register(Organisation, creditCodeTaken: Bool)
    }

    enum Event: Hashable, Sendable {
        case registered(Organisation)
    }

    static func decide(_ command: Command, given organisation: Organisation?) throws(OrganisationRefusal) -> [Event] {
        switch (command, organisation) {
        case (.register(let details, let creditCodeTaken), nil):
            guard !creditCodeTaken else { throw .creditCodeTaken }
            return [.registered(details)]
        case (.register(let details, _), .some(let known)):
            guard known == details else { throw .organisationExists }
            return []  // The same entry sent twice.
        }
    }

    static func evolve(_ organisation: Organisation?, with event: Event) -> Organisation {
        switch event {
        case .registered(let details): details
        }
    }
}
