import Foundation
import MeshCore
import MeshRuntime

/// A folder of its own, removed at the end.
struct TemporaryFolder: ~Copyable {
    let path: String

    /// Makes it, on the disk or, where syncs cost too much for what a test does, in memory.
    init(inMemory: Bool = false) throws {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let hasMemory = inMemory && FileManager.default.isWritableFile(atPath: memory.path)
        let place = hasMemory ? memory : FileManager.default.temporaryDirectory
        path = place.appendingPathComponent("mesh-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The built helper that writes to a log until it is killed.
struct LogWriter {
    let process = Process()
    private let output = Pipe()
    private let error = Pipe()

    /// The helper stands beside the tests that were built with it.
    static var executable: URL {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("log-writer")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".build/debug/log-writer")
    }

    /// Starts the helper on a folder.
    init(_ folder: String, _ options: String...) throws {
        process.executableURL = Self.executable
        process.arguments = [folder] + options
        try start()
    }

    /// Starts a shell that runs `"$@"`, which is the helper on a folder.
    init(shell script: String, _ folder: String, _ options: String...) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script, "bash", Self.executable.path, folder] + options
        try start()
    }

    private func start() throws {
        process.standardOutput = output
        process.standardError = error
        try process.run()
    }

    /// Waits until a line begins with a word.
    func wait(for word: String) {
        var seen: [UInt8] = []
        while !seen.starts(with: word.utf8) || seen.last != 10 {
            let next = output.fileHandleForReading.readData(ofLength: 1)
            guard let byte = next.first else { return }
            if seen.last == 10 { seen.removeAll() }
            seen.append(byte)
        }
    }

    /// Waits for its end.
    func finish() -> (status: Int32, durable: UInt64?, error: String) {
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let error = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // A line that was cut off told nobody anything.
        let whole = lines.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        let told = whole.last { $0.hasPrefix("durable ") }.flatMap { UInt64($0.dropFirst(8)) }
        return (process.terminationStatus, told, error)
    }

    /// Kills it, and returns the last position it told durable.
    func kill() -> UInt64? {
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        return finish().durable
    }
}

extension Raft.Stable {
    /// Whether every entry that is held is the one the helper writes at its place.
    var isAsWritten: Bool {
        var index = log.firstIndex
        while index <= log.lastIndex {
            guard let entry = log.entry(at: index), entry.index == index, case .command(let bytes) = entry.payload
            else {
                return false
            }
            let text = Array("entry \(index.rawValue)".utf8)
            let filling = bytes.storage.dropFirst(text.count)
            guard bytes.storage.starts(with: text),
                filling.allSatisfy({ $0 == UInt8(truncatingIfNeeded: index.rawValue) })
            else { return false }
            index = Raft.LogIndex(index.rawValue + 1)
        }
        return true
    }
}
