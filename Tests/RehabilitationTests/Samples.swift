import Contracts
import ServiceRuntime
import Vocabulary

@testable import Rehabilitation

/// Values that several tests start from.
enum Sample {
    static let institution = OrganisationID(trusted: "centre-a")
    static let otherInstitution = OrganisationID(trusted: "centre-b")
    static let person = PersonID(trusted: "person-1")
    static let referral = ReferralID(trusted: "referral-1")
    static let key = AttemptKey(referral: referral, attempt: 1)

    static func date(_ text: String) -> LocalDate {
        do { return try LocalDate(text) } catch { preconditionFailure("a test wrote no date: \(text)") }
    }

    static func month(_ text: String) -> YearMonth { date(text + "-01").month }
    static func yuan(_ text: String) -> Fen {
        do { return try Fen(yuan: text) } catch { preconditionFailure("a test wrote no amount: \(text)") }
    }

    static func facts(_ person: PersonID = person, born: String = "2020-03", region: String = "419001001") -> PersonFacts {
        PersonFacts(person: person, sex: .female, birthMonth: month(born), region: RegionCode(trusted: region))
    }

    static func agreement(
        capacity: Int = 2, categories: [AssistanceCategory] = [.hearing, .autism], from: String = "2024-01-01", to: String = "2026-12-31"
    ) -> Agreement {
        Agreement(
            institution: institution, region: RegionCode(trusted: "419001"), categories: categories, capacity: capacity,
            validFrom: date(from), validTo: date(to))
    }

    static var question: ReferralAnswer.Question {
        ReferralAnswer.Question(
            key: key, caseID: CaseID(trusted: "case-1"), facts: facts(), category: .hearing, institution: institution,
            respondBy: date("2024-06-20"))
    }

    static func terms(
        standard: String = "16000", months: Int = 10, mode: CapMode = .cumulative, minServiceDays: Int = 20
    ) -> AssistanceTerms {
        AssistanceTerms(
            band: "0-6", mode: .centralised, standardFen: yuan(standard), months: months, capMode: mode, minServiceDays: minServiceDays,
            reviewWorkingDays: 5, policyVersion: "test-1", standing: .assumption)
    }

    static func submission(
        born: String = "2020-03", region: String = "419001001", category: AssistanceCategory = .hearing, on: String = "2024-06-05",
        planYear: Int = 2024, basis: ResidenceBasis? = .hukou
    ) -> Application.Submission {
        Application.Submission(
            facts: facts(born: born, region: region), category: category, referral: nil, planYear: planYear, residenceBasis: basis,
            submittedBy: "clerk-1", submittedOn: date(on))
    }

    static func details(terms: AssistanceTerms = terms(), startedOn: String = "2024-07-01") -> Enrolment.Details {
        Enrolment.Details(
            application: ApplicationID(trusted: "application-1"), facts: facts(), category: .hearing, institution: institution,
            terms: terms,
            startedOn: date(startedOn))
    }

    static func report(
        _ month: String, days: Int = 22, gross: String = "2000", insurance: SettlementArithmetic.Insurance? = .none(), line: String? = nil
    ) -> MonthReport {
        MonthReport(
            line: LineID(trusted: line ?? "line-\(month)"), month: Sample.month(month), serviceDays: days, grossFen: yuan(gross),
            insurance: insurance)
    }
}

extension SettlementArithmetic.Insurance {
    /// An uninsured child: the insurances have decided, and paid nothing.
    static func none() -> SettlementArithmetic.Insurance { paid(basic: "0") }

    static func paid(basic: String) -> SettlementArithmetic.Insurance {
        SettlementArithmetic.Insurance(basicFen: Sample.yuan(basic), seriousIllnessFen: .zero, medicalReliefFen: .zero, otherFen: .zero)
    }
}

/// What a rule made of a command, in one word: the events' names joined with `+`, `-` for none, or the refusal's code.
func outcome<Rules: Decider>(_ rules: Rules.Type, _ command: Rules.Command, _ state: Rules.State?) -> String {
    do throws(Rules.Refused) {
        let events = try Rules.decide(command, given: state)
        // What was decided can always be applied.
        _ = events.reduce(state) { Rules.evolve($0, with: $1) }
        return events.isEmpty ? "-" : events.map { name(of: $0) }.joined(separator: "+")
    } catch {
        return error.rawValue
    }
}

/// The name of an enum case without its values.
private func name(of event: Any) -> String { String("\(event)".prefix { $0 != "(" }) }
