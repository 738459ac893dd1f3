import Foundation
import Testing

@testable import Messaging

/// Who is let in over TLS, against a listener that is not ours. `BrokerTLSTests` asks a real broker the same.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "no openssl"))
struct KafkaTLSTests {
    /// What a client that asks for metadata is told; the listener never answers it, so it always fails.
    private func refusal(_ host: String, _ listener: TLSListener, _ options: [String: String]) throws -> String {
        let log = try openEventLog(
            "kafka://\(host):\(listener.port)?request-timeout-ms=3000&broker.address.family=v4",
            options: options.merging(["security.protocol": "ssl"]) { $1 })
        return try #require(throws: LogError.self) { try log.topics() }.description
    }

    @Test func `a broker whose certificate another authority signed, or that names another host, is refused by name`() async throws {
        try await onThread {
            let listener = try TLSListener()
            let foreign = try refusal("localhost", listener, ["ssl.ca.location": listener.file("other.pem")])
            #expect(foreign.contains("KAFKA_CERTIFICATE_REFUSED"), "\(foreign)")
            let misnamed = try refusal("127.0.0.1", listener, ["ssl.ca.location": listener.file("ours.pem")])
            #expect(misnamed.contains("KAFKA_CERTIFICATE_REFUSED"), "\(misnamed)")
            #expect(listener.handshakes == 0)
            // The right one is let in and asked for what it cannot answer.
            let right = try refusal("localhost", listener, ["ssl.ca.location": listener.file("ours.pem")])
            #expect(!right.contains("KAFKA_") && listener.handshakes > 0, "\(right)")
        }
    }

    @Test func `a listener that wants a certificate sees ours, and lets nobody in without`() async throws {
        try await onThread {
            let listener = try TLSListener(asksForCertificate: true)
            let authority = ["ssl.ca.location": listener.file("ours.pem")]
            let without = try refusal("localhost", listener, authority)
            #expect(without.contains("KAFKA_TLS_FAILED") || without.contains("TRANSPORT"), "\(without)")
            #expect(!listener.seen.contains("CN = careloop-screening"))
            let with = try refusal(
                "localhost", listener,
                authority.merging([
                    "ssl.certificate.location": listener.file("client.pem"), "ssl.key.location": listener.file("client.key"),
                ]) { $1 })
            #expect(!with.contains("KAFKA_"), "\(with)")
            #expect(listener.seen.contains("CN = careloop-screening"))
        }
    }

    @Test func `an authority's file that is replaced is taken up without a new log`() async throws {
        try await onThread {
            let listener = try TLSListener()
            let authority = listener.file("authority.pem")
            let files = FileManager.default
            try files.copyItem(atPath: listener.file("other.pem"), toPath: authority)
            let log = try openEventLog(
                "kafka://localhost:\(listener.port)?request-timeout-ms=1500&broker.address.family=v4",
                options: ["security.protocol": "ssl", "ssl.ca.location": authority])
            try until("the other authority to be refused") {
                try #require(throws: LogError.self) { try log.topics() }.description.contains("KAFKA_CERTIFICATE_REFUSED")
            }
            try #require(files.contents(atPath: listener.file("ours.pem"))).write(to: URL(fileURLWithPath: authority), options: .atomic)
            try until("the new authority to be believed") {
                try !#require(throws: LogError.self) { try log.topics() }.description.contains("KAFKA_CERTIFICATE_REFUSED")
            }
            #expect(listener.handshakes > 0)
        }
    }

    @Test(arguments: [
        (-181, "ssl://b:1/1: SSL handshake failed: … certificate verify failed: broker certificate …", "KAFKA_CERTIFICATE_REFUSED"),
        (-181, "SSL handshake failed: Disconnected", "KAFKA_TLS_FAILED"),
        (-169, "sasl_ssl://b:1/1: SASL SCRAM-SHA-512 mechanism handshake failed: broker said no", "KAFKA_LOGIN_REFUSED"),
        (58, "Authentication failed during authentication", "KAFKA_LOGIN_REFUSED"),
        (-195, "Connection refused", nil),
    ])
    func `what librdkafka says about trust has a name that stays`(_ code: Int32, _ reason: String, _ name: String?) {
        let named = KafkaRefusal.named(.init(rawValue: code), reason)
        #expect(named.map { String($0.prefix { $0 != ":" }) } == name)
        #expect(named?.contains(reason) ?? true)
        #expect(named?.contains("before 4.0") ?? false == reason.contains("SCRAM"))
    }
}
