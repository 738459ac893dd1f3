import Contracts
import Messaging
import Persistence
import Vocabulary

extension World {
    /// A centre reads its notices and answers one of them: over the log or HTTP, at once, late, twice, or two ways.
    func answerReferral() throws {
        try readNotices()
        guard !partners.asked.isEmpty else { return }
        // The newest mostly; an old one now and then, whatever has become of it.
        let index =
            dice.happens(700) ? partners.asked.count - 1 - dice.below(min(4, partners.asked.count)) : dice.below(partners.asked.count)
        let asked = partners.asked[index]
        if dice.happens(600) { partners.asked.remove(at: index) }
        let word = dice.happens(780) ? "accept" : "decline"
        if dice.happens(600) {
            try answerOnLog(asked, word)
            // Somebody else at the centre had already written the opposite.
            if dice.happens(150) { try answerOnLog(asked, word == "accept" ? "decline" : "accept") }
        } else {
            partners.answeredOverHTTP.append(asked)
            try send(
                .rehabilitation, "/referrals/\(asked.referral)/answer",
                #"{"attempt":\#(asked.attempt),"answer":"\#(word)","reason":"no therapist"}"#, as: Cast.centre(asked.centre))
        }
    }

    private func answerOnLog(_ asked: Partners.Asked, _ word: String) throws {
        note("\(asked.centre) writes \(word) to \(asked.referral.prefix(6))/\(asked.attempt)")
        try write(
            Array(#"{"referral":"\#(asked.referral)","attempt":\#(asked.attempt),"answer":"\#(word)","reason":"no therapist"}"#.utf8),
            key: asked.referral, to: Catalogue.name(RawReferralAnswer.topic, for: OrganisationID(trusted: asked.centre)))
    }

    private func readNotices() throws {
        for centre in Cast.centres {
            let records = log.records(Catalogue.name(ReferralNotice.topic, for: OrganisationID(trusted: centre)))
            for record in records.dropFirst(partners.noticesRead[centre] ?? 0) {
                let notice = try ReferralNotice(protobuf: record.value ?? [])
                guard notice.status == .issued else { continue }
                let asked = Partners.Asked(centre: centre, referral: notice.referral.text, attempt: notice.attempt)
                if !partners.asked.contains(asked) { partners.asked.append(asked) }
            }
            partners.noticesRead[centre] = records.count
        }
    }
}
