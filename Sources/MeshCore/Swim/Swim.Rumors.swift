extension Swim {
    /// Something to be told some times.
    protocol Rumor: Sendable {
        /// The size on the wire.
        var byteCount: Int { get }
        /// Whether it is told less often when many wait: that a member has appeared which nobody has accused.
        var isMinor: Bool { get }
    }

    /// Rumours that are still to be repeated, the least repeated first.
    ///
    /// One queue per number of repetitions. A rumour that was replaced stays where it is and is dropped when it
    /// comes up, so that a change about one member never touches the rumours about others.
    ///
    /// Source: paper, section 4.1, which prefers what was repeated less often.
    struct Rumors<Item: Rumor>: Sendable {
        /// The rumours by how often they were repeated.
        private var levels: [Ring<Item>] = []
        /// How many rumours wait, replaced ones included.
        private(set) var count = 0
        /// The most that waited since the queue was last empty.
        private var peak = 0

        /// A queue that never held more keeps its memory for the next rumours.
        private static var keptRoom: Int { 64 }

        /// More than this waits only in a mass join or after a partition of a large group.
        private static var crowd: Int { 1_024 }

        /// How often a minor rumour of a crowd is told: the bulk has to get out, and comparisons of views do the rest.
        private static var copiesInCrowd: Int { 2 }

        var isEmpty: Bool { count == 0 }

        /// Adds a rumour that was never told.
        ///
        /// - Complexity: O(1), amortised.
        mutating func add(_ rumor: Item) {
            if levels.isEmpty { levels.append(Ring()) }
            levels[0].append(rumor)
            count += 1
            if count > peak { peak = count }
        }

        /// Takes the least repeated rumours that fit, and counts them as told once more.
        ///
        /// - Parameters:
        ///   - list: Where they are appended.
        ///   - budget: How many bytes they may take.
        ///   - limit: How often a rumour is told in all.
        ///   - isCurrent: Whether a rumour has not been replaced.
        /// - Complexity: O(rumours taken or dropped + `limit`).
        mutating func take(
            into list: inout [Item], budget: Int, limit: Int, isCurrent: (Item) -> Bool
        ) {
            guard count > 0 else { return }
            let minorLimit = count > Self.crowd ? min(limit, Self.copiesInCrowd) : limit
            var left = budget
            var carried = list.count..<list.count
            var level = 0
            while level < levels.count {
                let waiting = levels[level].count
                // What was taken one level below joins behind what waits here, and is not taken again.
                promote(list[carried], to: level, limit: limit)
                let start = list.count
                let limits = (usual: limit, minor: minorLimit)
                let isFull = takeLevel(level, waiting, into: &list, budget: &left, limits, isCurrent: isCurrent)
                carried = start..<list.count
                level += 1
                if isFull { break }
            }
            promote(list[carried], to: level, limit: limit)
            guard count == 0 else { return }
            if peak > Self.keptRoom { levels = [] }
            peak = 0
        }

        /// Takes from the first `waiting` rumours of a level.
        ///
        /// - Returns: Whether the next one did not fit.
        private mutating func takeLevel(
            _ level: Int, _ waiting: Int, into list: inout [Item], budget: inout Int,
            _ limits: (usual: Int, minor: Int), isCurrent: (Item) -> Bool
        ) -> Bool {
            for _ in 0..<waiting {
                // Among those never told the newest goes first: behind the bulk of a mass join a death must not wait.
                let next = level == 0 ? levels[level].last : levels[level].first
                guard let rumor = next else { break }
                if level < (rumor.isMinor ? limits.minor : limits.usual) && isCurrent(rumor) {
                    let size = rumor.byteCount
                    if size > budget { return true }
                    budget -= size
                    list.append(rumor)
                }
                _ = level == 0 ? levels[level].popLast() : levels[level].popFirst()
                count -= 1
            }
            // An empty level gives much memory back: after a mass join it would hold room for the whole group.
            if peak > Self.keptRoom && levels[level].isEmpty { levels[level] = Ring() }
            return false
        }

        private mutating func promote(_ told: ArraySlice<Item>, to level: Int, limit: Int) {
            guard !told.isEmpty, level < limit else { return }
            while levels.count <= level { levels.append(Ring()) }
            for rumor in told { levels[level].append(rumor) }
            count += told.count
        }
    }
}

extension Swim.Update: Swim.Rumor {
    /// The size on the wire.
    var byteCount: Int { Swim.varintSize(node.rawValue) + sizeBehindID }

    /// Whether it says that a member has appeared that had nothing to contradict yet.
    var isMinor: Bool { status == .alive && incarnation == .zero }

    /// The size of what follows the id on the wire.
    var sizeBehindID: Int {
        Swim.varintSize(claim.packed) + (status == .suspect ? Swim.varintSize(accuser.rawValue) : 0)
    }
}

extension Swim {
    /// How many bytes a number takes as a varint.
    static func varintSize(_ value: UInt64) -> Int {
        (64 - (value | 1).leadingZeroBitCount + 6) / 7
    }
}
