import Foundation

/// Where a browser finds the pages of the other services: the file `CARELOOP_PAGE_ADDRESSES` names, one `service address` a line. Read when a
/// page needs it, so that a service may start before the others have an address.
public struct PageAddresses: Sendable {
    let file: String?

    public init(file: String?) { self.file = file }

    /// Without a last slash; nil when it is not known.
    func address(of service: String) -> String? {
        // A file that is not there yet is an answer here: the page then has no link.
        guard let file, let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, parts[0] == service, parts[1].hasPrefix("http://") || parts[1].hasPrefix("https://") else { continue }
            return parts[1].hasSuffix("/") ? String(parts[1].dropLast()) : String(parts[1])
        }
        return nil
    }
}
