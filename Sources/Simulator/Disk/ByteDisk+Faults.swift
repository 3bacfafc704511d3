import MeshCore

/// What goes wrong with the bytes of a disk.
extension ByteDisk {
    /// How many bytes were ever written and are at rest, over all files that have a name.
    var restingByteCount: Int64 {
        var count: Int64 = 0
        for inode in names.values { count += Int64(inodes[inode].bytes.count) }
        return count
    }

    /// Where a byte stands, counted over ``restingByteCount`` in the order of the files.
    ///
    /// - Complexity: O(files).
    func place(ofRestingByte number: Int64) -> (file: Storage.File, offset: Int64)? {
        var rest = number
        for index in 0..<names.count {
            let size = Int64(inodes[names.values[index]].bytes.count)
            if rest < size { return (names.keys[index], rest) }
            rest -= size
        }
        return nil
    }

    /// Forgets what was written to a file and is not durable, as a system does whose sync has failed.
    mutating func dropUnsynced(of file: Storage.File) {
        guard let inode = names[file] else { return }
        inodes[inode].unsynced.removeAll()
    }

    /// Puts bytes at rest, whatever stood there.
    ///
    /// - Returns: Whether they differ from what stood there; `false` as well when there is no such file.
    @discardableResult
    mutating func putAtRest(_ bytes: [UInt8], in file: Storage.File, at offset: Int64) -> Bool {
        guard let inode = names[file] else { return false }
        let end = offset + Int64(bytes.count)
        let held = inodes[inode].bytes.count
        if end <= Int64(held), inodes[inode].bytes[Int(offset)..<Int(end)] == bytes[...] { return false }
        inodes[inode].settle(bytes, at: offset)
        if inodes[inode].durableSize < end { inodes[inode].durableSize = end }
        if inodes[inode].size < end {
            byteCount += end - inodes[inode].size
            inodes[inode].size = end
        }
        return true
    }
}

/// A disk that is read with faults; what they are is decided by the place, so that one reading is consistent in itself.
struct FaultyReading: StorageDirectory {
    let disk: ByteDisk
    let faults: DiskFaults
    let trouble: DiskTrouble
    let random: Random
    let host: Int
    let time: Instant
    let sectorBytes: Int
    /// Faults that were ordered strike one sector each: that at this place over all bytes at rest.
    let target: (file: Storage.File, offset: Int64)?

    func files() throws(Storage.Failure) -> [Storage.File] { try disk.files() }

    func byteCount(of file: Storage.File) throws(Storage.Failure) -> Int64 { try disk.byteCount(of: file) }

    func read(_ file: Storage.File, at offset: Int64, count: Int) throws(Storage.Failure) -> [UInt8] {
        if trouble.isDue(.failedRead) { throw .device }
        var bytes = try disk.read(file, at: offset, count: count)
        let sector = Int64(sectorBytes)
        var place = offset / sector * sector
        while place < offset + Int64(bytes.count) {
            let whole = place..<place + sector
            if draws(.failedRead, faults.failedReads, file, place) { throw .device }
            if !trouble.guardsAny(of: whole, in: file) {
                if strikes(.misdirectedRead, faults.misdirectedReads, file, place) {
                    try misread(file, whole, into: &bytes, from: offset)
                }
                if strikes(.flippedRead, faults.flippedReads, file, place) { flip(file, whole, &bytes, offset) }
            }
            place += sector
        }
        return bytes
    }

    private func strikes(_ fault: DiskFault, _ share: Ratio, _ file: Storage.File, _ place: Int64) -> Bool {
        if trouble.lasts(fault) { return true }
        let sector = Int64(sectorBytes)
        if trouble.isDue(fault), let target, target.file == file, target.offset / sector * sector == place {
            return true
        }
        return draws(fault, share, file, place)
    }

    private func draws(_ fault: DiskFault, _ share: Ratio, _ file: Storage.File, _ place: Int64) -> Bool {
        share > .zero && Random.isHit(share, from: bits(fault, file, place))
    }

    private func bits(_ fault: DiskFault, _ file: Storage.File, _ place: Int64) -> UInt64 {
        var key = Digest()
        key.mix(file.number)
        switch file {
        case .segment: key.mix(1)
        case .image: key.mix(2)
        case .newImage: key.mix(3)
        case .damagedSegment: key.mix(4)
        case .damagedImage: key.mix(5)
        }
        key.mix(UInt64(bitPattern: place))
        let subject = UInt64(UInt(bitPattern: host)) << 8 | UInt64(fault.rawValue)
        return random.bits(.diskRead, subject, UInt64(bitPattern: time.nanoseconds), key.value)
    }

    private func flip(_ file: Storage.File, _ sector: Range<Int64>, _ bytes: inout [UInt8], _ offset: Int64) {
        let drawn = Random.further(bits(.flippedRead, file, sector.lowerBound), 1)
        let place = sector.lowerBound + Int64(drawn >> 3 % UInt64(UInt(bitPattern: sectorBytes)))
        let index = place - offset
        if index >= 0, index < Int64(bytes.count) { bytes[Int(index)] ^= 1 << UInt8(drawn & 7) }
    }

    /// Puts the bytes of another sector where those of this one were asked for.
    private func misread(
        _ file: Storage.File, _ sector: Range<Int64>, into bytes: inout [UInt8], from offset: Int64
    ) throws(Storage.Failure) {
        let drawn = Random.further(bits(.misdirectedRead, file, sector.lowerBound), 1)
        let number = Random.number(below: UInt64(bitPattern: disk.restingByteCount), from: drawn)
        guard let other = disk.place(ofRestingByte: Int64(bitPattern: number)) else { return }
        let start = other.offset / Int64(sectorBytes) * Int64(sectorBytes)
        let wrong = try disk.read(other.file, at: start, count: sectorBytes)
        for index in 0..<wrong.count {
            let place = sector.lowerBound + Int64(index) - offset
            if place >= 0, place < Int64(bytes.count) { bytes[Int(place)] = wrong[index] }
        }
    }
}
