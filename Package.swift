// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 language mode with every warning an error, for every target of ours.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

/// A module of Shared/.
func shared(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude, resources: resources, swiftSettings: strict)
}

/// One of the five services: the same inner shape, the same dependencies.
func service(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "Vocabulary", "Contracts", "Messaging", "Persistence", "ServiceRuntime", .product(name: "Crypto", package: "swift-crypto"),
        ],
        path: "Services/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", exclude: exclude, resources: resources,
        swiftSettings: strict)
}

let package = Package(
    name: "CareLoop",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "careloop-registration", targets: ["Registration"]),
        .executable(name: "careloop-screening", targets: ["Screening"]),
        .executable(name: "careloop-rehabilitation", targets: ["Rehabilitation"]),
        .executable(name: "careloop-employment", targets: ["Employment"]),
        .executable(name: "careloop-reporting", targets: ["Reporting"]),
        .executable(name: "careloop", targets: ["CareLoopTool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: [
        .systemLibrary(name: "CRdKafka", path: "Shared/CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CSQLiteSettings", path: "Shared/CSQLiteSettings", linkerSettings: [.linkedLibrary("sqlite3")]),
        shared(
            "SQLiteStatements",
            ["CSQLiteSettings", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        shared("Vocabulary", [], resources: [.copy("Resources")]),
        shared(
            "Contracts",
            ["Vocabulary", .product(name: "SwiftProtobuf", package: "swift-protobuf"), .product(name: "Crypto", package: "swift-crypto")],
            exclude: ["Schemas"]),
        shared("Messaging", ["CRdKafka", "SQLiteStatements", "Vocabulary"]),
        shared("Persistence", ["Vocabulary", "Contracts", "SQLiteStatements", "CPostgres", .product(name: "GRDB", package: "GRDB.swift")]),
        shared(
            "ServiceRuntime",
            [
                "Vocabulary", "Contracts", "Messaging", "Persistence",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        service("Registration"), service("Screening"), service("Rehabilitation"), service("Employment"), service("Reporting"),
        .executableTarget(
            name: "CareLoopTool",
            dependencies: [
                "Vocabulary", "Contracts", "Messaging", "Persistence", "SQLiteStatements", "ServiceRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ],
            path: "Services/CommandLine", swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["ServiceRuntime", "Vocabulary", "Contracts", "Messaging", "Persistence"],
            path: "Tests/TestSupport", swiftSettings: strict),
        tests("Vocabulary", ["Vocabulary"], resources: [.copy("Vectors")]),
        tests(
            "Contracts", ["Contracts", "Vocabulary", "TestSupport", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            resources: [.copy("Golden"), .copy("Released")]),
        tests("Messaging", ["Messaging", "CRdKafka", "SQLiteStatements", "TestSupport"]),
        tests("Persistence", ["Persistence", "TestSupport", "Vocabulary", "Contracts"]),
        tests("ServiceRuntime", ["ServiceRuntime", "TestSupport", "Vocabulary", "Contracts", "Messaging", "Persistence"]),
        tests("Registration", ["Registration", "ServiceRuntime", "TestSupport"]),
        tests("Screening", ["Screening", "CareLoopTool", "ServiceRuntime", "TestSupport"]),
        tests("Rehabilitation", ["Rehabilitation", "ServiceRuntime", "TestSupport"]),
        tests("Employment", ["Employment", "ServiceRuntime", "TestSupport"]),
        tests("Reporting", ["Reporting", "ServiceRuntime", "TestSupport"]),
        tests(
            "Simulation",
            [
                "Registration", "Screening", "Rehabilitation", "Employment", "Reporting", "ServiceRuntime", "Vocabulary", "Contracts",
                "Messaging", "Persistence", .product(name: "Logging", package: "swift-log"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        tests(
            "Security",
            [
                "Registration", "Screening", "Rehabilitation", "Employment", "Reporting", "CareLoopTool", "ServiceRuntime", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        tests("CommandLine", ["CareLoopTool"]),
        tests(
            "System", ["ServiceRuntime", "Messaging", "Persistence", "Contracts", "SQLiteStatements", "TestSupport"],
            exclude: ["ForeignClients", "Browser"]),
        tests("Style", []),
        // The plain C program that Benchmarks compares Messaging with.
        .executableTarget(name: "KafkaBaseline", dependencies: ["CRdKafka"], path: "Tests/KafkaBaseline"),
        .executableTarget(
            name: "Benchmarks", dependencies: ["Vocabulary", "Contracts", "Messaging", "Persistence", "ServiceRuntime"],
            path: "Tests/Benchmarks", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// For work on one module while another is in pieces: CARELOOP_TESTS=Vocabulary,Contracts keeps only those test targets.
if let only = Context.environment["CARELOOP_TESTS"] {
    let kept = Set(only.split(separator: ",").map { "\($0)Tests" })
    package.targets.removeAll { $0.type == .test && !kept.contains($0.name) }
}
