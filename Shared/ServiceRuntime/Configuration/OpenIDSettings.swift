import Foundation

/// Where people of an organisation sign in with the account they have there: `CARELOOP_OPENID_…` of a service's environment. The client's
/// secret stays in its file.
public struct OpenIDSettings: Sendable {
    /// The keys of the schema that are read here.
    static let keys = [
        ConfigurationKey(
            "CARELOOP_OPENID_ISSUER", .address(["https://", "http://"]),
            "OpenID Connect provider whose accounts open the pages, its issuer to the letter. http only in development."),
        ConfigurationKey("CARELOOP_OPENID_CLIENT_ID", .text, "What the provider calls this service."),
        ConfigurationKey(
            "CARELOOP_OPENID_CLIENT_SECRET_FILE", .file, "File that holds the client's secret and nothing else. Taken up when it changes."),
        ConfigurationKey(
            "CARELOOP_OPENID_MAPPING", .file,
            "JSON file that says which of the provider's subjects and groups are who here. Taken up when it changes."),
        ConfigurationKey(
            "CARELOOP_OPENID_SCOPES", .text, "Scopes to ask the provider for, separated by spaces, openid among them; openid when absent."),
    ]

    /// As the provider spells it in its tokens.
    public let issuer: String
    public let clientID: String
    public let secretFile: String
    public let mappingFile: String
    /// Separated by spaces, `openid` among them.
    public let scopes: String

    init(issuer: String, clientID: String, secretFile: String, mappingFile: String, scopes: String = "openid") {
        self.issuer = issuer
        self.clientID = clientID
        self.secretFile = secretFile
        self.mappingFile = mappingFile
        self.scopes = scopes
    }

    /// `values` that the schema has accepted, by key; nil when none of them is there.
    init?(_ values: [String: String]) {
        guard let issuer = values["CARELOOP_OPENID_ISSUER"], let clientID = values["CARELOOP_OPENID_CLIENT_ID"],
            let secretFile = values["CARELOOP_OPENID_CLIENT_SECRET_FILE"], let mappingFile = values["CARELOOP_OPENID_MAPPING"]
        else { return nil }
        self.init(
            issuer: issuer, clientID: clientID, secretFile: secretFile, mappingFile: mappingFile,
            scopes: values["CARELOOP_OPENID_SCOPES"] ?? "openid")
    }

    /// What cannot be meant, or would only show as a sign-in that fails.
    static func contradictions(_ values: [String: String]) -> [String] {
        guard let given = keys.map(\.name).first(where: { values[$0] != nil }) else { return [] }
        var faults: [String] = []
        let needed = keys.filter { $0.name != "CARELOOP_OPENID_SCOPES" }.map { ($0.name, $0.allowed) }
        for (name, allowed) in needed where values[name] == nil {
            faults.append("\(name) is missing; with \(given) it must be \(allowed)")
        }
        if values["CARELOOP_PAGE_ADDRESSES"] == nil {
            faults.append("CARELOOP_PAGE_ADDRESSES is missing; the provider sends browsers back to this service's own address in it")
        }
        if let issuer = values["CARELOOP_OPENID_ISSUER"] {
            let isPlace = URL(string: issuer)?.host.map { !$0.isEmpty } ?? false
            if !isPlace || issuer.contains(where: { "?#@ ".contains($0) }) {
                faults.append("CARELOOP_OPENID_ISSUER must be an address with a host, without query, fragment or user")
            }
            if values["CARELOOP_PROFILE"] == "production", !issuer.hasPrefix("https://") {
                faults.append("CARELOOP_OPENID_ISSUER must begin with https:// when CARELOOP_PROFILE is production")
            }
        }
        if let scopes = values["CARELOOP_OPENID_SCOPES"], !scopes.split(separator: " ").contains("openid") {
            faults.append("CARELOOP_OPENID_SCOPES must have openid among its words")
        }
        return faults
    }
}
