/// Every region of the nation from province to township, National Bureau of Statistics as of 2023, and what became of Shandong's older
/// county codes. Immutable; 44,000 rows in a few sorted arrays, about 2 MB.
public struct RegionTable: Sendable {
    let provinces: RegionLevel
    let prefectures: RegionLevel
    let counties: RegionLevel
    let townships: RegionLevel
    let changes: [CountyChange]

    /// The table of the module's resources, loaded once.
    public static let shared = RegionTable(
        provinces: VocabularyResource.bytes("Regions/provinces.csv"), prefectures: VocabularyResource.bytes("Regions/cities.csv"),
        counties: VocabularyResource.bytes("Regions/areas.csv"), townships: VocabularyResource.bytes("Regions/streets.csv"),
        changes: VocabularyResource.lines("Regions/county-changes-shandong.csv"))

    init(provinces: [UInt8], prefectures: [UInt8], counties: [UInt8], townships: [UInt8], changes: [String]) {
        self.provinces = RegionLevel(csv: provinces)
        self.prefectures = RegionLevel(csv: prefectures)
        self.counties = RegionLevel(csv: counties)
        self.townships = RegionLevel(csv: townships)
        self.changes = changes.map(CountyChange.init)
    }

    /// True when the code is in the table today. A village (12 digits) exists where its township does. The unassigned regions of generated
    /// data (379999, 419999) do not exist.
    public func exists(_ code: RegionCode) -> Bool { row(code) != nil }

    /// A code that exists, or existed and has a successor. Throws `REGION_CODE_INVALID` or `REGION_UNKNOWN`.
    public func validated(_ text: String) throws(InvalidValue) -> RegionCode {
        let code = try RegionCode(text)
        guard exists(code) || successor(of: code, on: LocalDate(days: .max)) != nil else {
            throw InvalidValue(
                code: "REGION_UNKNOWN", rule: "a region of the statistical code table (2023) or of its recorded changes",
                source: "统计用区划代码, GB/T 2260")
        }
        return code
    }

    /// Name of the region itself: 历下区; a village is called by its township. Nil when unknown.
    public func name(of code: RegionCode) -> String? {
        guard let (level, index) = row(code) else { return changes.first { $0.old == code.number }?.oldName }
        return level.name(index)
    }

    /// Names from the province down: 山东省济南市历下区. Levels that only group (市辖区 under a municipality, 省直辖县级行政区划) are left out.
    public func fullName(of code: RegionCode) -> String? {
        guard let own = name(of: code) else { return nil }
        var names = [own]
        var above = parent(of: code)
        while let place = above {
            if let name = name(of: place), name != names.last { names.append(name) }
            above = parent(of: place)
        }
        return names.reversed().joined()
    }

    /// Regions directly below, in code order; nil asks for the provinces. Nothing is below a township.
    public func children(of code: RegionCode?) -> [RegionCode] {
        guard let code else { return provinces.codes.map { RegionCode(number: Int($0), digits: 2) } }
        guard let number = code.number else { return [] }
        switch code.text.utf8.count {
        case 2: return prefectures.range(number * 100..<(number + 1) * 100).map { RegionCode(number: $0, digits: 4) }
        case 4: return counties.range(number * 100..<(number + 1) * 100).map { RegionCode(number: $0, digits: 6) }
        case 6: return townships.range(number * 1000..<(number + 1) * 1000).map { RegionCode(number: $0, digits: 9) }
        default: return []
        }
    }

    /// The region above, over levels that only group: above 419001 (济源) stands 41, because 4190 is no place. Nil above a province.
    public func parent(of code: RegionCode) -> RegionCode? {
        guard let above = code.parent else { return nil }
        return isGrouping(above) ? above.parent : above
    }

    /// How far up the tree two places meet. Counties under a province directly share no prefecture.
    public func distance(between a: RegionCode, _ b: RegionCode) -> RegionDistance {
        let (x, y) = (a.text, b.text)
        func meet(_ digits: Int) -> Bool {
            x.utf8.count >= digits && y.utf8.count >= digits && x.utf8.prefix(digits).elementsEqual(y.utf8.prefix(digits))
        }
        if meet(9) { return .sameTownship }
        if meet(6) { return .sameCounty }
        if meet(4) { return isDirect(RegionCode(trusted: String(x.prefix(4)))) ? .sameProvince : .samePrefecture }
        return meet(2) ? .sameProvince : .elsewhere
    }

