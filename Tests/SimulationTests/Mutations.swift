import Messaging
import Persistence
import ServiceRuntime

/// One thing made wrong on purpose, to see that the simulation notices. Mutations live between the engine and what it stands on, in this test
/// target alone: product code has no switch for them.
enum Mutation: String, CaseIterable {
    case positionApart

    func treatment(of text: String) -> Treatment? {
        switch self {
        case .positionApart: text.hasPrefix("UPDATE positions") || text.hasPrefix("INSERT INTO positions") ? .apart : nil
        }
    }

    func changed(_ definition: ServiceDefinition) -> ServiceDefinition { definition }
    func send(_ batch: [OutgoingRecord], through producer: WatchedProducer, of instance: Instance) throws -> SendResult? { nil }
    func polled(_ records: [LogRecord], by instance: Instance) -> [LogRecord] { records }
}
