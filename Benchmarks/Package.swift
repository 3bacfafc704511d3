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
        // Replicas of Raft in rounds: the counterpart of peers/etcd-raft.
        .target(
            name: "RaftRounds", dependencies: [.product(name: "MeshCore", package: "mesh")],
            swiftSettings: houseSettings),
        .executableTarget(name: "raft-rounds", dependencies: ["RaftRounds"], swiftSettings: houseSettings),
        // The same with allocations counted, which costs a little time.
        .executableTarget(
            name: "raft-rounds-counted", dependencies: ["RaftRounds", "CAllocationCount"],
            swiftSettings: houseSettings),
        // What the allocator holds.
        .target(name: "CMemory"),
        // What a product would pick for its log otherwise: Debian's libsqlite3-dev.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // The log on real files beside a bare loop of write and sync, and beside SQLite.
        .executableTarget(
            name: "storage-bench",
            dependencies: [
                "CSQLite",
                .product(name: "MeshCore", package: "mesh"),
                .product(name: "MeshRuntime", package: "mesh"),
            ],
            swiftSettings: houseSettings),
        // Membership by SWIM in groups of up to ten thousand.
        .executableTarget(
            name: "swim-scale",
            dependencies: [
                "CMemory",
                .product(name: "MeshCore", package: "mesh"),
                .product(name: "Simulator", package: "mesh"),
            ],
            swiftSettings: houseSettings),
        // Bytes and time of finding out how two states differ.
        .executableTarget(
            name: "reconcile", dependencies: [.product(name: "MeshCore", package: "mesh")],
            swiftSettings: houseSettings),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CAllocationCount",
                "RaftRounds",
                .product(name: "MeshCore", package: "mesh"),
                .product(name: "Simulator", package: "mesh"),
                .product(name: "Scenarios", package: "mesh"),
            ],
            swiftSettings: houseSettings),
    ]
)
