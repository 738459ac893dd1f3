import Contracts
import Vocabulary

extension Samples {
    static let operations: [Sample] = [
        Sample(
            "full",
            DeadLettered(
                service: "screening", originTopic: "careloop.partner.hb-1.screening-results.v1", partition: 0, offset: 4711,
                reason: "UNDECODABLE", field: "child.sex", attempts: 3, original: [0, 1, 2, 253, 254, 255], sealedWith: "ingress-2024-11-20"
            )),
        Sample(
            "least",
            DeadLettered(
                service: "reporting", originTopic: "careloop.screening.cases.v1", partition: 0, offset: 0, reason: "VALUE_UNKNOWN",
                attempts: 0, original: [])),
    ]
}
