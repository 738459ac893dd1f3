import Persistence

/// A service at a glance: its store, what it listens to, which deadlines it sets, what it offers over HTTP.
public struct ServiceDefinition: Sendable {
    /// Lower-case name; also the `source` of its events and the owner of its topics in the catalogue.
    public let name: String
    public let migrations: [Migration]
    public let refusals: RefusalCatalogue
    public let subscriptions: [Subscription]
    public let deadlines: [DeadlineHandler]
    public let endpoints: [Endpoint]
    /// Seals bytes of sensitive topics that are kept outside them, under keys as short-lived as the topics.
    public let sealing: ShortLivedKeys?
    /// How the state is rebuilt from the service's own events after an older backup was restored; by type, empty when it cannot be.
    public let rebuilding: [Rebuilding]

    public init(
        name: String, migrations: [Migration], refusals: RefusalCatalogue, subscriptions: [Subscription] = [],
        deadlines: [DeadlineHandler] = [], endpoints: [Endpoint], sealing: ShortLivedKeys? = nil, rebuilding: [Rebuilding] = []
    ) {
        self.rebuilding = rebuilding
        self.name = name
        self.migrations = migrations
        self.refusals = refusals
        self.subscriptions = subscriptions
        self.deadlines = deadlines
        self.endpoints = endpoints
        self.sealing = sealing
    }
}
