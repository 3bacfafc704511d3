import MeshCore
import MeshTestKit
import Simulator
import Testing

/// A log on a byte disk that does everything at once.
private struct Bench {
    var disk = ByteDisk()
    var log: WriteAheadLog<Courier.Stable>
    var told: [UInt64] = []
    var capacity = Int64.max

    init(_ settings: Storage.Settings) {
        log = WriteAheadLog(settings: settings)
        work()
    }

    /// Does everything both lanes want.
    mutating func work() {
        var isBusy = true
        while isBusy {
            isBusy = false
            for lane in Storage.Lane.allCases {
                guard let operation = log.nextOperation(in: lane) else { continue }
                isBusy = true
                do {
                    try disk.perform(operation, capacity: capacity)
                    if let ticket = log.completed(lane) { told.append(ticket.rawValue) }
                } catch {
                    log.failed(error)
                }
            }
        }
    }

    mutating func keep(_ numbers: ClosedRange<UInt64>) {
        for number in numbers {
            log.append(Courier.Stable.Record(number: number), Ticket(number))
            work()
        }
    }

    /// The log as it is read back from the disk.
    func read() throws(Storage.Failure) -> WriteAheadLog<Courier.Stable>.Recovered {
        try WriteAheadLog.recover(from: disk, settings: log.settings)
    }

    /// Starts again from the disk.
    mutating func restart() throws {
        log = try read().log
        work()
    }
}

@Suite("A write-ahead log")
struct WriteAheadLogTests {
    private func settings(segment: Int = 1_024, image: Int64 = 1 << 40) -> Storage.Settings {
        var settings = Storage.Settings()
        settings.sectorBytes = 64
        settings.segmentBytes = segment
        settings.imageAfterBytes = image
        return settings
    }

    @Test("Records come back in order, over as many segments as it takes and any number of restarts")
    func comesBack() throws {
        var bench = Bench(settings(segment: 128))
        bench.keep(1...300)
        #expect(bench.told == Array(1...300))
        #expect(try bench.disk.files().count == 300, "a sector of header and a sector of one record each")
        for round in 1...3 as ClosedRange<UInt64> {
            try bench.restart()
            #expect(bench.log.stable.numbers == Array(1...(300 + (round - 1) * 10)))
            bench.keep((300 + (round - 1) * 10 + 1)...(300 + round * 10))
        }
    }

