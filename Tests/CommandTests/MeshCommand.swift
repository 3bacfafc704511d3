import Foundation
import Testing

/// The built command, run as a user runs it.
struct MeshCommand {
    /// What a call ended with.
    struct Result {
        var status: Int32
        var output: String
        var error: String
    }

    /// The folder of this package.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The command stands beside the tests that were built with it.
    static var executable: URL {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("mesh")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return root.appendingPathComponent(".build/debug/mesh")
    }

    /// Runs `mesh` in the package's folder.
    static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
        try run(arguments, environment: environment)
    }

    /// Runs `mesh` in the package's folder, or in another.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], folder: URL = root
    ) throws -> Result {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        let errorData = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
            error: String(decoding: errorData, as: UTF8.self))
    }

    /// Writes a scenario into a folder of its own and hands its path over.
    static func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("test.mesh")
        try Data(text.utf8).write(to: file)
        try body(file.path)
    }
}

/// A small scenario that holds.
let goodScenario = """
    scenario "A small cluster"
    about "For the tests of the command."
    seeds 1..3
    duration 3s

    cluster
      nodes 3
      run raft

    workload kv
      clients 2  rate 20/s

    expect
      always raft-safety
      within 1s: one leader

    """

/// A scenario that cannot hold: nobody restarts the majority.
let brokenScenario = """
    scenario "A majority stays down"
    about "For the tests of the command."
    seed 4
    duration 5s

    cluster
      nodes 3
      run raft

    timeline
      at 2s  crash n1
      at 2s  crash n2

    expect
      always raft-safety
      at end: one leader

    """
