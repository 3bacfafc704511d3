import Foundation
import MeshCore
import Scenarios

/// A scenario file that was read.
struct ScenarioFile: Sendable {
    var path: String
    var scenario: Scenario
}

/// Reads scenario files and says clearly what is wrong with one that cannot be read.
enum Files {
    /// Finds the files behind operands: a file is itself, a folder is every file below it whose name ends so.
    ///
    /// - Throws: `UsageError` when something is not there, or a folder holds no such file.
    static func find(_ operands: [String], suffix: String = ".mesh") throws -> [String] {
        var paths: [String] = []
        for operand in operands {
            guard let isFolder = isFolder(operand) else {
                throw UsageError("\(operand): there is no such file", hint: hint(forMissing: operand, suffix))
            }
            guard isFolder else {
                paths.append(operand)
                continue
            }
            let found = below(operand, suffix)
            guard !found.isEmpty else { throw UsageError("\(operand): this folder holds no \(suffix) file") }
            paths += found
        }
        return paths
    }

    /// Whether a path is a folder; `nil` when there is nothing.
    private static func isFolder(_ path: String) -> Bool? {
        guard let values = try? FileManager.default.attributesOfItem(atPath: resolved(path)) else { return nil }
        return values[.type] as? FileAttributeType == .typeDirectory
    }

    /// The path behind symbolic links.
    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// Every file below a folder whose name ends so, sorted.
    private static func below(_ folder: String, _ suffix: String) -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: folder) else { return [] }
        var found: [String] = []
        for case let name as String in walker where name.hasSuffix(suffix) {
            found.append(folder.hasSuffix("/") ? folder + name : folder + "/" + name)
        }
        return found.sorted()
    }

    private static func hint(forMissing path: String, _ suffix: String) -> String? {
        let folder = (path as NSString).deletingLastPathComponent
        let name = (path as NSString).lastPathComponent
        let siblings = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return Suggestion.text(for: name, among: siblings.filter { $0.hasSuffix(suffix) })
            ?? (suffix == ".mesh" ? "\"mesh list\" shows the scenarios below the present folder." : nil)
    }

    /// Reads and parses a file.
    ///
    /// - Throws: `UsageError` when it cannot be read; `ScenarioError` with everything that is wrong in it.
    static func read(_ path: String) throws -> ScenarioFile {
        let source = try bytes(path)
        do {
            return ScenarioFile(path: path, scenario: try Scenario.parse(source))
        } catch {
            throw ScenarioError(text: error.errors.map { $0.render(source: source, file: path) }.joined())
        }
    }

    /// The bytes of a file.
    ///
    /// - Throws: `UsageError` when it cannot be read.
    static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { throw UsageError("\(path): cannot be read: \(text(of: errno))") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            return [UInt8](try handle.readToEnd() ?? Data())
        } catch {
            throw UsageError("\(path): cannot be read: \(reason(error))")
        }
    }

    /// Opens a file for writing, emptied; `-` is standard output.
    ///
    /// - Throws: `UsageError` when it cannot be written.
    static func writer(_ path: String) throws -> FileHandle {
        if path == "-" { return .standardOutput }
        do {
            try Data().write(to: URL(fileURLWithPath: path))
            return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        } catch {
            throw UsageError("\(path): cannot be written: \(reason(error))")
        }
    }

    /// Replaces a file's content; `-` is standard output.
    ///
    /// - Throws: `UsageError` when it cannot be written.
    static func write(_ bytes: [UInt8], to path: String) throws {
        if path == "-" { return Terminal.write(Data(bytes), to: .standardOutput) }
        do { try Data(bytes).write(to: URL(fileURLWithPath: resolved(path)), options: .atomic) } catch {
            throw UsageError("\(path): cannot be written: \(reason(error))")
        }
    }

    /// Replaces a file so that a reader, also after a crash, sees the old content or the new one.
    ///
    /// The new content goes into `PATH.new` first; only one process may do this to a file at a time.
    ///
    /// - Throws: `UsageError` when it cannot be written; the old content stays.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let draft = path + ".new"
        do {
            let file = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard file >= 0 else { throw UsageError("\(path): cannot be written: \(text(of: errno))") }
            let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
            try handle.write(contentsOf: Data(bytes))
            guard fsync(file) == 0 || errno == EINVAL else {
                throw UsageError("\(path): cannot be written: \(text(of: errno))")
            }
            try handle.close()
            guard unsafe rename(draft, path) == 0 else {
                throw UsageError("\(path): cannot be written: \(text(of: errno))")
            }
        } catch {
            _ = unsafe unlink(draft)
            if error is UsageError { throw error }
            throw UsageError("\(path): cannot be written: \(reason(error))")
        }
    }

    /// What the system says is wrong, in its own words.
    static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return cause.domain == NSPOSIXErrorDomain ? text(of: Int32(cause.code)) : cause.localizedDescription
    }

    /// The system's own words for what went wrong.
    static func text(of code: Int32) -> String { unsafe String(cString: strerror(code)) }
}

/// A scenario that is wrong, with the rendered mistakes.
struct ScenarioError: Error {
    var text: String
}
