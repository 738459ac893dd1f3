import Contracts
import Messaging
import Persistence
import ServiceRuntime
import Vocabulary

/// What the people around the services remember of what they did.
struct Partners {
    struct Child {
        let number: Int
        let document: String
        let sex: String
        let birth: LocalDate
        let topic: String
        let bureau: String
        /// How many of initial screen, re-screen and diagnosis were taken.
        var taken = 0
        var lastTaken: LocalDate?
    }

    /// A result as its bureau sent it last.
    struct SentResult {
        let id: String
        let child: Int
        var stage: String
        var outcome: String
        var takenOn: LocalDate
        var revision: Int
        var isWithdrawn = false
    }

    struct Asked: Hashable {
        let centre: String
        let referral: String
        let attempt: Int
    }

    var children: [Child] = []
    var results: [SentResult] = []
    var asked: [Asked] = []
    var answeredOverHTTP: [Asked] = []
    var noticesRead: [String: Int] = [:]
    /// Records each bureau wrote, garbage included.
    var published: [String: Int] = [:]
    var adults = 0
}

/// Who there is.
enum Cast {
    static let bureaus = ["hb-3703", "hb-37"]
    static let centres = ["rc-1", "rc-2", "rc-3"]
    static let employers = ["em-1"]
    static let homes = ["370303001", "370302001"]
    static let topics = ["hearing", "autism"]

    static func actor(_ role: Role, _ organisation: String = "dpf-37", _ user: String) -> Actor {
        Actor(organisation: OrganisationID(trusted: organisation), role: role, user: user, region: RegionCode(trusted: "37"))
    }

    static let clerk = actor(.clerk, "clerk-1")
    static let secondClerk = actor(.clerk, "clerk-2")
    static let reviewer = actor(.reviewer, "reviewer-1")
    static let finance = actor(.finance, "finance-1")
    static func centre(_ id: String) -> Actor { actor(.rehabilitationCentre, id, "therapist-1") }

    private static func actor(_ role: Role, _ user: String) -> Actor { actor(role, "dpf-37", user) }
}

extension World {
    /// The directory and the agreements, before anything goes wrong.
    func begin() throws {
        func organisation(_ id: String, _ kind: String, _ region: String) -> String {
            #"{"organisation":"\#(id)","kind":"\#(kind)","name":"\#(id)","region":"\#(region)","validFrom":"2024-01-01"}"#
        }
        let directory =
            [organisation("hb-3703", "healthBureau", "3703"), organisation("hb-37", "healthBureau", "37")]
            + zip(Cast.centres, ["370303", "370302", "370303"]).map { organisation($0, "rehabilitationCentre", $1) }
            + Cast.employers.map { organisation($0, "employer", "370303") }
        post(.registration, "/organisations/import", #"{"organisations":[\#(directory.joined(separator: ","))]}"#, as: Cast.clerk)
        for (index, centre) in Cast.centres.enumerated() {
            let region = index == 1 ? "370302" : "370303"
            post(
                .rehabilitation, "/agreements",
                #"{"institution":"\#(centre)","region":"\#(region)","categories":["hearing"\#(index == 2 ? "" : #","autism""#)],"#
                    + #""capacity":\#(1 + dice.below(3)),"validFrom":"2024-01-01","validTo":"2026-12-31"}"#, as: Cast.clerk)
        }
        _ = try askAll()
    }

    /// Somebody outside does something.
    func act() throws {
        switch dice.weighted([(0, weight: 34), (1, weight: 20), (2, weight: 26), (3, weight: 8), (4, weight: 8), (5, weight: 4)]) {
        case 0: try publishResult()
        case 1: try answerReferral()
        case 2: try workAtWindow()
        case 3: passDays()
        case 4: try askAgain()
        default: try operate()
        }
    }

    private func passDays() {
        // The loaded calendars end with 2026; a run stays well inside.
        guard today.year < 2026 else { return }
        today = today.adding(days: 1 + dice.below(dice.happens(200) ? 40 : 6))
        note("it becomes \(today)")
    }

    // MARK: Requests

    /// Somebody makes a request; it is sent when its turn comes, and again until its outcome is known.
    func post(_ service: ServiceName, _ target: String, _ body: String = "", as actor: Actor) {
        requestCount += 1
        requests.append(
            Request(service: service, method: .post, target: target, body: body, actor: actor, key: "request-\(seed)-\(requestCount)"))
    }

    /// Sends one request to some instance. True when that changed anything.
    @discardableResult
    func ask(_ index: Int, of instance: Instance?) throws -> Bool {
        guard let instance = instance ?? dice.pick(instances(of: requests[index].service)) else { return false }
        // Taken out while it is under way: what happens in between may make other requests.
        var request = requests.remove(at: index)
        request.attempts += 1
        guard let reply = try instance.answer(request) else {
            requests.append(request)
            return true
        }
        guard reply.status < 500, !(reply.status == 409 && reply.headers.contains { $0.name.lowercased() == "retry-after" }) else {
            requests.append(request)
            // What nobody can answer to the end is given up; a store that is away or overtaken is asked again.
            if request.attempts > 40 { throw Broken("\(request.target) never ends: \(String(decoding: reply.body, as: UTF8.self))") }
            return request.attempts < 30
        }
        if let first = request.outcome {
            guard first.status == reply.status, first.body == reply.body else {
                throw Broken(
                    "\(request.target) asked again under \(request.key) ended otherwise: \(first.status) \(String(decoding: first.body, as: UTF8.self)), "
                        + "then \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
            }
        } else {
            note("\(request.target) of \(request.actor.user): \(reply.status)")
        }
        request.outcome = (reply.status, reply.body)
        answered.append(request)
        if answered.count > 60 { answered.removeFirst(20) }
        return true
    }

    /// A client that never heard its answer sends its request once more.
    private func askAgain() throws {
        if dice.happens(500), !requests.isEmpty {
            try ask(dice.below(requests.count), of: nil)
        } else if !answered.isEmpty {
            requests.append(answered.remove(at: dice.below(answered.count)))
            try ask(requests.count - 1, of: nil)
        }
    }

    /// Sends whatever has no outcome yet. True when something came of it.
    func askAll() throws -> Bool {
        var found = false
        for key in requests.map(\.key) {
            guard let index = requests.firstIndex(where: { $0.key == key }) else { continue }
            found = try ask(index, of: nil) || found
        }
        return found
    }

    /// Makes a request and sends it, once.
    func send(_ service: ServiceName, _ target: String, _ body: String = "", as actor: Actor) throws {
        post(service, target, body, as: actor)
        try ask(requests.count - 1, of: nil)
    }

    /// What somebody sees who looks: the store as it is, not as a list shows it.
    func look<Result>(at service: ServiceName, _ sql: SQL, _ map: (borrowing Row) throws -> Result) throws -> [Result] {
        try reader(of: service).read { try $0.rows(sql, map) }
    }
}
