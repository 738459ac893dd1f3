import Foundation
import SwiftProtobuf
import Testing

/// Schemas only grow: what was released keeps its tags, names and types for ever.
struct SchemaCompatibilityTests {
    @Test func `today's schemas still say everything the released ones said`() throws {
        let released = try SchemaFiles.descriptors(of: try SchemaFiles.released())
        let current = try SchemaFiles.descriptors(of: try SchemaFiles.current())
        #expect(released.file.count >= 8)
        #expect(SchemaComparison.breaches(from: released, to: current) == [])
    }

    static let old = """
        enum Word { WORD_UNSTATED = 0; WORD_A = 1; WORD_B = 2; }
        message Inner { string x = 1; }
        message Event { string id = 1; optional int64 count = 2; Word word = 3; repeated Inner inner = 4; reserved 9; }
        """

    /// A change, and the breach it must be found to be; nil where it is allowed.
    static let changes: [(String, (String, String), String?)] = [
        ("nothing", ("", ""), nil),
        ("a new optional field", ("reserved 9;", "reserved 9; optional string later = 5;"), nil),
        ("a new word", ("WORD_B = 2;", "WORD_B = 2; WORD_C = 3;"), nil),
        ("a new message", ("message Inner", "message New { string y = 1; } message Inner"), nil),
        ("a removed field", ("optional int64 count = 2;", ""), "Event.count (2) is gone"),
        ("a reused tag", ("optional int64 count = 2;", "optional int64 total = 2;"), "Event.count (2) is now called total"),
        ("a changed type", ("optional int64 count = 2;", "optional string count = 2;"), "Event.count (2) has changed its type"),
        ("a changed width", ("optional int64 count = 2;", "optional int32 count = 2;"), "Event.count (2) has changed its type"),
        ("another message", ("Word word = 3;", "Inner word = 3;"), "Event.word (3) has changed its type"),
        ("a moved field", ("string id = 1;", "string id = 6;"), "Event.id (1) is gone"),
        ("one instead of many", ("repeated Inner inner", "Inner inner"), "Event.inner (4) has changed its cardinality"),
        ("no longer optional", ("optional int64 count", "int64 count"), "Event.count (2) has changed its cardinality"),
        ("a reserved tag", ("reserved 9;", "string back = 9;"), "Event.back (9) uses a reserved tag"),
        ("a removed word", ("WORD_B = 2;", ""), "Word.WORD_B (2) is gone"),
        ("a renamed word", ("WORD_B = 2;", "WORD_Z = 2;"), "Word.WORD_B (2) is now called WORD_Z"),
        ("a removed message", ("message Inner { string x = 1; }", "message Other { string x = 1; }"), "Inner is gone"),
    ]

    @Test func `a breach is found and an addition is not`() throws {
        let released = try SchemaFiles.descriptors(of: [SchemaFiles.File(Self.old)])
        for (what, (part, replacement), breach) in Self.changes {
            var text = part.isEmpty ? Self.old : Self.old.replacing(part, with: replacement)
            if what == "a removed message" { text = text.replacing("repeated Inner", with: "repeated Other") }
            let current = try SchemaFiles.descriptors(of: [SchemaFiles.File(text)])
            let found = SchemaComparison.breaches(from: released, to: current)
            if let breach { #expect(found.contains(breach), "\(what): \(found)") } else { #expect(found == [], "\(what)") }
        }
    }
}

/// What of a released schema a later one no longer says.
enum SchemaComparison {
    static func breaches(from old: Google_Protobuf_FileDescriptorSet, to new: Google_Protobuf_FileDescriptorSet) -> [String] {
        let messages = index(new.file.flatMap { file in file.messageType.map { (file.package, $0.name, $0) } })
        let enums = index(new.file.flatMap { file in file.enumType.map { (file.package, $0.name, $0) } })
        var found: [String] = []
        for file in old.file {
            for message in file.messageType {
                guard let now = messages["\(file.package).\(message.name)"] else {
                    found.append("\(message.name) is gone")
                    continue
                }
                found += fields(message, now)
            }
            for word in file.enumType {
                let now = enums["\(file.package).\(word.name)"]?.value ?? []
                for value in word.value {
                    let place = "\(word.name).\(value.name) (\(value.number))"
                    guard let same = now.first(where: { $0.number == value.number }) else {
                        found.append("\(place) is gone")
                        continue
                    }
                    if same.name != value.name { found.append("\(place) is now called \(same.name)") }
                }
            }
        }
        return found
    }

    private static func fields(_ old: Google_Protobuf_DescriptorProto, _ new: Google_Protobuf_DescriptorProto) -> [String] {
        var found: [String] = []
        for field in old.field {
            let place = "\(old.name).\(field.name) (\(field.number))"
            guard let now = new.field.first(where: { $0.number == field.number }) else {
                found.append("\(place) is gone")
                continue
            }
            if now.name != field.name { found.append("\(place) is now called \(now.name)") }
            if now.type != field.type || now.typeName != field.typeName { found.append("\(place) has changed its type") }
            if now.label != field.label || now.proto3Optional != field.proto3Optional || now.hasOneofIndex != field.hasOneofIndex {
                found.append("\(place) has changed its cardinality")
            }
        }
        for field in new.field where old.reservedRange.contains(where: { ($0.start..<$0.end).contains(field.number) }) {
            found.append("\(new.name).\(field.name) (\(field.number)) uses a reserved tag")
        }
        return found
    }

    private static func index<Value>(_ all: [(String, String, Value)]) -> [String: Value] {
        Dictionary(all.map { ("\($0.0).\($0.1)", $0.2) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Schema files, and protoc's reading of them.
enum SchemaFiles {
    struct File {
        /// Relative to the schema root, `careloop/v1/common.proto`.
        let path: String
        let text: String

        init(path: String, text: String) {
            self.path = path
            self.text = text
        }

        /// A file of its own in no particular place.
        init(_ body: String) { self.init(path: "example.proto", text: "syntax = \"proto3\";\npackage example;\n" + body) }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func current() throws -> [File] { try files(root.appendingPathComponent("Shared/Contracts/Schemas")) }

    static func released() throws -> [File] {
        try files(try #require(Bundle.module.url(forResource: "Released", withExtension: nil)))
    }

    private static func files(_ folder: URL) throws -> [File] {
        let own = folder.appendingPathComponent("careloop/v1")
        return try FileManager.default.contentsOfDirectory(atPath: own.path).filter { $0.hasSuffix(".proto") }.sorted().map {
            File(path: "careloop/v1/\($0)", text: try String(contentsOf: own.appendingPathComponent($0), encoding: .utf8))
        }
    }

    struct Refused: Error, CustomStringConvertible { let description: String }

    static func descriptors(of files: [File]) throws -> Google_Protobuf_FileDescriptorSet {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-schemas-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in files {
            let url = folder.appendingPathComponent(file.path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: url)
        }
        let output = folder.appendingPathComponent("set.bin")
        let protoc = Process()
        protoc.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        protoc.arguments = ["protoc", "-I", folder.path, "--descriptor_set_out=\(output.path)"] + files.map(\.path)
        try protoc.run()
        protoc.waitUntilExit()
        guard protoc.terminationStatus == 0 else {
            throw Refused(description: "protoc refused \(files.map(\.path)) or is not installed (Debian: protobuf-compiler)")
        }
        return try Google_Protobuf_FileDescriptorSet(serializedBytes: try Data(contentsOf: output))
    }
}
