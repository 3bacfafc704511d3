import Foundation
import MeshCore
import MeshRuntime

/// `mesh wal`: looks at a node's log on disk, judges it, and repairs what can be proven.
enum Wal {
    static let verb = Verb(
        name: "wal",
        summary: "look at the log a node keeps on disk, judge it, repair it",
        operands: "inspect FILE|FOLDER... | verify FOLDER... | repair FOLDER",
        options: [
            Option(
                name: "--content", value: "NAME",
                summary: "what the records are: mesh, raft, gossip, or any (default: mesh)"),
            Option(name: "--dry-run", value: nil, summary: "repair: only say what would be done"),
            Option(
                name: "--sector", value: "BYTES",
                summary: "the size of sectors where a file's header cannot be read (default: 512)"),
            Option(name: "--json", value: nil, summary: "print JSON, one object a line"),
        ],
        details: """
            inspect  shows every record with its offset, number, batch, size, checksum and content, whatever is broken
                     in between, and for a folder what recovery would do.
            verify   reads a whole log as a node that starts would.
            repair   puts files of no use aside, cuts a torn tail, and writes a header anew where the records behind it
                     prove what it was. Everything moved or cut is kept in FOLDER/aside-N. What was durable and cannot
                     be read is never guessed: the log stays as it is, and the reason is said.
            A log is read piece by piece, in little memory. A folder that a running node holds is only looked at.
            Exit status: 0 whole, 1 damaged, 2 not readable or a wrong argument.
            """,
        examples: [
            ("mesh replay scenarios/raft/leader-cut-off.mesh --disks disks", "has a log to look at for every node"),
            ("mesh wal inspect disks/n1", "everything on the disk of node 1"),
            ("mesh wal verify disks/n1 disks/n2 --json", "for a program"),
            ("mesh wal repair --dry-run disks/n1", "says what would be cut, moved aside or kept"),
        ],
        operandKind: .wordAndFiles(["inspect", "verify", "repair"]),
        run: { try run($0) })

    /// What a call asks for.
    struct Request {
        var settings = Storage.Settings()
        var isJSON: Bool
        var isDryRun: Bool

