@testable import ServiceRuntime

extension ServiceDefinition {
    /// The same service with `handlers` in the place of those of the same event types.
    func replacing(_ handlers: [Subscription]) -> ServiceDefinition {
        func type(_ subscription: Subscription) -> String? {
            if case .fact(let type, _) = subscription.kind { type } else { nil }
        }
        let types = Set(handlers.compactMap(type))
        return ServiceDefinition(
            name: name, migrations: migrations, refusals: refusals,
            subscriptions: subscriptions.filter { type($0).map { !types.contains($0) } ?? true } + handlers, deadlines: deadlines,
            endpoints: endpoints, sealing: sealing, rebuilding: rebuilding, unsaid: unsaid)
    }

    /// The same service, which reads its own events back into the journal and not into the state.
    func rebuildingNothing() -> ServiceDefinition {
        ServiceDefinition(
            name: name, migrations: migrations, refusals: refusals, subscriptions: subscriptions, deadlines: deadlines,
            endpoints: endpoints,
            sealing: sealing, rebuilding: rebuilding.map { Rebuilding(type: $0.type) { _, _, _ in } }, unsaid: unsaid)
    }
}
