/// The number printed on a disability certificate (残疾人证号): citizen ID, one digit of category, one of grade, and after a loss `B` and the
/// number of the reissue. 残疾人证管理办法, article 5.
///
/// It changes with every re-assessment, so it is never a key of a person or of a certificate. Personal data: never log it.
public struct CertificateNumber: Hashable, Sendable {
    public let citizenID: CitizenID
    public let category: CertificateCategory
    public let grade: DisabilityGrade
    /// 0 for the first issue, n for `Bn`.
    public let reissue: Int

    public init(citizenID: CitizenID, category: CertificateCategory, grade: DisabilityGrade, reissue: Int = 0) {
        precondition(reissue >= 0, "a reissue is counted from 1")
        self.citizenID = citizenID
        self.category = category
        self.grade = grade
        self.reissue = reissue
    }

    /// Twenty characters, or more with the suffix of a reissue. Throws `CERT_NUMBER_INVALID` for every fault, the ID's included.
    public init(_ text: String, today: LocalDate) throws(InvalidValue) {
        let bytes = text.utf8
        guard bytes.count >= 20, bytes.allSatisfy({ $0 < 128 }), let first = bytes.first, first != 48 else { throw Self.invalid }
        let idEnd = bytes.index(bytes.startIndex, offsetBy: 18)
        let gradeAt = bytes.index(after: idEnd)
        let suffixAt = bytes.index(after: gradeAt)
        let citizenID: CitizenID
        do { citizenID = try CitizenID(String(text[..<idEnd]), today: today) } catch { throw Self.invalid }
        guard let category = CertificateCategory(code: Int(bytes[idEnd]) - 48),
            let grade = DisabilityGrade(number: Int(bytes[gradeAt]) - 48),
            let reissue = Self.reissue(in: text[suffixAt...])
        else { throw Self.invalid }
        self.init(citizenID: citizenID, category: category, grade: grade, reissue: reissue)
    }

    private static func reissue(in suffix: Substring) -> Int? {
        if suffix.isEmpty { return 0 }
        let digits = suffix.utf8.dropFirst()
        guard suffix.utf8.first == 66, let first = digits.first, first != 48, digits.count <= 4,
            digits.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    public var text: String { citizenID.text + "\(category.code)\(grade.number)" + (reissue > 0 ? "B\(reissue)" : "") }

    private static let invalid = InvalidValue(
        code: "CERT_NUMBER_INVALID", rule: "a valid citizen ID, a category 1 to 7, a grade 1 to 4, and B with a number after a loss",
        source: "残疾人证管理办法, article 5")
}
