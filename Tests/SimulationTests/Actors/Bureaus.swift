import Contracts
import Messaging
import Vocabulary

extension World {
    private static let stages = ["initial", "rescreen", "diagnosis"]

    /// A bureau writes a record to its topic: mostly the next result of a child, sometimes a correction, a withdrawal or something wrong.
    func publishResult() throws {
        switch dice.weighted([
            (0, weight: 70), (1, weight: 8), (2, weight: 6), (3, weight: 4), (4, weight: 6), (5, weight: 4), (6, weight: 2),
        ]) {
        case 1: try reviseResult()
        case 2: try withdrawResult()
        case 3: try contradictResult()
        case 4: try repeatResult()
        case 5: try sendWrongRecord()
        case 6: try sendGarbage()
        default: try examineChild()
        }
    }

    private func examineChild() throws {
        let under = partners.children.indices.filter { partners.children[$0].taken < 3 }
        let index: Int
        if let known = dice.pick(under), dice.happens(750) || partners.children.count > 14 {
            index = known
        } else {
            index = addChild()
        }
        try examine(index)
        // Many bureaus report a child's whole way at once.
        while dice.happens(600), partners.children[index].taken < 3 { try examine(index) }
    }

    private func examine(_ index: Int) throws {
        var child = partners.children[index]
        let result = Partners.SentResult(
            id: "r-\(child.number)-\(child.taken)", child: index, stage: Self.stages[min(child.taken, 2)],
            outcome: dice.happens(850) ? "positive" : dice.happens(700) ? "negative" : "unable",
            takenOn: today.adding(days: -dice.below(3)), revision: 1)
        child.taken = result.outcome == "positive" ? child.taken + 1 : 3
        child.lastTaken = result.takenOn
        partners.children[index] = child
        partners.results.append(result)
        try publish(result)
    }

    private func addChild() -> Int {
        let number = partners.children.count + 1
        let birth = LocalDate(year: 2020, month: 7, day: 1)!.adding(days: dice.below(600))
        partners.children.append(
            Partners.Child(
                number: number, document: CitizenID.make(prefix: 379_999, birth: birth, sequence: number).text,
                sex: number % 2 == 1 ? "男" : "女", birth: birth, topic: dice.pick(Cast.topics)!, bureau: dice.pick(Cast.bureaus)!))
        return partners.children.count - 1
    }

    private func reviseResult() throws {
        guard !partners.results.isEmpty else { return }
        let index = dice.below(partners.results.count)
        partners.results[index].revision += 1
        partners.results[index].isWithdrawn = false
        partners.results[index].outcome = dice.happens(500) ? "positive" : "negative"
        try publish(partners.results[index])
    }

    private func withdrawResult() throws {
        guard !partners.results.isEmpty else { return }
        let index = dice.below(partners.results.count)
        partners.results[index].revision += 1
        partners.results[index].isWithdrawn = true
        try publish(partners.results[index])
    }

    /// The same revision with another content: a conflict, unless this one comes first.
    private func contradictResult() throws {
        guard var result = dice.pick(partners.results) else { return }
        result.outcome = result.outcome == "unable" ? "negative" : "unable"
        try publish(result)
    }

    private func repeatResult() throws {
        guard var result = dice.pick(partners.results) else { return }
        if result.revision > 1, dice.happens(400) { result.revision -= 1 }
        try publish(result)
    }

    private func sendWrongRecord() throws {
        guard let result = dice.pick(partners.results) else { return }
        let child = partners.children[result.child]
        let wrong = dice.pick([#"{"resultId":"w-\#(steps)","bloodType":"A"}"#, text(of: result, sex: child.sex == "男" ? "女" : "男")])!
        try write(wrong, key: "w-\(steps)", from: child.bureau)
    }

    private func sendGarbage() throws {
        try write(Array("\u{1}{not a record".utf8) + [0xff, 0xfe], key: "g-\(steps)", from: dice.pick(Cast.bureaus)!)
    }

    private func publish(_ result: Partners.SentResult) throws {
        note(
            "\(partners.children[result.child].bureau) sends \(result.id) revision \(result.revision) \(result.isWithdrawn ? "withdrawn" : result.outcome)"
        )
        try write(text(of: result, sex: partners.children[result.child].sex), key: result.id, from: partners.children[result.child].bureau)
    }

    private func text(of result: Partners.SentResult, sex: String) -> String {
        let child = partners.children[result.child]
        if result.isWithdrawn {
            return #"{"resultId":"\#(result.id)","revision":\#(result.revision),"withdrawn":true,"reason":"entered by mistake"}"#
        }
        return #"{"resultId":"\#(result.id)","revision":\#(result.revision),"stage":"\#(result.stage)","topic":"\#(child.topic)","#
            + #""outcome":"\#(result.outcome)","takenOn":"\#(result.takenOn)","roundMonths":36,"child":{"documentKind":"citizen-id","#
            + #""documentNumber":"\#(child.document)","name":"示例童","sex":"\#(sex)","birthDate":"\#(child.birth)","guardianName":"示例家长","#
            + #""guardianTelephone":"000-00000000","residence":"\#(Cast.homes[child.number % 2])"}}"#
    }

    private func write(_ text: String, key: String, from bureau: String) throws { try write(Array(text.utf8), key: key, from: bureau) }

    private func write(_ bytes: [UInt8], key: String, from bureau: String) throws {
        partners.published[bureau, default: 0] += 1
        try write(bytes, key: key, to: Catalogue.name(RawScreeningResult.topic, for: OrganisationID(trusted: bureau)))
    }

    /// A partner's own client, which sends until it has its acknowledgement; what that repeats is a repeat.
    func write(_ bytes: [UInt8], key: String, to topic: String) throws {
        try log.ensure([TopicPlan(name: topic, partitions: 1)])
        let record = OutgoingRecord(
            topic: topic, partition: 0, key: Array(key.utf8), value: bytes,
            headers: [LogHeader(name: "content-type", text: "application/json")], timestamp: time.wall)
        for _ in 0..<30 {
            do {
                if try log.producer(named: "partner").send([record]).isComplete { return }
            } catch is LogError {
                // Not acknowledged: sent again, as the README tells partners to do.
            }
        }
        throw Broken("a partner's record was never acknowledged")
    }
}
