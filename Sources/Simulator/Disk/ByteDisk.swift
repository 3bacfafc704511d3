public import MeshCore

/// A disk byte for byte: what is at rest, and what a crash may still take away.
///
/// Files and names are durable apart from each other, as in a file system: a synced file whose name was never made
/// durable is gone after a crash, and a durable name may lead to an empty file.
///
/// - Complexity: A write costs O(bytes), a crash O(unsynced bytes). Memory follows the bytes written to live files.
public struct ByteDisk: Sendable {
    var inodes: [Inode] = []
    private var freeInodes: [Int] = []
    /// The names as the running process sees them, and as they are at rest.
    private(set) var names = SortedMap<Storage.File, Int>()
    private var durableNames = SortedMap<Storage.File, Int>()
    /// What made the first out of the second, in order.
    private var nameChanges: [NameChange] = []
    /// How many bytes the files take, room that was asked for in advance included.
    public internal(set) var byteCount: Int64 = 0
    /// Whether a new segment begins with what stood in a removed one, as on a driver that uses its files again.
    ///
    /// Only what was removed for good is taken: a crash before the directory's sync brings the old name back.
    public var recyclesSegments = false
    /// What stood in the segment that was removed last, and whether its name is gone for good.
    private var removedContent: [UInt8] = []
    private var isRemovedForGood = false

    /// The content of a file.
    struct Inode: Sendable {
        /// The bytes at rest; what lies behind them, up to the size, is zero.
        var bytes: [UInt8] = []
        /// The size at rest, and as the running process sees it.
        var durableSize: Int64 = 0
        var size: Int64 = 0
        /// Writes that are not durable, oldest first.
        var unsynced: [(offset: Int64, bytes: [UInt8])] = []

        /// Puts bytes at rest.
        mutating func settle(_ new: [UInt8], at offset: Int64) {
            let start = Int(offset)
            if start == bytes.count {
                bytes.append(contentsOf: new)
                return
            }
            let end = start + new.count
            if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
            bytes.replaceSubrange(start..<end, with: new)
        }

        mutating func sync() {
            for index in unsynced.indices { settle(unsynced[index].bytes, at: unsynced[index].offset) }
            unsynced.removeAll(keepingCapacity: true)
            durableSize = size
        }
    }

    private enum NameChange: Sendable {
        case set(Storage.File, Int)
        case remove(Storage.File)
        /// Both names change at once, as a journal keeps it.
        case move(Storage.File, to: Storage.File, Int)
    }

    /// Creates an empty disk.
    public init() {}

    /// Whether there is no file, at rest or not.
    public var isEmpty: Bool { names.isEmpty && durableNames.isEmpty }

    /// Whether everything written is durable.
    public var isSynced: Bool {
        guard nameChanges.isEmpty else { return false }
        for inode in inodes where !inode.unsynced.isEmpty || inode.size != inode.durableSize { return false }
        return true
    }
}

// MARK: - Operations

extension ByteDisk {
    /// Does one operation, as the running process sees it.
    ///
    /// - Parameter capacity: How many bytes fit.
    public mutating func perform(_ operation: Storage.Operation, capacity: Int64) throws(Storage.Failure) {
        switch operation {
        case .create(let file, let room): try create(file, room, capacity)
        case .write(let file, at: let offset, let bytes): try write(bytes, to: file, at: offset, capacity)
        case .sync(let file): inodes[try inode(of: file)].sync()
        case .rename(let file, let other):
            let inode = try inode(of: file)
            change(.move(file, to: other, inode))
        case .delete(let file):
            // A file that an earlier attempt has removed is gone, which is what was asked for.
            if let inode = names[file] {
                if recyclesSegments, case .segment = file {
                    removedContent = inodes[inode].bytes
                    isRemovedForGood = false
                }
                change(.remove(file))
            }
        case .syncDirectory:
            isRemovedForGood = true
            durableNames = names
            nameChanges.removeAll()
            releaseInodes()
        }
    }

    private mutating func create(_ file: Storage.File, _ room: Int64, _ capacity: Int64) throws(Storage.Failure) {
        guard byteCount + room <= capacity else { throw .full }
        let inode = freeInodes.popLast() ?? inodes.count
        if inode == inodes.count { inodes.append(Inode()) }
        inodes[inode].size = room
        if isRemovedForGood, !removedContent.isEmpty, case .segment = file {
            inodes[inode].bytes = Array(removedContent.prefix(Int(room)))
            inodes[inode].durableSize = Int64(inodes[inode].bytes.count)
            removedContent = []
        }
        byteCount += room
        change(.set(file, inode))
    }

    private mutating func write(
        _ bytes: [UInt8], to file: Storage.File, at offset: Int64, _ capacity: Int64
    ) throws(Storage.Failure) {
        let inode = try inode(of: file)
        let end = offset + Int64(bytes.count)
        if end > inodes[inode].size {
            let growth = end - inodes[inode].size
            guard byteCount + growth <= capacity else { throw .full }
            byteCount += growth
            inodes[inode].size = end
        }
        inodes[inode].unsynced.append((offset, bytes))
    }

    private func inode(of file: Storage.File) throws(Storage.Failure) -> Int {
        guard let inode = names[file] else { throw .missing(file) }
        return inode
    }

    private mutating func change(_ change: NameChange) {
        Self.apply(change, to: &names)
        nameChanges.append(change)
    }

