/// What the partners' clients sent and were answered, brought into the account's figures.
enum PartnersColumn {
    static func count(_ tally: [String: Int64]) -> [String: Int64] {
        func value(_ key: String) -> Int64 { tally[key, default: 0] }
        var column = tally
        column["results.standing"] = value("results.new") - value("results.withdrawn")
        column["referrals.issued"] = value("notices.issued")
        column["referrals.confirmed"] = value("notices.confirmed")
        column["referrals.declined"] = value("notices.declined")
        column["referrals.expired"] = value("notices.expired")
        column["referrals.withdrawn"] = value("notices.withdrawn")
        column["referrals.open"] =
            value("notices.issued") - value("notices.confirmed") - value("notices.declined") - value("notices.expired")
            - value("notices.withdrawn")
        // Nothing a partner sends may be left hanging when the system is at rest.
        column["kafka.held"] = 0
        return column
    }
}
