import Foundation
import MeshCore
import MeshRuntime
import Testing

@Suite("A log on real files")
struct LogDriverTests {
    private typealias Driver = LogDriver<MeshNode.Stable>

    private func settings(segment: Int = 4_096, image: Int64 = 1 << 40, sector: Int = 512) -> Storage.Settings {
        var settings = Storage.Settings()
        settings.segmentBytes = segment
        settings.imageAfterBytes = image
        settings.sectorBytes = sector
        return settings
    }

    private func entry(_ index: UInt64, size: Int = 20) -> MeshNode.Stable.Record {
        var bytes = Array("entry \(index)".utf8)
        while bytes.count < size { bytes.append(UInt8(truncatingIfNeeded: index)) }
        let entry = Raft.Entry(term: Raft.Term(1), index: Raft.LogIndex(index), payload: .command(Bytes(bytes)))
        return .raft(.append(from: entry.index, entries: [entry]))
    }

    private func write(_ indexes: ClosedRange<UInt64>, size: Int = 20, to driver: inout Driver) throws {
        for index in indexes {
            driver.append(entry(index, size: size), Ticket(index))
            #expect(try driver.commit() == Ticket(index))
        }
    }

    /// Every file of a folder that belongs to the log, with its bytes.
    private func contents(of folder: String) throws -> [String: Data] {
        let directory = try FileDirectory.reading(folder)
        var contents: [String: Data] = [:]
        for file in try directory.files() {
            contents[file.description] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
        }
        return contents
    }