        init(_ arguments: Arguments) throws {
            isJSON = arguments.has("--json")
            isDryRun = arguments.has("--dry-run")
            if let sector = arguments.value("--sector") {
                settings.sectorBytes = try Values.count(sector, of: "--sector")
                do { try settings.check() } catch {
                    throw UsageError("--sector \(sector) cannot be", hint: error.description)
                }
            }
        }
    }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        let words = ["inspect", "verify", "repair"]
        guard let word = arguments.operands.first, words.contains(word) else {
            let given = arguments.operands.first.flatMap { Suggestion.text(for: $0, among: words) }
            throw UsageError(
                "\"mesh wal\" needs one of the words inspect, verify and repair",
                hint: given ?? "write \"mesh wal verify FOLDER\"")
        }
        let content = arguments.value("--content") ?? "mesh"
        switch content {
        case "mesh": return try run(word, arguments, as: MeshNode.Stable.self)
        case "raft": return try run(word, arguments, as: Raft.Stable.self)
        case "gossip": return try run(word, arguments, as: Gossip.Stable.self)
        case "any": return try run(word, arguments, as: Storage.Unread.self)
        case let other:
            throw UsageError(
                "there is no content \"\(other)\"",
                hint: Suggestion.text(for: other, among: ["mesh", "raft", "gossip", "any"])
                    ?? "mesh, raft, gossip and any are known.")
        }
    }

    private static func run<Stable: StableState>(
        _ word: String, _ arguments: Arguments, as content: Stable.Type
    ) throws -> ExitStatus {
        let request = try Request(arguments)
        let paths = Array(arguments.operands.dropFirst())
        guard !paths.isEmpty else {
            throw UsageError(
                "\"mesh wal \(word)\" needs the folder of a log",
                hint: "\"mesh replay FILE --disks FOLDER\" writes some to look at.")
        }
        guard word == "repair" || !request.isDryRun else { throw UsageError("--dry-run is for \"mesh wal repair\"") }
        var worst = ExitStatus.held
        switch word {
        case "inspect":
            for path in paths { worst = Replay.worse(worst, try inspect(path, request, as: content)) }
        case "verify":
            for path in paths {
                worst = Replay.worse(worst, try verify(folder(path), request, as: content))
            }
        case _:
            guard paths.count == 1 else { throw UsageError("\"mesh wal repair\" takes one folder") }
            worst = try repair(paths[0], request, as: content)
        }
        return worst
    }

    // MARK: - What an operand is

    /// Opens the folder of a log to read from.
    ///
    /// - Throws: `UsageError` with a way out when it is not there or holds no log.
    static func folder(_ path: String) throws -> FileDirectory {
        let folder: FileDirectory
        do { folder = try FileDirectory.reading(path) } catch .notAFolder {
            throw UsageError("\(path): is a file", hint: "\"mesh wal inspect\" looks at single files.")
        } catch .missing {
            throw UsageError("\(path): there is no such folder", hint: Files.sibling(of: path))
        } catch {
            throw UsageError(error.description)
        }
        guard try files(of: folder).isEmpty else { return folder }
        let names = (try? folder.names()) ?? []
        let logs = names.filter { name in
            guard let inner = try? FileDirectory.reading("\(path)/\(name)") else { return false }
            return ((try? inner.files()) ?? []).isEmpty == false
        }
        if let first = logs.first {
            let shown = logs.prefix(5).joined(separator: ", ") + (logs.count > 5 ? "…" : "")
            throw UsageError(
                "\(path): holds no log itself, but \(shown)", hint: "name one of them, such as \(path)/\(first)")
        }
        let others = names.isEmpty ? "it is empty" : "only \(Units.counted(names.count, "other file", "other files"))"
        throw UsageError(
            "\(path): holds no log, \(others)",
            hint: "the files of a log are called log-… and image-…; \"mesh replay FILE --disks FOLDER\" writes some.")
    }

    /// The log's files in a folder, in order.
    static func files(of folder: FileDirectory) throws -> [Storage.File] {
        do { return try folder.files().sorted() } catch { throw UsageError("\(folder.path): \(error)") }
    }

    /// A warning when a running process may be writing what is read.
    static func warnOfHolder(_ folder: FileDirectory) {
        guard let process = folder.holder else { return }
        Terminal.error(
            "mesh: process \(process) holds \(folder.path): what it is writing now may look broken until it is done")
    }
}

extension Files {
    /// What somebody may have meant who named something that is not there.
    static func sibling(of path: String) -> String? {
        let folder = (path as NSString).deletingLastPathComponent
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return Suggestion.text(for: (path as NSString).lastPathComponent, among: names)
    }
}

/// A single file, whatever it is called and wherever it stands.
struct SingleFile: StorageDirectory {
    let path: String
    let file: Storage.File

    /// Opens a file and finds out by its name, or else by its first bytes, which file of a log it is.
    ///
    /// - Throws: `UsageError` when it cannot be read or is nobody's.
    init(_ path: String) throws {
        self.path = path
        let head = try Self.read(path, at: 0, count: 64)
        let name = Storage.File(name: Bytes((path as NSString).lastPathComponent))
        guard let file = name ?? Storage.FileHeader.file(beginningWith: head) else {
            throw UsageError(
                "\(path): is no file of a log, by neither its name nor its first bytes",
                hint: "give it back its name, log-N or image-N with 16 digits, if its beginning is damaged.")
        }
        self.file = file
    }

    func files() throws(Storage.Failure) -> [Storage.File] { [file] }

    func byteCount(of file: Storage.File) throws(Storage.Failure) -> Int64 {
        let values = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = values?[.size] as? Int64 ?? (values?[.size] as? Int).map({ Int64($0) }) else { throw .device }
        return size
    }

    func read(_ file: Storage.File, at offset: Int64, count: Int) throws(Storage.Failure) -> [UInt8] {
        guard let bytes = try? Self.read(path, at: offset, count: count) else { throw .device }
        return bytes
    }

    private static func read(_ path: String, at offset: Int64, count: Int) throws -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError(FileError(errno, at: path).description) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.seek(toOffset: UInt64(offset))
        return [UInt8](try handle.read(upToCount: count) ?? Data())
    }
}
