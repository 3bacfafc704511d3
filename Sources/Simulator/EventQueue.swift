public import MeshCore

/// What is due when, ordered by (instant, sequence): events of one instant happen in the order in which they were made.
///
/// The heap moves 24-byte entries; what a delivery carries lies in a slab and never moves.
@usableFromInline
struct EventQueue<Message: Sendable>: Sendable {
    /// A place in the order, and what is due there.
    @usableFromInline
    struct Entry: Comparable, Sendable {
        /// Virtual nanoseconds.
        @usableFromInline var time: Int64
        /// The tie-break: earlier made, earlier done.
        @usableFromInline var sequence: UInt64
        /// What is due.
        @usableFromInline var due: Due

        @inlinable
        init(time: Int64, sequence: UInt64, due: Due) {
            self.time = time
            self.sequence = sequence
            self.due = due
        }

        @inlinable
        static func < (left: Entry, right: Entry) -> Bool {
            left.time < right.time || (left.time == right.time && left.sequence < right.sequence)
        }

        @inlinable
        static func == (left: Entry, right: Entry) -> Bool {
            left.sequence == right.sequence && left.time == right.time
        }
    }

    /// What is due: a kind, two small numbers and a generation, in eight bytes.
    @usableFromInline
    struct Due: Sendable {
        @usableFromInline var bits: UInt64

        @inlinable
        init(_ kind: Kind, host: Int, slot: Int, generation: UInt32) {
            self.bits =
                UInt64(kind.rawValue) | UInt64(UInt32(truncatingIfNeeded: host) & 0xff_ffff) << 2
                | UInt64(UInt32(truncatingIfNeeded: slot) & 0x3ff) << 26
                | UInt64(generation & 0xfff_ffff) << 36
        }

        /// A delivery, found in the slab.
        @inlinable
        init(delivery slot: Int) {
            self.bits = UInt64(Kind.delivery.rawValue) | UInt64(UInt32(truncatingIfNeeded: slot)) << 2
        }

        @inlinable var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: bits & 3)) ?? .delivery }
        @inlinable var deliverySlot: Int { Int(truncatingIfNeeded: bits >> 2) }
        @inlinable var host: Int { Int(truncatingIfNeeded: (bits >> 2) & 0xff_ffff) }
        @inlinable var slot: Int { Int(truncatingIfNeeded: (bits >> 26) & 0x3ff) }
        @inlinable var generation: UInt32 { UInt32(truncatingIfNeeded: bits >> 36) }
    }

    /// The kinds of events.
    @usableFromInline
    enum Kind: UInt8, Sendable {
        /// A message reaches a host.
        case delivery
        /// A timer runs out.
        case timer
        /// A disk has finished a batch.
        case disk
        /// A busy host can take its next input.
        case wake
    }

    /// A message on its way.
    @usableFromInline
    struct Delivery: Sendable {
        @usableFromInline var message: Message?
        @usableFromInline var from: Int32
        @usableFromInline var to: Int32
        /// The digest of the message, taken once when it was sent.
        @usableFromInline var digest: UInt64
        /// The number of the event that sent it.
        @usableFromInline var cause: UInt64

        @inlinable
        init(message: consuming Message?, from: Int32, to: Int32, digest: UInt64, cause: UInt64) {
            self.message = message
            self.from = from
            self.to = to
            self.digest = digest
            self.cause = cause
        }
    }

    @usableFromInline var heap = MinHeap<Entry>()
    @usableFromInline var deliveries: [Delivery] = []
    @usableFromInline var freeSlots: [Int32] = []
    @usableFromInline var nextSequence: UInt64 = 0

    @usableFromInline
    init() {}

    /// How many entries wait, stale timers included.
    @inlinable var count: Int { heap.count }

    /// The sequence number of an event that is made now.
    @inlinable
    mutating func takeSequence() -> UInt64 {
        nextSequence &+= 1
        return nextSequence
    }

    @inlinable
    mutating func push(_ due: Due, at time: Int64) {
        heap.insert(Entry(time: time, sequence: takeSequence(), due: due))
    }

    @inlinable
    mutating func push(_ delivery: consuming Delivery, at time: Int64) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = Int(free)
            deliveries[slot] = delivery
        } else {
            slot = deliveries.count
            deliveries.append(delivery)
        }
        push(Due(delivery: slot), at: time)
    }

    /// Takes a delivery out of the slab.
    @inlinable
    mutating func takeDelivery(_ slot: Int) -> Delivery {
        freeSlots.append(Int32(truncatingIfNeeded: slot))
        let message = deliveries[slot].message.take()
        let kept = deliveries[slot]
        return Delivery(message: message, from: kept.from, to: kept.to, digest: kept.digest, cause: kept.cause)
    }
}
