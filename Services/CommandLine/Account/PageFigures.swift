/// The figures that Reporting shows, asked over HTTP like any dashboard.
struct PageFigures: Sendable {
    let system: CareSystem
    let world: World

    func read() async throws -> [String: Int64] { [:] }
}
