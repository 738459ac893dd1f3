import ArgumentParser

struct Import: AsyncParsableCommand {
    func run() async throws {}
}
struct Run: AsyncParsableCommand {
    func run() async throws {}
}
struct Demo: AsyncParsableCommand {
    func run() async throws {}
}