    @Test("Thousands of segments are written, read back and replaced by an image")
    func manySegments() throws {
        let folder = try TemporaryFolder(inMemory: true)
        let settings = settings(segment: 128, sector: 64)
        do {
            var driver = try Driver(opening: folder.path, settings: settings)
            for index in 1...2_500 as ClosedRange<UInt64> {
                driver.append(entry(index, size: 64), Ticket(index))
                if index % 2 == 0 { #expect(try driver.commit() == Ticket(index)) }
            }
        }
        #expect(try FileDirectory.reading(folder.path).files().count > 1_250)
        do {
            var driver = try Driver(opening: folder.path, settings: settings)
            #expect(driver.report.logRecords == 2_500 && driver.log.stable.raft.isAsWritten)
            try driver.writeImage()
        }
        #expect(try FileDirectory.reading(folder.path).files().count == 2, "an image and the last segment")
        let driver = try Driver(opening: folder.path, settings: settings)
        #expect(driver.report.imageSequence == 2_500 && driver.log.stable.raft.log.lastIndex.rawValue == 2_500)
        #expect(driver.log.stable.raft.isAsWritten)
    }

    @Test("An entry larger than a segment gets a file of its size; an empty log comes back empty")
    func sizes() throws {
        let folder = try TemporaryFolder()
        do {
            let driver = try Driver(opening: folder.path, settings: settings())
            #expect(driver.log.stable.raft.log.lastIndex == .zero)
        }
        do {
            var driver = try Driver(opening: folder.path, settings: settings())
            #expect(driver.log.stable.raft.log.lastIndex == .zero && driver.report.segments == 1)
            try write(1...3, size: 3_000_000, to: &driver)
            try write(4...4, size: 30, to: &driver)
        }
        let driver = try Driver(opening: folder.path, settings: settings())
        #expect(driver.log.stable.raft.log.lastIndex.rawValue == 4 && driver.log.stable.raft.isAsWritten)
    }

    @Test("Sectors of another size than the settings' are read by what the files say")
    func sectors() throws {
        let folder = try TemporaryFolder()
        do {
            var driver = try Driver(opening: folder.path, settings: settings(segment: 1 << 16, sector: 4_096))
            try write(1...30, to: &driver)
        }
        do {
            var driver = try Driver(opening: folder.path, settings: settings(segment: 1 << 16))
            #expect(driver.log.stable.raft.log.lastIndex.rawValue == 30 && driver.report.passedOverCount == 0)
            try write(31...40, to: &driver)
        }
        let driver = try Driver(opening: folder.path, settings: settings(segment: 1 << 16, sector: 64))
        #expect(driver.log.stable.raft.log.lastIndex.rawValue == 40 && driver.log.stable.raft.isAsWritten)
    }

    @Test("The same operations leave the same bytes on real files as in a model")
    func sameBytes() throws {
        let folder = try TemporaryFolder(inMemory: true)
        let settings = settings(segment: 2_048, image: 20_000, sector: 64)
        var disk = [String: [UInt8]]()
        var log = WriteAheadLog<MeshNode.Stable>(settings: settings)
        let directory = try FileDirectory.holding(folder.path)
        var lane = FileLane(directory)
        /// A model of a directory in ten lines, apart from both.
        func model(_ operation: Storage.Operation) {
            switch operation {
            case .create(let file, let count): disk["\(file)"] = [UInt8](repeating: 0, count: Int(count))
            case .write(let file, at: let offset, let bytes):
                var content = disk["\(file)"] ?? []
                let end = Int(offset) + bytes.count
                if content.count < end { content += [UInt8](repeating: 0, count: end - content.count) }
                content.replaceSubrange(Int(offset)..<end, with: bytes)
                disk["\(file)"] = content
            case .rename(let file, to: let other):
                disk["\(other)"] = disk["\(file)"]
                disk["\(file)"] = nil
            case .delete(let file): disk["\(file)"] = nil
            case .sync, .syncDirectory: break
            }
        }
        for index in 1...400 as ClosedRange<UInt64> {
            log.append(entry(index, size: Int(index * 37 % 300)), Ticket(index))
            for wanted in Storage.Lane.allCases {
                while let operation = log.nextOperation(in: wanted) {
                    model(operation)
                    try lane.perform(operation)
                    _ = log.completed(wanted)
                }
            }
        }
        let real = try contents(of: folder.path)
        #expect(real.keys.sorted() == disk.keys.sorted() && real.keys.contains { $0.hasPrefix("image-") })
        for (name, bytes) in disk { #expect(real[name] == Data(bytes), "\(name)") }
    }

    @Test("Files of removed segments are used again, and read back without a trace of what stood in them")
    func recycling() throws {
        let folder = try TemporaryFolder(inMemory: true)
        let settings = settings(segment: 4_096, image: 10_000)
        func fileNumbers() throws -> Set<UInt64> {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            let segments = names.filter { $0.hasPrefix("log-") || $0.hasPrefix("spare-") }
            return Set(
                try segments.compactMap {
                    let facts = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\($0)")
                    return (facts[.systemFileNumber] as? NSNumber)?.uint64Value
                })
        }
        var seen: Set<UInt64> = []
        do {
            var driver = try Driver(opening: folder.path, settings: settings)
            for index in 1...600 as ClosedRange<UInt64> {
                driver.append(entry(index, size: Int(index * 37 % 300)), Ticket(index))
                #expect(try driver.commit() == Ticket(index))
                // A snapshot bounds the images, so that segments go.
                if index % 50 == 0 {
                    let state = Bytes("everything up to \(index)")
                    let last = Raft.LogIndex(index)
                    driver.append(
                        .raft(.snapshot(index: last, term: Raft.Term(1), configuration: .init(), state: state)),
                        Ticket(index))
                    driver.append(.raft(.compact(upTo: last)), Ticket(index))
                    _ = try driver.commit()
                }
                seen.formUnion(try fileNumbers())
                // A copy of the folder as a process that is killed here leaves it.
                guard index % 40 == 0 else { continue }
                let directory = try FileDirectory.reading(folder.path)
                let found = try WriteAheadLog<MeshNode.Stable>.recover(from: directory, settings: settings)
                #expect(found.report.cut == nil && found.report.lastSequence == driver.log.durableSequence)
                #expect(found.log.stable.raft.log.lastIndex.rawValue == index)
            }
            #expect(driver.log.durableSequence > 600)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.filter { $0.hasPrefix("spare-") }.count <= 4)
        let last = names.compactMap { $0.hasPrefix("log-") ? UInt64($0.dropFirst(4), radix: 16) : nil }.max() ?? 0
        #expect(UInt64(seen.count) * 2 < last, "\(seen.count) files for \(last) segments")
        #expect(FileManager.default.createFile(atPath: "\(folder.path)/spare-ffff", contents: Data(count: 4_096)))
        let driver = try Driver(opening: folder.path, settings: settings)
        #expect(driver.log.stable.raft.log.lastIndex.rawValue == 600)
        #expect(
            !FileManager.default.fileExists(atPath: "\(folder.path)/spare-ffff"),
            "what a process before this one kept is not used again")
    }

    @Test("What is appended while the disk works is durable one wait later, images and new segments included")
    func overlapping() throws {
        let folder = try TemporaryFolder()
        let settings = settings(segment: 4_096, image: 10_000)
        do {
            var driver = try Driver(opening: folder.path, settings: settings)
            #expect(try driver.wait() == nil, "nothing is on its way")
            for index in 1...200 as ClosedRange<UInt64> {
                driver.append(entry(index, size: 200), Ticket(index))
                if index == 1 {
                    try driver.start()
                    #expect(driver.isAtWork && driver.log.durableSequence == 0)
                } else {
                    #expect(try driver.wait() == Ticket(index - 1))
                    #expect(driver.log.durableSequence == index - 1 && driver.isAtWork)
                }
            }
            #expect(try driver.commit() == Ticket(200))
            #expect(!driver.isAtWork && driver.log.isIdle && driver.log.imageSequence > 0)
            try driver.writeImage()
            #expect(driver.log.imageSequence == 200)
            // Given up in the middle of a batch.
            driver.append(entry(201, size: 200), Ticket(201))
            try driver.start()
        }
        let driver = try Driver(opening: folder.path, settings: settings)
        #expect(driver.log.stable.raft.log.lastIndex.rawValue == 201 && driver.log.stable.raft.isAsWritten)
    }

    @Test("An error beside the caller is told by the next wait, and stays")
    func overlappingError() throws {
        let folder = try TemporaryFolder()
        var driver = try Driver(opening: folder.path, settings: settings(segment: 1_024))
        driver.append(entry(1), Ticket(1))
        try driver.start()
        #expect(try driver.wait() == Ticket(1))
        try FileManager.default.removeItem(atPath: folder.path)
        driver.append(entry(2, size: 2_000), Ticket(2))
        try driver.start()
        #expect(throws: FileError.self) { try driver.wait() }
        #expect(driver.log.failure == .device)
        #expect(throws: FileError.storage(folder: folder.path, .device)) { try driver.start() }
        #expect(driver.log.durableSequence == 1)
    }

    @Test("The memory of a batch that was written holds the next but one")
    func memory() throws {
        var log = WriteAheadLog<MeshNode.Stable>(settings: settings(segment: 1 << 24))
        var places: [UInt] = []
        for index in 1...9 as ClosedRange<UInt64> {
            log.append(entry(index, size: 100_000), Ticket(index))
            while let operation = log.nextOperation(in: .log) {
                if case .write(_, at: _, let bytes) = consume operation {
                    if bytes.count > 1_000 {
                        places.append(unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) })
                    }
                    log.reuse(consume bytes)
                }
                _ = log.completed(.log)
            }
        }
        #expect(places.count == 9 && Set(places.suffix(6)).count == 2, "\(places)")
    }

