import Contracts
import Persistence
import Vocabulary

/// What the operator does with the journal of what this service has said.
enum JournalEndpoints {
    /// Body of `POST /republish`: which records of a topic this service produces are to be sent again.
    struct Republish: Codable, Sendable {
        let topic: String
        /// Absent: every partition.
        let partition: Int32?
        /// Absent: from the first.
        let from: Int64?
    }

    struct Republished: Codable, Sendable {
        let topic: String
        /// Records that wait to be sent again.
        let records: Int64
    }

    static func all(_ engine: Engine) -> [Endpoint] {
        [
            .stream(
                .post, "/republish", roles: [.operator], summary: "重新发送一个主题 / Send a topic again from the journal",
                consumes: ["application/json"], returns: Republished.self
            ) { _, context in
                let body = try await context.body.json(Republish.self)
                // Partner topics as well: the template names the producer, the journal knows which organisations there are.
                guard let plan = Catalogue.topic(for: body.topic), plan.producer == engine.name, plan.name == body.topic || plan.isPartner
                else { throw Problem.notFound }
                guard (body.from ?? 1) >= 1, (body.partition ?? 0) >= 0, (body.partition ?? 0) < plan.partitions else {
                    throw Problem.notFound
                }
                let records = try await Blocking.commands.run {
                    try engine.republish(body.topic, partition: body.partition, from: body.from ?? 1)
                }
                return .json(Republished(topic: body.topic, records: records), status: .accepted)
            }
        ]
    }
}
