// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nothing of it weighs on the gateway's build. The targets that are measured are links to the gateway's own
// sources: access level `package` ends at a package, and what is measured is then built here, with this package's optimisation.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
    name: "plugin-gateway-benchmarks",
    products: [
        .executable(name: "translation-bench", targets: ["translation-bench"]),
        .executable(name: "translation-allocations", targets: ["translation-allocations"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")
    ],
    targets: [
        // Links to ../Sources.
        .target(name: "DataFrames", swiftSettings: settings),
        .target(name: "Translation", dependencies: ["DataFrames"], swiftSettings: settings),
        .target(name: "PluginProtocolV1", dependencies: [protobuf], swiftSettings: settings),

        // malloc and its family, counted.
        .target(name: "CAllocations"),
        // What is run, on what, and how it is counted.
        .target(
            name: "TranslationWorkloads", dependencies: ["Translation", "DataFrames", "CAllocations"], swiftSettings: settings),
        // Times and goals, beside other decoders of the same messages.
        .executableTarget(
            name: "translation-bench",
            dependencies: ["TranslationWorkloads", "PluginProtocolV1", "CAllocations", protobuf],
            swiftSettings: settings),
        // The gate of CI: counts only. It carries nothing that takes long to build.
        .executableTarget(
            name: "translation-allocations", dependencies: ["TranslationWorkloads"], swiftSettings: settings),
    ]
)
