import ArgumentParser
import Foundation
import Vocabulary

/// Synthetic people and organisations over real regions.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text(
            "生成合成数据（身份证号以 379999/419999 开头，不属于任何人）", "Make synthetic data: identities that belong to nobody, places that are real"
        ).here,
        discussion: example(
            "careloop generate children --count 20000 --seed 1 --faulty 0.02 --out results.csv",
            Text("两万条初筛结果，其中 2% 有错", "20,000 initial results, 2 % of them faulty in known ways")),
        subcommands: [Children.self, Adults.self, Institutions.self, Employers.self, Bureaus.self])

    struct Place: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                Text("地区代码，可重复；缺省为山东(37)与济源(419001)", "Region code, repeatable; Shandong (37) and Jiyuan (419001) otherwise").here))
        var region: [String] = ["37", "419001"]

        @Option(help: ArgumentHelp(Text("随机种子：同一种子生成同样的数据", "Seed: the same seed makes the same data").here))
        var seed: UInt64 = 1

        @Option(help: ArgumentHelp(Text("输出文件，- 为标准输出", "File to write, - for stdout").here))
        var out = "-"

        @Option(help: "csv | json") var format = ResultFile.Format.csv
        @Flag(help: ArgumentHelp(Text("以 JSON 输出，同 --format json", "Write JSON, as --format json does").here)) var json = false

        /// What both ways of asking come to.
        var chosen: ResultFile.Format { json ? .json : format }

        func places() throws -> Places {
            var codes: [RegionCode] = []
            for text in region {
                guard let code = try? RegionCode(text) else {
                    throw Complaint("地区代码不对：\(text)", "no region code: \(text)", code: .badInput)
                }
                codes.append(code)
            }
            return try Places.load(in: codes)
        }
    }

    struct Children: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("儿童初筛结果", "Initial screening results of children").here,
            discussion: example(
                "careloop generate children --count 500 --headers chinese --encoding gb18030 --out 初筛.csv",
                Text("中文表头、GB 18030 编码", "Chinese headers in GB 18030")))

        @OptionGroup var place: Place
        @Option(help: ArgumentHelp(Text("行数", "Number of rows").here)) var count = 1000
        @Option(help: ArgumentHelp(Text("有错行的比例，0 到 1", "Share of faulty rows, 0 to 1").here)) var faulty = 0.0
        @Option(help: ArgumentHelp(Text("阳性比例", "Share of positive results").here)) var positive = 0.05
        @Option(help: ArgumentHelp(Text("检查日期（及此前四周）", "Day of the examinations, and four weeks before").here)) var day = "2024-06-01"
        @Option(help: "english | chinese") var headers = ResultFile.Headers.english
        @Option(help: "utf-8 | gb18030") var encoding = ResultFile.Encoding.utf8
        @Option(help: ArgumentHelp(Text("结果编号的前缀", "Put before every result id").here)) var prefix = "r"
        @Flag(help: ArgumentHelp(Text("在标准错误上列出每种错误的行数", "List the number of rows of each fault on stderr").here)) var faults = false

        func run() async throws {
            try await explained {
                guard let day = try? LocalDate(day) else { throw Complaint("日期不对：\(self.day)", "no date: \(self.day)", code: .badInput) }
                guard (0...1).contains(faulty), (0...1).contains(positive), count >= 0 else {
                    throw Complaint("比例须在 0 与 1 之间", "a share lies between 0 and 1", code: .badInput)
                }
                let places = try place.places()
                var source = ResultRowSource(
                    .init(
                        seed: place.seed, day: day, faultyShare: faulty,
                        faults: RowFault.allCases.filter { place.chosen == .csv || $0 != .malformedQuoting }, positiveShare: positive,
                        idPrefix: prefix),
                    people: SyntheticPeople(seed: place.seed, townships: places.townships))
                var file = ResultFile(format: place.chosen, headers: headers, encoding: encoding)
                let handle = try Files.create(place.out)
                var found: [RowFault: Int] = [:]
                for _ in 0..<count {
                    let made = source.next()
                    file.append(made.row)
                    if let fault = made.fault { found[fault, default: 0] += 1 }
                    if file.pending > 1 << 20 { try handle.write(contentsOf: try file.take()) }
                }
                file.finish()
                try handle.write(contentsOf: try file.take())
                if faults {
                    for fault in RowFault.allCases where found[fault] != nil {
                        Terminal.note("\(fault.rawValue) → \(fault.code ?? fault.ending.rawValue): \(found[fault]!)")
                    }
                }
            }
        }
    }

    struct Adults: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("成年人与 16–17 岁少年", "Adults, and youths of 16 and 17").here,
            discussion: example(
                "careloop generate adults --count 50 --ages 16-17 --region 370303 --out youths.csv",
                Text("张店区五十名 16–17 岁少年", "fifty youths of Zhangdian")))

        @OptionGroup var place: Place
        @Option(help: ArgumentHelp(Text("人数", "Number of persons").here)) var count = 100
        @Option(help: ArgumentHelp(Text("年龄范围", "Range of ages").here)) var ages = "18-55"
        @Option(help: ArgumentHelp(Text("以此日计算年龄", "Day on which ages are counted").here)) var day = "2024-06-01"

        func run() async throws {
            try await explained {
                let bounds = ages.split(separator: "-").compactMap { Int($0) }
                guard let day = try? LocalDate(day), bounds.count == 2, bounds[0] <= bounds[1] else {
                    throw Complaint("日期或年龄范围不对", "the date or the range of ages is wrong", code: .badInput)
                }
                var people = SyntheticPeople(seed: place.seed, townships: try place.places().townships)
                var rows = Records(columns: ["name", "sex", "birth_date", "document_kind", "document_number", "telephone", "residence"])
                for _ in 0..<count {
                    let person = people.person(on: day, ages: bounds[0]...bounds[1])
                    rows.append([
                        person.name, person.male ? "male" : "female", person.birth.text, person.documentKind.wireWord,
                        person.documentNumber,
                        person.guardianTelephone, person.residence.text,
                    ])
                }
                try Files.create(place.out).write(contentsOf: rows.bytes(place.chosen))
            }
        }
    }

    struct Institutions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("定点康复机构及其协议", "Designated centres with their agreements").here,
            discussion: example(
                "careloop generate institutions --region 3703 --per-county 2 --out agreements.csv",
                Text("淄博每个区县两家，可直接导入协议", "two for each county of Zibo, ready for the agreements import")))

        @OptionGroup var place: Place
        @Option(name: .customLong("per-county"), help: ArgumentHelp(Text("每个区县几家", "How many for each county").here)) var perCounty = 2
        @Option(help: ArgumentHelp(Text("协议生效日", "Agreements are valid from this day").here)) var from = "2024-01-01"
        @Option(help: ArgumentHelp(Text("协议终止日", "and to this one").here)) var to = "2026-12-31"

        func run() async throws {
            try await explained {
                let organisations = SyntheticOrganisations(seed: place.seed)
                var rows = Records(columns: ["institution", "name", "region", "categories", "capacity", "valid_from", "valid_to"])
                for county in try place.places().counties {
                    for number in 1...max(1, perCounty) {
                        let centre = organisations.centre(of: county.code, name: county.name, number: number)
                        rows.append([
                            centre.id.text, centre.name, centre.region.text,
                            centre.categories.map(\.rawValue).joined(separator: ";"), String(centre.capacity), from, to,
                        ])
                    }
                }
                try Files.create(place.out).write(contentsOf: rows.bytes(place.chosen))
            }
        }
    }

    struct Employers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("用人单位", "Employers").here,
            discussion: example("careloop generate employers --region 370303 --count 5", Text("张店区五家单位", "five employers of Zhangdian")))

        @OptionGroup var place: Place
        @Option(help: ArgumentHelp(Text("家数", "Number of employers").here)) var count = 20

        func run() async throws {
            try await explained {
                let organisations = SyntheticOrganisations(seed: place.seed)
                let counties = try place.places().counties
                var rows = Records(columns: ["organisation", "name", "credit_code", "region"])
                for index in 0..<count {
                    let county = counties[index % counties.count]
                    let employer = organisations.employer(of: county.code, name: county.name, number: index / counties.count + 1)
                    rows.append([employer.id.text, employer.name, employer.creditCode, employer.region.text])
                }
                try Files.create(place.out).write(contentsOf: rows.bytes(place.chosen))
            }
        }
    }

    struct Bureaus: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("卫生健康局", "Health bureaus").here,
            discussion: example("careloop generate bureaus --region 419001", Text("济源的卫健局", "the bureau of Jiyuan")))

        @OptionGroup var place: Place

        func run() async throws {
            try await explained {
                let organisations = SyntheticOrganisations(seed: place.seed)
                var rows = Records(columns: ["organisation", "name", "credit_code", "region"])
                for county in try place.places().counties {
                    let bureau = organisations.bureau(of: county.code, name: county.name)
                    rows.append([bureau.id.text, bureau.name, bureau.creditCode, bureau.region.text])
                }
                try Files.create(place.out).write(contentsOf: rows.bytes(place.chosen))
            }
        }
    }
}

extension ResultFile.Format: ExpressibleByArgument {}
extension ResultFile.Headers: ExpressibleByArgument {}
extension ResultFile.Encoding: ExpressibleByArgument {}
