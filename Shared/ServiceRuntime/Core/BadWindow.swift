/// The last outcomes of one source: tells a bad record now and then from a bad release at its publisher.
///
/// Kept only while there is something bad in it, so that a healthy source costs nothing.
struct BadWindow {
    private var bad: [Bool] = []
    private var next = 0
    private var count = 0
    private var run = 0

    /// Nothing bad among the last records: need not be kept.
    var isClean: Bool { count == 0 }

    /// Adds one outcome; says why the source has to be stopped, if it has.
    mutating func add(isBad: Bool) -> String? {
        if bad.count < CoreLimits.badWindow {
            bad.append(isBad)
        } else {
            if bad[next] { count -= 1 }
            bad[next] = isBad
            next = (next + 1) % CoreLimits.badWindow
        }
        guard isBad else {
            run = 0
            return nil
        }
        count += 1
        run += 1
        if run > CoreLimits.consecutiveBadRecords { return "more than \(CoreLimits.consecutiveBadRecords) unusable records in a row" }
        if bad.count == CoreLimits.badWindow, count * 100 > CoreLimits.badWindow * CoreLimits.badPercent {
            return "\(count) of the last \(CoreLimits.badWindow) records were unusable"
        }
        return nil
    }
}
