import Contracts
import Persistence
import ServiceRuntime

/// The people who run the system.
extension World {
    func operate() throws {
        guard let instance = dice.pick(instances.filter { !$0.isZombie && $0.isRunning }) else { return }
        switch dice.below(3) {
        case 0: try replayDeadLetter(at: instance)
        case 1:
            guard let topic = dice.pick(Catalogue.producedTopics(by: instance.service.rawValue)) else { return }
            try republish(topic, at: instance)
        default:
            note("\(instance.name) is stopped and started")
            instance.close()
            try instance.open()
        }
    }

    private func replayDeadLetter(at instance: Instance) throws {
        let open = try look(at: instance.service, Self.openLetters) { $0.int(0) }
        guard let letter = dice.pick(open) else { return }
        note("\(instance.name) replays dead letter \(letter)")
        try instance.operate { engine in
            do { _ = try engine.replay(letter) } catch is Engine.ReplayRefused {
                // It is as bad as it was; the attempt is counted.
            }
        }
    }

    private static let openLetters = SQL("SELECT id FROM dead_letters WHERE replayed = 0 ORDER BY id")
}
