import ServiceRuntime

@main enum Main {
    static func main() async throws { try await ServiceRuntime.run(ReportingService.definition) }
}
