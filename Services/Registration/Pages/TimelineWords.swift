import Contracts
import Vocabulary

/// What stands on a timeline, as people say it: each fact with the parts of its detail, in the order in which handlers write them. A fact or
/// word that has no words here, as a newer build may write, is shown as it is, never left away.
enum TimelineWords {
    /// One part of a detail, which handlers join with `/`.
    enum Part {
        case personOrigin, document, file
        case disability, grade
        case topic, stage, outcome, category
        case candidates, attempt, attempts
        case planYear, mode, month, counted, ending, monthsCounted
        case seekerOrigin, consent, training, form, monthOfWork

        /// Nil for a word that is none of this part's.
        func words(_ word: String) -> BilingualName? {
            switch self {
            case .personOrigin: PersonOrigin(rawValue: word)?.name
            case .document: DocumentKind(rawValue: word)?.name
            // The other file's own number, short as in the list of files.
            case .file: BilingualName(zh: "档案\(word.prefix(12))", en: "file \(word.prefix(12))")
            case .disability: CertificateCategory(rawValue: word)?.name
            case .grade: DisabilityGrade(rawValue: word)?.name
            case .topic: ScreeningTopic(rawValue: word)?.name
            case .stage: ScreeningStage(rawValue: word)?.name
            case .outcome: ScreeningOutcome(rawValue: word)?.name
            case .category: AssistanceCategory(rawValue: word)?.name
            case .candidates: BilingualName(zh: "\(word)家候选机构", en: Self.several(word, "candidate"))
            case .attempt: BilingualName(zh: "第\(word)次", en: "attempt \(word)")
            case .attempts: BilingualName(zh: "已转介\(word)次", en: "after " + Self.several(word, "attempt"))
            case .planYear: BilingualName(zh: "\(word)年度", en: "plan year \(word)")
            case .mode: AssistanceMode(rawValue: word)?.name
            case .month: BilingualName(zh: word, en: word)
            case .counted: Self.countedOrNot[word]
            case .ending: EnrolmentOutcome(rawValue: word)?.name
            case .monthsCounted: BilingualName(zh: "计入\(word)个月", en: Self.several(word, "month") + " counted")
            case .seekerOrigin: JobSeekerOrigin(rawValue: word)?.name
            case .consent: Self.givenOrNot[word]
            case .training: TrainingKind(rawValue: word)?.name
            case .form: EmploymentForm(rawValue: word)?.name
            case .monthOfWork:
                word.hasPrefix("month-") ? BilingualName(zh: "第\(word.dropFirst(6))个月", en: "month \(word.dropFirst(6))") : nil
            }
        }

        private static func several(_ number: String, _ noun: String) -> String { "\(number) \(noun)\(number == "1" ? "" : "s")" }

        private static let countedOrNot = [
            "counted": BilingualName(zh: "计入", en: "counted"), "not-counted": BilingualName(zh: "不计入", en: "not counted"),
        ]
        private static let givenOrNot = [
            "given": BilingualName(zh: "同意", en: "given"), "withdrawn": BilingualName(zh: "撤回", en: "withdrawn"),
        ]
    }

    struct Fact {
        let name: BilingualName
        let parts: [Part]

        init(_ zh: String, _ en: String, _ parts: Part...) {
            name = BilingualName(zh: zh, en: en)
            self.parts = parts
        }
    }

    static func name(_ fact: String) -> BilingualName { facts[fact]?.name ?? BilingualName(zh: fact, en: fact) }

    /// `hearing/initial/positive` of a result in words. What two parts say alike is said once.
    static func detail(_ detail: String, of fact: String) -> BilingualName {
        let parts = facts[fact]?.parts ?? []
        var said: [BilingualName] = []
        for (index, word) in detail.split(separator: "/").map(String.init).enumerated() {
            let words = (index < parts.count ? parts[index].words(word) : nil) ?? BilingualName(zh: word, en: word)
            if !said.contains(words) { said.append(words) }
        }
        return BilingualName(zh: said.map(\.zh).joined(separator: " · "), en: said.map(\.en).joined(separator: " · "))
    }

