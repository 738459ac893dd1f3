import ServiceRuntime

/// Why a command on a job seeker is refused; the raw value is the public code.
enum JobSeekerRefusal: String, Refusal {
    case duplicate = "JOB_SEEKER_DUPLICATE"
    case notRegistered = "NOT_REGISTERED"
    case notWorkingAge = "NOT_WORKING_AGE"
    case consentRequired = "CONSENT_REQUIRED"
    case alreadyPlaced = "ALREADY_PLACED"
    case notPlaced = "NOT_PLACED"
    case hoursInvalid = "HOURS_INVALID"
}

/// Why a command on a placement is refused.
enum PlacementRefusal: String, Refusal {
    case employerUnknown = "EMPLOYER_UNKNOWN"
    case wageBelowMinimum = "WAGE_BELOW_MINIMUM"
    case contractDates = "CONTRACT_DATES_INVALID"
    case occurredInFuture = "OCCURRED_IN_FUTURE"
    case placementUnknown = "PLACEMENT_UNKNOWN"
    case monthNotConfirmable = "MONTH_NOT_CONFIRMABLE"
    case monthNotDue = "MONTH_NOT_DUE"
    case employmentEnded = "EMPLOYMENT_ENDED"
    case endBeforeStart = "END_BEFORE_START"
    case endBeforeConfirmed = "END_BEFORE_CONFIRMED"
    case keyReused = "IDEMPOTENCY_KEY_REUSED"
}

/// Why a command on an employer is refused.
enum EmployerRefusal: String, Refusal {
    case employerExists = "EMPLOYER_EXISTS"
}
