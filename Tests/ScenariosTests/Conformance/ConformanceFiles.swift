import Foundation
import Scenarios
import Testing

/// The data-driven files on the disk.
enum ConformanceFiles {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A file and its content.
    struct File: Sendable, CustomTestStringConvertible {
        var name: String
        var content: [UInt8]
        var testDescription: String { name }
    }

    /// The files of a folder of this repository, sorted.
    static func own(_ folder: String) throws -> [File] {
        try read(root.appendingPathComponent("Tests/Conformance/\(folder)"))
    }

    /// etcd's quorum tests, if they stand beside this repository.
    static func etcdQuorum() -> [File] {
        let candidates = ["../shared", "../../shared"].map {
            root.appendingPathComponent("\($0)/vectors/etcd-raft/quorum").standardized
        }
        return candidates.lazy.compactMap { try? read($0) }.first ?? []
    }

    private static func read(_ folder: URL) throws -> [File] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().filter { $0.hasSuffix(".txt") }
            .map { File(name: $0, content: [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))) }
    }

    /// What differs in a file, as the command would show it; empty when all agrees.
    static func differences(_ file: File) throws -> (cases: Int, text: String) {
        let outcome = try Conformance.check(file.content)
        return (outcome.caseCount, outcome.differences.map { $0.render(file: file.name) }.joined())
    }
}
