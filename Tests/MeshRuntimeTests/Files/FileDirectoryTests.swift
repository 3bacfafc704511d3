import Foundation
import MeshCore
import MeshRuntime
import Testing

@Suite("The folder of a log")
struct FileDirectoryTests {
    @Test("Only one holds a folder at a time, and the second is told which process does")
    func lock() throws {
        let folder = try TemporaryFolder()
        let reader = try FileDirectory.reading(folder.path)
        do {
            let first = try FileDirectory.holding(folder.path)
            #expect(first.isHeld && first.holder == nil)
            #expect(throws: FileError.locked(folder: folder.path, process: getpid())) {
                try FileDirectory.holding(folder.path)
            }
            #expect(reader.holder == getpid() && !reader.isHeld)
            let second = try LogWriter(folder.path, "--records", "5").finish()
            #expect(second.status == 1)
            #expect(second.error.contains("process \(getpid()) holds this log; stop it first"))
        }
        #expect(reader.holder == nil)
        #expect(try LogWriter(folder.path, "--records", "5").finish().durable == 5)
    }

    @Test("A lock ends with its process, however it ends")
    func lockOfTheDead() throws {
        let folder = try TemporaryFolder()
        let writer = try LogWriter(folder.path)
        writer.wait(for: "durable")
        #expect(throws: FileError.locked(folder: folder.path, process: writer.process.processIdentifier)) {
            try FileDirectory.holding(folder.path)
        }
        let durable = writer.kill() ?? 0
        let driver = try LogDriver<MeshNode.Stable>(opening: folder.path)
        #expect(driver.log.stable.raft.log.lastIndex.rawValue >= durable)
    }

    @Test("Files of others are left alone and not mentioned as the log's")
    func foreignFiles() throws {
        let folder = try TemporaryFolder()
        for name in ["notes.txt", "log-1", "image-zz", "log-000000000000000A"] {
            try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        }
        do {
            var driver = try LogDriver<MeshNode.Stable>(opening: folder.path)
            driver.append(.raft(.hardState(term: Raft.Term(3), votedFor: nil)), Ticket(1))
            _ = try driver.commit()
        }
        let directory = try FileDirectory.reading(folder.path)
        #expect(try directory.files() == [.segment(1)])
        #expect(try directory.names().count == 6, "four of others, the lock and the segment")
        let read = try String(contentsOfFile: "\(folder.path)/log-1", encoding: .utf8)
        #expect(read == "mine")
    }

    @Test(
        "What the system keeps of a log in memory is forgotten before it is read back",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/fincore")))
    func cache() throws {
        let folder = try TemporaryFolder()
        do {
            var driver = try LogDriver<MeshNode.Stable>(opening: folder.path)
            let state = Bytes([UInt8](repeating: 1, count: 1 << 20))
            driver.append(
                .raft(.snapshot(index: Raft.LogIndex(1), term: Raft.Term(1), configuration: .init(), state: state)),
                Ticket(1))
            _ = try driver.commit()
        }
        func cachedBytes() throws -> Int? {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/fincore")
            process.arguments = ["--bytes", "--noheadings", "--output", "RES", "\(folder.path)/log-0000000000000001"]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return Int(text.filter { $0.isNumber })
        }
        let directory = try FileDirectory.reading(folder.path)
        #expect(try directory.read(.segment(1), at: 0, count: 1 << 20).count == 1 << 20)
        #expect(try cachedBytes() ?? 0 >= 1 << 20)
        try directory.forgetCache()
        #expect(try cachedBytes() == 0)
    }

    @Test("Reads end with the file, and a missing file is named")
    func reads() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/log-0000000000000001"))
        let directory = try FileDirectory.reading(folder.path)
        #expect(try directory.byteCount(of: .segment(1)) == 1_000)
        #expect(try directory.read(.segment(1), at: 990, count: 100) == Array(bytes[990...]))
        #expect(try directory.read(.segment(1), at: 5, count: 3) == [5, 6, 7])
        #expect(try directory.read(.segment(1), at: 5_000, count: 3).isEmpty)
        #expect(throws: Storage.Failure.missing(.image(1))) { try directory.read(.image(1), at: 0, count: 1) }
        #expect(throws: Storage.Failure.missing(.image(1))) { try directory.byteCount(of: .image(1)) }
    }

    @Test("A folder that is not there, a file and a full path of nothing are refused with a way out")
    func wrongPaths() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/file"
        try Data().write(to: URL(fileURLWithPath: file))
        #expect(throws: FileError.missing(path: "\(folder.path)/none")) {
            try FileDirectory.reading("\(folder.path)/none")
        }
        #expect(throws: FileError.notAFolder(path: file)) { try FileDirectory.reading(file) }
        #expect(throws: FileError.notAFolder(path: file)) { try FileDirectory.holding(file) }
        #expect(throws: FileError.missing(path: "\(folder.path)/none/deeper")) {
            try FileDirectory.holding("\(folder.path)/none/deeper")
        }
        #expect(throws: FileError.settings(.sector)) {
            var settings = Storage.Settings()
            settings.sectorBytes = 500
            _ = try LogDriver<MeshNode.Stable>(opening: folder.path, settings: settings)
        }
    }
}
