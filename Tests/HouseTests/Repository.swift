import Foundation

/// The files of this repository, read once.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file that a commit could hold: no build products, no hidden folders but `.ci`.
    static let files: [SourceFile] = paths().compactMap { path in
        guard let data = try? Data(contentsOf: root.appendingPathComponent(path)),
            let text = String(data: data, encoding: .utf8)
        else { return nil }
        return SourceFile(path: path, text: text)
    }

    private static func paths() -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
        var found: [String] = []
        for case let path as String in walk {
            let name = path.split(separator: "/").last ?? ""
            if name == ".build" || name == ".git" || name == ".swiftpm" || path == "out" {
                walk.skipDescendants()
                continue
            }
            var isFolder: ObjCBool = false
            _ = unsafe FileManager.default.fileExists(
                atPath: root.appendingPathComponent(path).path, isDirectory: &isFolder)
            if !isFolder.boolValue { found.append(path) }
        }
        return found.sorted()
    }
}
