import Testing
import Vocabulary

struct WordTests {
    func everyNameReadsBack<Word: BilingualWord>(_: Word.Type) throws {
        var seen: [String: Word] = [:]
        for word in Word.allCases {
            for text in [word.rawValue, word.name.zh, word.name.en, word.name.en.uppercased(), " \(word.name.zh)\u{3000}"] + word.spellings
            {
                #expect(try Word.parse(text) == word, "\(text)")
            }
            for text in [word.rawValue.lowercased(), word.name.zh, word.name.en] + word.spellings {
                #expect(seen[text] == nil || seen[text] == word, "\(text) means two things in \(Word.self)")
                seen[text] = word
            }
        }
        do {
            _ = try Word.parse("no such word")
            Issue.record("\(Word.self) took nonsense")
        } catch { #expect(error.code == Word.unknownCode && !error.rule.contains("no such word")) }
    }

    @Test func `every word reads back from its names in both languages`() throws {
        try everyNameReadsBack(Sex.self)
        try everyNameReadsBack(DocumentKind.self)
        try everyNameReadsBack(ScreeningTopic.self)
        try everyNameReadsBack(AssistanceCategory.self)
        try everyNameReadsBack(CertificateCategory.self)
        try everyNameReadsBack(ScreeningStage.self)
        try everyNameReadsBack(ScreeningOutcome.self)
        try everyNameReadsBack(RegionDistance.self)
        try everyNameReadsBack(ChoiceMaker.self)
        try everyNameReadsBack(OrganisationKind.self)
        try everyNameReadsBack(PersonOrigin.self)
        try everyNameReadsBack(ResidenceBasis.self)
        try everyNameReadsBack(AssistanceMode.self)
        try everyNameReadsBack(PolicyStanding.self)
        try everyNameReadsBack(EnrolmentOutcome.self)
        try everyNameReadsBack(JobSeekerOrigin.self)
        try everyNameReadsBack(TrainingKind.self)
        try everyNameReadsBack(EmploymentForm.self)
        try everyNameReadsBack(ReceiptOutcome.self)
        try everyNameReadsBack(ReferralNoticeStatus.self)
        try everyNameReadsBack(DisabilityGrade.self)
        try everyNameReadsBack(AgeBand.self)
    }

    @Test func `sex has the standard's codes`() {
        #expect(Sex.allCases.map(\.code) == [0, 1, 2, 9])
        for code in 0...9 { #expect(Sex(code: code)?.code == ([0, 1, 2, 9].contains(code) ? code : nil)) }
    }

    @Test func `grades 1 and 2 are severe`() {
        #expect(DisabilityGrade.allCases.filter(\.isSevere) == [.one, .two])
        #expect(DisabilityGrade(number: 0) == nil && DisabilityGrade(number: 5) == nil)
    }

    @Test func `visual is 1 and hearing is 2, not the other way round`() {
        #expect(CertificateCategory(code: 1)?.name.zh == "视力")
        #expect(CertificateCategory(code: 2)?.name.zh == "听力")
        #expect(CertificateCategory(code: 8) == nil && CertificateCategory(code: 0) == nil)
    }
}

struct CategoryTests {
    @Test func `the lists agree with the table of the standards`() {
        let table: [(CertificateCategory, Int, ScreeningTopic?, Int, Int)] = [
            (.visual, 1, .vision, 61, 2), (.hearing, 2, .hearing, 62, 3), (.speech, 3, .speech, 63, 4), (.physical, 4, .physical, 64, 5),
            (.intellectual, 5, .intellectual, 65, 6), (.mental, 6, .autism, 66, 7), (.multiple, 7, nil, 67, 8),
        ]
        for (category, code, topic, status, record) in table {
            #expect(category.code == code && category.healthStatusCode == status && category.healthRecordCode == record)
            #expect(category.screeningTopic == topic)
            #expect(category.assistanceCategory?.screeningTopic == topic)
            #expect(CategoryCodeSystem.healthStatus.category(of: status) == category)
            #expect(CategoryCodeSystem.healthRecord.category(of: record) == (record == 8 ? nil : category))
        }
        #expect(CategoryCodeSystem.healthRecord.category(of: 1) == nil)
        #expect(CategoryCodeSystem.healthStatus.category(of: 69) == nil)
    }

    @Test(
        arguments: [
            ("听力", nil, nil, "hearing"), ("vision", nil, nil, "vision"), ("AUTISM", "6", "certificate", "autism"),
            (nil, "2", "certificate", "hearing"), (nil, "3", "health-record", "hearing"), (nil, "62", "health-status", "hearing"),
            ("听力", "2", nil, "hearing"), ("听力", "3", "残疾情况", "hearing"), ("听力", "3", nil, "CATEGORY_CODE_SHIFTED"),
            ("听力", "3", "certificate", "CATEGORY_CODE_SHIFTED"), ("孤独症", "7", "certificate", "CATEGORY_CODE_SHIFTED"),
            ("听力", "5", "certificate", "CATEGORY_MISMATCH"), ("听力", "2", "health-record", "CATEGORY_MISMATCH"),
            ("听力", "9", "certificate", "CATEGORY_UNKNOWN"), (nil, "7", "certificate", "CATEGORY_UNKNOWN"),
            (nil, "1", "health-record", "CATEGORY_UNKNOWN"), (nil, "2", nil, "CODE_SYSTEM_UNKNOWN"),
            (nil, "2", "icd", "CODE_SYSTEM_UNKNOWN"),
            (nil, nil, nil, "CATEGORY_UNKNOWN"), ("", "", "", "CATEGORY_UNKNOWN"), ("嗅觉", nil, nil, "CATEGORY_UNKNOWN"),
            ("听力", "two", "certificate", "CATEGORY_UNKNOWN"), ("听力", "２", "certificate", "CATEGORY_UNKNOWN"),
        ] as [(String?, String?, String?, String)])
    func `name, code and list are read together`(name: String?, code: String?, system: String?, expected: String) {
        do {
            let topic = try ScreeningTopic.parse(name: name, code: code, system: system)
            #expect(topic.rawValue == expected)
        } catch { #expect(error.code == expected) }
    }

    @Test func `cerebral palsy is assisted as physical`() throws {
        #expect(try AssistanceCategory.parse(name: "脑瘫", code: "4", system: "certificate") == .physical)
        #expect(try AssistanceCategory.parse(name: nil, code: "7", system: "health-record") == .autism)
    }
}
