import ServiceRuntime
import Vocabulary

/// A designated institution's agreement (定点协议): what it may treat, how many places, and from when to when.
struct Agreement: Hashable, Sendable {
    var institution: OrganisationID
    var region: RegionCode
    /// In the vocabulary's order, each once.
    var categories: [AssistanceCategory]
    var capacity: Int
    var validFrom: LocalDate
    var validTo: LocalDate

    init(
        institution: OrganisationID, region: RegionCode, categories: some Sequence<AssistanceCategory>, capacity: Int,
        validFrom: LocalDate, validTo: LocalDate
    ) {
        let wanted = Set(categories)
        self.institution = institution
        self.region = region
        self.categories = AssistanceCategory.allCases.filter(wanted.contains)
        self.capacity = capacity
        self.validFrom = validFrom
        self.validTo = validTo
    }

    func isActive(on date: LocalDate) -> Bool { validFrom <= date && date <= validTo }
}

/// What a place is held for. A place is never simply "taken": releasing it twice frees one place, not two.
enum PlaceHolder: Hashable, Sendable {
    case referral(ReferralID, attempt: Int)
    case enrolment(EnrolmentID)

    /// As stored: `referral/<id>/<attempt>` or `enrolment/<id>`.
    var text: String {
        switch self {
        case .referral(let id, let attempt): "referral/\(id)/\(attempt)"
        case .enrolment(let id): "enrolment/\(id)"
        }
    }

    init?(stored text: String) {
        let parts = text.split(separator: "/")
        if parts.count == 3, parts[0] == "referral", let attempt = Int(parts[2]) {
            self = .referral(ReferralID(trusted: String(parts[1])), attempt: attempt)
        } else if parts.count == 2, parts[0] == "enrolment" {
            self = .enrolment(EnrolmentID(trusted: String(parts[1])))
        } else {
            return nil
        }
    }
}

/// A designated institution (定点机构): its agreement and the places it holds.
struct Institution: Hashable, Sendable {
    var agreement: Agreement
    /// In the order they were taken.
    var places: [PlaceHolder]

    var taken: Int { places.count }
    var free: Int { max(0, agreement.capacity - places.count) }
}

/// The rules of an institution: capacity is decided here and nowhere else, so two centres' clerks, a log record and an HTTP call meet
/// on this one row.
enum InstitutionRules: Decider {
    typealias State = Institution

    enum Command: Hashable, Sendable {
        case activateAgreement(Agreement)
        case changeScope(categories: [AssistanceCategory], capacity: Int, validTo: LocalDate)
        case reservePlace(PlaceHolder, category: AssistanceCategory, on: LocalDate)
        /// The child of a referral starts training: its reserved place becomes the enrolment's.
        case takeOverPlace(from: PlaceHolder, to: PlaceHolder, category: AssistanceCategory, on: LocalDate)
        case releasePlace(PlaceHolder)
    }

    enum Event: Hashable, Sendable {
        case agreementActivated(Agreement)
        case placeReserved(PlaceHolder, taken: Int)
        case placeTakenOver(from: PlaceHolder, to: PlaceHolder)
        case placeReleased(PlaceHolder, taken: Int)
    }

    enum Refused: String, Refusal {
        case notDesignated = "INSTITUTION_NOT_DESIGNATED"
        case notActive = "AGREEMENT_NOT_ACTIVE"
        case notCovered = "CATEGORY_NOT_COVERED"
        case full = "CAPACITY_EXCEEDED"
        case capacityInvalid = "CAPACITY_INVALID"
        case capacityBelowTaken = "CAPACITY_BELOW_TAKEN"
        case categoriesEmpty = "CATEGORIES_EMPTY"
        case periodInvalid = "AGREEMENT_PERIOD_INVALID"
        case placeNotHeld = "PLACE_NOT_HELD"
    }

    static func decide(_ command: Command, given institution: Institution?) throws(Refused) -> [Event] {
        switch (command, institution) {
        case (.activateAgreement(let agreement), nil):
            try check(agreement, taken: 0)
            return [.agreementActivated(agreement)]
        case (.activateAgreement(let agreement), .some(let institution)):
            if agreement == institution.agreement { return [] }
            try check(agreement, taken: institution.taken)
            return [.agreementActivated(agreement)]

        case (.changeScope, nil): throw .notDesignated
        case (.changeScope(let categories, let capacity, let validTo), .some(let institution)):
            let old = institution.agreement
            let new = Agreement(
                institution: old.institution, region: old.region, categories: categories, capacity: capacity,
                validFrom: old.validFrom, validTo: validTo)
            if new == old { return [] }
            try check(new, taken: institution.taken)
            return [.agreementActivated(new)]

        case (.reservePlace, nil): throw .notDesignated
        case (.reservePlace(let holder, let category, let date), .some(let institution)):
            if institution.places.contains(holder) { return [] }
            try serves(category, on: date, institution)
            guard institution.free > 0 else { throw .full }
            return [.placeReserved(holder, taken: institution.taken + 1)]

        case (.takeOverPlace, nil): throw .notDesignated
        case (.takeOverPlace(let from, let to, let category, let date), .some(let institution)):
            if institution.places.contains(to) { return [] }
            guard institution.places.contains(from) else { throw .placeNotHeld }
            try serves(category, on: date, institution)
            return [.placeTakenOver(from: from, to: to)]

        case (.releasePlace, nil): return []
        case (.releasePlace(let holder), .some(let institution)):
            // Whoever asks second wanted it free: it is.
            return institution.places.contains(holder) ? [.placeReleased(holder, taken: institution.taken - 1)] : []
        }
    }

    static func evolve(_ institution: Institution?, with event: Event) -> Institution {
        if case .agreementActivated(let agreement) = event {
            return Institution(agreement: agreement, places: institution?.places ?? [])
        }
        guard var institution else { preconditionFailure("an institution's first event is its agreement") }
        switch event {
        case .agreementActivated: break
        case .placeReserved(let holder, _): institution.places.append(holder)
        case .placeReleased(let holder, _): institution.places.removeAll { $0 == holder }
        case .placeTakenOver(let from, let to): institution.places = institution.places.map { $0 == from ? to : $0 }
        }
        return institution
    }

    private static func check(_ agreement: Agreement, taken: Int) throws(Refused) {
        guard !agreement.categories.isEmpty else { throw .categoriesEmpty }
        guard (1...10_000).contains(agreement.capacity) else { throw .capacityInvalid }
        guard agreement.validFrom <= agreement.validTo else { throw .periodInvalid }
        // Children are not sent home by a form: places in use come down by ending trainings, not by changing a number.
        guard agreement.capacity >= taken else { throw .capacityBelowTaken }
    }

    private static func serves(_ category: AssistanceCategory, on date: LocalDate, _ institution: Institution) throws(Refused) {
        guard institution.agreement.isActive(on: date) else { throw .notActive }
        guard institution.agreement.categories.contains(category) else { throw .notCovered }
    }
}
