import Contracts
import Vocabulary

/// Why an amount or a decision is what it is, in words an auditor and a parent can follow.
enum Explanation {
    struct Step: Codable, Hashable, Sendable {
        var chinese: String
        var english: String
    }

    /// Why this institution is asked for a child, and what becomes of the question.
    static func steps(of answer: ReferralAnswer, on today: LocalDate) -> [Step] {
        let question = answer.question
        let place = RegionTable.shared.fullName(of: question.facts.region) ?? question.facts.region.text
        let age = Age.inYears(bornIn: question.facts.birthMonth, on: today) ?? 0
        var steps = [
            Step(
                chinese: "筛查与诊断确认该儿童需要\(question.category.name.zh)康复，筛查服务把下一步转介给\(question.institution)（第\(question.key.attempt)次询问）。",
                english:
                    "Screening and diagnosis found a need for \(question.category.name.en) rehabilitation; the next step was referred to \(question.institution) (attempt \(question.key.attempt))."
            ),
            Step(
                chinese: "儿童住在\(place)，生于\(question.facts.birthMonth)，满\(age)周岁。",
                english: "The child lives in \(place), was born in \(question.facts.birthMonth) and is \(age)."),
        ]
        switch answer.status {
        case .open:
            steps.append(
                Step(
                    chinese: "请于\(question.respondBy)前答复；逾期不代为决定，转介退回转出方。",
                    english: "Answer by \(question.respondBy); otherwise nothing is decided and the referral goes back to its sender."))
        case .claimed:
            steps.append(
                Step(chinese: "已接收，名额已预留，等筛查服务确认。", english: "Accepted; a place is reserved until Screening confirms."))
        case .confirmed:
            steps.append(Step(chinese: "已确认由该机构承接，可以申请救助。", english: "The institution owns the next step; assistance can be applied for."))
        case .declined: steps.append(Step(chinese: "机构已谢绝。", english: "The institution declined."))
        case .superseded:
            steps.append(Step(chinese: "已由其他机构承接，预留的名额已释放。", english: "Another institution took it; the place is free again."))
        case .expired: steps.append(Step(chinese: "逾期未答复，已退回转出方。", english: "Not answered in time; it went back to its sender."))
        case .withdrawn: steps.append(Step(chinese: "筛查服务已撤回。", english: "Screening took it back."))
        }
        if let reason = answer.reason { steps.append(Step(chinese: "理由：\(reason)", english: "Reason given: \(reason)")) }
        return steps
    }

    static func steps(of application: Application, ground: Application.Ground) -> [Step] {
        let submission = application.submission
        let terms = application.terms
        let region = RegionTable.shared.fullName(of: submission.facts.region) ?? submission.facts.region.text
        let age = Age.inYears(bornIn: submission.facts.birthMonth, on: submission.assessedOn) ?? 0
        var steps = [
            Step(
                chinese:
                    "按\(submission.assessedOn)在\(region)有效的政策评定：满\(age)周岁，属于“\(terms.band)”，依据\(basis(application.residenceBasis).zh)。",
                english:
                    "Assessed under the policy in force in \(region) on \(submission.assessedOn): aged \(age), band \"\(terms.band)\", by \(basis(application.residenceBasis).en)."
            ),
            Step(
                chinese: "\(submission.category.name.zh)、\(terms.mode.name.zh)：年度标准\(terms.standardFen)元，\(terms.months)个月。",
                english:
                    "\(submission.category.name.en), \(terms.mode.name.en): \(terms.standardFen) yuan a year over \(terms.months) months."),
            standing(terms),
        ]
        if let complete = application.completeOn, let decideBy = application.decideBy {
            steps.append(
                Step(
                    chinese: "材料于\(complete)齐备，从次日起\(terms.reviewWorkingDays)个工作日，应于\(decideBy)前决定。",
                    english:
                        "Materials were complete on \(complete); \(terms.reviewWorkingDays) working days from the next day end on \(decideBy)."
                ))
        }
        if application.reviewMissed {
            steps.append(
                Step(chinese: "审核已逾期，已上报；逾期不代替决定。", english: "The review is overdue and was escalated; a missed deadline decides nothing."))
        }
        if let decidedOn = application.decidedOn, let onTime = application.onTime {
            steps.append(
                Step(
                    chinese: "由另一人于\(decidedOn)作出决定，\(onTime ? "按时" : "逾期")。",
                    english: "A second person decided on \(decidedOn), \(onTime ? "on time" : "late")."))
        }
        if let reason = application.reason { steps.append(Step(chinese: "理由：\(reason)", english: "Reason given: \(reason)")) }
        if case .withdrawn(let reason) = ground {
            steps.append(
                Step(
                    chinese: "所依据的诊断已撤回\(reason.map { "（\($0)）" } ?? "")，怎样处理由主管部门决定。",
                    english:
                        "The diagnosis behind it was withdrawn\(reason.map { " (\($0))" } ?? ""); what follows is the authority's to decide."
                ))
        }
        return steps
    }