    @Test("After an error nothing is done any more: a failed sync is never asked for again")
    func errorsStay() throws {
        let folder = try TemporaryFolder()
        let directory = try FileDirectory.holding(folder.path)
        var lane = FileLane(directory)
        try lane.perform(.create(.segment(1), byteCount: 1_024))
        let missing = FileError.missing(path: "\(folder.path)/log-0000000000000002")
        #expect(throws: missing) { try lane.perform(.sync(.segment(2))) }
        #expect(throws: missing) { try lane.perform(.sync(.segment(1))) }
        #expect(throws: missing) { try lane.perform(.delete(.segment(1))) }
        #expect(try directory.files() == [.segment(1)])
    }

    @Test("What vanishes under a running log stops it for good, and it says why")
    func stops() throws {
        let folder = try TemporaryFolder()
        var driver = try Driver(opening: folder.path, settings: settings(segment: 1_024))
        try write(1...1, to: &driver)
        try FileManager.default.removeItem(atPath: folder.path)
        driver.append(entry(2, size: 2_000), Ticket(2))
        #expect(throws: FileError.self) { try driver.commit() }
        #expect(driver.log.failure == .device)
        driver.append(entry(3), Ticket(3))
        #expect(throws: FileError.storage(folder: folder.path, .device)) { try driver.commit() }
        #expect(driver.log.durableSequence == 1)
    }
}
