import ServiceRuntime
import Vocabulary

// States as they are read on a page, with how they stand out.

extension ReferralAnswer.Status: BadgedState {
    var badge: Badge {
        switch self {
        case .open: .waiting("待答复", "waiting for an answer")
        case .claimed: .waiting("已接收，待确认", "accepted, being confirmed")
        case .confirmed: .good("已确认承接", "confirmed")
        case .declined: .plain("已谢绝", "declined")
        case .superseded: .plain("已由他人承接", "taken by another")
        case .expired: .bad("逾期未答复", "not answered in time")
        case .withdrawn: .plain("已撤回", "withdrawn")
        }
    }
}

extension Application.Status: BadgedState {
    var badge: Badge {
        switch self {
        case .submitted: .waiting("材料待齐", "materials incomplete")
        case .underReview: .waiting("待审核", "to be decided")
        case .approved: .waiting("已批准，待定机构", "approved, no centre yet")
        case .rejected: .bad("不予批准", "rejected")
        case .placed: .waiting("已定机构，待入训", "centre confirmed")
        case .enrolled: .good("在训", "in training")
        case .ended: .plain("已结束", "ended")
        case .withdrawn: .plain("已撤回", "withdrawn")
        }
    }
}

extension Enrolment.Status: BadgedState {
    var badge: Badge {
        switch self {
        case .inTraining: .good("在训", "in training")
        case .ended: .plain("已结束", "ended")
        }
    }
}

extension Settlement.Status: BadgedState {
    var badge: Badge {
        switch self {
        case .submitted: .waiting("待审核", "to be decided")
        case .approved: .waiting("已批准，待支付", "approved, to be paid")
        case .rejected: .bad("已退回", "sent back")
        case .paid: .good("已支付", "paid")
        }
    }
}

extension PageRequest {
    func yuan(_ fen: Int64) -> String { Fen(fen).yuan }
    func sentences(_ steps: [Explanation.Step]?) -> HTML { self.steps((steps ?? []).map { text($0.chinese, $0.english) }) }
}
