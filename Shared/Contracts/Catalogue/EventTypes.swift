import SwiftProtobuf

extension Catalogue {
    /// Every event type of this build, the two raw partner records apart. A new event is added here and to its topic.
    public static let eventTypes: [any ContractEvent.Type] =
        [
            OrganisationRegistered.self, PersonRegistered.self, IdentityAttached.self, PersonsMerged.self, PersonsUnmerged.self,
            CertificateIssued.self, ResultAccepted.self, ResultCorrected.self, ResultWithdrawn.self, CaseShared.self,
            CaseShareRevoked.self, ScreeningDeadlineMissed.self, IdentityShared.self, ReferralProposed.self, ReferralIssued.self,
            ReferralConfirmed.self, ReferralSuperseded.self, ReferralDeclined.self, ReferralExpired.self, ReferralDeadlineMoved.self,
            ReferralWithdrawn.self,
            ReferralUnplaced.self, AgreementActivated.self, PlacesChanged.self, ReferralClaimed.self, ReferralRefused.self,
            AssistanceApplied.self, MaterialsCompleted.self, AssistanceApproved.self, AssistanceRejected.self, AssistanceWithdrawn.self,
            ReviewDeadlineMissed.self, ReviewDeadlineMoved.self,
            InstitutionConfirmed.self, Enrolled.self, TrainingMonthRecorded.self, TrainingMonthCorrected.self, EnrolmentCompleted.self,
            SettlementSubmitted.self, SettlementApproved.self, SettlementRejected.self, SettlementPaid.self, EmployerRegistered.self,
            JobSeekerRegistered.self,
            ConsentChanged.self, TrainingCompleted.self,
            PlacementRecorded.self, EmploymentConfirmed.self, ConfirmationMissed.self, StableEmploymentReached.self, EmploymentEnded.self,
            ResultReceipt.self,
            ReferralNotice.self, AnswerReceipt.self, Indicator.self, DeadLettered.self,
        ]

    /// The event type with this CloudEvents type; nil for raw partner records and for what this build does not know.
    public static func event(for type: String) -> (any ContractEvent.Type)? { byType[type] }

    /// Full protobuf name of the message behind an event type, `careloop.v1.ReferralIssued`; nil when this build does not know it.
    public static func message(for type: String) -> String? { messages[type] }

    /// The schema file, below Shared/Contracts/Schemas, that holds a type's message: one file for each owner of types.
    public static func schemaFile(for type: String) -> String? {
        guard messages[type] != nil else { return nil }
        return "careloop/v1/\(type.split(separator: ".")[1]).proto"
    }

    private static let byType = Dictionary(uniqueKeysWithValues: eventTypes.map { ($0.type, $0) })

    private static let messages: [String: String] = {
        var names = [
            RawScreeningResult.type: Careloop_V1_ScreeningResult.protoMessageName,
            RawReferralAnswer.type: Careloop_V1_ReferralAnswer.protoMessageName,
        ]
        for event in eventTypes {
            guard let coded = event as? any SchemaCoded.Type else { preconditionFailure("\(event) has no schema behind it") }
            names[event.type] = coded.messageName
        }
        return names
    }()
}

extension SchemaCoded {
    static var messageName: String { Schema.protoMessageName }
}
