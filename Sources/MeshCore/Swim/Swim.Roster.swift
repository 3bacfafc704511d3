extension Swim {
    /// One member as its roster stores it, in 16 bytes.
    struct Member: Sendable {
        /// Who it is.
        let id: NodeID
        /// The incarnation that the status is believed of.
        var incarnation: Incarnation
        /// The status in the top two bits, the place in the probing order below.
        private var packed: UInt32

        /// Stands for "not in the probing order".
        static let nowhere = 0x3fff_ffff

        init(id: NodeID, claim: Claim) {
            self.id = id
            self.incarnation = claim.incarnation
            self.packed = UInt32(claim.status.rawValue) << 30 | UInt32(Member.nowhere)
        }

        var status: Status {
            get {
                switch packed >> 30 {
                case 0: .alive
                case 1: .suspect
                case 2: .dead
                default: .left
                }
            }
            set { packed = UInt32(newValue.rawValue) << 30 | packed & 0x3fff_ffff }
        }

        var place: Int {
            get { Int(packed & 0x3fff_ffff) }
            set { packed = packed & 0xc000_0000 | UInt32(newValue) }
        }

        var claim: Claim { Claim(status, incarnation) }
        var update: Update { Update(id, status, incarnation) }
    }

    /// Everybody that a node has heard of, itself included.
    ///
    /// The members stand in an array; an open-addressed index finds them by id, a second array has them in id
    /// order, a third is the probing order of the live ones. About 30 bytes per member.
    struct Roster: Sendable {
        /// The members in the order in which they became known; the owner is the first.
        private(set) var members: [Member]
        /// Positions in `members` by id order.
        private(set) var sorted: [UInt32]
        /// Positions in `members`, plus one, by hash; 0 is a free cell.
        private var cells: [UInt32]
        /// Positions in `members` of the live others, in the order in which they are probed.
        private(set) var rotation: [UInt32]
        /// How much of the rotation has been probed in this round.
        private(set) var probedCount: Int
        /// How many members have each status.
        private var tally: (alive: Int, suspect: Int, dead: Int, left: Int)
        /// The sum of the live members' hashes over id and status.
        private(set) var stateHash: UInt64
        /// The sum of the live members' hashes over id, status and incarnation.
        private(set) var viewHash: UInt64

        /// The owner's own position.
        static let own = 0

        init(owner: NodeID) {
            self.members = []
            self.sorted = []
            self.cells = [UInt32](repeating: 0, count: 16)
            self.rotation = []
            self.probedCount = 0
            self.tally = (0, 0, 0, 0)
            self.stateHash = 0
            self.viewHash = 0
            append(owner, Claim(.alive, .zero))
        }
    }
}

// MARK: - Looking up

extension Swim.Roster {
    var count: Int { members.count }
    var aliveCount: Int { tally.alive }
    var liveCount: Int { tally.alive + tally.suspect }
    var deadCount: Int { tally.dead }

    subscript(position: Int) -> Swim.Member { members[position] }

    /// The position of a member.
    ///
    /// - Complexity: O(1) expected.
    func position(of id: NodeID) -> Int? {
        let mask = cells.count - 1
        var cell = Self.hash(id) & mask
        while cells[cell] != 0 {
            let position = Int(cells[cell]) - 1
            if members[position].id == id { return position }
            cell = (cell + 1) & mask
        }
        return nil
    }

    func claim(about id: NodeID) -> Swim.Claim? {
        guard let position = position(of: id) else { return nil }
        return members[position].claim
    }

    /// The first place in id order whose id is not below `id`.
    ///
    /// - Complexity: O(log `count`).
    func place(notBelow id: UInt64) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) >> 1
            if members[Int(sorted[middle])].id.rawValue < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The member at a place in id order.
    func member(atPlace place: Int) -> Swim.Member { members[Int(sorted[place])] }

    /// What a member adds to the sum of the state hash; nothing when it is dead or has left.
    static func hash(of id: NodeID, _ status: Swim.Status) -> UInt64 {
        guard status.isLive else { return 0 }
        return Random.finish(Random.absorb(Random.absorb(0x5357_494d, id.rawValue), UInt64(status.rawValue)))
    }

    private static func hash(of id: NodeID, _ claim: Swim.Claim) -> UInt64 {
        guard claim.status.isLive else { return 0 }
        return Random.finish(Random.absorb(Random.absorb(0x5649_4557, id.rawValue), claim.packed))
    }

    private static func hash(_ id: NodeID) -> Int {
        Int(truncatingIfNeeded: (id.rawValue &* 0x9e37_79b9_7f4a_7c15) >> 33)
    }
}

// MARK: - Changing

extension Swim.Roster {
    /// Adds a member that is not known yet, at a random place of the probing order when it is live.
    ///
    /// - Parameter draw: Random bits that choose the place.
    /// - Returns: The position of the member.
    /// - Complexity: O(`count`) to move the id order, which is 4 bytes per member.
    mutating func insert(_ id: NodeID, _ claim: Swim.Claim, draw: UInt64) -> Int {
        append(id, claim)
        if claim.status.isLive { enter(members.count - 1, draw: draw) }
        return members.count - 1
    }

