import ServiceRuntime

/// Why a command on a person file is refused; the raw value is the public code.
enum PersonRefusal: String, Refusal {
    case personDuplicate = "PERSON_DUPLICATE"
    case personUnknown = "PERSON_UNKNOWN"
    case personMerged = "PERSON_MERGED"
    case personErased = "PERSON_ERASED"
    case guardianRequired = "GUARDIAN_REQUIRED"
    case identityMismatch = "IDENTITY_MISMATCH"
    case mergeSelf = "MERGE_SELF"
    case mergeMismatch = "MERGE_MISMATCH"
    case mergePending = "MERGE_PENDING"
    case mergeNotRequested = "MERGE_NOT_REQUESTED"
    case notMerged = "NOT_MERGED"
    case erasureNotRequested = "ERASURE_NOT_REQUESTED"
    case fourEyes = "FOUR_EYES"
}

/// Why a command on the directory of organisations is refused.
enum OrganisationRefusal: String, Refusal {
    case organisationExists = "ORGANISATION_EXISTS"
    case creditCodeTaken = "CREDIT_CODE_TAKEN"
}

/// Why a command on a person's certificate is refused.
enum CertificateRefusal: String, Refusal {
    case certificateExists = "CERTIFICATE_EXISTS"
    case certificateUnknown = "CERTIFICATE_UNKNOWN"
    case numberInvalid = "CERT_NUMBER_INVALID"
    case idRequired = "ID_REQUIRED"
    case guardianRequired = "GUARDIAN_REQUIRED"
    case assessorNotDesignated = "ASSESSOR_NOT_DESIGNATED"
    case multipleGradeRule = "MULTIPLE_GRADE_RULE"
    case fourEyes = "FOUR_EYES"
}

/// Why somebody may not read what only the owner of a referral reads.
enum AccessRefusal: String, Refusal {
    case purposeRequired = "PURPOSE_REQUIRED"
}
