import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Registration (登记): who people are, which organisations exist, who holds a certificate, and who may see what.
///
/// Publishes on `organisations` and `persons`. Listens to `identities` (provisional files), `referrals` (who may read a contact) and to every
/// other fact about a person, for the one timeline a person has.
enum RegistrationService {
    /// Opens the person key and the store of keys that the configuration names; everything else is opened by the chassis.
    @Sendable static func define(_ configuration: Configuration) throws -> ServiceDefinition {
        let path = try configuration.requiredPersonKey()
        guard let text = try KeyFile.text(at: path) else {
            throw ConfigurationError(faults: ["CARELOOP_PERSON_KEY must be the path of a readable file"])
        }
        // Made before SQLite opens it, so that it and its journal are readable by nobody else.
        if configuration.personKeyStore.hasPrefix("sqlite://") {
            let store = String(configuration.personKeyStore.dropFirst("sqlite://".count))
            if try KeyFile.text(at: store) == nil { try KeyFile.save("", to: store) }
        }
        let vault = try PersonVault(keys: try openDatabase(configuration.personKeyStore))
        return definition(
            vault: vault, personKey: try PersonKey(file: text), sealing: try configuration.shortLivedKeys(keptDays: sealedDays))
    }

    /// Days an undecodable identity can be replayed: as long as its topic keeps it.
    static let sealedDays = Catalogue.Limits.shortRetentionDays

    static func definition(
        vault: PersonVault, personKey: PersonKey, sealing: ShortLivedKeys = ShortLivedKeys(directory: nil, keptDays: sealedDays)
    ) -> ServiceDefinition {
        ServiceDefinition(
            name: "registration", title: BilingualName(zh: "登记", en: "Registration"),
            migrations: RegistrationSchema.migrations,
            refusals: RegistrationRefusals.catalogue,
            subscriptions: [.on(IdentityShared.self, "OpenProvisionalFile") { try OpenProvisionalFile(vault: vault)($0, $1, $2) }]
                + FollowReferrals.subscriptions + WriteTimeline.subscriptions,
            endpoints: PersonRoutes(vault: vault, personKey: personKey).endpoints + ContactRoutes(vault: vault).endpoints
                + CertificateRoutes(vault: vault).endpoints + OrganisationRoutes.endpoints + RecordRoutes.endpoints + PersonPages.pages,
            sealing: sealing, rebuilding: RebuildFiles.rebuilding, unsaid: RebuildFiles.unsaid)
    }
}
