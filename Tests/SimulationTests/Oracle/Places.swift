import Persistence

/// Places at institutions: never more than there are, each for somebody, and one for everybody who has a right to it.
struct Places {
    private let world: World
    init(_ world: World) { self.world = world }

    struct House {
        let institution: String
        let capacity: Int
        let taken: Int
        let places: [String]
    }

    func houses() throws -> [House] {
        try world.look(at: .rehabilitation, Self.houses) {
            House(
                institution: $0.text(0), capacity: Int($0.int(1)), taken: Int($0.int(2)),
                places: $0.text(3).split(whereSeparator: { $0 == "\n" || $0 == " " }).map(String.init))
        }
    }

    /// At every moment.
    func watch() throws {
        var owners: [String: String] = [:]
        for house in try houses() {
            guard house.taken <= house.capacity else {
                throw Broken("\(house.institution) has \(house.taken) of \(house.capacity) places taken")
            }
            guard house.taken == house.places.count, Set(house.places).count == house.taken else {
                throw Broken("\(house.institution) counts \(house.taken) places and lists \(house.places)")
            }
            for place in house.places where place.hasPrefix("referral/") {
                let referral = String(place.split(separator: "/")[1])
                if let other = owners.updateValue(house.institution, forKey: referral) {
                    throw Broken("\(referral) holds places at \(other) and \(house.institution)")
                }
            }
        }
    }

    /// At rest: `answers` by referral and attempt.
    func check(_ answers: [String: (status: String, institution: String)]) throws {
        try watch()
        let applications = try world.look(at: .rehabilitation, Self.applications) {
            (referral: "\($0.text(0))/\($0.int(1))", status: $0.text(2))
        }
        let training = Set(try world.look(at: .rehabilitation, Self.training) { "enrolment/\($0.text(0))@\($0.text(1))" })
        var held: Set<String> = []
        var seated: Set<String> = []
        for house in try houses() {
            for place in house.places {
                if place.hasPrefix("enrolment/") {
                    seated.insert("\(place)@\(house.institution)")
                } else {
                    let key = String(place.dropFirst("referral/".count))
                    guard answers[key]?.status == "confirmed", answers[key]?.institution == house.institution else {
                        throw Broken("\(house.institution) holds a place for \(key), which is \(answers[key]?.status ?? "unknown")")
                    }
                    held.insert(key)
                }
            }
        }
        guard seated == training else { throw Broken("in training: \(training.sorted()), with a place: \(seated.sorted())") }
        let free: Set = ["rejected", "withdrawn", "enrolled", "ended"]
        for (key, answer) in answers where answer.status == "confirmed" {
            let spent = applications.contains { $0.referral == key && free.contains($0.status) }
            guard spent || held.contains(key) else { throw Broken("\(key) is confirmed at \(answer.institution) and has no place") }
        }
        // What others were told of it.
        let copies = try world.look(at: .screening, Self.copies) { ($0.text(0), Int($0.int(1)), Int($0.int(2))) }
        let houses = Dictionary(uniqueKeysWithValues: try houses().map { ($0.institution, $0) })
        for (institution, capacity, taken) in copies {
            guard let house = houses[institution], house.capacity == capacity, house.taken == taken else {
                throw Broken("Screening believes \(institution) has \(taken) of \(capacity) places taken")
            }
        }
    }

    private static let houses = SQL("SELECT institution, capacity, taken, places FROM institutions ORDER BY institution")
    private static let applications = SQL("SELECT referral, attempt, status FROM applications WHERE referral IS NOT NULL")
    private static let training = SQL("SELECT enrolment, institution FROM enrolments WHERE status = 'inTraining'")
    private static let copies = SQL("SELECT institution, capacity, taken FROM institutions")
}
