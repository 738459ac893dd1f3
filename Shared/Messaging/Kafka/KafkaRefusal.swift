import CRdKafka

/// Why brokers and client do not trust each other, by a name that stays, with librdkafka's sentence behind it.
enum KafkaRefusal {
    /// Nil for an error that is about something else.
    static func named(_ code: rd_kafka_resp_err_t, _ reason: String) -> String? {
        switch code {
        case RD_KAFKA_RESP_ERR__SSL where reason.contains("certificate verify failed") || reason.contains("verify error"):
            "KAFKA_CERTIFICATE_REFUSED: \(reason)"
        case RD_KAFKA_RESP_ERR__SSL: "KAFKA_TLS_FAILED: \(reason)"
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            "KAFKA_LOGIN_REFUSED: \(reason)\(reason.contains("SCRAM") ? LibrdkafkaVersion.linked.limitOfSCRAM : "")"
        default: nil
        }
    }
}
