import Contracts
import Messaging
import Vocabulary

/// What an operator still has to do for a new partner, and what the partner is told. Holds the name of the password's file, never the password.
struct Handover: Sendable {
    let partner: AccessPlan.Partner
    /// Nil for a log without brokers.
    let brokers: String?
    let mechanism: String
    let passwordFile: String
    /// Rights that were granted now; nil when the log keeps none or nothing was done.
    var granted: Int?

    init(partner: AccessPlan.Partner, brokers: String?, mechanism: String, passwordFile: String) {
        self.partner = partner
        self.brokers = brokers
        self.mechanism = mechanism
        self.passwordFile = passwordFile
    }

    var username: String { AccessPlan.username(of: partner.organisation) }
    var topics: [PartnerTopic] { Catalogue.partnerTopics(for: partner.organisation, kind: partner.kind) }

    /// The command that gives the brokers the password. librdkafka 2.0.2, which Debian has, knows no request for it (AlterUserScramCredentials
    /// came later), so Kafka's own tool does it.
    var credentialCommand: String {
        mechanism.hasPrefix("SCRAM")
            ? "kafka-configs.sh --bootstrap-server \(brokers ?? "BROKERS") --command-config admin.properties --alter --entity-type users "
                + "--entity-name \(username) --add-config \"\(mechanism)=[iterations=8192,password=$(cat \(passwordFile))]\""
            : "user_\(username)=\"$(cat \(passwordFile))\""
    }

    var text: Text {
        let lines =
            topics.map { "  \($0.access == .write ? Text("写", "write").here : Text("读", "read").here)  \($0.name)" }
            + Catalogue.topics.filter { $0.dataClass == .public && !$0.isPartner }.map { "  \(Text("读", "read").here)  \($0.name)" }
        let rights = AccessPlan.rules(of: partner).sorted().map { "  \($0)" }.joined(separator: "\n")
        let group = "\(AccessPlan.own).partner.\(partner.organisation)."
        return Text(
            """
            \(granted.map { "新授予权限 \($0) 条。" } ?? "此处未授予权限（演练，或日志不设登录）。")全部权限：
            \(rights)

            请管理员执行一次（口令在 \(passwordFile)，不会显示）：
              \(credentialCommand)

            交给机构：
              服务器  \(brokers ?? "—")，TLS，证书颁发机构文件另附
              登录    \(mechanism)，用户 \(username)，口令文件 \(passwordFile)
              消费组  名称以 \(group) 开头
            \(lines.joined(separator: "\n"))
            """,
            """
            \(granted.map { "\($0) rights granted now. " } ?? "No rights granted here (a dry run, or a log without a login). ")All its rights:
            \(rights)

            To be run once by an administrator (the password is in \(passwordFile) and is not shown):
              \(credentialCommand)

            To hand over:
              brokers  \(brokers ?? "-"), TLS, with the file of the certificate authority
              login    \(mechanism), user \(username), password file \(passwordFile)
              groups   names that begin with \(group)
            \(lines.joined(separator: "\n"))
            """)
    }

    struct Summary: Encodable {
        var organisation: String
        var brokers: String?
        var mechanism: String
        var username: String
        var passwordFile: String
        var credentialCommand: String
        var writes: [String]
        var reads: [String]
        var groupPrefix: String
        var access: [AccessEntry]
        var granted: Int?
    }

    var summary: Summary {
        Summary(
            organisation: partner.organisation.text, brokers: brokers, mechanism: mechanism, username: username, passwordFile: passwordFile,
            credentialCommand: credentialCommand, writes: topics.filter { $0.access == .write }.map(\.name),
            reads: topics.filter { $0.access == .read }.map(\.name), groupPrefix: "\(AccessPlan.own).partner.\(partner.organisation).",
            access: AccessPlan.rules(of: partner).sorted().map(AccessEntry.init), granted: granted)
    }
}
