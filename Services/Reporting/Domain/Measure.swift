import Vocabulary

/// What is counted. Screening is counted twice: every result as it was taken, and every child once per topic with how far it has come.
enum Measure: String, CaseIterable, Sendable {
    // Results, in the month they were taken.
    case initialNegative, initialPositive, initialUnable
    case rescreenNegative, rescreenPositive, rescreenUnable
    case diagnosisNegative, diagnosisPositive, diagnosisUnable
    // One child and one topic, in the month of its first result, so that a later step never exceeds an earlier one.
    case casesScreened, casesSuspected, casesRescreened, casesStillSuspected, casesDiagnosed, casesConfirmed, casesShared
    case casesSharedInTime
    case screeningDeadlinesMissed
    // Attempts of referrals.
    case referralsProposed, referralsIssued, referralsAccepted, referralsDeclined, referralsExpired, referralsWithdrawn, referralsUnplaced
    case referralsWithdrawnUnissued
    // Children, once each.
    case childrenConfirmed, childrenServed
    // Children, once in each year.
    case childrenAssisted
    case applied, materialsComplete, approved, rejected, applicationsWithdrawn, decided, decidedOnTime, reviewsMissed, institutionsConfirmed
    case enrolled, completed, droppedOut, transferred
    case trainingMonths, trainingMonthsNotCounted
    case grossFen, insuranceFen, selfPayFen, subsidyFen, parentsFen
    case settlementsSubmitted, settlementsApproved, settlementsRejected, settlementsPaid, settlementLinesPaid
    case settlementSubmittedFen, settlementApprovedFen, settlementRejectedFen, settlementPaidFen
    case agreements
    case personsRegistered, personsProvisional, certificates
    case employers, jobSeekers, consentsGiven, consentsWithdrawn, trained, placements, employmentConfirmations, confirmationsMissed
    case stableEmployments, employmentsEnded
    // Persons and jobs followed from one event to the next, in the month of the first.
    case jobSeekersTrained, jobSeekersTrainedPlaced, placementsStable

    /// Amounts carry their unit in the name.
    var isMoney: Bool { rawValue.hasSuffix("Fen") }

    /// The measure of one result.
    init(_ stage: ScreeningStage, _ outcome: ScreeningOutcome) {
        self =
            switch (stage, outcome) {
            case (.initial, .negative): .initialNegative
            case (.initial, .positive): .initialPositive
            case (.initial, .unable): .initialUnable
            case (.rescreen, .negative): .rescreenNegative
            case (.rescreen, .positive): .rescreenPositive
            case (.rescreen, .unable): .rescreenUnable
            case (.diagnosis, .negative): .diagnosisNegative
            case (.diagnosis, .positive): .diagnosisPositive
            case (.diagnosis, .unable): .diagnosisUnable
            }
    }

    /// Place in the list, for the order of changes; the store holds the word.
    static let ranks = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, UInt64($0)) })
}

extension Measure: BilingualWord {
    static let unknownCode = "MEASURE_UNKNOWN"
    static let source = "CareLoop reporting"

