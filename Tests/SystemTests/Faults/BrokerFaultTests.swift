import Foundation
import TestSupport
import Testing

@testable import Messaging

/// What brokers answer when they are not well, to Screening at work over librdkafka's mock cluster.
@Suite struct BrokerFaultTests {
    enum Weather: String, CaseIterable {
        /// NOT_LEADER, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT, broken connections.
        case passing
        /// OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER_ID, INVALID_PRODUCER_EPOCH. Not DUPLICATE_SEQUENCE: it says that the record is there
        /// already, and from a mock that has not appended it that would be a lie.
        case sequences
        case slow
        case coordinator
        /// The group is told to join again.
        case rebalances
    }

    private func strike(_ weather: Weather, _ cluster: MockProcess, _ round: Int) throws {
        func codes(_ numbers: Int32...) -> [MockCluster.Code] { numbers.map { MockCluster.Code(rawValue: $0) } }
        let passing = [codes(6), codes(19, 20), codes(7), [MockCluster.Code.disconnect]]
        let sequences = [codes(45), codes(59), codes(47)]
        switch weather {
        case .passing: try cluster.pushErrors(.produce, passing[round % 4])
        case .sequences: try cluster.pushErrors(.produce, sequences[round % 3])
        case .slow: try cluster.setRoundTrip(of: nil, .milliseconds(round % 2 == 0 ? 700 : 0))
        case .coordinator: try cluster.setCoordinator(ofGroup: "careloop.screening", to: Int32(1 + round % 3))
        case .rebalances: try cluster.pushErrors(.heartbeat, codes(27))
        }
    }

    @Test(.timeLimit(.minutes(4)), arguments: Weather.allCases)
    func `a service at work over brokers that are not well loses nothing and does nothing twice`(_ weather: Weather) async throws {
        let cluster = try await MockProcess.start()
        defer { cluster.stop() }
        let service = try await LoneScreening(log: cluster.url)
        try service.start()
        #expect(await service.isReady(), "\(service.output)")
        for round in 0..<8 {
            try await service.publish(round * 50..<(round + 1) * 50)
            try strike(weather, cluster, round)
            // What was published before the last strike is answered under it.
            #expect(try await service.hasAnswered(round * 50), "\(service.output.suffix(1500))")
        }
        try cluster.setRoundTrip(of: nil, .zero)
        #expect(try await service.hasAnswered(400), "\(service.output.suffix(1500))")
        #expect(await service.isReady())
        try await service.expectAccount(of: 400)
    }
}
