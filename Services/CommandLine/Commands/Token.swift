import ArgumentParser
import Vocabulary

/// Keys and tokens. The services hold public keys only; whoever has the signing key is the operator.
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("生成密钥、签发令牌", "Make keys, issue tokens").here,
        discussion: example("careloop token keys --out keys", Text("在 keys/ 生成一套新密钥", "a new set of keys in keys/")),
        subcommands: [Keys.self, Issue.self, Revoke.self, Rotate.self])

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("生成一套新密钥（不覆盖已有的）", "Make a new set of keys, never over old ones").here,
            discussion: example("careloop token keys --out keys", Text("目录权限为 0700", "the directory's mode is 0700")))

        @Option(help: ArgumentHelp(Text("目录", "Directory").here)) var out: String
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                let keys = try KeyStore.make(in: out)
                if json {
                    return try Terminal.json(["signing": keys.signingFile, "public": keys.publicFile, "person": keys.personFile])
                }
                Terminal.say("\(keys.signingFile)  " + Text("签发令牌用，不要交给服务", "signs tokens, never given to a service").here)
                Terminal.say("\(keys.publicFile)  " + Text("五个服务验证令牌用", "the five services verify tokens with it").here)
                Terminal.say("\(keys.personFile)  " + Text("仅登记与筛查服务可持有", "for registration and screening alone").here)
            }
        }
    }

    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("签发令牌", "Issue a token").here,
            discussion: example(
                "careloop token issue --role clerk --org dpf-370303 --region 370303 --user clerk-1",
                Text("张店区残联一名经办人的令牌，一天有效", "for a clerk of Zhangdian's federation, good for a day")))

        @Option(help: ArgumentHelp(Grant.Kind.allCases.map(\.rawValue).joined(separator: " | "))) var role: Grant.Kind
        @Option(help: ArgumentHelp(Text("机构编号（operator 不需要）", "Organisation; an operator has none").here)) var org: String?
        @Option(help: ArgumentHelp(Text("可操作的地区及其下级", "Region whose subtree the token is good for").here)) var region: String
        @Option(help: ArgumentHelp(Text("用户代号", "Pseudonym of the user").here)) var user = "user-1"
        @Option(help: ArgumentHelp(Text("有效小时数", "Hours it is good for").here)) var hours = 24
        @Option(help: ArgumentHelp(Text("密钥目录；缺省为运行目录的", "Directory of keys; the run directory's otherwise").here)) var keys: String?
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                guard let region = try? RegionCode(region) else {
                    throw Complaint("地区代码不对：\(self.region)", "no region code: \(self.region)", code: .badInput)
                }
                let organisation = org.flatMap { try? OrganisationID($0) }
                guard organisation != nil || (org == nil && role == .operator) else {
                    throw Complaint("此角色需要 --org", "this role needs --org with an organisation id", code: .badInput)
                }
                let store = try KeyStore.load(keys ?? RunDirectory.standard.keys)
                let token = try store.issue(
                    Grant(role: role, organisation: organisation, region: region, user: user), lifetime: .seconds(hours * 3600))
                if json { try Terminal.json(["token": token]) } else { Terminal.say(token) }
            }
        }
    }

    /// One token that got into wrong hands.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("吊销令牌；各服务一秒内生效", "Revoke a token; the services see it within a second").here,
            discussion: example("careloop token revoke \"$TOKEN\"", Text("按令牌或其编号（jti）", "by the token itself or its id (jti)")))

        @Argument(help: ArgumentHelp(Text("令牌或其编号", "The token, or its id").here)) var leaked: String
        @Option(help: ArgumentHelp(Text("密钥目录；缺省为运行目录的", "Directory of keys; the run directory's otherwise").here)) var keys: String?
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                guard let id = KeyStore.tokenID(leaked) else {
                    throw Complaint("不是令牌，也不是编号", "neither a token nor an id", code: .badInput)
                }
                try KeyStore.load(keys ?? RunDirectory.standard.keys).revoke(id)
                if json { try Terminal.json(["revoked": id]) } else { Terminal.say(Text("已吊销 \(id)", "revoked \(id)").here) }
            }
        }
    }

    /// The signing key itself got into wrong hands, or is old enough.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("更换签名密钥", "Replace the signing key").here,
            discussion: example(
                "careloop token rotate --drop-old", Text("旧密钥签发的令牌立即失效", "tokens signed with older keys end at once")))

        @Flag(help: ArgumentHelp(Text("同时弃用旧公钥", "Take the older public keys away too").here)) var dropOld = false
        @Option(help: ArgumentHelp(Text("密钥目录；缺省为运行目录的", "Directory of keys; the run directory's otherwise").here)) var keys: String?
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                let id = try KeyStore.rotate(keys ?? RunDirectory.standard.keys, dropOld: dropOld)
                if json { try Terminal.json(["signing": id]) } else { Terminal.say(Text("新密钥 \(id)", "new key \(id)").here) }
            }
        }
    }
}

extension Grant.Kind: ExpressibleByArgument {}
