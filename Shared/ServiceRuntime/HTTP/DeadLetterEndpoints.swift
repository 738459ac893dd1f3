import Persistence
import Vocabulary

/// What the operator does with records that were set aside, and with a topic that was lost. Shows no bytes: they may be a child's.
enum DeadLetterEndpoints {
    struct LetterView: Codable, Sendable {
        let id: Int64
        let topic: String
        let partition: Int
        let offset: Int64
        let reason: String
        let field: String?
        let bytes: Int
        let attempts: Int
        let replayed: Bool
    }

    struct Replayed: Codable, Sendable {
        let id: Int64
        let ending: String
    }

    static func all(_ engine: Engine) -> [Endpoint] {
        [
            .query(
                .get, "/dead-letters", roles: [.operator, .auditor],
                summary: "死信列表（all=true 含已重放的） / Records set aside; all=true with those replayed",
                query: .page + [.flag("all")]
            ) { request, tx in
                let page = try request.page
                let letters = try DeadLetters.list(
                    after: page.after.flatMap { Int64($0) } ?? 0, limit: page.fetchLimit, all: request.flag("all"), in: tx)
                return Reply.page(letters.map(view), page) { String($0.id) }
            },
            .query(.get, "/dead-letters/{id}", roles: [.operator, .auditor], summary: "一条死信 / One record set aside") { request, tx in
                guard let id = Int64(request.path("id")), let letter = try DeadLetters.letter(id, in: tx) else { throw Problem.notFound }
                return .json(view(letter))
            },
            .stream(.post, "/dead-letters/{id}/replay", roles: [.operator], summary: "重放死信 / Apply a record set aside once more") {
                request, _ in
                guard let id = Int64(request.path("id")) else { throw Problem.notFound }
                let ending = try await engine.commands.run { try engine.replay(id) }
                return .json(Replayed(id: id, ending: ending))
            },
        ]
    }

    private static func view(_ letter: DeadLetters.Letter) -> LetterView {
        LetterView(
            id: letter.record.id, topic: letter.record.topic, partition: Int(letter.record.partition), offset: letter.record.offset,
            reason: letter.reason, field: letter.field, bytes: letter.record.body?.count ?? 0, attempts: letter.attempts,
            replayed: letter.replayed)
    }

    static let refusals = RefusalCatalogue([
        .init("DEAD_LETTER_UNKNOWN", 404, zh: "没有这条死信。", en: "There is no such dead letter."),
        .init("DEAD_LETTER_REPLAYED", 409, zh: "这条死信已经重放过。", en: "The dead letter has been replayed already."),
        .init("DEAD_LETTER_ATTEMPTS", 409, zh: "重放次数已达上限。", en: "The dead letter has been tried too often."),
        .init("DEAD_LETTER_FAILED_AGAIN", 422, zh: "重放仍然失败，记录保留。", en: "The record failed again and stays set aside."),
    ])
}
