import Vocabulary

/// Age from a month of birth; the day stays in Registration.
enum Age {
    /// Completed years on `date`, taking the last day of the month as the birthday: nobody is counted as too old before it is certain.
    /// Nil when the month of birth lies after `date`.
    static func inYears(bornIn month: YearMonth, on date: LocalDate) -> Int? {
        guard month <= date.month else { return nil }
        return max(0, month.last.completedYears(on: date))
    }
}
