import Foundation

/// The module's data files. Read once each by a lazy `shared`; a missing file is a broken installation and traps with its name.
enum VocabularyResource {
    static func bytes(_ path: String) -> [UInt8] {
        let file = Bundle.module.bundleURL.appendingPathComponent("Resources/" + path)
        do { return [UInt8](try Data(contentsOf: file)) } catch {
            preconditionFailure("the data file \(path) of Vocabulary is missing beside the executable: \(error)")
        }
    }

    /// The lines after the heading, without line ends.
    static func lines(_ path: String) -> [String] {
        String(decoding: bytes(path), as: UTF8.self).split(whereSeparator: \.isNewline).dropFirst().map(String.init)
    }
}
