import CRdKafka

/// The librdkafka this process is linked with, and what is known about it (`reliability.md` A4).
struct LibrdkafkaVersion: Hashable, CustomStringConvertible {
    /// As `rd_kafka_version()` gives it: 0xMMmmrrpp.
    let number: UInt32

    static var linked: LibrdkafkaVersion { LibrdkafkaVersion(number: UInt32(bitPattern: rd_kafka_version())) }

    var major: Int { Int(number >> 24) }
    var minor: Int { Int(number >> 16 & 0xff) }
    var revision: Int { Int(number >> 8 & 0xff) }
    var description: String { "\(major).\(minor).\(revision)" }

    /// Why this version must not be used; nil when it may.
    var refusal: String? {
        if major < 2 { return "librdkafka \(self) is older than 2.0, whose defects are not guarded here: install 2.0.2 or 2.12 and later" }
        if major == 2, (2...4).contains(minor) {
            return
                "librdkafka \(self) cannot rebuild a large idempotent batch when it retries (its issue 4750): install 2.0.2 or 2.12 and later"
        }
        return nil
    }

    /// Before 2.6.1 a SCRAM login repeats the client's nonce, which brokers before 4.0 let pass and later ones refuse.
    private var logsInToNewBrokers: Bool { (major, minor, revision) >= (2, 6, 1) }

    /// What to say of a login by SCRAM, behind another sentence: brokers since 4.0 answer it like a wrong password.
    var limitOfSCRAM: String { logsInToNewBrokers ? "" : "; SCRAM of librdkafka \(self) logs in to brokers before 4.0 only" }

    /// Since 2.2 the pause of a fetcher whose queue is full is a property; before, a request ends it (`KafkaConsumer.wakeFetchers`).
    var hasQueueBackoff: Bool { (major, minor) >= (2, 2) }

    /// Which known defects the code works around in this version.
    var guards: String {
        if major > 2 || minor >= 12 { return "no known defects" }
        return major == 2 && minor <= 1
            ? "known defects guarded: headers sent as one object, fatal producer replaced, offsets checked for gaps, bounded close"
            : "known defects guarded: headers sent as one object, offsets checked for gaps, bounded close"
    }
}
