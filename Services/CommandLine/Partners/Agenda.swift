import Vocabulary

/// The parts of a day, in order. Between two of them the system comes to rest, so that the result does not depend on who was faster.
enum Phase: Int, CaseIterable, Comparable, Sendable {
    case publish, choose, answer, decline, assist, months, settle, adults

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What partners still have to do, by day and part of the day. Things of one part are done in the order of their names.
struct Agenda<Errand: Sendable>: Sendable {
    private var entries: [LocalDate: [Phase: [String: Errand]]] = [:]
    private let calendar = WorkingCalendar.shared

    /// One errand for each (day, phase, name): a second of the same name replaces the first.
    mutating func add(_ errand: Errand, _ name: String, _ phase: Phase, on day: LocalDate) {
        entries[day, default: [:]][phase, default: [:]][name] = errand
    }

    /// As `add`, on `day` or the first working day after it: offices are closed on the others.
    mutating func addWorking(_ errand: Errand, _ name: String, _ phase: Phase, on day: LocalDate) {
        add(errand, name, phase, on: workingDay(day))
    }

    /// Takes what is due, in order of names.
    mutating func take(_ phase: Phase, on day: LocalDate) -> [(name: String, errand: Errand)] {
        guard let due = entries[day]?.removeValue(forKey: phase) else { return [] }
        return due.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    mutating func forget(before day: LocalDate) { entries = entries.filter { $0.key >= day } }

    /// `day` itself when it is a working day.
    func workingDay(_ day: LocalDate) -> LocalDate {
        var day = day
        // A year without a calendar has its weekends off.
        while !((try? calendar.isWorkingDay(day)) ?? (day.weekday <= 5)) { day = day.adding(days: 1) }
        return day
    }

    /// The `count`-th working day after `day`.
    func after(_ day: LocalDate, workingDays count: Int) -> LocalDate { calendar.dueDate(workingDays: count, from: day).date }
}
