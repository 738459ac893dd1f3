/// What the partners' clients sent and were answered, brought into the account's figures.
enum PartnersColumn {
    static func count(_ tally: [String: Int64], attempts: [String: Int64]) -> [String: Int64] {
        func value(_ key: String) -> Int64 { tally[key, default: 0] }
        var column = tally
        column["results.standing"] = value("results.new") - value("results.withdrawn")
        column["referrals.issued"] = value("notices.issued")
        column["referrals.taken"] = value("notices.confirmed")
        for state in ["confirmed", "declined", "expired", "withdrawn"] { column["referrals.\(state)"] = attempts[state, default: 0] }
        column["referrals.open"] = attempts["issued", default: 0]
        // Nothing a partner sends may be left hanging when the system is at rest.
        column["kafka.held"] = 0
        return column
    }
}
