import Foundation
import MeshCore

/// The files of the folder `scenarios` and what else tests read from the repository.
enum ScenarioFiles {
    /// The root of the repository.
    static let root: URL = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url
    }()

    /// Every scenario file, relative to the folder, in the order of the names.
    static let names: [String] = {
        let folder = root.appendingPathComponent("scenarios")
        let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(".mesh") }.sorted()
    }()

    /// The bytes of a scenario file.
    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appendingPathComponent("scenarios").appendingPathComponent(name)))
    }
}
