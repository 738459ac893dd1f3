import Persistence
import Vocabulary

/// A service at a glance: its store, what it listens to, which deadlines it sets, what it offers over HTTP.
public struct ServiceDefinition: Sendable {
    /// Lower-case name; also the `source` of its events and the owner of its topics in the catalogue.
    public let name: String
    /// As people call it, on its pages.
    public let title: BilingualName
    public let migrations: [Migration]
    public let refusals: RefusalCatalogue
    public let subscriptions: [Subscription]
    public let deadlines: [DeadlineHandler]
    public let endpoints: [Endpoint]
    /// Seals bytes of sensitive topics that are kept outside them, under keys as short-lived as the topics.
    public let sealing: ShortLivedKeys?
    /// How the state is rebuilt from the service's own events after an older backup was restored; by type, empty when it cannot be.
    public let rebuilding: [Rebuilding]
    /// What a restore cannot bring back.
    public let unsaid: [Unsaid]
    /// Whom bytes are about that came from outside and that nobody could read, as pseudonyms; only a service that can tell has it.
    public let identified: (@Sendable ([UInt8], any Transaction) throws -> Set<String>)?

    public init(
        name: String, title: BilingualName? = nil, migrations: [Migration], refusals: RefusalCatalogue, subscriptions: [Subscription] = [],
        deadlines: [DeadlineHandler] = [], endpoints: [Endpoint], sealing: ShortLivedKeys? = nil, rebuilding: [Rebuilding] = [],
        unsaid: [Unsaid] = [], identified: (@Sendable ([UInt8], any Transaction) throws -> Set<String>)? = nil
    ) {
        self.identified = identified
        self.rebuilding = rebuilding
        self.unsaid = unsaid
        self.name = name
        self.title = title ?? BilingualName(zh: name, en: name)
        self.migrations = migrations
        self.refusals = refusals
        self.subscriptions = subscriptions
        self.deadlines = deadlines
        self.endpoints = endpoints
        self.sealing = sealing
    }
}
