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

    /// Body of `POST /restore`.
    struct Restore: Codable, Sendable {
        /// Event types to be taken into the journal although this build cannot rebuild the state from them.
        let journalOnly: [String]?
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
                let records = try await engine.commands.run {
                    try engine.republish(body.topic, partition: body.partition, from: body.from ?? 1)
                }
                return .json(Republished(topic: body.topic, records: records), status: .accepted)
            },
            .stream(
                .post, "/restore", roles: [.operator],
                summary: "从日志取回备份之后的事件 / Read back what this service said after the backup its store was restored from",
                consumes: ["application/json"], returns: RestoreReport.self
            ) { _, context in
                let body = try await context.body.json(Restore.self)
                return .json(try await engine.commands.run { try engine.restore(accepting: Set(body.journalOnly ?? [])) })
            },
        ]
    }

    static let refusals = RefusalCatalogue([
        .init("RESTORE_NOT_NEEDED", 409, zh: "日志没有超出本服务存储的内容。", en: "The event log holds nothing beyond this store."),
        .init(
            "RESTORE_STATE_UNKNOWN", 422, zh: "本版本不能从其中一些事件重建状态；未作任何改动。",
            en: "This build cannot rebuild the state from some of the events; nothing was changed."),
        .init(
            "RESTORE_TWO_HISTORIES", 409, zh: "日志与存储各自延续过，无法合并。",
            en: "The event log and this store both went on after they parted."),
        .init("RESTORE_TOO_MUCH", 422, zh: "备份太旧，超出可取回的条数。", en: "The backup is too old: more records than a restore reads back."),
    ])
}
