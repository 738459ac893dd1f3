import Contracts
import Testing
import Vocabulary

@testable import CareLoopTool

@Suite struct GeneratorTests {
    private static let day = LocalDate(year: 2024, month: 6, day: 1)!
    private static let zibo = RegionTable.shared.children(of: RegionCode(trusted: "370303"))

    private func rows(seed: UInt64, faulty: Double = 0, count: Int = 500) -> [ResultRowSource.Made] {
        var source = ResultRowSource(
            .init(seed: seed, day: Self.day, faultyShare: faulty), people: SyntheticPeople(seed: seed, townships: Self.zibo))
        return (0..<count).map { _ in source.next() }
    }

    @Test func `the same seed makes the same rows, another seed others`() {
        #expect(rows(seed: 7).map(\.row) == rows(seed: 7).map(\.row))
        #expect(rows(seed: 7).map(\.row) != rows(seed: 8).map(\.row))
    }

    @Test func `streams of neighbouring indices share no sequence`() {
        var first = SplitMix64(seed: 1, stream: "daily", index: 5)
        var second = SplitMix64(seed: 1, stream: "daily", index: 6)
        let one = (0..<64).map { _ in first.next() }
        let other = (0..<64).map { _ in second.next() }
        #expect(Set(one).isDisjoint(with: other))
    }

    @Test func `every identity passes the standard and belongs to an unassigned region`() throws {
        for made in rows(seed: 3) where made.person.documentKind == .citizenID {
            let id = try CitizenID(made.person.documentNumber, today: Self.day)
            #expect(id.birthDate == made.person.birth)
            #expect((id.sex == .male) == made.person.male)
            #expect(id.text.hasPrefix("379999") || id.text.hasPrefix("419999"))
        }
    }

    @Test func `no two children have one document, even in other lanes`() {
        var documents: Set<String> = []
        for lane in 0..<3 {
            var people = SyntheticPeople(seed: 9, townships: Self.zibo, lane: lane, lanes: 3)
            for _ in 0..<2000 {
                let child = people.child(on: Self.day)
                #expect(documents.insert("\(child.documentNumber)/\(child.birth)").inserted)
            }
        }
    }

    @Test func `telephones are of no network and children live in real townships`() {
        for made in rows(seed: 4) {
            #expect(made.person.guardianTelephone.hasPrefix("10"))
            #expect(made.person.guardianTelephone.count == 11)
            #expect(RegionTable.shared.exists(made.person.residence))
            #expect(made.person.birth.completedYears(on: Self.day) < 7)
        }
    }

    @Test func `a share of rows is faulty, in every known way`() {
        let made = rows(seed: 5, faulty: 0.5, count: 2000)
        let share = Double(made.count { $0.fault != nil }) / 2000
        #expect((0.45...0.55).contains(share))
        #expect(Set(made.compactMap(\.fault)) == Set(RowFault.allCases))
    }

    @Test(arguments: RowFault.allCases) func `a fault changes the row it is in`(_ fault: RowFault) {
        let made = rows(seed: 6, count: 2)
        var row = made[1].row
        var random = SplitMix64(seed: 1)
        fault.spoil(&row, earlier: made[0].row, random: &random)
        #expect(row != made[1].row)
        if fault == .repeated { #expect(row == made[0].row) }
        if fault == .conflict { #expect(row.resultID == made[0].row.resultID && row != made[0].row) }
    }

    @Test func `organisations carry credit codes that hold`() throws {
        let maker = SyntheticOrganisations(seed: 1)
        let region = RegionCode(trusted: "370303")
        let all = [
            maker.bureau(of: region, name: "张店区"), maker.federation(of: region, name: "张店区"), maker.finance(of: region, name: "张店区"),
            maker.centre(of: region, name: "张店区", number: 1), maker.employer(of: region, name: "张店区", number: 2),
        ]
        for organisation in all { #expect(try CreditCode(organisation.creditCode).text == organisation.creditCode) }
        #expect(Set(all.map(\.creditCode)).count == all.count)
    }

    @Test func `a CSV line quotes what needs it and leaves a broken cell broken`() throws {
        var made = rows(seed: 1, count: 1)[0]
        made.row.reason = "a,\"b\""
        made.row.tool = ResultRow.brokenQuoting
        var file = ResultFile()
        file.append(made.row)
        let text = String(decoding: try file.take(), as: UTF8.self)
        #expect(text.contains("\"a,\"\"b\"\"\""))
        #expect(text.contains(",ab\"c\"d,"))
    }

    @Test func `Chinese files are GB 18030 where asked`() throws {
        var file = ResultFile(headers: .chinese, encoding: .gb18030)
        file.append(rows(seed: 1, count: 1)[0].row)
        let bytes = try file.take()
        // 结果编号 in GB 18030.
        #expect(Array(bytes.prefix(8)) == [0xBD, 0xE1, 0xB9, 0xFB, 0xB1, 0xE0, 0xBA, 0xC5])
    }

    @Test func `the JSON and protobuf a bureau writes are what the published schema reads`() throws {
        let row = rows(seed: 2, count: 1)[0].row
        let organisation = OrganisationID(trusted: "hb-3703")
        func read(_ value: [UInt8], _ type: String) throws -> RawScreeningResult {
            try Ingress.read(
                RawScreeningResult.self, value: value,
                headers: [
                    ("content-type", Array(type.utf8)), ("ce_specversion", Array("1.0".utf8)),
                    ("ce_type", Array(RawScreeningResult.type.utf8)),
                    ("ce_id", [49]), ("ce_source", Array("/partners/hb-3703".utf8)),
                ],
                sender: organisation)
        }
        let json = try read(row.json(), "application/json")
        let protobuf = try read(row.protobuf(), "application/protobuf")
        #expect(json == protobuf)
        #expect(json.resultID == row.resultID)
        #expect(json.child?.documentNumber == row.documentNumber)
        #expect(json.child?.name == row.name)
        #expect(json.takenOn == row.takenOn)
    }

    @Test func `a record lands where Kafka's partitioner puts it`() {
        for key in ["", "a", "r0000001", "d20240603-014", "一个键"] {
            let bytes = Array(key.utf8)
            #expect(PartnerPublisher.partition(of: bytes, count: 32) == Int(Partitioner.partition(key: bytes, partitions: 32)))
        }
    }
}
