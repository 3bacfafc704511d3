// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every target: Swift 6, no implicit imports, unsafe code marked, no warning left.
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
    .define("MUTANTS", .when(traits: ["Mutants"])),
]

let package = Package(
    name: "mesh",
    products: [
        .library(name: "MeshCore", targets: ["MeshCore"]),
        .library(name: "Simulator", targets: ["Simulator"]),
        .library(name: "Scenarios", targets: ["Scenarios"]),
        .library(name: "MeshRuntime", targets: ["MeshRuntime"]),
        .executable(name: "mesh", targets: ["mesh"]),
    ],
    traits: [
        .trait(
            name: "Mutants", description: "Known bugs, planted behind a switch to test the checkers; never in a release"
        )
    ],
    targets: [
        // Pure: these three import nothing but each other and also compile as Embedded Swift for wasm32.
        .target(name: "MeshCore", swiftSettings: houseSettings),
        .target(name: "Simulator", dependencies: ["MeshCore"], swiftSettings: houseSettings),
        .target(name: "Scenarios", dependencies: ["MeshCore", "Simulator"], swiftSettings: houseSettings),
        // The same values on real files; the only library that touches the platform.
        .target(name: "MeshRuntime", dependencies: ["MeshCore"], swiftSettings: houseSettings),
        // The command line: arguments, files, colours, exit codes.
        .executableTarget(
            name: "mesh", dependencies: ["MeshCore", "Simulator", "Scenarios", "MeshRuntime"],
            swiftSettings: houseSettings),
        // Writes to a log until it is killed; for the tests of MeshRuntime.
        .executableTarget(name: "log-writer", dependencies: ["MeshCore", "MeshRuntime"], swiftSettings: houseSettings),
        // Decodes millions of damaged messages; a step of scripts/test, no product.
        .executableTarget(
            name: "fuzz-decoders", dependencies: ["MeshCore", "MeshTestKit"], swiftSettings: houseSettings),
        // Reads millions of damaged logs; a step of scripts/test, no product. libFuzzer uses the library as well.
        .target(name: "LogFuzz", dependencies: ["MeshCore", "Simulator"], swiftSettings: houseSettings),
        .executableTarget(name: "fuzz-wal", dependencies: ["MeshCore", "LogFuzz"], swiftSettings: houseSettings),
        // Plants known bugs and shows that a checker catches each; does nothing without the trait Mutants.
        .executableTarget(
            name: "mutants", dependencies: ["MeshCore", "Simulator", "Scenarios"], swiftSettings: houseSettings),
        // Drivers and helpers for tests; no product.
        .target(name: "MeshTestKit", dependencies: ["MeshCore", "Simulator"], swiftSettings: houseSettings),
        .testTarget(
            name: "MeshCoreTests", dependencies: ["MeshCore", "MeshTestKit"], swiftSettings: houseSettings),
        .testTarget(
            name: "SimulatorTests", dependencies: ["MeshCore", "Simulator", "MeshTestKit"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "ScenariosTests", dependencies: ["MeshCore", "Simulator", "Scenarios"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "MeshRuntimeTests", dependencies: ["MeshCore", "MeshRuntime", "log-writer"],
            swiftSettings: houseSettings),
        .testTarget(name: "CommandTests", dependencies: ["mesh"], swiftSettings: houseSettings),
        .testTarget(name: "HouseTests", swiftSettings: houseSettings),
    ]
)

// The sanitizers look at what stands on unsafe code, and need no command line built for that.
if Context.environment["MESH_SANITIZE"] != nil {
    let names = ["MeshCore", "Simulator", "MeshTestKit", "MeshCoreTests", "SimulatorTests"]
    package.targets.removeAll { !names.contains($0.name) }
    package.products.removeAll { !names.contains($0.name) }
}
