/// The comparison by ranges, for states that have little in common and for streams that came to nothing.
///
/// A summary is answered by the next one: a range whose hashes differ is cut into 16 parts with a hash each, or, when
/// few entries are left in it, into the list of their hashes; who gets a list sends what is missing in it and asks for
/// what it does not have itself. The parts of a summary that are equal on both sides are not mentioned again, and when
/// nothing is left to mention, it is over.
///
/// An answer is at most one message of entries and one summary, both within the limit. What does not fit is described
/// once more for the next turn, so states of any size are carried over piece by piece, a message of entries per round
/// trip, and each piece is kept. Nothing is remembered between messages: a lost one costs time only, the next round
/// begins anew with what is still different.
///
/// Source: Meyer, "Range-Based Set Reconciliation", SRDS 2023, section 3.
/// Deviation: the hash is a sum of 64-bit hashes under ``Gossip/Settings/key``. Who knows the key can construct two
/// states with the same hash.
extension Gossip.Node {
    /// Into how many parts a range is cut.
    static var branching: Int { 16 }
    /// A range with at most so many entries is listed instead of cut.
    static var listLimit: Int { 32 }
    /// How many entries of a range are searched for what a peer wants; what lies behind is described once more.
    static var searchLimit: Int { 1_024 }

    /// Goes on with a comparison.
    ///
    /// - Complexity: O(size of the message, plus of the answer, plus chunks inside the ranges).
    mutating func handleSummary(_ spans: [Gossip.Span], from peer: NodeID, into outbox: inout Effects) {
        noteRanges(from: peer)
        answer(spans, from: peer, into: &outbox)
    }

    func answer(_ spans: [Gossip.Span], from peer: NodeID, into outbox: inout Effects) {
        guard Gossip.Node.isOrdered(spans) else {
            outbox.output(.ignored(.malformed(from: peer)))
            return
        }
        var reply = Gossip.Reply(limit: settings.bodyLimit, keyLimit: settings.maxKeyBytes)
        for span in spans {
            switch span.content {
            case .fingerprint(let theirs): compare(span.range, with: theirs, into: &reply)
            case .hashes(let theirs): compare(span.range, with: theirs.sorted(), into: &reply)
            case .wanted(let hashes): serve(hashes.sorted(), in: span.range, into: &reply)
            }
        }
        // The ranges of a summary stand in order, so one range from the cut to the end of the last has all the rest.
        if let lower = reply.cutOff, let last = spans.last {
            let rest = Gossip.KeyRange(lower, last.range.upper)
            reply.addRest(Gossip.Span(rest, .fingerprint(replica.store.fingerprint(rest))))
        }
        if !reply.entries.isEmpty { outbox.send(.entries(reply.entries), to: peer) }
        if !reply.spans.isEmpty { outbox.send(.summary(reply.spans), to: peer) }
    }

    /// Whether ranges stand in the order of their keys without overlapping, which bounds the work that they cause.
    private static func isOrdered(_ spans: [Gossip.Span]) -> Bool {
        var end: Bytes? = Bytes()
        for span in spans {
            guard let previous = end, previous <= span.range.lower else { return false }
            if let upper = span.range.upper, upper < span.range.lower { return false }
            end = span.range.upper
        }
        return true
    }

    private func compare(_ range: Gossip.KeyRange, with theirs: Gossip.Fingerprint, into reply: inout Gossip.Reply) {
        let mine = replica.store.fingerprint(range)
        if mine == theirs { return }
        if theirs.count == 0 {
            sendAll(of: range, into: &reply)
        } else if mine.count <= Gossip.Node.listLimit {
            reply.add(Gossip.Span(range, .hashes(replica.store.hashes(range))))
        } else if reply.mayCut {
            cut(range, count: mine.count, into: &reply)
        } else {
            reply.add(Gossip.Span(range, .fingerprint(mine)))
        }
    }

    private func cut(_ range: Gossip.KeyRange, count: Int, into reply: inout Gossip.Reply) {
        var lower = range.lower
        for bound in replica.store.split(range, into: Gossip.Node.branching, total: count) {
            let part = Gossip.KeyRange(lower, bound)
            reply.add(Gossip.Span(part, .fingerprint(replica.store.fingerprint(part))))
            lower = bound
        }
        let last = Gossip.KeyRange(lower, range.upper)
        reply.add(Gossip.Span(last, .fingerprint(replica.store.fingerprint(last))))
    }

    /// Sends what is missing in a sorted list and asks for what is only there.
    private func compare(_ range: Gossip.KeyRange, with theirs: [UInt64], into reply: inout Gossip.Reply) {
        if theirs.isEmpty { return sendAll(of: range, into: &reply) }
        if reply.isFullOfEntries { return describe(range, into: &reply) }
        var shared: [UInt64] = []
        let stop = firstKey(in: range) { slot in
            if Gossip.Node.contains(theirs, slot.hash) {
                shared.append(slot.hash)
                return true
            }
            return reply.add(slot.entry)
        }
        if let stop {
            describe(Gossip.KeyRange(range.lower, stop), into: &reply)
            describe(Gossip.KeyRange(stop, range.upper), into: &reply)
        } else if shared.count < theirs.count {
            shared.sort()
            let wanted = theirs.filter { hash in !Gossip.Node.contains(shared, hash) }
            reply.add(Gossip.Span(range, .wanted(wanted)))
        }
    }

    /// Sends what is wanted and still here.
    private func serve(_ wanted: [UInt64], in range: Gossip.KeyRange, into reply: inout Gossip.Reply) {
        if reply.isFullOfEntries { return describe(range, into: &reply) }
        var searched = 0
        let stop = firstKey(in: range) { slot in
            searched += 1
            if searched > Gossip.Node.searchLimit { return false }
            return !Gossip.Node.contains(wanted, slot.hash) || reply.add(slot.entry)
        }
        if let stop { describe(Gossip.KeyRange(stop, range.upper), into: &reply) }
    }

    private func sendAll(of range: Gossip.KeyRange, into reply: inout Gossip.Reply) {
        if let stop = firstKey(in: range, until: { slot in reply.add(slot.entry) }) {
            describe(Gossip.KeyRange(stop, range.upper), into: &reply)
        }
    }

    /// Says what is in a range, by a list or by a hash.
    private func describe(_ range: Gossip.KeyRange, into reply: inout Gossip.Reply) {
        let mine = replica.store.fingerprint(range)
        let isShort = mine.count <= Gossip.Node.listLimit
        reply.add(Gossip.Span(range, isShort ? .hashes(replica.store.hashes(range)) : .fingerprint(mine)))
    }

    /// The first key for whose entry `body` returns `false`.
    private func firstKey(in range: Gossip.KeyRange, until body: (Gossip.Store.Slot) -> Bool) -> Bytes? {
        var stop: Bytes?
        replica.store.forEach(in: range) { slot in
            if body(slot) { return true }
            stop = slot.entry.key
            return false
        }
        return stop
    }

    /// Whether a sorted list holds a hash.
    static func contains(_ sorted: [UInt64], _ hash: UInt64) -> Bool {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) >> 1
            if sorted[middle] < hash { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low] == hash
    }
}
