import ArgumentParser
import Foundation

/// Which services a command talks to, and as whom.
struct ServicesOption: ParsableArguments {
    @Option(
        name: .customLong("service"),
        help: ArgumentHelp(
            Text(
                "服务地址，名称=地址，可重复；缺省读 CARELOOP_<名称>_URL 或运行目录",
                "Address as name=url, repeatable; CARELOOP_<NAME>_URL or the run directory otherwise"
            ).here))
    var addresses: [String] = []

    @Option(help: ArgumentHelp(Text("访问令牌；缺省读 CARELOOP_TOKEN", "Token; CARELOOP_TOKEN otherwise").here))
    var token: String?

    func client(_ service: ServiceName) throws -> HTTPClient {
        let prefix = "\(service.rawValue)="
        let named =
            addresses.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            ?? ProcessInfo.setting("CARELOOP_\(service.rawValue.uppercased())_URL")
        if let named {
            guard let base = BaseAddress(named) else { throw Complaint("地址不对：\(named)", "no http address: \(named)", code: .badInput) }
            return HTTPClient(name: service.rawValue, base: base)
        }
        guard let port = RunDirectory.standard.port(service) else {
            throw Complaint(
                "找不到服务 \(service.rawValue)：没有运行目录 \(RunDirectory.standard.path)，也没有 --service",
                "no \(service.rawValue): there is no run in \(RunDirectory.standard.path) and no --service", code: .unreachable)
        }
        return HTTPClient(name: service.rawValue, base: BaseAddress(host: "127.0.0.1", port: port))
    }

    /// The token of the command line or the environment.
    var given: String? { token ?? ProcessInfo.setting("CARELOOP_TOKEN") }

    /// The given token, else one made with this run's own key for the operator's role; nil where neither is.
    func tokenOrOperator() throws -> String? { try tokenOr(.systemOperator) }

    /// The given token, else one made with this run's own key; nil where neither is.
    func tokenOr(_ grant: Grant) throws -> String? {
        if let given { return given }
        guard let keys = try? KeyStore.load(RunDirectory.standard.keys) else { return nil }
        return try keys.issue(grant)
    }
}
