import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// A centre's record on its own topic becomes its answer, and the centre gets one receipt for every record it wrote, on its receipts topic:
/// accepted, repeated, or refused with code, field, rule and source. An answer to a question that is not known here yet is told at once that
/// it waits, and gets its receipt when the question comes or the wait is over. Over HTTP the reply to the request is the receipt.
enum HearAnswer {
    /// How often a centre was told to wait: these are no receipts of an outcome, and the account leaves them out.
    static let waitsCounter = "answers.waiting"

    static let subscription = Subscription.ingress(RawReferralAnswer.topic, "HearAnswer", told: tell, waits: tellToWait) { record, work in
        let receipt = try hear(record, work)
        work.publish(receipt, to: record.organisation)
    }

    /// Nothing has been written when this ends in a refusal, so a receipt is all that is left of it.
    private static func hear(_ record: IngressRecord, _ work: UnitOfWork) throws -> AnswerReceipt {
        var receipt = AnswerReceipt(answering: record)
        let raw: RawReferralAnswer
        do throws(IngressError) {
            raw = try Ingress.read(RawReferralAnswer.self, value: record.value, headers: record.headers, sender: record.organisation)
        } catch {
            guard error.code != IngressError.undecodableCode else { throw DeadLetter(reason: error.code, field: error.field) }
            return receipt.refused(error.code, field: error.field, rule: error.rule, source: error.source)
        }
        receipt.attempt = raw.attempt
        let referral: ReferralID
        do throws(InvalidValue) { referral = try ReferralID(raw.referral) } catch {
            return receipt.refused(error.code, field: "referral", rule: error.rule, source: error.source)
        }
        receipt.referral = referral.text
        guard raw.attempt >= 1 else { return receipt.refused("VALUE_NOT_ALLOWED", field: "attempt", rule: "attempts count from 1") }
        guard let word = AnswerReferral.Word(written: raw.answer) else {
            return receipt.refused("VALUE_NOT_ALLOWED", field: "answer", rule: "accept or decline")
        }
        let reason = raw.reason ?? ""
        guard reason.count <= AnswerReferral.reasonCharacters else { return receipt.refused("TEXT_TOO_LONG", field: "reason") }
        guard !reason.utf8.contains(0) else {
            return receipt.refused("VALUE_NOT_ALLOWED", field: "reason", rule: "a text without NUL characters")
        }

        let key = AttemptKey(referral: referral, attempt: raw.attempt)
        // The centre may have read Screening's notice before this service read Screening's question.
        guard try work.state(ReferralAnswerTable.self, key) != nil else { throw Hold(subject: key.subject) }
        do {
            let isNew =
                switch word {
                case .accept: try AnswerReferral.accept(key, by: record.organisation, in: work)
                case .decline: try AnswerReferral.decline(key, by: record.organisation, reason: reason, in: work)
                }
            if !isNew { receipt.outcome = .repeated }
            return receipt
        } catch let refusal as any Refusal {
            return receipt.refused(refusal.rawValue)
        }
    }

    /// A record that was set aside, because nobody can read it or because it waited too long for a referral nobody knows, is answered too.
    private static func tell(_ record: IngressRecord, _ reason: String, _ field: String?, _ work: UnitOfWork) {
        work.publish(AnswerReceipt(answering: record).refused(reason, field: field), to: record.organisation)
    }

    /// The question is not here: it may be on its way, or there is none of that number.
    private static func tellToWait(_ record: IngressRecord, _ work: UnitOfWork) throws {
        try Counters.add(1, to: waitsCounter, in: work.tx)
        work.publish(AnswerReceipt(answering: record).told(.waiting, "REFERRAL_AWAITED", field: "referral"), to: record.organisation)
    }
}

extension AnswerReceipt {
    /// An acceptance of `record`, to be changed into what it came to. Centres key their records by referral; what cannot be read may still be
    /// named by it.
    fileprivate init(answering record: IngressRecord) {
        let key = record.key
        let isName = key.count <= 64 && key.allSatisfy { $0 > 32 && $0 < 127 }
        self.init(
            organisation: record.organisation, referral: isName ? String(decoding: key, as: UTF8.self) : "", attempt: 0, outcome: .accepted,
            offset: Int(record.offset))
    }

    /// `rule` and `source` are the catalogue's where the caller has none of its own.
    fileprivate func refused(_ code: String, field: String? = nil, rule: String? = nil, source: String? = nil) -> AnswerReceipt {
        told(.refused, code, field: field, rule: rule, source: source)
    }

    fileprivate func told(
        _ outcome: ReceiptOutcome, _ code: String, field: String? = nil, rule: String? = nil, source: String? = nil
    ) -> AnswerReceipt {
        let entry = RehabilitationRefusals.complete[code]
        var receipt = self
        receipt.outcome = outcome
        receipt.code = code
        receipt.field = field
        receipt.rule = rule ?? entry?.english
        receipt.source = source ?? entry?.source
        receipt.messageZh = entry?.chinese
        receipt.messageEn = entry?.english
        return receipt
    }
}
