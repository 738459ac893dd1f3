import ServiceRuntime

@main enum Main {
    static func main() async { await ServiceRuntime.run("rehabilitation", RehabilitationService.define) }
}
