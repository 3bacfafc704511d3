extension Swim {
    /// One member, read out of a roster.
    struct Member: Sendable {
        /// Who it is.
        let id: NodeID
        /// What is believed about it.
        let claim: Claim

        var status: Status { claim.status }
        var incarnation: Incarnation { claim.incarnation }
        var update: Update { Update(id, claim.status, claim.incarnation) }
    }

    /// Everybody that a node has heard of, itself included.
    ///
    /// Sixteen ids that follow each other share a page, so that neither the id nor its place in the id order is stored
    /// for each: a member is 8 bytes in its page and 4 in the probing order, and the pages are found by an
    /// open-addressed index and walked in id order. With ids from 1 to N that is at most 15 bytes per member, room to
    /// grow included; an id that stands alone costs a page, 160 bytes.
    ///
    /// A position, as the methods take and give it, is a page and a place in it; it stays what it is until a member is
    /// forgotten.
    struct Roster: Sendable {
        /// A member in its page.
        private struct Slot: Sendable {
            var incarnation: UInt32
            /// The status in the top two bits; below, the place in the probing order or among the dead.
            var mark: UInt32

            static let absent = UInt32.max
            static let nowhere: UInt32 = 0x3fff_fffe

            static var free: Slot { Slot(incarnation: 0, mark: absent) }

            init(incarnation: UInt32, mark: UInt32) {
                self.incarnation = incarnation
                self.mark = mark
            }

            init(_ claim: Claim) {
                incarnation = claim.incarnation.rawValue
                mark = UInt32(claim.status.rawValue) << 30 | Slot.nowhere
            }

            var isFree: Bool { mark == Slot.absent }

            var claim: Claim {
                get { Claim(status, Incarnation(incarnation)) }
                set {
                    incarnation = newValue.incarnation.rawValue
                    mark = UInt32(newValue.status.rawValue) << 30 | mark & 0x3fff_ffff
                }
            }

            private var status: Status {
                switch mark >> 30 {
                case 0: .alive
                case 1: .suspect
                case 2: .dead
                default: .left
                }
            }

            var place: Int {
                get { Int(mark & 0x3fff_ffff) }
                set { mark = mark & 0xc000_0000 | UInt32(truncatingIfNeeded: newValue) }
            }
        }

        /// The members, page after page.
        private var slots: [Slot]
        /// The ids of each page without their last four bits.
        private var keys: [UInt64]
        /// The pages in the order of their keys.
        private var order: [UInt32]
        /// By the hash of their keys: the last 32 bits of a key above its page plus one; 0 is a free cell.
        private var cells: [UInt64]
        /// Whether a key has more than 32 bits.
        private var hasWideKeys: Bool
        /// How many pages hold nobody.
        private var emptyPages: Int
        /// Positions of the live others, in the order in which they are probed.
        private(set) var rotation: [UInt32]
        /// How much of the rotation has been probed in this round.
        private(set) var probedCount: Int
        /// Positions of the dead, in no order; those who left are not among them.
        private(set) var graves: [UInt32]
        /// How many members have each status.
        private var tally: (alive: Int, suspect: Int, dead: Int, left: Int)
        /// The sum of the live members' hashes over id and status.
        private(set) var stateHash: UInt64
        /// The sum of the live members' hashes over id, status and incarnation.
        private(set) var viewHash: UInt64
        /// The owner's own position.
        private(set) var own: Int

        private static var pageSize: Int { 16 }

        init(owner: NodeID) {
            self.slots = []
            self.keys = []
            self.order = []
            self.cells = [UInt64](repeating: 0, count: 4)
            self.hasWideKeys = false
            self.emptyPages = 0
            self.rotation = []
            self.probedCount = 0
            self.graves = []
            self.tally = (0, 0, 0, 0)
            self.stateHash = 0
            self.viewHash = 0
            self.own = 0
            self.own = add(owner, Claim(.alive, .zero))
        }
    }
}

// MARK: - Looking up

extension Swim.Roster {
    var count: Int { tally.alive + tally.suspect + tally.dead + tally.left }
    var aliveCount: Int { tally.alive }
    var liveCount: Int { tally.alive + tally.suspect }
    var deadCount: Int { tally.dead }
    var ownClaim: Swim.Claim { slots[own].claim }

    subscript(position: Int) -> Swim.Member { Swim.Member(id: id(at: position), claim: slots[position].claim) }

    /// The position of a member.
    ///
    /// - Complexity: O(1) expected.
    func position(of id: NodeID) -> Int? {
        guard let page = page(of: id.rawValue >> 4) else { return nil }
        let position = page * Self.pageSize + Int(truncatingIfNeeded: id.rawValue & 15)
        return slots[position].isFree ? nil : position
    }

    func claim(about id: NodeID) -> Swim.Claim? {
        guard let position = position(of: id) else { return nil }
        return slots[position].claim
    }

    func claim(at position: Int) -> Swim.Claim { slots[position].claim }

    private func id(at position: Int) -> NodeID {
        NodeID(keys[position / Self.pageSize] << 4 | UInt64(UInt(position % Self.pageSize)))
    }

