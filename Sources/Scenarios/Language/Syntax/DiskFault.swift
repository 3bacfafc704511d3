public import MeshCore

extension Scenario {
    /// Something a disk does wrong.
    public enum DiskFault: UInt8, Equatable, Sendable, CaseIterable {
        /// A bit at rest flips, where what stands behind it tells: `bit-rot on n3`.
        case bitRot

        /// A bit of the newest batch flips, which looks like a torn write: `bit-rot in newest on n3`.
        case newestRot

        /// A bit flips in what is written: `flipped write on n3`.
        case flippedWrite

        /// A bit flips in what is read back, that time only: `flipped read on n3`.
        case flippedRead

        /// A sector lands on another one: `misdirected write on n3`.
        case misdirectedWrite

        /// Another sector is read back, that time only: `misdirected read on n3`.
        case misdirectedRead

        /// A write reports an error: `failed write on n3`.
        case failedWrite

        /// An fsync reports an error and forgets what it had to bring down: `failed fsync on n3`.
        case failedFsync

        /// Reading back reports an error: `failed read on n3`.
        case failedRead

        /// An fsync reports success and brings nothing down: `lying fsync on n3`.
        case lyingFsync

        /// The power fails within a write: `torn write on n3`.
        case tornWrite

        /// No write finds room: `disk full on n3`.
        case full

        /// Whether it can be in force for a while.
        public var canLast: Bool { self != .bitRot && self != .newestRot }

        /// Whether the section disk can give a share of the operations that meet it.
        public var hasShare: Bool {
            switch self {
            case .flippedWrite, .flippedRead, .misdirectedWrite, .misdirectedRead, .failedWrite, .failedFsync,
                .failedRead, .lyingFsync:
                return true
            case .bitRot, .newestRot, .tornWrite, .full: return false
            }
        }
    }

    /// The share of the operations that meet a fault (`failed-writes 0.1%`).
    public struct DiskShare: Equatable, Sendable {
        /// The fault.
        public var fault: DiskFault

        /// Of the sectors written or read back, of the writes or of the fsyncs, how many.
        public var share: Setting<Ratio>

        /// Creates a share.
        public init(_ fault: DiskFault, _ share: Setting<Ratio>) {
            self.fault = fault
            self.share = share
        }
    }

    /// Some fsyncs take longer (`spikes 1% of 50ms..200ms`).
    public struct DiskDelays: Equatable, Sendable {
        /// How many of the fsyncs.
        public var share: Setting<Ratio>

        /// How much longer; each draws its own length.
        public var length: IntervalRange

        /// Creates delays.
        public init(_ share: Setting<Ratio>, of length: IntervalRange) {
            self.share = share
            self.length = length
        }
    }

    /// How much damage all disks together may take.
    public enum FaultBudget: UInt8, Equatable, Sendable, CaseIterable {
        /// A quorum keeps everything it promised: `faults survivable`.
        case survivable

        /// Any damage anywhere: `faults unrestricted`.
        case unrestricted
    }
}