    /// The code under which a place counts on `date`: itself, or what it became. A township moves with its county where the county as a whole
    /// got a new code; where it was merged into a county that was there before, townships' numbers may mean others, so it counts at county
    /// level. Codes that nothing is known of come back as they are.
    public func current(_ code: RegionCode, on date: LocalDate) -> RegionCode { successor(of: code, on: date) ?? code }

    /// Older codes outside `region` that count in it on `date`; for asking a store that keeps codes as they were written.
    public func formerCodes(countedIn region: RegionCode, on date: LocalDate) -> [RegionCode] {
        changes.filter { $0.since <= date }.compactMap { change in
            let old = RegionCode(number: change.old, digits: 6)
            let new = RegionCode(number: change.new, digits: 6)
            guard region.digits > 6 else { return region.contains(new) && !region.contains(old) ? old : nil }
            guard !change.merged, new.contains(region) else { return nil }
            return RegionCode(trusted: old.text + region.text.dropFirst(6))
        }
    }

    // 市辖区 and 县 under a municipality, 省直辖 and 自治区直辖 under a province: rows that group, no places.
    private func isGrouping(_ code: RegionCode) -> Bool {
        guard code.text.utf8.count == 4, let number = code.number else { return false }
        return isDirect(code) || [11, 12, 31, 50].contains(number / 100)
    }

    private func isDirect(_ code: RegionCode) -> Bool { (code.number ?? 0) % 100 == 90 }

    private func row(_ code: RegionCode) -> (RegionLevel, Int)? {
        guard let number = code.number else { return nil }
        let (level, key) =
            switch code.text.utf8.count {
            case 2: (provinces, number)
            case 4: (prefectures, number)
            case 6: (counties, number)
            case 9: (townships, number)
            default: (townships, number / 1000)
            }
        return level.index(of: key).map { (level, $0) }
    }

    private func successor(of code: RegionCode, on date: LocalDate) -> RegionCode? {
        guard let number = code.number else { return nil }
        let digits = code.text.utf8.count
        if digits == 4 { return successor(ofPrefecture: number, on: date) }
        guard digits >= 6 else { return nil }
        let divisor = digits == 6 ? 1 : digits == 9 ? 1000 : 1_000_000
        guard let change = changes.first(where: { $0.old == number / divisor && $0.since <= date }) else { return nil }
        let county = RegionCode(number: change.new, digits: 6)
        guard digits > 6, !change.merged else { return county }
        let moved = RegionCode(number: change.new * divisor + number % divisor, digits: digits)
        return exists(moved) ? moved : county
    }

    // A prefecture that is gone follows its counties when all of them went to one other (莱芜市, 3712, to 济南市).
    private func successor(ofPrefecture number: Int, on date: LocalDate) -> RegionCode? {
        guard prefectures.index(of: number) == nil else { return nil }
        let heirs = Set(changes.filter { $0.old / 100 == number && $0.since <= date }.map { $0.new / 100 })
        return heirs.count == 1 ? heirs.first.map { RegionCode(number: $0, digits: 4) } : nil
    }
}

/// One line of county-changes-shandong.csv.
struct CountyChange: Sendable {
    let old: Int
    let oldName: String
    let new: Int
    /// First day the new code is taken to hold: 1 January of the year, or the first of the month after "after YYYY-MM".
    let since: LocalDate
    /// Into a county that was there before: other name, same prefecture.
    let merged: Bool

    init(_ line: String) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 5, let old = Int(fields[0]), let new = Int(fields[2]), let since = Self.since(fields[4]) else {
            preconditionFailure("county-changes-shandong.csv has a line that is not old,name,new,name,changed")
        }
        self.old = old
        oldName = fields[1]
        self.new = new
        self.since = since
        merged = fields[1].dropLast() != fields[3].dropLast() && old / 100 == new / 100
    }

    private static func since(_ text: String) -> LocalDate? {
        let after = "after "
        // Nil for whatever is neither; the caller traps and names the file.
        if text.hasPrefix(after) { return (try? YearMonth(String(text.dropFirst(after.count))))?.adding(1).first }
        return Int(text).flatMap { LocalDate(year: $0, month: 1, day: 1) }
    }
}