    private func page(of key: UInt64) -> Int? {
        let mask = cells.count - 1
        var cell = Self.hash(key) & mask
        let mark = key << 32
        while cells[cell] != 0 {
            if cells[cell] & 0xffff_ffff_0000_0000 == mark {
                let page = Int(truncatingIfNeeded: cells[cell] & 0xffff_ffff) - 1
                // A look at the key itself would cost a cache miss, and is needed for ids beyond 2^36 only.
                if key >> 32 == 0 && !hasWideKeys || keys[page] == key { return page }
            }
            cell = (cell + 1) & mask
        }
        return nil
    }

    /// A walk over the members in id order.
    struct Walk {
        fileprivate var rank: Int
        fileprivate var offset: Int
    }

    /// A walk that begins with the first member whose id is not below `id`.
    ///
    /// - Complexity: O(log `count`).
    func walk(from id: UInt64 = 0) -> Walk {
        let rank = rank(notBelow: id >> 4)
        let isInside = rank < order.count && keys[Int(order[rank])] == id >> 4
        return Walk(rank: rank, offset: isInside ? Int(truncatingIfNeeded: id & 15) : 0)
    }

    /// The next member of a walk; nobody may be added or forgotten meanwhile.
    func next(_ walk: inout Walk) -> Swim.Member? {
        while walk.rank < order.count {
            let start = Int(order[walk.rank]) * Self.pageSize
            while walk.offset < Self.pageSize {
                let position = start + walk.offset
                walk.offset += 1
                if !slots[position].isFree { return self[position] }
            }
            walk.rank += 1
            walk.offset = 0
        }
        return nil
    }

    /// The first place in the order of pages whose key is not below `key`.
    private func rank(notBelow key: UInt64) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) >> 1
            if keys[Int(order[middle])] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What a member adds to the sum of the state hash; nothing when it is dead or has left.
    static func hash(of id: NodeID, _ status: Swim.Status) -> UInt64 {
        guard status.isLive else { return 0 }
        return Random.finish(Random.absorb(Random.absorb(0x5357_494d, id.rawValue), UInt64(status.rawValue)))
    }

    private static func hash(of id: NodeID, _ claim: Swim.Claim) -> UInt64 {
        guard claim.status.isLive else { return 0 }
        return Random.finish(Random.absorb(Random.absorb(0x5649_4557, id.rawValue), claim.packed))
    }

    private static func hash(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 33)
    }
}

// MARK: - Changing

extension Swim.Roster {
    /// Adds a member that is not known yet, at a random place of the probing order when it is live.
    ///
    /// - Parameter draw: Random bits that choose the place.
    /// - Returns: The position of the member.
    /// - Complexity: O(1), amortised, when its page is there; else O(`count` / 16) to move the order of pages.
    mutating func insert(_ id: NodeID, _ claim: Swim.Claim, draw: UInt64) -> Int {
        let position = add(id, claim)
        settle(position, draw: draw)
        return position
    }

    /// Changes what is believed about a member.
    ///
    /// - Parameter draw: Random bits that choose the place in the probing order of a member that comes back.
    /// - Complexity: O(1).
    mutating func update(_ position: Int, to claim: Swim.Claim, draw: UInt64) {
        let id = id(at: position)
        let old = slots[position].claim
        tally(id, old, -1)
        slots[position].claim = claim
        tally(id, claim, 1)
        guard position != own, old.status != claim.status, !(old.status.isLive && claim.status.isLive) else { return }
        if old.status.isLive { leaveRotation(position) }
        if old.status == .dead { leaveGrave(position) }
        settle(position, draw: draw)
    }

    /// Forgets a member that is dead or gone, when nothing else is believed of it than this.
    ///
    /// - Complexity: O(1), amortised.
    mutating func forget(_ update: Swim.Update) {
        guard !update.status.isLive, let position = position(of: update.node), position != own,
            slots[position].claim == update.claim
        else { return }
        tally(update.node, update.claim, -1)
        if update.status == .dead { leaveGrave(position) }
        slots[position] = .free
        let page = position / Self.pageSize
        guard isEmpty(page) else { return }
        emptyPages += 1
        if emptyPages * 2 > keys.count { dropEmptyPages() }
    }

    private mutating func add(_ id: NodeID, _ claim: Swim.Claim) -> Int {
        let key = id.rawValue >> 4
        let page: Int
        if let known = self.page(of: key) {
            page = known
            if isEmpty(page) { emptyPages -= 1 }
        } else {
            page = addPage(key)
        }
        let position = page * Self.pageSize + Int(truncatingIfNeeded: id.rawValue & 15)
        slots[position] = Slot(claim)
        tally(id, claim, 1)
        return position
    }

    private mutating func addPage(_ key: UInt64) -> Int {
        let page = keys.count
        invariant(page < Int(Slot.nowhere) / Self.pageSize, "a roster holds less than 2^30 members")
        let rank = rank(notBelow: key)
        Self.makeRoom(&slots, for: Self.pageSize)
        for _ in 0..<Self.pageSize { slots.append(.free) }
        Self.makeRoom(&keys, for: 1)
        keys.append(key)
        Self.makeRoom(&order, for: 1)
        order.insert(UInt32(truncatingIfNeeded: page), at: rank)
        // At most three quarters of the cells are taken.
        if keys.count * 4 > cells.count * 3 { rebuildCells(count: cells.count * 2) } else { occupy(page) }
        return page
    }

