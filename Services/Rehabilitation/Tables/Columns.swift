import Contracts
import Persistence
import Vocabulary

/// Columns that say who somebody is, pseudonymously: `person, sex, birth_month, region`, always in this order.
enum FactsColumns {
    static let definition = "person TEXT NOT NULL, sex TEXT NOT NULL, birth_month TEXT NOT NULL, region TEXT NOT NULL"
    static let names = "person, sex, birth_month, region"

    static func values(_ facts: PersonFacts) -> [Value] {
        [.text(facts.person.text), .text(facts.sex.rawValue), .text(facts.birthMonth.text), .text(facts.region.text)]
    }
}

/// Columns of what an approval promises, always in this order.
enum TermsColumns {
    static let definition = """
        band TEXT NOT NULL, mode TEXT NOT NULL, standard_fen INTEGER NOT NULL, months INTEGER NOT NULL, cap_mode TEXT NOT NULL, \
        min_service_days INTEGER NOT NULL, review_working_days INTEGER NOT NULL, policy_version TEXT NOT NULL, policy_standing TEXT NOT NULL
        """
    static let names = """
        band, mode, standard_fen, months, cap_mode, min_service_days, review_working_days, policy_version, policy_standing
        """
    static let count = 9

    static func values(_ terms: AssistanceTerms) -> [Value] {
        [
            .text(terms.band), .text(terms.mode.rawValue), .int(terms.standardFen.value), .int(terms.months), .text(terms.capMode.rawValue),
            .int(terms.minServiceDays), .int(terms.reviewWorkingDays), .text(terms.policyVersion), .text(terms.standing.rawValue),
        ]
    }
}

extension Row {
    func date(_ column: Int) throws -> LocalDate { try LocalDate(text(column)) }
    func dateOrNil(_ column: Int) throws -> LocalDate? { try textOrNil(column).map { text throws in try LocalDate(text) } }
    func month(_ column: Int) throws -> YearMonth { try YearMonth(text(column)) }
    func fen(_ column: Int) -> Fen { Fen(int(column)) }
    func id<Kind>(_ column: Int, _ kind: Kind.Type = Kind.self) -> Identifier<Kind> { Identifier(trusted: text(column)) }
    func idOrNil<Kind>(_ column: Int, _ kind: Kind.Type = Kind.self) -> Identifier<Kind>? {
        textOrNil(column).map { Identifier(trusted: $0) }
    }
    func region(_ column: Int) -> RegionCode { RegionCode(trusted: text(column)) }

    /// The four columns of `FactsColumns` from `column` on.
    func facts(_ column: Int) throws -> PersonFacts {
        PersonFacts(person: id(column), sex: try word(column + 1), birthMonth: try month(column + 2), region: region(column + 3))
    }

    /// The nine columns of `TermsColumns` from `column` on.
    func terms(_ column: Int) throws -> AssistanceTerms {
        AssistanceTerms(
            band: text(column), mode: try word(column + 1), standardFen: fen(column + 2), months: Int(int(column + 3)),
            capMode: try word(column + 4), minServiceDays: Int(int(column + 5)), reviewWorkingDays: Int(int(column + 6)),
            policyVersion: text(column + 7), standing: try word(column + 8))
    }
}
