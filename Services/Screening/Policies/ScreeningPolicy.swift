import Vocabulary

/// From which status on the federation hears of a case (共享阶段).
enum SharingStage: String, CaseIterable, Hashable, Sendable {
    case initialPositive, rescreenPositive, diagnosed

    func isReached(by status: CaseStatus) -> Bool {
        switch status {
        case .empty, .unable, .initialNegative, .rescreenNegative, .notConfirmed: false
        case .initialPositive: self == .initialPositive
        case .rescreenPositive: self != .diagnosed
        case .diagnosed: true
        }
    }
}

/// What a region has settled about screening and referral, on one day.
struct ScreeningPolicy: Hashable, Sendable {
    /// Recorded in every decision's event.
    var version: String
    var topics: Set<ScreeningTopic>
    /// Results count until the day before this birthday.
    var ageLimitYears: Int
    /// Calendar days from a positive initial screen to the re-screen.
    var rescreenDays: Int
    /// Calendar days from a positive re-screen to the diagnosis.
    var diagnosisDays: Int
    var sharingStage: SharingStage
    /// Working days for the guardian to choose.
    var chooseWorkingDays: Int
    /// Working days for an institution to answer.
    var respondWorkingDays: Int
    /// How far an institution may be.
    var reach: RegionDistance
}
