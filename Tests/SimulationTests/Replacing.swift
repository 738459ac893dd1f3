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
            endpoints: endpoints, sealing: sealing)
    }
}
