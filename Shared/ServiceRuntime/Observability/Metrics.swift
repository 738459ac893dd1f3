import Synchronization

/// How often each code was answered; codes are words of the system, a few hundred at most.
final class RefusalCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func count(_ code: String) { counts.withLock { $0[code, default: 0] += 1 } }

    var samples: [Metrics.Sample] {
        counts.withLock { $0 }.sorted { $0.key < $1.key }.map { Metrics.Sample($0.value, labels: ["code": $0.key]) }
    }
}

/// The service's own registry of Prometheus metrics (text format 0.0.4). Counting allocates nothing; labels are fixed when a series is
/// made. They are words of the system, never ids of persons.
public final class Metrics: Sendable {
    /// Only ever grows.
    public final class Counter: Sendable {
        private let number = Atomic<Int>(0)

        public func add(_ amount: Int = 1) { number.wrappingAdd(amount, ordering: .relaxed) }
        public var value: Int { number.load(ordering: .relaxed) }
    }

    /// Seconds in fixed buckets.
    public final class Histogram: Sendable {
        /// Upper bounds, 1 ms to 10 s.
        public static let seconds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

        struct State {
            var counts: [Int]
            var sum = 0.0
        }

        let bounds: [Double]
        let state: Mutex<State>

        /// Records of a batch, 1 to 10,000.
        public static let records: [Double] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000]

        init(bounds: [Double]) {
            self.bounds = bounds
            state = Mutex(State(counts: [Int](repeating: 0, count: bounds.count + 1)))
        }

        public func observe(_ value: Double) {
            let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
            state.withLock {
                $0.counts[bucket] += 1
                $0.sum += value
            }
        }
    }

    /// One number read when somebody asks.
    public struct Sample: Sendable {
        public let labels: [String: String]
        public let value: Double

        public init(_ value: Double, labels: [String: String] = [:]) {
            self.labels = labels
            self.value = value
        }

        public init(_ value: Int, labels: [String: String] = [:]) { self.init(Double(value), labels: labels) }
    }

    /// What a family's numbers mean to Prometheus.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private enum Series: Sendable {
        case counter(Counter)
        case histogram(Histogram)
    }

    private struct Family: Sendable {
        let kind: Kind
        let help: String
        var series: [(labels: String, Series)] = []
        var read: (@Sendable () -> [Sample])?
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// The counter of that name and labels; the same one each time.
    public func counter(_ name: String, _ help: String, labels: [String: String] = [:]) -> Counter {
        families.withLock { families in
            let text = Self.text(labels)
            for case (text, .counter(let known)) in families[name]?.series ?? [] { return known }
            let made = Counter()
            families[name, default: Family(kind: .counter, help: help)].series.append((text, .counter(made)))
            return made
        }
    }

    /// The histogram of that name and labels; the same one each time.
    public func histogram(_ name: String, _ help: String, labels: [String: String] = [:], bounds: [Double] = Histogram.seconds) -> Histogram
    {
        families.withLock { families in
            let text = Self.text(labels)
            for case (text, .histogram(let known)) in families[name]?.series ?? [] { return known }
            let made = Histogram(bounds: bounds)
            families[name, default: Family(kind: .histogram, help: help)].series.append((text, .histogram(made)))
            return made
        }
    }

    /// A histogram that somebody else keeps, under a name of this registry.
    func expose(_ name: String, _ help: String, _ histogram: Histogram) {
        families.withLock { $0[name] = Family(kind: .histogram, help: help, series: [("", .histogram(histogram))]) }
    }

    /// Numbers that `read` looks up whenever metrics are asked for.
    public func sampled(_ name: String, _ help: String, _ kind: Kind = .gauge, _ read: @escaping @Sendable () -> [Sample]) {
        families.withLock { $0[name] = Family(kind: kind, help: help, read: read) }
    }

    /// All of it as Prometheus reads it, families by name.
    public var text: String {
        let families = families.withLock { $0 }.sorted { $0.key < $1.key }
        var out = ""
        for (name, family) in families {
            out += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind.rawValue)\n"
            for sample in family.read?() ?? [] { out += "\(name)\(Self.braced(Self.text(sample.labels))) \(Self.number(sample.value))\n" }
            for (labels, series) in family.series {
                switch series {
                case .counter(let counter): out += "\(name)\(Self.braced(labels)) \(counter.value)\n"
                case .histogram(let histogram): out += Self.lines(name, labels, histogram)
                }
            }
        }
        return out
    }

    private static func lines(_ name: String, _ labels: String, _ histogram: Histogram) -> String {
        let state = histogram.state.withLock { $0 }
        let before = labels.isEmpty ? "" : labels + ","
        var out = ""
        var total = 0
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? number(histogram.bounds[index]) : "+Inf"
            out += "\(name)_bucket{\(before)le=\"\(bound)\"} \(total)\n"
        }
        return out + "\(name)_sum\(braced(labels)) \(number(state.sum))\n\(name)_count\(braced(labels)) \(total)\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
    private static func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    private static func text(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.map { character -> String in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }.joined()
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }
}
