import Foundation
import Vocabulary

/// The machine's clock, for record timestamps and rates; business dates come from the services.
enum SystemInstant {
    static func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
