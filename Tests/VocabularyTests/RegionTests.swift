import Testing
import Vocabulary

struct RegionTests {
    let table = RegionTable.shared
    func region(_ text: String) -> RegionCode { RegionCode(trusted: text) }
    func date(_ text: String) throws -> LocalDate { try LocalDate(text) }

    @Test func `the table holds every level`() {
        #expect(table.children(of: nil).count == 31)
        #expect(table.children(of: region("37")).count == 16)
        #expect(table.children(of: region("3701")).count == 13)
        #expect(table.children(of: region("370116")).contains(region("370116001")))
        #expect(table.children(of: region("370116001")).isEmpty)
        for (code, name) in [("37", "山东省"), ("3701", "济南市"), ("370102", "历下区"), ("419001", "济源市"), ("370116001", "凤城街道")] {
            #expect(table.name(of: region(code)) == name)
        }
        #expect(table.exists(region("370116001001")), "a village exists where its township does")
        #expect(!table.exists(region("370199")) && !table.exists(region("99")))
    }

    @Test func `every child's parent is the one it was listed under`() {
        for province in table.children(of: nil) {
            for prefecture in table.children(of: province) {
                #expect(table.parent(of: prefecture) == province)
                for county in table.children(of: prefecture) {
                    #expect(table.exists(county) && county.parent == prefecture)
                }
            }
        }
    }

    @Test func `over Jiyuan stands Henan, because 4190 is no place`() {
        #expect(table.parent(of: region("419001")) == region("41"))
        #expect(table.parent(of: region("110101")) == region("11"))
        #expect(table.parent(of: region("370102")) == region("3701"))
        #expect(table.parent(of: region("37")) == nil)
        #expect(table.fullName(of: region("419001")) == "河南省济源市")
        #expect(table.fullName(of: region("370102")) == "山东省济南市历下区")
        #expect(table.fullName(of: region("110101")) == "北京市东城区")
    }

    @Test(arguments: [
        ("370102001", "370102001", RegionDistance.sameTownship), ("370102001", "370102002", .sameCounty),
        ("370102001", "370103001", .samePrefecture), ("370102001", "370203001", .sameProvince), ("370102001", "419001001", .elsewhere),
        ("469001", "469002", .sameProvince), ("370102", "370102001", .sameCounty), ("370102001001", "370102001", .sameTownship),
    ])
    func `distance is how far up two places meet`(a: String, b: String, expected: RegionDistance) {
        #expect(table.distance(between: region(a), region(b)) == expected)
        #expect(table.distance(between: region(b), region(a)) == expected)
    }

    @Test func `an old code counts in its successor from the year of the change`() throws {
        #expect(try table.current(region("371202"), on: date("2018-12-31")) == region("371202"))
        #expect(try table.current(region("371202"), on: date("2019-01-01")) == region("370116"))
        #expect(try table.current(region("371202001"), on: date("2024-06-01")) == region("370116001"))
        #expect(try table.current(region("371202001005"), on: date("2024-06-01")) == region("370116001005"))
        #expect(try table.current(region("3712"), on: date("2024-06-01")) == region("3701"))
        #expect(try table.current(region("371523"), on: date("2019-04-30")) == region("371523"))
        #expect(try table.current(region("371523"), on: date("2019-05-01")) == region("371503"))
        #expect(try table.current(region("370102001"), on: date("2024-06-01")) == region("370102001"))
    }

    @Test func `two counties may merge, and their townships count at county level`() throws {
        let day = try date("2024-06-01")
        #expect(table.current(region("370634"), on: day) == region("370614"))
        #expect(table.current(region("370684"), on: day) == region("370614"))
        #expect(table.current(region("370634001"), on: day) == region("370614"))
        #expect(table.current(region("370684001"), on: day) == region("370614001"))
        #expect(table.current(region("370802001"), on: day) == region("370811"))
    }

    @Test func `every successor exists and is its own successor`() throws {
        let day = try date("2026-05-31")
        for old in [
            "370882", "370802", "371081", "371421", "371624", "370521", "371727", "370181", "370282", "370125", "371626", "371202",
            "371203", "371523", "370634", "370684",
        ] {
            let new = table.current(region(old), on: day)
            #expect(table.exists(new) && !table.exists(region(old)), "\(old)")
            #expect(table.current(new, on: day) == new)
            #expect(try table.validated(old) == region(old))
        }
    }

    @Test func `who asks for a region asks for its former codes too`() throws {
        let day = try date("2024-06-01")
        #expect(table.formerCodes(countedIn: region("3701"), on: day).map(\.text).sorted() == ["371202", "371203"])
        #expect(table.formerCodes(countedIn: region("370614"), on: day).map(\.text).sorted() == ["370634", "370684"])
        #expect(table.formerCodes(countedIn: region("370116001"), on: day) == [region("371202001")])
        #expect(try table.formerCodes(countedIn: region("370116"), on: date("2018-06-01")).isEmpty)
        #expect(table.formerCodes(countedIn: region("37"), on: day).isEmpty)
    }

    @Test func `generated regions are synthetic and unknown`() {
        for text in ["379999", "419999", "370199", "379999001"] {
            do {
                _ = try table.validated(text)
                Issue.record("\(text) was taken")
            } catch { #expect(error.code == "REGION_UNKNOWN") }
        }
        #expect(region("379999").isSynthetic && region("419999").isSynthetic && !region("370102").isSynthetic)
        for text in ["3", "37010", "37010a", "", "３７"] { #expect(throws: InvalidValue.self) { try RegionCode(text) } }
    }
}
