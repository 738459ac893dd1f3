import Vocabulary

/// The counties and townships that synthetic people live in: real ones.
struct Places: Sendable {
    struct County: Hashable, Sendable {
        var code: RegionCode
        var name: String
        var townships: [RegionCode]
    }

    let counties: [County]
    var townships: [RegionCode] { counties.flatMap(\.townships) }

    init(counties: [County]) { self.counties = counties }

    /// Everything at or below `roots`, in code order. Statistical counties without townships are left out. Complains about a code that does
    /// not exist and about roots without any township.
    static func load(in roots: [RegionCode]) throws -> Places {
        let table = RegionTable.shared
        var counties: [County] = []
        func visit(_ code: RegionCode) throws {
            guard code.text.utf8.count < 6 else {
                guard table.exists(code), let name = table.name(of: RegionCode(trusted: String(code.text.prefix(6)))) else {
                    throw unknown(code)
                }
                let townships = code.text.utf8.count == 6 ? table.children(of: code) : [RegionCode(trusted: String(code.text.prefix(9)))]
                if !townships.isEmpty {
                    counties.append(County(code: RegionCode(trusted: String(code.text.prefix(6))), name: name, townships: townships))
                }
                return
            }
            let below = table.children(of: code)
            guard !below.isEmpty else { throw unknown(code) }
            for child in below { try visit(child) }
        }
        for root in roots { try visit(root) }
        guard !counties.isEmpty else { throw Complaint("这些地区下没有乡镇", "there is no township in these regions", code: .badInput) }
        return Places(counties: counties)
    }

    private static func unknown(_ code: RegionCode) -> Complaint { Complaint("没有这个地区：\(code)", "no such region: \(code)", code: .badInput) }
}
