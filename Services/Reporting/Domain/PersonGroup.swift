import Contracts
import ServiceRuntime
import Vocabulary

/// What is known of a person under one id, such that several ids of one person can be read as one.
protocol PersonTally: Hashable, Sendable {
    associatedtype Command: Sendable
    /// What the flags are read with: a policy's number, or nothing.
    associatedtype Setting: Sendable

    init()
    func counting(_ command: Command) -> Self
    /// The same whatever the order of `tallies`.
    static func together(_ tallies: [Self]) -> Self
    func flags(_ setting: Setting) -> Set<Flag>
}

/// One person under every id it has. A merge is an alias: the tallies of both ids stay as they were counted and are read as one; an unmerge
/// takes the alias away and they part again. Merges of several ids may come in any order, even in a ring while an unmerge is on its way.
///
/// Every id has a row. One of a group's rows holds the group, the others say which: whoever changes a group saves the row that holds it, and
/// whoever moves it saves all of them, so two instances never count one person in two places.
struct PersonGroup<Tally: PersonTally>: Hashable, Sendable {
    struct Alias: Hashable, Sendable {
        var merged: PersonID
        var kept: PersonID
    }

    /// The id whose row holds this one's tally; nil where this row holds it.
    var heldBy: PersonID?
    var tallies: [PersonID: Tally] = [:]
    var aliases: Set<Alias> = []

    init() {}
    init(heldBy holder: PersonID) { heldBy = holder }

    /// Counted once for all ids.
    func flags(_ setting: Tally.Setting) -> Set<Flag> {
        tallies.isEmpty ? [] : Tally.together(Array(tallies.values)).flags(setting)
    }

    /// Everybody whose row speaks of this group, without its holder `id`.
    func others(than id: PersonID) -> [PersonID] {
        Set(tallies.keys).union(aliases.flatMap { [$0.merged, $0.kept] }).subtracting([id]).sorted()
    }

    func joined(_ other: PersonGroup, by alias: Alias) -> PersonGroup {
        var group = self
        group.tallies.merge(other.tallies) { mine, _ in mine }
        group.aliases.formUnion(other.aliases)
        group.aliases.insert(alias)
        return group
    }

    /// Without `alias`: what still hangs together with `holder`, and what no longer does. The second is empty where another way is left.
    func parted(at alias: Alias, holder: PersonID) -> (kept: PersonGroup, gone: PersonGroup) {
        var left = self
        left.aliases.remove(alias)
        var reached: Set<PersonID> = [holder]
        var open = [holder]
        while let next = open.popLast() {
            for known in left.aliases where known.merged == next || known.kept == next {
                let other = known.merged == next ? known.kept : known.merged
                if reached.insert(other).inserted { open.append(other) }
            }
        }
        var gone = PersonGroup()
        gone.aliases = left.aliases.filter { !reached.contains($0.merged) }
        gone.tallies = left.tallies.filter { !reached.contains($0.key) }
        left.aliases.subtract(gone.aliases)
        left.tallies = left.tallies.filter { reached.contains($0.key) }
        return (left, gone)
    }
}

/// Keeps one row of a group and says which figures change.
enum PersonGroupRules<Tally: PersonTally>: Decider {
    enum Command: Sendable {
        case count(PersonID, Tally.Command, Tally.Setting)
        /// A merge or an unmerge has changed who stands here.
        case become(PersonGroup<Tally>, Tally.Setting)
    }

    struct Event: Sendable {
        let group: PersonGroup<Tally>
        let changes: [Change]
    }

    typealias State = PersonGroup<Tally>
    typealias Refused = NeverRefused

    static func decide(_ command: Command, given group: PersonGroup<Tally>?) throws(Refused) -> [Event] {
        let before = group ?? PersonGroup()
        switch command {
        case .count(let person, let what, let setting):
            var after = before
            after.tallies[person] = (before.tallies[person] ?? Tally()).counting(what)
            return [Event(group: after, changes: Change.between(before.flags(setting), after.flags(setting)))]
        case .become(let after, let setting):
            guard after != before else { return [] }
            return [Event(group: after, changes: Change.between(before.flags(setting), after.flags(setting)))]
        }
    }

    static func evolve(_ group: PersonGroup<Tally>?, with event: Event) -> PersonGroup<Tally> { event.group }
}

/// Reporting counts what has happened; nobody can be told no.
enum NeverRefused: String, Refusal { case never = "NEVER_REFUSED" }

extension Cell {
    /// A fixed order of cells, by month first: which of several counts must not depend on what arrived first.
    static func isEarlier(_ a: Cell, _ b: Cell) -> Bool {
        (a.month, a.region, a.sex?.rawValue ?? "", a.band?.rawValue ?? "") < (
            b.month, b.region, b.sex?.rawValue ?? "", b.band?.rawValue ?? ""
        )
    }
}
