import Vocabulary

/// Every topic CareLoop knows: topic creation, access rights, AsyncAPI and the README's table come from here.
public enum Catalogue {
    /// Limits of topics in one place.
    public enum Limits {
        /// Largest record, envelope included.
        public static let recordBytes = 1_000_000
        /// A dead letter holds a whole record of another topic, sealed, and says why.
        public static let deadLetterBytes = recordBytes + 4096
        /// What Kafka clients put into one batch unless told otherwise. A topic's limit is one of batches, so it is never below this, however
        /// small its records have to be.
        public static let batchBytes = 1_000_000
        /// What a batch adds to its records: its header, and their keys, headers and lengths.
        public static let framingBytes = 8_192
        /// Partitions of topics keyed by person or referral.
        public static let wide = 32
        /// Partitions of the smaller internal topics.
        public static let narrow = 8
        /// Days that identities and partners' records stay.
        public static let shortRetentionDays = 7
        /// Days that receipts, notices and dead letters stay.
        public static let partnerRetentionDays = 90
        /// Replication and the replicas that must have a record before it counts, on a cluster of three or more.
        public static let replication = 3
        public static let minInSyncReplicas = 2
    }

    /// Names of the services that own the topics.
    public static let services = ["registration", "screening", "rehabilitation", "employment", "reporting"]

    /// All topics and partner templates.
    public static let topics: [Topic] = facts + services.map(deadLetters)

    private static let facts: [Topic] =
        [
            Topic(
                OrganisationRegistered.topic, key: "organisation", partitions: Limits.narrow, producer: "registration",
                consumers: ["screening", "rehabilitation", "employment"], types: [OrganisationRegistered.type]),
            Topic(
                PersonRegistered.topic, key: "person", partitions: Limits.wide, producer: "registration",
                consumers: ["rehabilitation", "employment", "reporting"],
                types: [
                    PersonRegistered.type, IdentityAttached.type, PersonsMerged.type, PersonsUnmerged.type, CertificateIssued.type,
                ]),
            Topic(
                ResultAccepted.topic, key: "person", partitions: Limits.wide, producer: "screening",
                consumers: ["registration", "reporting"],
                types: [
                    ResultAccepted.type, ResultCorrected.type, ResultWithdrawn.type, CaseShared.type, CaseShareRevoked.type,
                    ScreeningDeadlineMissed.type,
                ]),
            Topic(
                IdentityShared.topic, key: "person", partitions: Limits.narrow, retentionDays: Limits.shortRetentionDays,
                producer: "screening", consumers: ["registration"], types: [IdentityShared.type], dataClass: .minorSensitive),
            Topic(
                ReferralIssued.topic, key: "referral", partitions: Limits.wide, producer: "screening",
                consumers: ["registration", "rehabilitation", "reporting"],
                types: [
                    ReferralProposed.type, ReferralIssued.type, ReferralConfirmed.type, ReferralSuperseded.type, ReferralDeclined.type,
                    ReferralExpired.type, ReferralDeadlineMoved.type, ReferralWithdrawn.type, ReferralUnplaced.type,
                ]),
            Topic(
                AgreementActivated.topic, key: "institution", partitions: Limits.narrow, producer: "rehabilitation",
                consumers: ["screening", "reporting"], types: [AgreementActivated.type, PlacesChanged.type]),
            Topic(
                ReferralClaimed.topic, key: "referral", partitions: Limits.narrow, producer: "rehabilitation",
                consumers: ["registration", "screening"], types: [ReferralClaimed.type, ReferralRefused.type]),
            Topic(
                AssistanceApplied.topic, key: "person", partitions: Limits.wide, producer: "rehabilitation",
                consumers: ["registration", "employment", "reporting"],
                types: [
                    AssistanceApplied.type, MaterialsCompleted.type, AssistanceApproved.type, AssistanceRejected.type,
                    AssistanceWithdrawn.type, ReviewDeadlineMissed.type, ReviewDeadlineMoved.type, InstitutionConfirmed.type, Enrolled.type,
                    TrainingMonthRecorded.type, TrainingMonthCorrected.type,
                    EnrolmentCompleted.type,
                ]),
            Topic(
                SettlementPaid.topic, key: "institution", partitions: Limits.narrow, producer: "rehabilitation", consumers: ["reporting"],
                types: [SettlementSubmitted.type, SettlementApproved.type, SettlementRejected.type, SettlementPaid.type]),
            Topic(
                EmployerRegistered.topic, key: "employer", partitions: Limits.narrow, producer: "employment", consumers: ["reporting"],
                types: [EmployerRegistered.type]),
            Topic(
                JobSeekerRegistered.topic, key: "person", partitions: Limits.wide, producer: "employment",
                consumers: ["registration", "reporting"],
                types: [
                    JobSeekerRegistered.type, ConsentChanged.type, TrainingCompleted.type, PlacementRecorded.type, EmploymentConfirmed.type,
                    ConfirmationMissed.type, StableEmploymentReached.type, EmploymentEnded.type,
                ]),
            Topic(
                Indicator.topic, key: "cell", partitions: Limits.narrow, compacted: true, producer: "reporting",
                consumers: ["dashboards of the region"], types: [Indicator.type]),
            Topic(
                Indicator.publishedTopic, key: "cell", partitions: Limits.narrow, compacted: true, producer: "reporting",
                consumers: ["everyone"], types: [Indicator.type], dataClass: .public),
            Topic(
                RawScreeningResult.topic, key: "result", partitions: 1, retentionDays: Limits.shortRetentionDays,
                maxRecordBytes: Ingress.Limits.recordBytes, producer: "partner", consumers: ["screening"], types: [RawScreeningResult.type],
                dataClass: .minorSensitive),
            Topic(
                ResultReceipt.topic, key: "result", partitions: 1, retentionDays: Limits.partnerRetentionDays, producer: "screening",
                consumers: ["the bureau"], types: [ResultReceipt.type]),
            Topic(
                ReferralNotice.topic, key: "referral", partitions: 1, retentionDays: Limits.partnerRetentionDays, producer: "screening",
                consumers: ["the centre"], types: [ReferralNotice.type]),
            Topic(
                RawReferralAnswer.topic, key: "referral", partitions: 1, retentionDays: Limits.shortRetentionDays,
                maxRecordBytes: Ingress.Limits.recordBytes, producer: "partner", consumers: ["rehabilitation"],
                types: [RawReferralAnswer.type]),
            Topic(
                AnswerReceipt.topic, key: "referral", partitions: 1, retentionDays: Limits.partnerRetentionDays, producer: "rehabilitation",
                consumers: ["the centre"], types: [AnswerReceipt.type]),
        ]

