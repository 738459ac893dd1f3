extension Reply {
    /// A refusal that is returned, not thrown: what the transaction wrote beside it, such as an audit entry, commits.
    public static func problem(_ problem: Problem, in catalogue: RefusalCatalogue, _ language: Language) -> Reply {
        catalogue.withChassis.reply(problem, language)
    }
}