    @Test("Many records go with one write and one sync")
    func groups() {
        var log = WriteAheadLog<Courier.Stable>(settings: settings(segment: 1 << 20))
        while let operation = log.nextOperation(in: .log) {
            if operation == .syncDirectory { #expect(!log.isReady) }
            _ = log.completed(.log)
        }
        for number in 1...500 as ClosedRange<UInt64> { log.append(.init(number: number), Ticket(number)) }
        guard case .write(_, at: 64, let bytes) = log.nextOperation(in: .log) else {
            Issue.record("a write comes first")
            return
        }
        #expect(bytes.count % 64 == 0 && bytes.count >= 500 * 32)
        #expect(log.nextOperation(in: .log) == .sync(.segment(1)))
        #expect(log.nextOperation(in: .log) == nil)
        log.append(.init(number: 501), Ticket(501))
        #expect(log.nextOperation(in: .log) == nil, "what comes during a batch waits for the next one")
        #expect(log.completed(.log) == nil && log.stable.numbers.isEmpty)
        #expect(log.completed(.log) == Ticket(500))
        #expect(log.stable.numbers.count == 500 && log.isIdle == false)
    }

    @Test("An image lets older segments go, and the log begins with it")
    func images() throws {
        var bench = Bench(settings(segment: 256, image: 4_096))
        bench.keep(1...500)
        let files = try bench.disk.files()
        #expect(files.count < 200, "segments that an image covers are removed")
        #expect(files.contains { if case .image = $0 { true } else { false } })
        let found = try bench.read()
        #expect(found.log.stable.numbers == Array(1...500))
        #expect(found.report.imageSequence > 0 && found.report.logRecords == 500 - found.report.imageSequence)
    }

    @Test("A record larger than a segment gets a segment of its own size")
    func largeRecords() throws {
        var log = WriteAheadLog<Gossip.Stable>(settings: settings(segment: 128))
        var disk = ByteDisk()
        let version = Gossip.Version(stamp: Gossip.Stamp(milliseconds: 5, counter: 0), origin: NodeID(1))
        let large = Bytes([UInt8](repeating: 7, count: 100_000))
        log.append(.put(Gossip.Entry(key: "k", value: large, version: version)), Ticket(1))
        while let operation = log.nextOperation(in: .log) {
            try disk.perform(operation, capacity: Int64.max)
            _ = log.completed(.log)
        }
        let found = try WriteAheadLog<Gossip.Stable>.recover(from: disk, settings: settings(segment: 128))
        #expect(found.log.stable.count == 1)
    }

    @Test("Any flipped bit is either harmless, or refused, or in the very last batch and cut")
    func rot() throws {
        var bench = Bench(settings(segment: 512))
        bench.keep(1...20)
        var refusals = 0
        var cuts = 0
        for file in try bench.disk.files() {
            for offset in 0..<(try bench.disk.byteCount(of: file)) {
                var damaged = bench
                damaged.disk.flipBit(Int(offset % 8), ofByteAt: offset, in: file)
                do {
                    let numbers = try damaged.read().log.stable.numbers
                    #expect(numbers == Array(1...20) || numbers == Array(1...19), "\(file) \(offset)")
                    if numbers.count == 19 { cuts += 1 }
                } catch {
                    guard case .damaged(file, _, _) = error else {
                        Issue.record("\(error) is not the damage of \(file)")
                        continue
                    }
                    refusals += 1
                }
            }
        }
        #expect(refusals >= 19 * 25 && cuts == 25, "a frame of 24 bytes and a byte of payload, then filling")
    }

    @Test("A damaged image is replaced by an older one and the segments, or refused")
    func damagedImage() throws {
        var bench = Bench(settings(segment: 256))
        bench.keep(1...10)
        bench.log.beginImage()
        bench.work()
        let image = Storage.File.image(10)
        let isFlipped = bench.disk.flipBit(0, ofByteAt: 70, in: image)
        #expect(isFlipped)
        #expect(throws: Storage.Failure.self) { try bench.read() }
    }

    @Test("A damaged image is not taken for an empty disk when nothing else is there")
    func onlyImage() throws {
        var bench = Bench(settings(segment: 256))
        bench.keep(1...10)
        bench.log.beginImage()
        bench.work()
        for case .segment(let number) in try bench.disk.files() {
            try bench.disk.perform(.delete(.segment(number)), capacity: Int64.max)
        }
        #expect(try bench.read().log.stable.numbers == Array(1...10))
        bench.disk.flipBit(0, ofByteAt: 70, in: .image(10))
        #expect(throws: Storage.Failure.damaged(.image(10), at: 64, .image)) { try bench.read() }
    }

    @Test("Rot is seen although the next whole batch begins where a frame behind the rot ends")
    func adjacentBatches() throws {
        var bench = Bench(settings())
        // Two records of 32 bytes make a sector: the next batch begins right behind the second.
        bench.log.append(.init(number: 1), Ticket(1))
        bench.log.append(.init(number: 2), Ticket(2))
        bench.work()
        bench.keep(3...3)
        let isFlipped = bench.disk.flipBit(0, ofByteAt: 64 + 24, in: .segment(1))
        #expect(isFlipped)
        #expect(throws: Storage.Failure.damaged(.segment(1), at: 64, .rot(sequence: 1))) { try bench.read() }
    }

    @Test("A version of the format that is not known is refused with its number")
    func version() throws {
        var bench = Bench(settings())
        bench.keep(1...3)
        var header = Storage.FileHeader(number: 1, sequence: 1).encodedForTests
        header[8] = 9
        let checksum = Checksum.crc32c(header, count: 32)
        for place in 0..<4 { header[32 + place] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * place)) }
        try bench.disk.perform(.write(.segment(1), at: 0, header), capacity: Int64.max)
        bench.disk.settle()
        #expect {
            try bench.read()
        } throws: { error in
            (error as? Storage.Failure)?.description
                == "log-0000000000000001 is damaged at offset 8: format version 9 is not known"
        }
    }

    @Test("A full disk stops the log; what was told durable is there when it starts again")
    func fullDisk() throws {
        var bench = Bench(settings(segment: 512))
        bench.capacity = 3_000
        bench.keep(1...100)
        #expect(bench.log.failure == .full)
        let told = bench.told.last ?? 0
        #expect(told > 10 && told < 100)
        let found = try bench.read()
        #expect(UInt64(found.log.stable.numbers.count) >= told)
    }

    @Test("Names of files are read back; others are nobody's")
    func names() {
        for file in [Storage.File.segment(42), .image(UInt64(Int64.max)), .newImage(0)] {
            #expect(Storage.File(name: Bytes(file.description)) == file)
        }
        for name in [
            "log-", "log-000000000000002A", "image-2a", "lock", "log-000000000000002a.old", "log-ffffffffffffffff",
        ] {
            #expect(Storage.File(name: Bytes(name)) == nil)
        }
    }

    @Test("Settings with which no log could work are refused with a way out")
    func settingsAreChecked() {
        var settings = Storage.Settings()
        #expect(throws: Never.self) { try settings.check() }
        settings.sectorBytes = 500
        #expect(throws: Storage.SettingsError.sector) { try settings.check() }
        settings.sectorBytes = 512
        settings.segmentBytes = 512
        #expect(throws: Storage.SettingsError.segment) { try settings.check() }
    }
}

extension Storage.FileHeader {
    /// The header's bytes, laid out by hand.
    fileprivate var encodedForTests: [UInt8] {
        var bytes = Array("meshlog1".utf8) + [1, 0, 0, 0, 0, 0, 0, 0]
        for value in [number, sequence] {
            for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
        }
        return bytes + [0, 0, 0, 0]
    }
}
