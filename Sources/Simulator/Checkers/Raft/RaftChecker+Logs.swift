public import MeshCore

// MARK: - Logs and disks against each other

extension RaftChecker {
    /// Looks whether a record removes what is committed from a disk that held it.
    ///
    /// Two places are enough: the first that is replaced, and the one behind the record, which goes when the record
    /// cuts a tail off. What stands behind them in a disk that held both is removed with them.
    ///
    /// - Parameter isDurable: Whether a node's disk holds this term at this position, or a snapshot over it.
    public mutating func checkRemoval(
        by record: borrowing Raft.Stable.Record, _ occasion: Occasion,
        isDurable: (_ place: Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        guard case .append(let from, let entries) = copy record, from <= committedIndex, from > .zero else { return }
        let end = Raft.LogIndex(from.rawValue + UInt64(UInt(bitPattern: entries.count)))
        let first = Int(truncatingIfNeeded: from.rawValue) - 1
        if let entry = entries.first, entry.term == committed[first].term {
            guard end <= committedIndex else { return }
            checkRemoval(of: end, occasion, isDurable: isDurable)
        } else {
            checkRemoval(of: from, occasion, isDurable: isDurable)
        }
    }

    private mutating func checkRemoval(
        of index: Raft.LogIndex, _ occasion: Occasion, isDurable: (Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        let known = committed[Int(truncatingIfNeeded: index.rawValue) - 1]
        guard isDurable(place(occasion.node), index, known.term) else { return }
        breaks(
            RaftPromises.committedStays,
            "\(occasion.node) removes position \(index) of term \(known.term), which is committed",
            [
                known.occasion.evidence("knew position \(index) to be committed"),
                occasion.evidence("replaces its log from there on"),
            ])
    }

    /// Looks whether the positions a node tells of itself can be true together.
    ///
    /// - Complexity: O(1).
    public mutating func checkOrder(_ raft: borrowing Raft.Node, _ occasion: Occasion) {
        checkOrder(
            compacted: raft.log.snapshotIndex, applied: raft.appliedIndex, committed: raft.commitIndex,
            last: raft.log.lastIndex, occasion)
    }

    /// Looks whether these positions can be true together.
    public mutating func checkOrder(
        compacted: Raft.LogIndex, applied: Raft.LogIndex, committed: Raft.LogIndex, last: Raft.LogIndex,
        _ occasion: Occasion
    ) {
        if compacted <= applied && applied <= committed && committed <= last { return }
        breaks(
            RaftPromises.order,
            "\(occasion.node) has compacted up to \(compacted), applied up to \(applied), "
                + "committed up to \(committed), and its log ends at \(last)",
            [occasion.evidence("takes a step")])
    }

    /// A leader has taken an acknowledgement: what it holds for acknowledged must stand on the peer's disk.
    ///
    /// - Parameter diskTerm: The term on the peer's disk. In a later one than the leader's it may rightly have lost
    ///   what it once acknowledged.
    /// - Complexity: O(log members).
    public mutating func tookAnswer(
        from peer: NodeID, diskTerm: Raft.Term, _ raft: borrowing Raft.Node, _ occasion: Occasion,
        isDurable: (_ place: Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        guard raft.role == .leader, diskTerm <= raft.term, let match = raft.match(of: peer), match > .zero,
            let term = raft.log.term(at: match)
        else { return }
        checkMatch(match, term, of: peer, occasion, isDurable: isDurable)
    }

    /// Looks whether an entry stands on the disk of a peer that is taken to have acknowledged it.
    public mutating func checkMatch(
        _ match: Raft.LogIndex, _ term: Raft.Term, of peer: NodeID, _ occasion: Occasion,
        isDurable: (_ place: Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        let place = place(peer)
        // A disk that was wiped or damaged has forgotten what it acknowledged.
        guard place >= 0, place < nodes.count, !nodes[place].isWiped, !nodes[place].isAmnesiac,
            !isDurable(place, match, term)
        else { return }
        breaks(
            RaftPromises.match,
            "\(occasion.node) takes position \(match) of term \(term) for acknowledged by \(peer), whose disk lacks it",
            [occasion.evidence("takes an answer of \(peer)")])
    }

    /// The highest position that was known to be committed before a time.
    ///
    /// - Complexity: O(log positions).
    public func committed(before time: Instant) -> Raft.LogIndex {
        var low = 0
        var high = committed.count
        while low < high {
            let middle = (low + high) >> 1
            if committed[middle].occasion.time < time { low = middle + 1 } else { high = middle }
        }
        return Raft.LogIndex(UInt64(UInt(bitPattern: low)))
    }

    /// A client was told what became of the command at this position.
    public mutating func told(_ index: Raft.LogIndex) {
        if index > answered { answered = index }
    }

    /// Looks, at the end of a run, whether what clients were told is still on the disks of a majority.
    ///
    /// By log matching the last such entry is enough.
    ///
    /// - Complexity: O(nodes).
    public mutating func judgeDisks(
        _ configuration: Raft.Configuration, isDurable: (_ place: Int, Raft.LogIndex, Raft.Term) -> Bool
    ) {
        guard answered > .zero, answered <= committedIndex else { return }
        let known = committed[Int(truncatingIfNeeded: answered.rawValue) - 1]
        var copies = 0
        let result = configuration.voteResult { node in
            let place = place(node)
            guard place < nodes.count else { return false }
            let isHeld = isDurable(place, answered, known.term)
            if isHeld { copies += 1 }
            return isHeld || nodes[place].isWiped || nodes[place].isAmnesiac
        }
        guard result != .won else { return }
        breaks(
            RaftPromises.noLostWrite,
            "position \(answered), whose effect a client was told, is left on \(copies) disks",
            [known.occasion.evidence("knew position \(answered) to be committed")])
    }
}

// MARK: - Loops

extension RaftChecker {
    /// What a leader sent to a peer lately.
    struct Link: Sendable {
        /// What the last message with entries or a snapshot said.
        var content: UInt64 = 0
        /// How often it may still be said again; grows with time.
        var credit: Int64 = Link.patience
        var time = Instant.zero

        /// How often the same may be said at once.
        static var patience: Int64 { 100 }

        /// One number for what a message says; two messages rarely share it.
        static func mix(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64, _ e: UInt64) -> UInt64 {
            var value: UInt64 = 0xcbf2_9ce4_8422_2325
            value = (value ^ a) &* 0x0000_0100_0000_01b3
            value = (value ^ b) &* 0x0000_0100_0000_01b3
            value = (value ^ c) &* 0x0000_0100_0000_01b3
            value = (value ^ d) &* 0x0000_0100_0000_01b3
            return (value ^ e) &* 0x0000_0100_0000_01b3
        }
    }

    /// A node sends something, in the step under way.
    ///
    /// Saying the same to a peer over and over is fine at the pace of heartbeats. A loop is faster: each answer brings
    /// the same message again.
    ///
    /// - Complexity: O(1).
    public mutating func sent(
        _ message: borrowing Raft.Message, to peer: NodeID, _ raft: borrowing Raft.Node, _ occasion: Occasion
    ) {
        let content: UInt64
        switch copy message {
        case .append(let append):
            content = Link.mix(
                append.prevIndex.rawValue, append.term.rawValue, UInt64(UInt(bitPattern: append.entries.count)),
                append.read, append.commit.rawValue)
        case .snapshot(let snapshot):
            content = Link.mix(
                snapshot.index.rawValue, snapshot.term.rawValue, .max, UInt64(UInt(bitPattern: snapshot.offset)), 0)
        case _: return
        }
        let from = place(occasion.node)
        let to = place(peer)
        guard to >= 0, to < nodes.count else { return }
        if nodes[from].links.isEmpty { nodes[from].links = [Link](repeating: Link(), count: nodes.count) }
        let link = nodes[from].links[to]
        guard link.content == content else {
            nodes[from].links[to] = Link(content: content, time: occasion.time)
            return
        }
        // Twice the pace of heartbeats leaves room for the messages that news of a commit repeat.
        let beats = (occasion.time - link.time).nanoseconds / max(raft.settings.heartbeatInterval.nanoseconds / 2, 1)
        let credit = min(link.credit + beats, Link.patience) - 1
        nodes[from].links[to].credit = credit
        if beats > 0 { nodes[from].links[to].time = occasion.time }
        guard credit < 0 else { return }
        breaks(
            RaftPromises.noStorm,
            "\(occasion.node) sends \(peer) the same message over and over: \(message.description)",
            [occasion.evidence("sends \(message.description) to \(peer)")])
    }
}
