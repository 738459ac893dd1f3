/// An opaque identifier of one kind of thing; `Kind` keeps a case from being passed as a person.
///
/// 1 to 64 characters of `a-z 0-9 -`, so it can stand in a topic name, a URL and a file name. Throws `IDENTIFIER_INVALID`.
public struct Identifier<Kind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) throws(InvalidValue) {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count),
            bytes.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
        else {
            throw InvalidValue(
                code: "IDENTIFIER_INVALID", rule: "1 to 64 characters of a-z, 0-9 and hyphen", source: "CareLoop design, section 4")
        }
        self.text = text
    }

    /// For text already known to be an identifier: read back from our own store or made from a hash.
    public init(trusted text: String) { self.text = text }

    public var description: String { text }
    public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// Tags a `PersonID`.
public enum PersonKind {}
/// Tags an `OrganisationID`.
public enum OrganisationKindTag {}
/// Tags a `HouseholdID`.
public enum HouseholdKind {}
/// Tags a `CaseID`.
public enum CaseKind {}
/// Tags a `ReferralID`.
public enum ReferralKind {}
/// Tags an `ApplicationID`.
public enum ApplicationKind {}
/// Tags an `EnrolmentID`.
public enum EnrolmentKind {}
/// Tags a `LineID`.
public enum LineKind {}
/// Tags a `SettlementID`.
public enum SettlementKind {}
/// Tags a `CertificateID`.
public enum CertificateKind {}
/// Tags a `JobSeekerID`.
public enum JobSeekerKind {}
/// Tags a `PlacementID`.
public enum PlacementKind {}

/// A person (人员), minted by Screening or Registration from a keyed hash; never changes.
public typealias PersonID = Identifier<PersonKind>
/// An organisation of the directory (机构); our own id, not its credit code.
public typealias OrganisationID = Identifier<OrganisationKindTag>
/// A household (家庭户).
public typealias HouseholdID = Identifier<HouseholdKind>
/// A screening case (筛查个案): one child and one topic.
public typealias CaseID = Identifier<CaseKind>
/// A referral (转介).
public typealias ReferralID = Identifier<ReferralKind>
/// An application for rehabilitation assistance (康复救助申请).
public typealias ApplicationID = Identifier<ApplicationKind>
/// An enrolment in training (入训).
public typealias EnrolmentID = Identifier<EnrolmentKind>
/// A settlement line: one child, one month.
public typealias LineID = Identifier<LineKind>
/// A settlement (结算).
public typealias SettlementID = Identifier<SettlementKind>
/// A certificate as CareLoop knows it; the certificate's number changes over time and is never a key.
public typealias CertificateID = Identifier<CertificateKind>
/// A job seeker (求职者).
public typealias JobSeekerID = Identifier<JobSeekerKind>
/// A placement (就业安置).
public typealias PlacementID = Identifier<PlacementKind>
