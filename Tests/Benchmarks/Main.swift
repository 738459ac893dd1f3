import Foundation

/// `make bench`: rates on this machine. Compare pairs within one run; machines are noisy.
@main
enum Benchmarks {
    static func main() async {
        do { try await run(Array(CommandLine.arguments.dropFirst())) } catch {
            FileHandle.standardError.write(Data("Benchmarks: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        let all = arguments.isEmpty
        if all || arguments[0] == "executor" { try executorBenchmark(Array(arguments.dropFirst())) }
        if all || arguments[0] == "sync" { try syncBenchmark() }
        if all || arguments[0] == "event-log" { try eventLogBenchmark(Array(arguments.dropFirst())) }
        if all || arguments[0] == "kafka" { try kafkaBenchmark(Array(arguments.dropFirst())) }
        if all || arguments[0] == "import" { try await importBenchmark(Array(arguments.dropFirst())) }
    }
}
