import Vocabulary

/// One thing a partner has planned, with everything it knows about it.
enum Errand: Sendable {
    // A health bureau.
    case publish(BureauRecord)
    // The guardian, through a clerk.
    case choose(Proposal)
    // A centre.
    case answer(Mailbox.Notice, accept: Bool)
    case enrol(Assistance)
    case month(Training)
    // A clerk, a reviewer, finance.
    case apply(Application)
    case completeMaterials(Assistance)
    case decide(Assistance)
    case confirmInstitution(Assistance)
    case submitSettlement(centre: OrganisationID, Quarter)
    case approveSettlement(SubmittedSettlement)
    case resubmitSettlement(SubmittedSettlement)
    case paySettlement(String, RegionCode)
    // Adults at the window, job seekers, employers.
    case register(Adult)
    case applyForCertificate(Adult)
    case issueCertificate(Adult, certificate: String)
    case registerJobSeeker(Adult)
    case withdrawConsent(jobSeeker: String, RegionCode)
    case train(Adult, jobSeeker: String)
    case place(Adult, jobSeeker: String)
    case confirmJob(Job, month: Int)
    case endJob(Job)
    case applyForYouth(Adult)
}

/// A later thing that follows from one that was done.
struct FollowUp: Sendable {
    var errand: Errand
    var name: String
    var phase: Phase
    var day: LocalDate
    /// Moved to the next working day.
    var inOffice = true
}

/// A list of institutions waits for the guardian.
struct Proposal: Sendable {
    var referral: String
    var region: RegionCode
    var candidates: [OrganisationID]
    var chooseBy: LocalDate
}

/// An application that is to be made.
struct Application: Sendable {
    /// Nil for a person without one.
    var referral: String?
    var person: String?
    var category: String?
    var region: RegionCode
    /// Where the child will go: the referral's owner, or chosen by the guardian.
    var centre: OrganisationID
    /// Names the child for the partners' decisions.
    var name: String
}

/// An application on its way.
struct Assistance: Sendable {
    var application: String
    var region: RegionCode
    var centre: OrganisationID
    var name: String
}

/// A child in training, as its centre keeps it.
struct Training: Sendable {
    var enrolment: String
    var centre: OrganisationID
    var startedOn: LocalDate
    /// The month to be recorded next.
    var month: YearMonth
    var name: String
    var region: RegionCode
}

/// A settlement as the office that submitted it keeps it.
struct SubmittedSettlement: Sendable {
    var id: String
    var centre: OrganisationID
    var region: RegionCode
    var quarter: Quarter
    var lines: Int
    var fen: Int64
}

/// An adult or youth who comes to the window.
struct Adult: Sendable {
    var person: SyntheticPerson
    var isYouth: Bool
    /// Once registered.
    var id = ""

    var name: String { "adult-\(person.index)" }
}

/// A job as its employer keeps it.
struct Job: Sendable {
    var placement: String
    var employer: OrganisationID
    var startedOn: LocalDate
    var name: String
}