    private static func apply(_ change: NameChange, to names: inout SortedMap<Storage.File, Int>) {
        switch change {
        case .set(let file, let inode): names[file] = inode
        case .remove(let file): names[file] = nil
        case .move(let file, to: let other, let inode):
            names[file] = nil
            names[other] = inode
        }
    }

    /// Gives back the contents that no name leads to any more.
    private mutating func releaseInodes() {
        var isUsed = BitSet()
        for inode in names.values + durableNames.values { isUsed.insert(inode) }
        for inode in freeInodes { isUsed.insert(inode) }
        for inode in inodes.indices where !isUsed.contains(inode) {
            byteCount -= inodes[inode].size
            inodes[inode] = Inode()
            freeInodes.append(inode)
        }
    }
}

// MARK: - Crashes

/// What a crash leaves of one sector of an unsynced write.
public enum SectorFate: Hashable, Sendable {
    /// It is at rest as written.
    case kept
    /// It is as it was before.
    case lost
    /// It holds neither.
    case garbage
}

extension ByteDisk {
    /// The process ends, and the system writes everything it was given.
    public mutating func settle() {
        for inode in inodes.indices { inodes[inode].sync() }
        durableNames = names
        nameChanges.removeAll()
        releaseInodes()
    }

    /// How many sectors are unsynced, over all writes.
    public func unsyncedSectorCount(sectorBytes: Int) -> Int {
        var count = 0
        for inode in inodes {
            for write in inode.unsynced { count += (write.bytes.count + sectorBytes - 1) / sectorBytes }
        }
        return count
    }

    /// How many changes of names are unsynced.
    public var unsyncedNameCount: Int { nameChanges.count }

    /// The power fails.
    ///
    /// - Parameters:
    ///   - keptNames: How many of the unsynced changes of names are at rest, oldest first, as a journal keeps them.
    ///   - sectorBytes: What the disk writes as one.
    ///   - fate: What becomes of each unsynced sector, counted from 0 over all writes, oldest file first.
    public mutating func crash(keptNames: Int, sectorBytes: Int, _ fate: (Int) -> SectorFate) {
        crash(sectorBytes: sectorBytes, keepsName: { $0 < keptNames }, fate)
    }

    /// The power fails, and the names are not kept in order either.
    ///
    /// - Parameters:
    ///   - sectorBytes: What the disk writes as one.
    ///   - keepsName: Whether an unsynced change of names is at rest, by its place among them, oldest first.
    ///   - fate: What becomes of each unsynced sector, counted from 0 over all writes, oldest file first.
    public mutating func crash(sectorBytes: Int, keepsName: (Int) -> Bool, _ fate: (Int) -> SectorFate) {
        var sector = 0
        for inode in inodes.indices {
            let writes = inodes[inode].unsynced
            inodes[inode].unsynced.removeAll()
            for write in writes {
                var start = 0
                while start < write.bytes.count {
                    let end = min(start + sectorBytes, write.bytes.count)
                    leave(fate(sector), write.bytes[start..<end], of: inode, at: write.offset + Int64(start))
                    sector += 1
                    start = end
                }
            }
            inodes[inode].size = inodes[inode].durableSize
        }
        for place in nameChanges.indices where keepsName(place) { Self.apply(nameChanges[place], to: &durableNames) }
        nameChanges.removeAll()
        names = durableNames
        releaseInodes()
        byteCount = 0
        for inode in inodes { byteCount += inode.size }
    }

    private mutating func leave(_ fate: SectorFate, _ bytes: ArraySlice<UInt8>, of inode: Int, at offset: Int64) {
        switch fate {
        case .lost: return
        case .kept: inodes[inode].settle(Array(bytes), at: offset)
        case .garbage: inodes[inode].settle(bytes.map { $0 ^ 0xa5 }, at: offset)
        }
        let end = offset + Int64(bytes.count)
        if inodes[inode].durableSize < end { inodes[inode].durableSize = end }
    }

    /// Damages one bit at rest; nothing happens where there is no such byte.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public mutating func flipBit(_ bit: Int, ofByteAt offset: Int64, in file: Storage.File) -> Bool {
        guard let inode = names[file], offset >= 0, offset < Int64(inodes[inode].bytes.count) else { return false }
        inodes[inode].bytes[Int(offset)] ^= 1 << UInt8(truncatingIfNeeded: bit & 7)
        return true
    }
}

// MARK: - Reading

extension ByteDisk: StorageDirectory {
    /// The files, as the running process sees them.
    public func files() throws(Storage.Failure) -> [Storage.File] { names.keys }

    /// The size of a file.
    public func byteCount(of file: Storage.File) throws(Storage.Failure) -> Int64 {
        inodes[try inode(of: file)].size
    }

    /// Reads bytes at rest; a disk is read before its process has written anything.
    public func read(_ file: Storage.File, at offset: Int64, count: Int) throws(Storage.Failure) -> [UInt8] {
        let inode = try inode(of: file)
        let size = inodes[inode].size
        guard offset < size else { return [] }
        let length = min(Int64(count), size - offset)
        let start = Int(offset)
        let held = max(0, min(inodes[inode].bytes.count - start, Int(length)))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(length))
        if held > 0 { bytes.append(contentsOf: inodes[inode].bytes[start..<start + held]) }
        bytes.append(contentsOf: repeatElement(0, count: Int(length) - held))
        return bytes
    }
}
