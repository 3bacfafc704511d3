extension Storage {
    /// What ``WriteAheadLog/recover(from:settings:)`` did.
    public struct RecoveryReport: Hashable, Sendable {
        /// The last sequence number that the image covers; 0 without one.
        public var imageSequence: UInt64 = 0
        /// How many records were read from the image.
        public var imageRecords: UInt64 = 0
        /// How many segments were read.
        public var segments: UInt64 = 0
        /// How many records were read from segments behind the image.
        public var logRecords: UInt64 = 0
        /// The number of the last record that came back; 0 when there is none.
        public var lastSequence: UInt64 = 0
        /// Where a torn tail was cut; `nil` if the log ended cleanly.
        public var cut: Place?
        /// Files of no use any more, which the log removes before it goes on.
        public var leftovers: [Leftover] = []
        /// How many broken places were passed over because nothing that counts stands there.
        public var passedOverCount: UInt64 = 0
        /// The first of them, at most ``passedOverLimit``.
        public var passedOver: [Place] = []

        /// How many harmless places are named, 16.
        public static var passedOverLimit: Int { 16 }

        /// A place of a file.
        public struct Place: Hashable, Sendable {
            /// The file.
            public var file: File
            /// Where the first byte stands that could not be read.
            public var offset: Int64
        }

        /// A file that is of no use any more.
        public struct Leftover: Hashable, Sendable {
            /// The file.
            public var file: File
            /// Why.
            public var reason: Reason

            /// Why a file is of no use any more.
            public enum Reason: Hashable, Sendable {
                /// An image whose writing was interrupted.
                case unfinishedImage
                /// A newer image covers everything in it.
                case covered
                /// An image that cannot be read; older files replace it.
                case brokenImage
                /// A segment whose making was interrupted before it held a record.
                case unusedSegment
            }
        }

        mutating func leave(_ file: File, _ reason: Leftover.Reason) {
            leftovers.append(Leftover(file: file, reason: reason))
        }

        mutating func passOver(_ file: File, at offset: Int64) {
            passedOverCount += 1
            guard passedOver.count < Self.passedOverLimit else { return }
            passedOver.append(Place(file: file, offset: offset))
        }
    }
}

extension Storage.RecoveryReport.Leftover.Reason: CustomStringConvertible {
    /// The reason in a few words.
    public var description: String {
        switch self {
        case .unfinishedImage: "an image whose writing was interrupted"
        case .covered: "a newer image covers it"
        case .brokenImage: "an image that cannot be read, and older files replace it"
        case .unusedSegment: "a segment that never held a record"
        }
    }
}
