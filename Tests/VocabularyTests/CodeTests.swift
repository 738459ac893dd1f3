import Testing
import Vocabulary

struct CreditCodeTests {
    func code(_ text: String) -> String? {
        do {
            _ = try CreditCode(text)
            return nil
        } catch { return error.code }
    }

    @Test func `every vector gives the answer it names`() throws {
        for row in try vectors("unified-social-credit-code") {
            #expect((code(row["input"]!) == nil) == (row["expected"] == "valid"), "\(row["input"]!)")
        }
    }

    @Test(arguments: [
        ("5237999900000001", "USCC_LENGTH_INVALID"), ("52379999S00000019X", "USCC_CHARACTER_INVALID"),
        ("5237A999000000019X", "USCC_CHARACTER_INVALID"), ("52379999000000018X", "USCC_CHECKSUM_INVALID"),
        ("91350100M000100Y4Z", "USCC_CHARACTER_INVALID"), ("52379999000000019\u{FF38}", "USCC_CHARACTER_INVALID"),
    ])
    func `a fault is named by the first rule it breaks`(text: String, expected: String) { #expect(code(text) == expected) }

    @Test func `lower case is taken as upper case`() throws { #expect(try CreditCode("91350100m000100y43").text == "91350100M000100Y43") }

    @Test func `a code that looks like an ID number is no ID number`() {
        #expect(throws: InvalidValue.self) { try CitizenID("52379999000000019X", today: LocalDate(year: 2026, month: 1, day: 1)!) }
        #expect(code("52379999000000019X") == nil)
    }

    @Test func `made codes hold, and any one changed character is caught`() {
        var random = SeededGenerator()
        let seed = random.seed
        let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
        for _ in 0..<200 {
            let made = CreditCode.make(head: "91", region: 379_999, organisation: .random(in: 0...99_999_999, using: &random))
            #expect(code(made.text) == nil, "seed \(seed): \(made)")
            #expect(made.isSynthetic)
            let place = Int.random(in: 0..<18, using: &random)
            let right = Array(made.text)
            for other in alphabet where other != right[place] {
                var characters = right
                characters[place] = other
                #expect(code(String(characters)) != nil, "seed \(seed): place \(place) of \(made)")
            }
        }
    }
}

struct CertificateNumberTests {
    let today = LocalDate(year: 2026, month: 5, day: 31)!

    func parsed(_ text: String) throws(InvalidValue) -> CertificateNumber { try CertificateNumber(text, today: today) }

    @Test func `every vector gives the answer it names`() throws {
        for row in try vectors("certificate-number") {
            let input = row["input"]!
            if row["expected"] == "valid" {
                #expect(try parsed(input).text == input)
            } else {
                #expect(throws: InvalidValue.self, "\(input)") { try parsed(input) }
            }
        }
    }

    @Test func `a certificate says category, grade, person and how often it was lost`() throws {
        let number = try parsed("37999920190101001621B12")
        #expect(number.category == .hearing)
        #expect(number.grade == .one)
        #expect(number.reissue == 12)
        #expect(number.citizenID.text == "379999201901010016")
        #expect(try parsed("37999920190101001621").reissue == 0)
    }

    @Test(arguments: [
        "", "3799992019010100162", "37999920190101001621B", "37999920190101001621B01", "37999920190101001621b1",
        "37999920190101001621C1", "379999201901010016211", "12345619701111001343", "37999920190101001621B1 ",
        "３7999920190101001621",
    ])
    func `anything else is CERT_NUMBER_INVALID`(text: String) {
        do {
            _ = try parsed(text)
            Issue.record("\(text) was taken")
        } catch { #expect(error.code == "CERT_NUMBER_INVALID") }
    }
}