    /// `before`: what had counted when this line was recorded. `workingDays`: of the line's month, nil where its calendar is not loaded.
    static func steps(
        of line: SettlementLine, terms: AssistanceTerms, before: SettlementArithmetic.Before, workingDays: Int?,
        correction: Enrolment.Correction? = nil
    ) -> [Step] {
        var steps = correction.map { [step(of: $0, line.month)] } ?? []
        steps += [
            Step(
                chinese: """
                    总费用\(line.grossFen)元，先由医保支付：基本医保\(line.basicInsuranceFen)、大病保险\(line.seriousIllnessFen)、\
                    医疗救助\(line.medicalReliefFen)、其他\(line.otherInsuranceFen)；自负\(line.selfPayFen)元。
                    """,
                english: """
                    Of \(line.grossFen) yuan the insurances paid first: basic \(line.basicInsuranceFen), serious illness \
                    \(line.seriousIllnessFen), medical relief \(line.medicalReliefFen), other \(line.otherInsuranceFen); \
                    \(line.selfPayFen) is left.
                    """)
        ]
        let required = workingDays.map { terms.requiredDays(workingDaysOfMonth: $0) } ?? terms.minServiceDays
        guard line.counted else {
            let why: (zh: String, en: String)
            if line.serviceDays < required {
                why = (
                    "本月服务\(line.serviceDays)天，少于要求的\(required)天，不计训练月",
                    "\(line.serviceDays) service days are fewer than the \(required) asked for, so the month does not count"
                )
            } else if before.months >= terms.months {
                why = ("\(terms.months)个训练月已满，本月不再计入", "the \(terms.months) months of the programme are full, so this one does not count")
            } else {
                why = ("本月已计入该儿童的另一次训练，不再计入", "the month was counted in another training of this child, so it does not count again")
            }
            steps.append(Step(chinese: "\(why.zh)；自负部分由家长承担。", english: "\(why.en); the family bears what is left."))
            return steps + [standing(terms)]
        }
        steps.append(
            Step(
                chinese: "本月服务\(line.serviceDays)天，要求\(required)天，计为第\(line.ordinal)个训练月。",
                english: "\(line.serviceDays) service days, \(required) asked for: training month \(line.ordinal)."))
        switch terms.capMode {
        case .cumulative:
            let cap = SettlementArithmetic.cap(terms.standardFen, months: line.ordinal, of: terms.months)
            let selfPay = before.selfPayFen + line.selfPayFen
            steps.append(
                Step(
                    chinese: """
                        累计限额 \(terms.standardFen)×\(line.ordinal)÷\(terms.months)＝\(cap)元；累计自负\(selfPay)元；以前已补助\(before.subsidyFen)元；\
                        本月补助 min(\(selfPay), \(cap))−\(before.subsidyFen)＝\(line.subsidyFen)元。
                        """,
                    english: """
                        Cumulative cap \(terms.standardFen) × \(line.ordinal) ÷ \(terms.months) = \(cap); self-pay so far \(selfPay); subsidised \
                        before \(before.subsidyFen); subsidy min(\(selfPay), \(cap)) − \(before.subsidyFen) = \(line.subsidyFen).
                        """))
        case .perMonth:
            let cap = SettlementArithmetic.cap(terms.standardFen, months: 1, of: terms.months)
            steps.append(
                Step(
                    chinese: "每月限额 \(terms.standardFen)÷\(terms.months)＝\(cap)元；本月补助 min(\(line.selfPayFen), \(cap))＝\(line.subsidyFen)元。",
                    english:
                        "Monthly cap \(terms.standardFen) ÷ \(terms.months) = \(cap); subsidy min(\(line.selfPayFen), \(cap)) = \(line.subsidyFen)."
                ))
        }
        steps.append(
            line.parentsFen < .zero
                ? Step(
                    chinese: "家长此前多付的\(Fen(-line.parentsFen.value))元退回。",
                    english: "\(Fen(-line.parentsFen.value)) that the parents paid too much before comes back to them.")
                : Step(chinese: "家长承担\(line.parentsFen)元。", english: "The parents pay \(line.parentsFen)."))
        return steps + [standing(terms)]
    }

    private static func standing(_ terms: AssistanceTerms) -> Step {
        switch terms.standing {
        case .seed: Step(chinese: "政策版本\(terms.policyVersion)，依据文件原文。", english: "Policy \(terms.policyVersion), as its document says.")
        case .standard: Step(chinese: "政策版本\(terms.policyVersion)，依据公开规定。", english: "Policy \(terms.policyVersion), from public rules.")
        case .assumption:
            Step(
                chinese: "政策版本\(terms.policyVersion)，其中有推定的内容，须由主管部门确认。",
                english: "Policy \(terms.policyVersion); part of it is an assumption that the authority has to confirm.")
        }
    }

    private static func step(of correction: Enrolment.Correction, _ month: YearMonth) -> Step {
        let count = correction.revision - 1
        return correction.month == month
            ? Step(
                chinese: "本月登记于\(correction.on)更正（第\(count)次改动），理由：\(correction.reason)。以下为更正后的金额。",
                english: "Corrected on \(correction.on) (change \(count)): \(correction.reason). What follows is as corrected.")
            : Step(
                chinese: "\(correction.month)于\(correction.on)更正，本月随之重新计算（第\(count)次改动），更正理由：\(correction.reason)。",
                english:
                    "Worked out anew on \(correction.on) (change \(count)), because \(correction.month) was corrected: \(correction.reason)."
            )
    }

    private static func basis(_ basis: ResidenceBasis) -> (zh: String, en: String) {
        switch basis {
        case .hukou: ("户籍", "household registration")
        case .residencePermit: ("居住证", "residence permit")
        }
    }
}
