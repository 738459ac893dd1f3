import Testing
import Vocabulary

@testable import Rehabilitation

/// shared/data/vectors/settlement.csv: standard, programme, months trained, self-pay, subsidy, parents; all in yuan.
private let vectors: [(standard: String, programme: Int, months: Int, selfPay: String, subsidy: String, parents: String)] = [
    ("16000.00", 10, 10, "18500.00", "16000.00", "2500.00"),
    ("16000.00", 10, 7, "9800.00", "9800.00", "0.00"),
    ("16000.00", 10, 7, "12000.00", "11200.00", "800.00"),
    ("16000.00", 10, 2, "3000.00", "3000.00", "0.00"),
    ("16000.00", 10, 0, "0.00", "0.00", "0.00"),
    ("12345.67", 10, 3, "5000.00", "3703.70", "1296.30"),
    ("16000.00", 10, 6, "0.00", "0.00", "0.00"),
    ("16000.00", 10, 1, "2000.00", "1600.00", "400.00"),
]

private struct Bill {
    var before = SettlementArithmetic.Before.nothing
    var shares: [SettlementArithmetic.Share] = []
    let standard: Fen
    let programme: Int
    let mode: CapMode

    mutating func add(_ selfPay: Fen, qualifies: Bool = true) {
        let share = SettlementArithmetic.line(
            selfPayFen: selfPay, qualifies: qualifies, before: before, standardFen: standard, months: programme, mode: mode)
        shares.append(share)
        guard share.ordinal > 0 else { return }
        before.months += 1
        before.selfPayFen += selfPay
        before.subsidyFen += share.subsidyFen
    }

    var subsidy: Fen { shares.reduce(.zero) { $0 + $1.subsidyFen } }
    var parents: Fen { shares.reduce(.zero) { $0 + $1.parentsFen } }
}

/// Splits `total` into `parts` amounts, differently for each seed.
private func split(_ total: Fen, into parts: Int, seed: UInt64) -> [Fen] {
    var state = seed
    func next() -> Int64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int64(state >> 33)
    }
    var rest = total.value
    return (0..<parts).map { index in
        let share = index == parts - 1 ? rest : next() % (rest + 1)
        rest -= share
        return Fen(share)
    }
}

@Test(arguments: vectors.indices)
func `every settlement vector holds however the cost is spread over the months`(row: Int) {
    let vector = vectors[row]
    for seed in 0..<200 as Range<UInt64> {
        var bill = Bill(standard: Sample.yuan(vector.standard), programme: vector.programme, mode: .cumulative)
        for amount in split(Sample.yuan(vector.selfPay), into: vector.months, seed: seed) { bill.add(amount) }
        #expect(bill.subsidy == Sample.yuan(vector.subsidy), "seed \(seed)")
        #expect(bill.parents == Sample.yuan(vector.parents), "seed \(seed)")
        #expect(bill.shares.allSatisfy { $0.subsidyFen >= .zero }, "seed \(seed)")
    }
}

@Test func `an insured child's months get 1600 and 1400 under the cumulative cap`() {
    var bill = Bill(standard: Sample.yuan("16000"), programme: 10, mode: .cumulative)
    bill.add(Sample.yuan("1900"))
    bill.add(Sample.yuan("1100"))
    #expect(bill.shares.map(\.subsidyFen) == [Sample.yuan("1600"), Sample.yuan("1400")])
    // The first month's 300 come back to the parents with the second.
    #expect(bill.shares.map(\.parentsFen) == [Sample.yuan("300"), Sample.yuan("-300")])
}

@Test func `the same months get 1600 and 1100 where the cap is per month`() {
    var bill = Bill(standard: Sample.yuan("16000"), programme: 10, mode: .perMonth)
    bill.add(Sample.yuan("1900"))
    bill.add(Sample.yuan("1100"))
    #expect(bill.shares.map(\.subsidyFen) == [Sample.yuan("1600"), Sample.yuan("1100")])
    #expect(bill.parents == Sample.yuan("300"))
}

@Test func `the eleventh month never counts and the family bears it`() {
    var bill = Bill(standard: Sample.yuan("16000"), programme: 10, mode: .cumulative)
    for _ in 0..<10 { bill.add(Sample.yuan("1800")) }
    bill.add(Sample.yuan("2000"))
    #expect(bill.subsidy == Sample.yuan("16000"))
    #expect(bill.parents == Sample.yuan("4000"))
    #expect(bill.shares.last == .init(ordinal: 0, subsidyFen: .zero, parentsFen: Sample.yuan("2000")))
}

@Test func `a month with too few service days adds neither cost nor cap`() {
    var bill = Bill(standard: Sample.yuan("16000"), programme: 10, mode: .cumulative)
    bill.add(Sample.yuan("2000"), qualifies: false)
    bill.add(Sample.yuan("2000"))
    #expect(bill.shares.map(\.ordinal) == [0, 1])
    #expect(bill.subsidy == Sample.yuan("1600"))
    #expect(bill.parents == Sample.yuan("2400"))
}

@Test(arguments: [CapMode.cumulative, .perMonth])
func `subsidy and parents' part always add up to the self-pay and never pass the standard`(mode: CapMode) {
    for seed in 0..<100 as Range<UInt64> {
        var bill = Bill(standard: Sample.yuan("12345.67"), programme: 10, mode: mode)
        let amounts = split(Sample.yuan("30000"), into: 12, seed: seed)
        for amount in amounts { bill.add(amount) }
        #expect(bill.subsidy + bill.parents == Sample.yuan("30000"), "seed \(seed)")
        #expect(bill.subsidy <= Sample.yuan("12345.70"), "seed \(seed)")
    }
}
