import Testing
import Vocabulary

struct CitizenIDTests {
    let today = LocalDate(year: 2026, month: 5, day: 31)!

    func code(_ text: String, today: LocalDate? = nil) -> String? {
        do {
            _ = try CitizenID(text, today: today ?? self.today)
            return nil
        } catch { return error.code }
    }

    @Test func `every vector gives the answer it names`() throws {
        for row in try vectors("citizen-id") {
            let (input, expected) = (row["input"]!, row["expected"]!)
            guard expected == "valid" else {
                #expect(code(input) == expected, "\(input)")
                continue
            }
            let id = try CitizenID(input, today: today)
            #expect(id.text == input)
            #expect(id.birthDate.text == row["birth_date"])
            #expect(id.sex == (row["sex"] == "F" ? .female : .male), "\(input)")
        }
    }

    @Test(arguments: [
        ("", "ID_LENGTH_INVALID"), ("3799992019010100160", "ID_LENGTH_INVALID"), ("37999920190101001", "ID_LENGTH_INVALID"),
        ("37999920190101001A", "ID_CHARACTER_INVALID"), ("3799992O1901010016", "ID_CHARACTER_INVALID"),
        ("３７９９９９２０１９０１０１００１６", "ID_CHARACTER_INVALID"), ("X79999201901010016", "ID_CHARACTER_INVALID"),
        ("379999187912310010", "ID_BIRTHDATE_INVALID"), ("379999202702010010", "ID_BIRTHDATE_INVALID"),
        ("379999190002290010", "ID_BIRTHDATE_INVALID"), ("379999201913010010", "ID_BIRTHDATE_INVALID"),
        ("379999201900010010", "ID_BIRTHDATE_INVALID"), ("379999201901000010", "ID_BIRTHDATE_INVALID"),
    ])
    func `a fault is named by the first rule it breaks`(text: String, expected: String) { #expect(code(text) == expected) }

    @Test func `a lower-case x is taken as X`() throws {
        #expect(try CitizenID("11010519491231002x", today: today) == CitizenID("11010519491231002X", today: today))
        #expect(try CitizenID("11010519491231002x", today: today).text == "11010519491231002X")
    }

    @Test func `nobody is born after today and everybody may be born today`() {
        let id = CitizenID.make(prefix: 379_999, birth: today, sequence: 1)
        #expect(code(id.text) == nil)
        #expect(code(id.text, today: today.adding(days: -1)) == "ID_BIRTHDATE_INVALID")
    }

    @Test func `the leap day of 2000 exists and that of 1900 does not`() {
        #expect(code(CitizenID.make(prefix: 379_999, birth: LocalDate(year: 2000, month: 2, day: 29)!, sequence: 2).text) == nil)
        #expect(LocalDate(year: 1900, month: 2, day: 29) == nil)
    }

    @Test func `the example printed in the certificate rule fails the checksum`() {
        #expect(code("123456197011110013") == "ID_CHECKSUM_INVALID")
    }

    @Test func `an abolished region is no fault of an ID`() {
        #expect(code(CitizenID.make(prefix: 371_202, birth: today, sequence: 7).text) == nil)
    }

    @Test func `any one changed digit and any swap of neighbours is caught`() {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<300 {
            let birth = LocalDate(days: Int32.random(in: -20_000...20_000, using: &random))
            let id = CitizenID.make(
                prefix: .random(in: 0...999_999, using: &random), birth: birth, sequence: .random(in: 0...999, using: &random))
            #expect(code(id.text) == nil, "seed \(seed)")
            let characters = Array(id.text)
            for place in 0..<18 {
                for digit in "0123456789" where digit != characters[place] {
                    var changed = characters
                    changed[place] = digit
                    #expect(code(String(changed)) != nil, "seed \(seed): place \(place) of \(id.text)")
                }
            }
            for place in 0..<16 where characters[place] != characters[place + 1] {
                var swapped = characters
                swapped.swapAt(place, place + 1)
                #expect(code(String(swapped)) != nil, "seed \(seed): places \(place) and after of \(id.text)")
            }
        }
    }

    @Test func `a list shows the last four characters only`() throws {
        #expect(try CitizenID("379999201901010016", today: today).masked == "**************0016")
    }
}