    static let facts: [String: Fact] = [
        "PersonRegistered": Fact("建立档案", "File opened", .personOrigin),
        "IdentityAttached": Fact("核验身份号码", "Identity number checked", .document),
        "PersonsMerged": Fact("档案合并", "Files merged", .file),
        "PersonsUnmerged": Fact("档案重新分开", "Files parted again", .file),
        "CertificateIssued": Fact("核发残疾人证", "Certificate issued", .disability, .grade),
        "ResultAccepted": Fact("筛查结果", "Screening result", .topic, .stage, .outcome),
        "ResultCorrected": Fact("筛查结果更正", "Result corrected", .topic, .stage, .outcome),
        "ResultWithdrawn": Fact("筛查结果撤回", "Result withdrawn", .topic, .stage, .outcome),
        "CaseShared": Fact("确诊并移交", "Diagnosed and handed over", .topic, .category),
        "CaseShareRevoked": Fact("移交撤回", "Hand-over revoked", .topic),
        "ScreeningDeadlineMissed": Fact("筛查环节逾期", "Screening step overdue", .topic, .stage),
        "ReferralProposed": Fact("提出转介", "Referral proposed", .category, .candidates),
        "ReferralIssued": Fact("发出转介", "Referral issued", .category, .attempt),
        "ReferralConfirmed": Fact("转介确认", "Referral confirmed", .category, .attempt),
        "ReferralClaimed": Fact("机构接收", "Centre accepted", .attempt),
        "ReferralRefused": Fact("机构答复不接收", "Centre said no", .attempt),
        "ReferralSuperseded": Fact("转介由他人承接", "Referral taken by another", .attempt),
        "ReferralDeclined": Fact("机构谢绝", "Centre declined", .category, .attempt),
        "ReferralExpired": Fact("转介逾期", "Referral expired", .category, .attempt),
        "ReferralWithdrawn": Fact("转介撤回", "Referral withdrawn", .category, .attempt),
        "ReferralDeadlineMoved": Fact("转介期限重算", "Referral deadline counted again", .category, .attempt),
        "ReferralUnplaced": Fact("暂无机构可接收", "No centre has room", .category, .attempts),
        "AssistanceApplied": Fact("申请救助", "Assistance applied for", .category, .planYear),
        "MaterialsCompleted": Fact("材料齐备", "Papers complete", .category),
        "AssistanceApproved": Fact("救助获批", "Assistance approved", .category, .mode),
        "AssistanceRejected": Fact("救助不予批准", "Assistance rejected", .category),
        "AssistanceWithdrawn": Fact("申请撤回", "Application withdrawn", .category),
        "ReviewDeadlineMissed": Fact("审核逾期", "Review overdue", .category),
        "ReviewDeadlineMoved": Fact("审核期限重算", "Review deadline counted again", .category),
        "InstitutionConfirmed": Fact("确定机构", "Centre confirmed"),
        "Enrolled": Fact("入训", "Training began", .category),
        "TrainingMonthRecorded": Fact("训练月登记", "Training month recorded", .month, .counted),
        "TrainingMonthCorrected": Fact("训练月更正", "Training month corrected", .month, .counted),
        "EnrolmentCompleted": Fact("训练结束", "Training ended", .ending, .monthsCounted),
        "JobSeekerRegistered": Fact("登记求职", "Registered as job seeker", .seekerOrigin),
        "ConsentChanged": Fact("信息共享意愿", "Consent to share", .consent),
        "TrainingCompleted": Fact("完成职业培训", "Vocational training completed", .training),
        "PlacementRecorded": Fact("就业安置", "Placed in work", .form),
        "EmploymentConfirmed": Fact("在岗确认", "Employment confirmed", .monthOfWork),
        "ConfirmationMissed": Fact("在岗确认缺失", "Confirmation missed", .monthOfWork),
        "StableEmploymentReached": Fact("稳定就业", "Stable employment"),
        "EmploymentEnded": Fact("就业结束", "Employment ended"),
    ]
}
