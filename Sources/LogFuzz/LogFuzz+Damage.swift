public import MeshCore

extension LogFuzz {
    /// Damages a folder in one to four ways; half of the time every checksum is made to fit again.
    ///
    /// The same seeds, random and round give the same folder.
    public static func damaged(_ seeds: [Folder], _ random: Random, _ round: UInt64) -> Folder {
        let draw = Draw(random: random, round: round)
        var folder = seeds[draw(0, below: seeds.count)]
        for step in 0...UInt64(draw(1, below: 4)) where !folder.entries.isEmpty {
            damage(&folder, seeds, draw, 10 + step * 8)
        }
        if draw(2, below: 2) == 0 {
            for place in folder.entries.indices { folder.entries[place].makeChecksumsFit() }
        }
        return folder
    }

    /// Keyed answers to the questions of a round.
    private struct Draw {
        let random: Random
        let round: UInt64

        func callAsFunction(_ question: UInt64, below bound: Int) -> Int {
            let bits = random.bits(Random.Purpose(0x7002), round, question)
            return Int(Random.number(below: UInt64(max(bound, 1)), from: bits))
        }
    }

    private static func damage(_ folder: inout Folder, _ seeds: [Folder], _ draw: Draw, _ base: UInt64) {
        let number = draw(base + 1, below: folder.entries.count)
        let count = folder.entries[number].bytes.count
        let place = draw(base + 2, below: count)
        let value = UInt8(draw(base + 3, below: 256))
        switch draw(base, below: 11) {
        case 0 where count > 0: folder.entries[number].bytes[place] ^= 1 << (value & 7)
        case 1 where count > 0: folder.entries[number].bytes[place] = value
        case 2 where count > 0: folder.entries[number].bytes.removeLast(count - place)
        case 3 where count > 0:
            // A sector is lost, or written to the wrong place.
            let start = place / 64 * 64
            let from = draw(base + 4, below: count) / 64 * 64
            for offset in 0..<min(64, count - max(start, from)) {
                let new = value & 1 == 0 ? 0 : folder.entries[number].bytes[from + offset]
                folder.entries[number].bytes[start + offset] = new
            }
        case 4: folder.entries.remove(at: number)
        case 5:
            let other = seeds[draw(base + 4, below: seeds.count)]
            folder.entries[number].bytes = other.entries[draw(base + 5, below: other.entries.count)].bytes
        case 6:
            let names: [Storage.File] = [.segment(UInt64(value)), .image(UInt64(value)), .newImage(UInt64(value))]
            let name = names[draw(base + 4, below: 3)]
            if !folder.entries.contains(where: { $0.file == name }) { folder.entries[number].file = name }
        case 7 where count >= 36:
            // A number of the header: its own, or the first record's.
            folder.entries[number].bytes[16 + draw(base + 4, below: 16)] = value
        case 8 where count >= 100:
            // A number of some frame's header: length, sequence or place.
            let frame = 64 + draw(base + 4, below: (count - 88) / 8 + 1) * 8
            folder.entries[number].bytes[frame + 4 + draw(base + 5, below: 16)] = value
        case 9 where count > 0:
            folder.entries[number].bytes.removeSubrange(place..<min(place + 1 + Int(value & 15), count))
        case _: folder.entries[number].bytes.insert(value, at: count > 0 ? place : 0)
        }
    }
}
