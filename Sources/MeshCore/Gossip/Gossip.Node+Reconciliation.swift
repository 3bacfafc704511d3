extension Gossip {
    /// The comparison this node has opened last.
    struct Session: Sendable {
        /// With whom.
        var partner: NodeID?
        /// Whether the partner has sent anything of it since the last round.
        var isActive = false
        /// For how many rounds it has gone on.
        var rounds = 0

        /// After so many rounds another partner is asked all the same: a peer must not keep this node for itself.
        static let roundLimit = 30
    }
}

/// The comparison of whole states, in pieces.
///
/// A node sends the hash of its state; the other one answers only when its own differs. From there on each message is
/// answered by the next one: a range whose hashes differ is cut into 16 parts with a hash each, or, when few entries
/// are left in it, into the list of their hashes; who gets a list sends what is missing in it and asks for what it
/// does not have. No message is longer than the limit: where one is full, the rest of the key space goes on as one
/// range with one hash, so states of any size are carried over piece by piece, each piece kept. Nothing is remembered
/// between messages, so a lost one costs only time: the next round begins anew with what is still different.
extension Gossip.Node {
    /// Into how many parts a range is cut.
    static var branching: Int { 16 }
    /// A range with at most so many entries is listed instead of cut.
    static var listLimit: Int { 32 }
    /// A wish in a range with more entries than this is not searched for; the next round finds it.
    static var searchLimit: Int { 1_024 }

    /// Opens a comparison with a random peer, unless the last one is still going on.
    mutating func openSession(at now: Instant, into outbox: inout Effects) {
        guard !peers.isEmpty else { return }
        if session.partner != nil, session.isActive, session.rounds < Gossip.Session.roundLimit {
            session.isActive = false
            session.rounds += 1
            return
        }
        let bits = random.bits(.gossipPartner, id.rawValue, UInt64(bitPattern: now.nanoseconds))
        let partner = peers[Int(Random.number(below: UInt64(UInt(peers.count)), from: bits))]
        session = Gossip.Session(partner: partner)
        outbox.send(.digest(Gossip.Fingerprint(hash: store.hash, count: store.count)), to: partner)
    }

    /// Answers where the states differ.
    mutating func handleDigest(_ theirs: Gossip.Fingerprint, from peer: NodeID, into outbox: inout Effects) {
        handleSummary([Gossip.Span(.all, .fingerprint(theirs))], from: peer, into: &outbox)
    }

    /// Compares range by range.
    ///
    /// - Complexity: O(size of the message, plus of the answer, plus chunks inside the ranges).
    mutating func handleSummary(_ spans: [Gossip.Span], from peer: NodeID, into outbox: inout Effects) {
        noteActivity(of: peer)
        var reply = Gossip.Reply(limit: settings.bodyLimit, keyLimit: settings.maxKeyBytes)
        for span in spans {
            switch span.content {
            case .fingerprint(let theirs): compare(span.range, with: theirs, into: &reply)
            case .hashes(let hashes): compare(span.range, with: hashes, into: &reply)
            }
            if reply.isFull { break }
        }
        send(&reply, after: spans.last?.range, to: peer, into: &outbox)
    }

    /// Sends what was asked for and is still here.
    ///
    /// - Complexity: O(size of the message, plus ``searchLimit`` for each range).
    mutating func handleRequest(_ wishes: [Gossip.Wish], from peer: NodeID, into outbox: inout Effects) {
        noteActivity(of: peer)
        var reply = Gossip.Reply(limit: settings.bodyLimit, keyLimit: settings.maxKeyBytes)
        for wish in wishes {
            let wanted = wish.hashes.sorted()
            var searched = 0
            store.forEach(in: wish.range) { slot in
                searched += 1
                if Gossip.Node.contains(wanted, slot.hash) { reply.add(slot.entry) }
                return !reply.isFull && searched < Gossip.Node.searchLimit
            }
            if reply.isFull { break }
        }
        send(&reply, after: wishes.last?.range, to: peer, into: &outbox)
    }

    /// Takes over what the comparison brought.
    ///
    /// It is not pushed on: it may be much, and comparing spreads it anyway.
    mutating func handleEntries(
        _ entries: [Gossip.Entry], from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        noteActivity(of: peer)
        _ = take(entries, isPush: false, from: peer, at: now, into: &outbox)
    }

    private mutating func noteActivity(of peer: NodeID) {
        if session.partner == peer { session.isActive = true }
    }

    private func compare(_ range: Gossip.KeyRange, with theirs: Gossip.Fingerprint, into reply: inout Gossip.Reply) {
        let mine = store.fingerprint(range)
        if mine == theirs { return }
        if theirs.count == 0 { return sendAll(of: range, into: &reply) }
        if mine.count <= Gossip.Node.listLimit {
            return reply.add(Gossip.Span(range, .hashes(store.hashes(range))))
        }
        var lower = range.lower
        for bound in store.split(range, into: Gossip.Node.branching, total: mine.count) {
            let part = Gossip.KeyRange(lower, bound)
            reply.add(Gossip.Span(part, .fingerprint(store.fingerprint(part))))
            lower = bound
        }
        let last = Gossip.KeyRange(lower, range.upper)
        reply.add(Gossip.Span(last, .fingerprint(store.fingerprint(last))))
    }

    private func compare(_ range: Gossip.KeyRange, with theirs: [UInt64], into reply: inout Gossip.Reply) {
        let listed = theirs.sorted()
        var mine: [UInt64] = []
        store.forEach(in: range) { slot in
            if Gossip.Node.contains(listed, slot.hash) {
                mine.append(slot.hash)
            } else {
                reply.add(slot.entry)
            }
            return !reply.isFull
        }
        if reply.isFull || mine.count == listed.count { return }
        mine.sort()
        let wanted = listed.filter { hash in !Gossip.Node.contains(mine, hash) }
        reply.add(Gossip.Wish(range, wanted))
    }

    private func sendAll(of range: Gossip.KeyRange, into reply: inout Gossip.Reply) {
        store.forEach(in: range) { slot in
            reply.add(slot.entry)
            return !reply.isFull
        }
    }

    /// Sends what was collected; what did not fit goes on as one range up to the end of the last one.
    private func send(
        _ reply: inout Gossip.Reply, after last: Gossip.KeyRange?, to peer: NodeID, into outbox: inout Effects
    ) {
        if let cursor = reply.cursor, let last {
            let rest = Gossip.KeyRange(cursor, last.upper)
            reply.addRest(Gossip.Span(rest, .fingerprint(store.fingerprint(rest))))
        }
        if !reply.entries.isEmpty { outbox.send(.entries(reply.entries), to: peer) }
        if !reply.wishes.isEmpty { outbox.send(.request(reply.wishes), to: peer) }
        if !reply.spans.isEmpty { outbox.send(.summary(reply.spans), to: peer) }
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