    /// Grows an array by a sixteenth: doubling would leave up to half of the bytes per member unused.
    private static func makeRoom<Element>(_ array: inout [Element], for count: Int) {
        let needed = array.count + count
        if needed > array.capacity { array.reserveCapacity(needed + needed / 16) }
    }

    private func isEmpty(_ page: Int) -> Bool {
        for position in page * Self.pageSize..<(page + 1) * Self.pageSize where !slots[position].isFree { return false }
        return true
    }

    private mutating func dropEmptyPages() {
        let oldSlots = slots
        let oldKeys = keys
        let emptied = (0..<keys.count).map { isEmpty($0) }
        var moved = [UInt32](repeating: UInt32.max, count: keys.count)
        slots = []
        keys = []
        for page in 0..<oldKeys.count {
            if emptied[page] { continue }
            moved[page] = UInt32(truncatingIfNeeded: keys.count)
            keys.append(oldKeys[page])
            slots += oldSlots[page * Self.pageSize..<(page + 1) * Self.pageSize]
        }
        let oldOrder = order
        order = []
        for page in oldOrder where moved[Int(page)] != UInt32.max { order.append(moved[Int(page)]) }
        let size = UInt32(Self.pageSize)
        for place in 0..<rotation.count {
            rotation[place] = moved[Int(rotation[place] / size)] * size + rotation[place] % size
        }
        for place in 0..<graves.count { graves[place] = moved[Int(graves[place] / size)] * size + graves[place] % size }
        own = Int(moved[own / Self.pageSize]) * Self.pageSize + own % Self.pageSize
        emptyPages = 0
        rebuildCells(count: cells.count)
    }

    private mutating func rebuildCells(count: Int) {
        cells = [UInt64](repeating: 0, count: count)
        for page in 0..<keys.count { occupy(page) }
    }

    private mutating func occupy(_ page: Int) {
        let mask = cells.count - 1
        var cell = Self.hash(keys[page]) & mask
        while cells[cell] != 0 { cell = (cell + 1) & mask }
        cells[cell] = keys[page] << 32 | UInt64(UInt(page + 1))
        if keys[page] >> 32 != 0 { hasWideKeys = true }
    }

    /// Adds a member to the counts and hashes, or takes it out.
    private mutating func tally(_ id: NodeID, _ claim: Swim.Claim, _ change: Int) {
        switch claim.status {
        case .alive: tally.alive += change
        case .suspect: tally.suspect += change
        case .dead: tally.dead += change
        case .left: tally.left += change
        }
        let state = Self.hash(of: id, claim.status)
        let view = Self.hash(of: id, claim)
        stateHash = change > 0 ? stateHash &+ state : stateHash &- state
        viewHash = change > 0 ? viewHash &+ view : viewHash &- view
    }
}

// MARK: - The probing order and the dead

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

    /// Takes a member into the probing order or among the dead, as its status says.
    private mutating func settle(_ position: Int, draw: UInt64) {
        switch slots[position].claim.status {
        case .alive, .suspect: enterRotation(position, draw: draw)
        case .dead:
            slots[position].place = graves.count
            graves.append(UInt32(truncatingIfNeeded: position))
        case .left: break
        }
    }

    /// Inserts at a random place: among those that were probed in this round, or among those to come.
    ///
    /// Source: paper, section 4.3.
    private mutating func enterRotation(_ position: Int, draw: UInt64) {
        let place = Int(Random.number(below: UInt64(rotation.count + 1), from: draw))
        Self.makeRoom(&rotation, for: 1)
        rotation.append(UInt32(truncatingIfNeeded: position))
        slots[position].place = rotation.count - 1
        if place < probedCount {
            exchange(rotation.count - 1, probedCount)
            probedCount += 1
        } else {
            exchange(rotation.count - 1, place)
        }
    }

    /// Takes a member out and keeps who was probed in this round.
    private mutating func leaveRotation(_ position: Int) {
        var place = slots[position].place
        if place < probedCount {
            exchange(place, probedCount - 1)
            place = probedCount - 1
            probedCount -= 1
        }
        exchange(place, rotation.count - 1)
        rotation.removeLast()
        slots[position].place = Int(Slot.nowhere)
    }

    private mutating func leaveGrave(_ position: Int) {
        let place = slots[position].place
        let last = graves[graves.count - 1]
        graves[place] = last
        slots[Int(last)].place = place
        graves.removeLast()
        slots[position].place = Int(Slot.nowhere)
    }

    private mutating func exchange(_ first: Int, _ second: Int) {
        let moved = rotation[first]
        rotation[first] = rotation[second]
        rotation[second] = moved
        slots[Int(rotation[first])].place = first
        slots[Int(rotation[second])].place = second
    }
}
