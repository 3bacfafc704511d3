import MeshCore

extension CrashMatrix {
    /// One process that writes numbered records.
    struct Life {
        /// How many steps a run has; with the sizes below it goes through several segments and images.
        static var steps: Int { 160 }

        var disk: ByteDisk
        var log: WriteAheadLog<Tally>
        let random: Random
        var operations = 0
        /// How many records were told durable.
        var promised: UInt64
        /// How many had been told durable before the last batch.
        var promisedBefore: UInt64
        let capacity: Int64
        /// How many were written in this life and before.
        var appended: UInt64

        init(disk: ByteDisk, log: WriteAheadLog<Tally>, capacity: Int64, random: Random) {
            self.disk = disk
            self.capacity = capacity
            self.log = log
            self.random = random
            self.promised = log.durableSequence
            self.promisedBefore = log.durableSequence
            self.appended = log.appendedSequence
        }

        /// Writes a few records, or lets the disk do one operation.
        mutating func step(_ number: Int) {
            let bits = random.bits(.matrix, UInt64(UInt(bitPattern: number)), appended)
            if bits & 3 == 0 {
                for place in 0..<(1 + (bits >> 2) % 4) { append(sizeFrom: bits >> (8 + 8 * place)) }
            }
            let lane = bits >> 60 & 1 == 0 ? 0 : 1
            if !advance(lane) { _ = advance(1 - lane) }
        }

        private mutating func append(sizeFrom bits: UInt64) {
            appended += 1
            // Mostly small, now and then larger than a segment.
            let size = bits & 63 == 0 ? 1_500 : Int(truncatingIfNeeded: bits % 90)
            log.append(Tally.Record(number: appended, filling: size), Ticket(appended))
        }

        /// Does one operation of a lane.
        private mutating func advance(_ number: Int) -> Bool {
            let lane: Storage.Lane = number == 0 ? .log : .image
            guard let operation = log.nextOperation(in: lane) else { return false }
            operations += 1
            do {
                try disk.perform(operation, capacity: capacity)
            } catch {
                log.failed(error)
            }
            // A log that has failed takes no notice of this.
            if let ticket = log.completed(lane) {
                promisedBefore = promised
                promised = ticket.rawValue
            }
            return true
        }
    }
}
