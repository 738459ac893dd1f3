import Persistence
import ServiceRuntime
import Vocabulary

/// The rules in force, each with its source and standing, and this service's own count of what it holds.
enum PolicyRoutes {
    struct Policies: Codable, Sendable {
        var items: [PolicyView]
    }

    static let endpoints: [Endpoint] = [
        .query(
            .get, "/policies", roles: .anyRole, summary: "政策数据及其依据（?on=日期） / Policy data with source and standing (?on=date)",
            query: ["on"],
            returns: Policies.self
        ) { request, _ in
            let date = try request.query("on", as: LocalDate.self)
            return .json(
                Policies(
                    items: AssistancePolicies.current.views.filter { view in
                        date.map { view.validFrom <= $0 && $0 <= view.validTo ?? $0 } ?? true
                    }))
        },
        .query(
            .get, "/account", roles: [.auditor, .operator], summary: "本服务数据的重新清点 / A recount of this service's store",
            returns: AccountView.self
        ) { _, tx in .json(try Recount.account(in: tx)) },
    ]
}

extension AssistancePolicies {
    /// Every rule of every book in words.
    var views: [PolicyView] {
        eligibility.rules.map { rule in
            let bands = rule.value.bands
            let names = rule.value.categories.map(\.name)
            return view(
                rule,
                chinese: bands.map { "\($0.from)–\($0.to)周岁：\($0.name)（\($0.mode.name.zh)）" }.joined(separator: "；") + "；类别："
                    + names.map(\.zh).joined(separator: "、"),
                english: bands.map { "aged \($0.from)–\($0.to): \($0.mode.name.en)" }.joined(separator: "; ") + "; categories: "
                    + names.map(\.en).joined(separator: ", "))
        }
            + standards.rules.map { rule in
                let items = rule.value.items
                return view(
                    rule, chinese: items.map { "\($0.ages.lowerBound)–\($0.ages.upperBound)周岁每年\($0.annualFen)元" }.joined(separator: "；"),
                    english: items.map { "aged \($0.ages.lowerBound)–\($0.ages.upperBound): \($0.annualFen) yuan a year" }.joined(
                        separator: "; "))
            }
            + months.rules.map { view($0, chinese: "\($0.value.months)个训练月", english: "\($0.value.months) training months") }
            + counting.rules.map { rule in
                let days = rule.value.minServiceDaysPerMonth
                let mode: (zh: String, en: String) =
                    switch rule.value.capMode {
                    case .cumulative: ("累计限额", "cumulative cap")
                    case .perMonth: ("每月限额", "cap per month")
                    }
                return view(
                    rule, chinese: "每月服务不少于\(days)天（工作日不足的按当月工作日）计一个训练月；\(mode.zh)",
                    english: "a month counts from \(days) service days (or all its working days if fewer); \(mode.en)")
            }
            + review.rules.map {
                view(
                    $0, chinese: "材料齐备后\($0.value.workingDays)个工作日内审核",
                    english: "reviewed within \($0.value.workingDays) working days of complete materials")
            }
    }

    private func view<Value>(_ rule: PolicyRule<Value>, chinese: String, english: String) -> PolicyView {
        PolicyView(
            code: rule.code, region: rule.region, validFrom: rule.validFrom, validTo: rule.validTo, version: rule.version,
            standing: rule.standing, source: rule.source, chinese: chinese, english: english)
    }
}
