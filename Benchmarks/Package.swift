// swift-tools-version: 6.2
import PackageDescription

/// The settings of the main package.
let houseSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "mesh-benchmarks",
    dependencies: [.package(name: "mesh", path: "..")],
    targets: [
        // Counts what the program allocates, by standing in for malloc.
        .target(name: "CAllocationCount"),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CAllocationCount",
                .product(name: "MeshCore", package: "mesh"),
                .product(name: "Simulator", package: "mesh"),
                .product(name: "Scenarios", package: "mesh"),
            ],
            swiftSettings: houseSettings),
    ]
)
