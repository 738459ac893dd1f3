import Vocabulary

/// The pseudonymous facts of one person that counts and rules need; nothing here identifies anybody by itself.
public struct PersonFacts: Hashable, Sendable {
    /// The person, as Screening or Registration minted it.
    public var person: PersonID
    /// GB/T 2261.1.
    public var sex: Sex
    /// Month of birth; the day stays in Registration.
    public var birthMonth: YearMonth
    /// Residence, township (9 digits) where known.
    public var region: RegionCode

    public init(
        person: PersonID,
        sex: Sex,
        birthMonth: YearMonth,
        region: RegionCode
    ) {
        self.person = person
        self.sex = sex
        self.birthMonth = birthMonth
        self.region = region
    }
}

extension PersonFacts: SchemaCoded {
    init(schema m: Careloop_V1_PersonFacts) throws(ContractError) {
        self.init(
            person: try parsed("person", m.person) { text throws(InvalidValue) in try PersonID(text) },
            sex: try Sex(schema: m.sex, field: "sex"),
            birthMonth: try parsed("birth_month", m.birthMonth) { text throws(InvalidValue) in try YearMonth(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) })
    }

    var schema: Careloop_V1_PersonFacts {
        var m = Careloop_V1_PersonFacts()
        m.person = person.text
        m.sex = sex.schema
        m.birthMonth = birthMonth.text
        m.region = region.text
        return m
    }
}
