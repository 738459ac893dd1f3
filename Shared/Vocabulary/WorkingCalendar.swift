/// Working days (工作日) as the State Council announces them: weekends and holidays are out, adjusted Saturdays and Sundays (调休) are in.
///
/// Pure and immutable. Knows whole years only; nothing is guessed about a year that was not announced.
public struct WorkingCalendar: Sendable {
    /// Years whose announcement is loaded.
    public let years: ClosedRange<Int>
    private let firstDay: LocalDate
    // One entry a day of `years`.
    private let working: [Bool]

    /// A day whose year was not announced yet.
    public struct YearNotLoaded: Error, Hashable, Sendable {
        public static let code = "CALENDAR_YEAR_NOT_LOADED"
        public let year: Int
        public init(year: Int) { self.year = year }
    }

    /// A deadline. Provisional: it crosses into a year without a loaded calendar, whose weekends alone were left out, and is to be computed
    /// again when that year is announced.
    public struct DueDate: Hashable, Sendable {
        public let date: LocalDate
        public let provisional: Bool

        public init(date: LocalDate, provisional: Bool) {
            self.date = date
            self.provisional = provisional
        }
    }

    /// Days that differ from the ordinary week. `off` and `work` may name any day of `years`.
    public init(years: ClosedRange<Int>, off: Set<LocalDate>, work: Set<LocalDate>) {
        self.years = years
        firstDay = LocalDate(year: years.lowerBound, month: 1, day: 1)!
        let last = LocalDate(year: years.upperBound, month: 12, day: 31)!
        working = (firstDay...last).map { day in work.contains(day) || (day.weekday <= 5 && !off.contains(day)) }
    }

    /// Throws `YearNotLoaded`.
    public func isWorkingDay(_ date: LocalDate) throws(YearNotLoaded) -> Bool {
        guard let known = known(date) else { throw YearNotLoaded(year: date.year) }
        return known
    }

    /// The `count`-th working day after `date`; the day of the event itself is not counted (民法典 article 201). Throws `YearNotLoaded`
    /// where the way leads through a year that is not loaded.
    public func adding(workingDays count: Int, to date: LocalDate) throws(YearNotLoaded) -> LocalDate {
        let due = dueDate(workingDays: count, from: date)
        guard !due.provisional else { throw YearNotLoaded(year: due.date.year) }
        return due.date
    }

    /// As `adding`, but goes on into years that are not loaded and says so.
    public func dueDate(workingDays count: Int, from date: LocalDate) -> DueDate {
        precondition(count >= 0, "a deadline lies ahead")
        var day = date
        var rest = count
        var provisional = false
        while rest > 0 {
            day = day.adding(days: 1)
            let known = known(day)
            if known == nil { provisional = true }
            if known ?? (day.weekday <= 5) { rest -= 1 }
        }
        return DueDate(date: day, provisional: provisional)
    }

    /// How many working days lie after `start` up to and including `end`. Throws `YearNotLoaded`.
    public func workingDays(after start: LocalDate, through end: LocalDate) throws(YearNotLoaded) -> Int {
        var count = 0
        var day = start.adding(days: 1)
        while day <= end {
            if try isWorkingDay(day) { count += 1 }
            day = day.adding(days: 1)
        }
        return count
    }

    private func known(_ date: LocalDate) -> Bool? {
        let index = Int(date.days - firstDay.days)
        return working.indices.contains(index) ? working[index] : nil
    }
}

extension WorkingCalendar {
    /// China's calendar from the module's resources, loaded once.
    public static let shared: WorkingCalendar = {
        var off: Set<LocalDate> = []
        var work: Set<LocalDate> = []
        for line in VocabularyResource.lines("Calendar/cn-holidays.csv") {
            let fields = line.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
            // A line that does not parse is a broken data file, whatever is wrong with it.
            guard fields.count == 3, let date = try? LocalDate(String(fields[0])), fields[1] == "off" || fields[1] == "work" else {
                preconditionFailure("cn-holidays.csv has a line that is not date,off|work,name")
            }
            if fields[1] == "off" { off.insert(date) } else { work.insert(date) }
        }
        let years = Set(off.map(\.year))
        guard let first = years.min(), let last = years.max(), years.count == last - first + 1 else {
            preconditionFailure("cn-holidays.csv names whole years without a gap")
        }
        return WorkingCalendar(years: first...last, off: off, work: work)
    }()
}