    var name: BilingualName {
        switch self {
        case .initialNegative: BilingualName(zh: "初筛阴性(份)", en: "initial results negative")
        case .initialPositive: BilingualName(zh: "初筛阳性(份)", en: "initial results positive")
        case .initialUnable: BilingualName(zh: "初筛未能检查(份)", en: "initial results not examined")
        case .rescreenNegative: BilingualName(zh: "复筛阴性(份)", en: "re-screen results negative")
        case .rescreenPositive: BilingualName(zh: "复筛阳性(份)", en: "re-screen results positive")
        case .rescreenUnable: BilingualName(zh: "复筛未能检查(份)", en: "re-screen results not examined")
        case .diagnosisNegative: BilingualName(zh: "诊断排除(份)", en: "diagnoses not confirmed")
        case .diagnosisPositive: BilingualName(zh: "诊断确诊(份)", en: "diagnoses confirmed")
        case .diagnosisUnable: BilingualName(zh: "未能诊断(份)", en: "diagnoses not possible")
        case .casesScreened: BilingualName(zh: "已初筛", en: "screened")
        case .casesSuspected: BilingualName(zh: "初筛阳性", en: "initial screen positive")
        case .casesRescreened: BilingualName(zh: "已复筛", en: "re-screened")
        case .casesStillSuspected: BilingualName(zh: "复筛阳性", en: "re-screen positive")
        case .casesDiagnosed: BilingualName(zh: "已诊断", en: "diagnosed")
        case .casesConfirmed: BilingualName(zh: "确诊", en: "confirmed")
        case .casesShared: BilingualName(zh: "信息共享", en: "shared")
        case .casesSharedInTime: BilingualName(zh: "按时共享", en: "shared in time")
        case .screeningDeadlinesMissed: BilingualName(zh: "筛查逾期", en: "screening deadlines missed")
        case .referralsProposed: BilingualName(zh: "转介建议", en: "referrals proposed")
        case .referralsIssued: BilingualName(zh: "转介发出", en: "referrals issued")
        case .referralsAccepted: BilingualName(zh: "转介接收", en: "referrals accepted")
        case .referralsDeclined: BilingualName(zh: "转介谢绝", en: "referrals declined")
        case .referralsExpired: BilingualName(zh: "转介逾期", en: "referrals expired")
        case .referralsWithdrawn: BilingualName(zh: "转介撤回", en: "referrals withdrawn")
        case .referralsUnplaced: BilingualName(zh: "转介未安置", en: "referrals without a place")
        case .referralsWithdrawnUnissued: BilingualName(zh: "转介发出前撤回", en: "referrals withdrawn before issue")
        case .childrenConfirmed: BilingualName(zh: "确诊儿童", en: "children confirmed")
        case .childrenServed: BilingualName(zh: "确诊并获服务儿童", en: "confirmed children served")
        case .childrenAssisted: BilingualName(zh: "获救助儿童(按年)", en: "children assisted, each year")
        case .applied: BilingualName(zh: "救助申请", en: "applications")
        case .materialsComplete: BilingualName(zh: "材料齐备", en: "materials complete")
        case .approved: BilingualName(zh: "审核通过", en: "approved")
        case .rejected: BilingualName(zh: "审核不通过", en: "rejected")
        case .applicationsWithdrawn: BilingualName(zh: "申请撤回", en: "applications withdrawn")
        case .decided: BilingualName(zh: "已审核", en: "decided")
        case .decidedOnTime: BilingualName(zh: "按时审核", en: "decided on time")
        case .reviewsMissed: BilingualName(zh: "审核逾期", en: "review deadlines missed")
        case .institutionsConfirmed: BilingualName(zh: "机构确认", en: "institutions confirmed")
        case .enrolled: BilingualName(zh: "入训", en: "enrolled")
        case .completed: BilingualName(zh: "完成训练", en: "training completed")
        case .droppedOut: BilingualName(zh: "中途退出", en: "dropped out")
        case .transferred: BilingualName(zh: "转出", en: "transferred")
        case .trainingMonths: BilingualName(zh: "计入训练月", en: "training months counted")
        case .trainingMonthsNotCounted: BilingualName(zh: "未计入训练月", en: "training months not counted")
        case .grossFen: BilingualName(zh: "训练费用(分)", en: "gross charge (fen)")
        case .insuranceFen: BilingualName(zh: "保险支付(分)", en: "paid by insurance (fen)")
        case .selfPayFen: BilingualName(zh: "自负部分(分)", en: "self-paid part (fen)")
        case .subsidyFen: BilingualName(zh: "救助资金(分)", en: "subsidy (fen)")
        case .parentsFen: BilingualName(zh: "家长承担(分)", en: "parents' part (fen)")
        case .settlementsSubmitted: BilingualName(zh: "结算提交", en: "settlements submitted")
        case .settlementsApproved: BilingualName(zh: "结算审核", en: "settlements approved")
        case .settlementsRejected: BilingualName(zh: "结算退回", en: "settlements sent back")
        case .settlementsPaid: BilingualName(zh: "结算支付", en: "settlements paid")
        case .settlementLinesPaid: BilingualName(zh: "支付明细", en: "settlement lines paid")
        case .settlementSubmittedFen: BilingualName(zh: "提交金额(分)", en: "submitted (fen)")
        case .settlementApprovedFen: BilingualName(zh: "审核金额(分)", en: "approved (fen)")
        case .settlementRejectedFen: BilingualName(zh: "退回金额(分)", en: "sent back (fen)")
        case .settlementPaidFen: BilingualName(zh: "支付金额(分)", en: "paid (fen)")
        case .agreements: BilingualName(zh: "定点协议", en: "agreements")
        case .personsRegistered: BilingualName(zh: "建档", en: "files opened")
        case .personsProvisional: BilingualName(zh: "临时建档", en: "provisional files")
        case .certificates: BilingualName(zh: "残疾人证", en: "certificates issued")
        case .employers: BilingualName(zh: "用人单位", en: "employers")
        case .jobSeekers: BilingualName(zh: "求职登记", en: "job seekers")
        case .consentsGiven: BilingualName(zh: "同意共享", en: "consents given")
        case .consentsWithdrawn: BilingualName(zh: "撤回同意", en: "consents withdrawn")
        case .trained: BilingualName(zh: "职业培训(人次)", en: "vocational trainings")
        case .placements: BilingualName(zh: "就业安置", en: "placements")
        case .employmentConfirmations: BilingualName(zh: "在岗确认", en: "employment confirmations")
        case .confirmationsMissed: BilingualName(zh: "逾期未确认在岗", en: "employment confirmations missed")
        case .stableEmployments: BilingualName(zh: "稳定就业", en: "stable employment")
        case .employmentsEnded: BilingualName(zh: "离职", en: "employments ended")
        case .jobSeekersTrained: BilingualName(zh: "参训求职者", en: "job seekers trained")
        case .jobSeekersTrainedPlaced: BilingualName(zh: "参训后就业", en: "trained and then placed")
        case .placementsStable: BilingualName(zh: "安置后稳定", en: "placements that became stable")
        }
    }
}
