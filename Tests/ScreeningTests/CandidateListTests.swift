import Contracts
import Testing
import Vocabulary

@testable import Screening

struct CandidateListTests {
    private func institution(
        _ id: String, _ region: String, categories: Set<AssistanceCategory> = [.hearing], capacity: Int = 5, taken: Int = 0, load: Int = 0,
        from: String = "2024-01-01", to: String = "2024-12-31"
    ) -> InstitutionCopy {
        InstitutionCopy(
            institution: OrganisationID(trusted: id), region: RegionCode(trusted: region), categories: categories, capacity: capacity,
            taken: taken, openLoad: load, validFrom: day(from), validTo: day(to))
    }

    private func ids(_ institutions: [InstitutionCopy], home: String = "370303001", reach: RegionDistance = .sameProvince) -> [String] {
        CandidateList.make(.hearing, for: RegionCode(trusted: home), reach: reach, on: day("2024-06-03"), from: institutions).map(
            \.institution.text)
    }

    @Test func `the nearest in the region tree comes first, then the smaller load, then the id`() {
        let all = [
            institution("province", "370102001"), institution("county-b", "370303002"), institution("county-a", "370303003"),
            institution("county-busy", "370303004", load: 1), institution("township", "370303001", load: 3),
            institution("city", "370302001"),
            institution("elsewhere", "410102001"),
        ]
        #expect(ids(all) == ["township", "county-a", "county-b", "county-busy", "city", "province"])
        #expect(ids(all.reversed()) == ids(all))
        #expect(ids(all, reach: .elsewhere).last == "elsewhere")
        #expect(ids(all, reach: .sameCounty) == ["township", "county-a", "county-b", "county-busy"])
    }

    @Test func `a county directly under a province is near to itself and not to another such county`() {
        #expect(
            ids([institution("other", "419002001"), institution("own", "419001101")], home: "419001001") == ["own", "other"])
    }

    @Test func `only institutions with an agreement for the category in force and room beyond what is asked already`() {
        #expect(ids([institution("other-category", "370303001", categories: [.vision])]).isEmpty)
        #expect(ids([institution("not-yet", "370303001", from: "2024-06-04")]).isEmpty)
        #expect(ids([institution("over", "370303001", to: "2024-06-02")]).isEmpty)
        #expect(ids([institution("last-day", "370303001", from: "2024-06-03", to: "2024-06-03")]) == ["last-day"])
        #expect(ids([institution("full", "370303001", capacity: 5, taken: 5)]).isEmpty)
        #expect(ids([institution("asked", "370303001", capacity: 5, taken: 4, load: 1)]).isEmpty)
        #expect(ids([institution("one-left", "370303001", capacity: 5, taken: 3, load: 1)]) == ["one-left"])
    }

    @Test func `every place on the list is explained in both languages`() throws {
        let list = CandidateList.make(
            .hearing, for: RegionCode(trusted: "370303001"), reach: .sameProvince, on: day("2024-06-03"),
            from: [institution("a", "370302001", capacity: 9, taken: 2, load: 1)])
        let explanation = try #require(list.first).explanation
        #expect(explanation.zh.contains("第1位") && explanation.zh.contains("7") && explanation.zh.contains("1个"))
        #expect(explanation.en.contains("7 free places") && explanation.en.contains("1 referrals"))
    }
}
