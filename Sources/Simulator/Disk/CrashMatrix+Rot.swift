import MeshCore

/// Bits that flip at rest.
extension CrashMatrix {
    /// Crashes a copy of the disk in one way and flips a bit of one sector after the other.
    mutating func rot(_ life: Life) {
        var crashed = life.disk
        let bits = random.bits(.matrix, UInt64(UInt(bitPattern: life.operations)), life.appended, 2)
        let names = Int(truncatingIfNeeded: bits % (UInt64(UInt(bitPattern: crashed.unsyncedNameCount)) + 1))
        crashed.crash(keptNames: names, sectorBytes: settings.sectorBytes) { sector in
            bits >> 8 &* (UInt64(UInt(bitPattern: sector)) &+ 3) & 64 == 0 ? .lost : .kept
        }
        guard let files = try? crashed.files() else { return }
        for file in files {
            guard let size = try? crashed.byteCount(of: file) else { continue }
            for start in stride(from: 0, to: size, by: settings.sectorBytes) {
                guard !isOver else { return }
                let bits = random.bits(.matrix, points, UInt64(truncatingIfNeeded: start), 3)
                let offset = start + Int64(truncatingIfNeeded: bits % UInt64(UInt(bitPattern: settings.sectorBytes)))
                var disk = crashed
                guard disk.flipBit(Int(truncatingIfNeeded: bits >> 32 & 7), ofByteAt: offset, in: file) else { break }
                points += 1
                judge(disk, rotten: file, at: offset, life)
            }
        }
    }

    private mutating func judge(_ disk: ByteDisk, rotten file: Storage.File, at offset: Int64, _ life: Life) {
        do {
            let recovered = try WriteAheadLog<Tally>.recover(from: disk, settings: settings)
            let stable = recovered.log.stable
            if stable.count < life.promised {
                // The last batch, and told: what stands behind it would show that it was durable.
                guard stable.count >= life.promisedBefore, recovered.report.cut != nil else {
                    return failure = note(.lost, stable.count, life)
                }
                cuts += 1
            }
            if !isLegal(stable, life) { return failure = note(.invented, stable.count, life) }
            if points % 16 == 0 { goOn(disk, recovered.log, life) }
        } catch {
            refusals += 1
            if !names(error, file, offset) { return failure = note(.vague, 0, life) }
            if refusals % 8 == 0 { salvage(disk, life) }
        }
    }

    /// Salvages a refused disk and crashes it after each step: it is refused as before, or knows that it forgot.
    private mutating func salvage(_ damaged: ByteDisk, _ life: Life) {
        var disk = damaged
        guard var log = try? WriteAheadLog<Tally>.salvage(from: disk, settings: settings)?.log, log.stable.isAmnesiac,
            isLegal(log.stable, life)
        else { return failure = note(.forgetful, 0, life) }
        while !log.isReady, let operation = log.nextOperation(in: .log) {
            guard (try? disk.perform(operation, capacity: Int64.max)) != nil else {
                return failure = note(.forgetful, 0, life)
            }
            _ = log.completed(.log)
            salvages += 1
            var crashed = disk
            let bits = random.bits(.matrix, points, salvages, 4)
            crashed.crash(
                sectorBytes: settings.sectorBytes, keepsName: { bits >> UInt64($0 & 15) & 1 == 1 },
                { bits >> UInt64(16 + $0 % 48) & 1 == 1 ? .kept : .lost })
            do {
                let found = try WriteAheadLog<Tally>.recover(from: crashed, settings: settings).log.stable
                guard found.isAmnesiac, found.count == log.stable.count else {
                    return failure = note(.forgetful, found.count, life)
                }
            } catch {
                guard let again = try? WriteAheadLog<Tally>.salvage(from: crashed, settings: settings)?.log.stable,
                    again.isAmnesiac, isLegal(again, life)
                else { return failure = note(.forgetful, 0, life) }
            }
        }
        let found = try? WriteAheadLog<Tally>.recover(from: disk, settings: settings).log.stable
        if found != log.stable { failure = note(.forgetful, found?.count ?? 0, life) }
    }

    /// Whether a refusal leads to the flipped bit: a segment's own place, or for an image what it leaves missing.
    private func names(_ error: Storage.Failure, _ file: Storage.File, _ offset: Int64) -> Bool {
        guard case .damaged(let place, at: let start, _) = error else { return false }
        if case .image = file { return true }
        return place == file && start <= offset
    }
}