    /// Changes what is believed about a member.
    ///
    /// - Parameter draw: Random bits that choose the place in the probing order of a member that comes back.
    /// - Complexity: O(1).
    mutating func update(_ position: Int, to claim: Swim.Claim, draw: UInt64) {
        let old = members[position]
        count(old, -1)
        members[position].status = claim.status
        members[position].incarnation = claim.incarnation
        count(members[position], 1)
        guard position != Self.own, old.status.isLive != claim.status.isLive else { return }
        if claim.status.isLive { enter(position, draw: draw) } else { leave(position) }
    }

    /// Forgets members, which must be dead or gone.
    ///
    /// - Complexity: O(`count`).
    mutating func forget(where isForgotten: (Swim.Member) -> Bool) {
        var moved = [UInt32](repeating: UInt32.max, count: members.count)
        var kept: [Swim.Member] = []
        kept.reserveCapacity(members.count)
        for position in 0..<members.count {
            if position != Self.own && !members[position].status.isLive && isForgotten(members[position]) {
                count(members[position], -1)
            } else {
                moved[position] = UInt32(kept.count)
                kept.append(members[position])
            }
        }
        members = kept
        sorted = sorted.compactMap { position in
            moved[Int(position)] == UInt32.max ? nil : moved[Int(position)]
        }
        for place in 0..<rotation.count { rotation[place] = moved[Int(rotation[place])] }
        rebuildCells(count: cells.count)
    }

    private mutating func append(_ id: NodeID, _ claim: Swim.Claim) {
        invariant(members.count < Swim.Member.nowhere, "a roster holds less than 2^30 members")
        let place = place(notBelow: id.rawValue)
        members.append(Swim.Member(id: id, claim: claim))
        sorted.insert(UInt32(members.count - 1), at: place)
        count(members[members.count - 1], 1)
        // At most three quarters of the cells are taken.
        if members.count * 4 > cells.count * 3 {
            rebuildCells(count: cells.count * 2)
        } else {
            occupy(members.count - 1)
        }
    }

    private mutating func rebuildCells(count: Int) {
        cells = [UInt32](repeating: 0, count: count)
        for position in 0..<members.count { occupy(position) }
    }

    private mutating func occupy(_ position: Int) {
        let mask = cells.count - 1
        var cell = Self.hash(members[position].id) & mask
        while cells[cell] != 0 { cell = (cell + 1) & mask }
        cells[cell] = UInt32(position + 1)
    }

    /// Adds a member to the counts and hashes, or takes it out.
    private mutating func count(_ member: Swim.Member, _ change: Int) {
        switch member.status {
        case .alive: tally.alive += change
        case .suspect: tally.suspect += change
        case .dead: tally.dead += change
        case .left: tally.left += change
        }
        let state = Self.hash(of: member.id, member.status)
        let view = Self.hash(of: member.id, member.claim)
        stateHash = change > 0 ? stateHash &+ state : stateHash &- state
        viewHash = change > 0 ? viewHash &+ view : viewHash &- view
    }
}

// MARK: - The probing order

extension Swim.Roster {
    /// The next member to probe; a round visits every live member once.
    ///
    /// Source: paper, section 4.3: the list is shuffled after each traversal, so a member is probed again after at most
    /// 2N - 1 periods.
    ///
    /// - Parameter draw: Random bits for a step of the shuffle.
    /// - Complexity: O(1), amortised over a round.
    mutating func nextToProbe(draw: (Int) -> UInt64) -> Int? {
        guard !rotation.isEmpty else { return nil }
        if probedCount >= rotation.count { shuffle(draw: draw) }
        probedCount += 1
        return Int(rotation[probedCount - 1])
    }

    /// Puts the rotation into a new random order.
    ///
    /// Source: Fisher and Yates, in Durstenfeld's form (CACM 7, 1964).
    private mutating func shuffle(draw: (Int) -> UInt64) {
        probedCount = 0
        var last = rotation.count - 1
        while last > 0 {
            let other = Int(Random.number(below: UInt64(last + 1), from: draw(last)))
            exchange(last, other)
            last -= 1
        }
    }

    /// Inserts at a random place: among those that were probed in this round, or among those to come.
    ///
    /// Source: paper, section 4.3.
    private mutating func enter(_ position: Int, draw: UInt64) {
        let place = Int(Random.number(below: UInt64(rotation.count + 1), from: draw))
        rotation.append(UInt32(position))
        members[position].place = rotation.count - 1
        if place < probedCount {
            exchange(rotation.count - 1, probedCount)
            probedCount += 1
        } else {
            exchange(rotation.count - 1, place)
        }
    }

    /// Takes a member out and keeps who was probed in this round.
    private mutating func leave(_ position: Int) {
        var place = members[position].place
        if place < probedCount {
            exchange(place, probedCount - 1)
            place = probedCount - 1
            probedCount -= 1
        }
        exchange(place, rotation.count - 1)
        rotation.removeLast()
        members[position].place = Swim.Member.nowhere
    }

    private mutating func exchange(_ first: Int, _ second: Int) {
        let moved = rotation[first]
        rotation[first] = rotation[second]
        rotation[second] = moved
        members[Int(rotation[first])].place = first
        members[Int(rotation[second])].place = second
    }
}
