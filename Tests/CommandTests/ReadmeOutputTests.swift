import Foundation
import Testing

/// What README.md shows of the command is what it prints.
@Suite("The sample outputs of README.md")
struct ReadmeOutputTests {
    /// A command and what is shown of its output.
    private struct Sample {
        var arguments: [String]
        var lines: [String]
    }

    /// The blocks that begin with `$ mesh`.
    private static func samples() throws -> [Sample] {
        let file = MeshCommand.root.appendingPathComponent("README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        var samples: [Sample] = []
        var isInside = false
        var isOutput = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside.toggle()
                isOutput = false
            } else if isInside, line.hasPrefix("$ mesh ") {
                samples.append(Sample(arguments: line.split(separator: " ").dropFirst(2).map(String.init), lines: []))
                isOutput = true
            } else if isOutput, let last = samples.indices.last {
                samples[last].lines.append(String(line))
            }
        }
        return samples
    }

    /// The files that the samples speak of.
    private static func prepare(_ folder: URL) throws {
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("scenarios"),
            withDestinationURL: MeshCommand.root.appendingPathComponent("scenarios"))
        let path = MeshCommand.root.appendingPathComponent("scenarios/raft/leader-cut-off.mesh")
        let sound = try String(contentsOf: path, encoding: .utf8)
        try Data(sound.replacing("partition {", with: "partiton {").utf8).write(
            to: folder.appendingPathComponent("typo.mesh"))
        let text = """
            scenario "A majority stays down"
            seed 4
            duration 5s

            cluster
              nodes 3
              run raft

            timeline
              at 2s  crash n1
              at 2s  crash n2

            expect
              at end: one leader

            """
        try Data(text.utf8).write(to: folder.appendingPathComponent("never-restarted.mesh"))
    }

    /// The text without what depends on the machine.
    private static func masked(_ line: some StringProtocol) -> String {
        String(line).replacing(/\ in [0-9.]+m?s \([0-9,]+x\)/, with: " in T (Nx)")
            .trimmingCharacters(in: .whitespaces)
    }

    @Test("Each line that is shown is printed, in this order, times aside")
    func shown() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mesh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.prepare(folder)
        let samples = try Self.samples()
        #expect(samples.count >= 3)
        for sample in samples {
            let result = try MeshCommand.run(sample.arguments, folder: folder)
            var printed = (result.output + result.error).split(separator: "\n").map { Self.masked($0) }[...]
            for line in sample.lines {
                let wanted = Self.masked(line)
                guard let place = printed.firstIndex(of: wanted) else {
                    Issue.record(
                        """
                        README.md shows after "mesh \(sample.arguments.joined(separator: " "))" the line
                          \(line)
                        which is not printed any more, or not there; show what is printed:
                        \(result.output)\(result.error)
                        """)
                    break
                }
                printed = printed[(place + 1)...]
            }
        }
    }
}
