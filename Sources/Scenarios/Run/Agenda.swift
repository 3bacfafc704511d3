import MeshCore
import Simulator

/// What the scenario itself has to do, and when: in order of time, then in the order in which it was planned.
struct Agenda: Sendable {
    /// Something to do.
    enum Item: Sendable {
        /// A line of the timeline, by its position; `occasion` counts its repetitions.
        case statement(Int, occasion: UInt64)
        /// A strike of an antagonist, by the position of its line.
        case strike(Int, occasion: UInt64)
        /// The end of something that lasts a while.
        case undo(Undo)
        /// The next operation of a workload, by its position.
        case arrival(Int)
        /// A client has waited for an answer for a while, by its workload's position and its request.
        case retry(Int, client: Int, request: UInt64)
        /// The end of the time a condition had, by the position of its expectation.
        case deadline(Int)

        /// Whether it only looks at the run, and does nothing in it.
        var isDeadline: Bool {
            if case .deadline = self { true } else { false }
        }
    }

    private struct Entry: Comparable, Sendable {
        var time: Int64
        var sequence: UInt64
        var slot: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.time < right.time || (left.time == right.time && left.sequence < right.sequence)
        }
    }

    private var heap = MinHeap<Entry>()
    private var items: [Item?] = []
    private var free: [Int] = []
    private var sequence: UInt64 = 0

    /// When the next item is due.
    var nextTime: Instant? { heap.first.map { Instant(nanoseconds: $0.time) } }

    /// Whether something is due exactly then.
    ///
    /// - Complexity: O(n).
    func hasItem(at time: Instant) -> Bool {
        for entry in heap.unordered where entry.time == time.nanoseconds { return true }
        return false
    }

    mutating func add(_ item: Item, at time: Instant) {
        sequence += 1
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            items[slot] = item
        } else {
            slot = items.count
            items.append(item)
        }
        heap.insert(Entry(time: time.nanoseconds, sequence: sequence, slot: slot))
    }

    /// Takes the next item that is due by now.
    mutating func popDue(by now: Instant) -> Item? {
        guard let entry = heap.first, entry.time <= now.nanoseconds else { return nil }
        _ = heap.popFirst()
        free.append(entry.slot)
        return items[entry.slot].take()
    }
}

/// How a fault is taken back.
indirect enum Undo: Sendable {
    /// Cuts, clogs and rules of the network.
    case network([FaultID])
    /// Nodes that crashed.
    case restart([NodeID])
    /// Nodes that were paused.
    case resume([NodeID])
    /// Nodes that were slowed down.
    case speedUp([NodeID])
    /// Disks that were slowed down.
    case fastDisk([NodeID])
    /// Disks that stalled; they recover by themselves.
    case stalled([NodeID])
    /// Clocks that were set off by this much.
    case unskew([NodeID], Interval)
    /// Clocks that run fast or slow.
    case undrift([NodeID])
    /// Disks that do something wrong.
    case diskFault(DiskFault, [NodeID])
    /// Several of these.
    case all([Undo])
}