    /// A dead letter is as sensitive as the most sensitive topic its service reads: what it sets aside came from there.
    private static func deadLetters(of service: String) -> Topic {
        Topic(
            DeadLettered.topic(of: service), key: "origin", partitions: 1, retentionDays: Limits.shortRetentionDays,
            maxRecordBytes: Limits.deadLetterBytes, producer: service, consumers: ["operators"], types: [DeadLettered.type],
            dataClass: facts.filter { $0.consumers.contains(service) }.map(\.dataClass).max() ?? .internal)
    }

    private static let byName = Dictionary(uniqueKeysWithValues: topics.filter { !$0.isPartner }.map { ($0.name, $0) })
    private static let templates = topics.filter(\.isPartner)
    private static let allTypes = Set(topics.flatMap(\.types))

    /// The entry of a concrete topic; a partner's topic gives its template, see `Topic.organisation(in:)`.
    public static func topic(for name: String) -> Topic? {
        byName[name] ?? templates.first { $0.name == name || $0.organisation(in: name) != nil }
    }

    /// The concrete name of a partner template for one organisation.
    public static func name(_ template: String, for organisation: OrganisationID) -> String {
        templates.first { $0.name == template }?.name(for: organisation) ?? template
    }

    /// The topics of one organisation, by what it is: a bureau writes results and reads receipts, a centre reads referrals, writes answers
    /// and reads their receipts.
    public static func partnerTopics(for organisation: OrganisationID, kind: OrganisationKind) -> [PartnerTopic] {
        let names: [String]
        switch kind {
        case .healthBureau: names = [RawScreeningResult.topic, ResultReceipt.topic]
        case .rehabilitationCentre: names = [ReferralNotice.topic, RawReferralAnswer.topic, AnswerReceipt.topic]
        case .disabledPersonsFederation, .employer, .financeBureau, .trainingBase: names = []
        }
        return templates.filter { names.contains($0.name) }.map {
            PartnerTopic(name: $0.name(for: organisation), template: $0, access: $0.isWrittenByPartner ? .write : .read)
        }
    }

    /// Event types on a concrete topic or template; empty when the catalogue does not have it.
    public static func types(on topic: String) -> [String] { Catalogue.topic(for: topic)?.types ?? [] }

    /// Topics a service reads, partner templates included.
    public static func consumedTopics(by service: String) -> [String] {
        topics.filter { $0.consumers.contains(service) }.map(\.name).sorted()
    }

    /// Topics a service writes, partner templates left out.
    public static func producedTopics(by service: String) -> [String] {
        byName.values.filter { $0.producer == service }.map(\.name).sorted()
    }

    /// True when this build has ever heard of the event type. `EventGone` may stand on any topic and belongs to none.
    public static func knows(type: String) -> Bool { allTypes.contains(type) || type == EventGone.type }
}

extension Indicator {
    /// Releases with small cells suppressed, for everyone.
    public static let publishedTopic = "careloop.reporting.indicators-published.v1"
}
