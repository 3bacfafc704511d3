extension Gossip {
    /// News that is pushed a few more times, every ``Settings/pushInterval``.
    struct Rumors: Sendable {
        /// The most keys that stay news at a time; what is over is left to the comparison of states.
        static let limit = 4_096

        /// Keys and how often they are pushed yet.
        var left = SortedMap<Bytes, Int>()
        /// Where the last push stopped, when not all news fitted one message.
        var resume = Bytes()
        /// Whether ``Timer/push`` is set.
        var isTimerSet = false
    }
}

extension Gossip.Node {
    /// How often news is pushed to ``Gossip/Settings/fanout`` peers: at once, and every push interval after that.
    ///
    /// A node that c copies reach on average is missed with probability e^-c, so of N nodes about N e^-c are missed.
    /// c = ln N + 4 leaves 2 % of all news with somebody missed, which the next comparison of states repairs; ln N is
    /// taken as 0.7 log2 N, rounded up. Where the fanout covers all peers, once is enough: they pass it on as well.
    var pushRounds: Int {
        guard neighbours.all.count > settings.fanout else { return 1 }
        let logarithm = 64 - UInt64(UInt(neighbours.all.count)).leadingZeroBitCount
        let copies = (logarithm * 7 + 9) / 10 + 4
        return (copies + settings.fanout - 1) / settings.fanout
    }

    /// Passes on what is new here: gossip dies out because only the newly informed tell.
    mutating func handlePush(
        _ entries: [Gossip.Entry], from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        let news = take(entries, isPush: true, from: peer, at: now, into: &outbox)
        if !news.isEmpty { spread(news, except: peer, at: now, into: &outbox) }
    }

    /// Takes entries over; tells one reason of each kind when some are refused.
    ///
    /// - Returns: What was new.
    mutating func take(
        _ entries: [Gossip.Entry], isPush: Bool, from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) -> [Gossip.Entry] {
        var news: [Gossip.Entry] = []
        var told: UInt8 = 0
        for entry in entries {
            switch take(entry, isPush: isPush, from: peer, at: now, into: &outbox) {
            case .taken: news.append(entry)
            case .known: break
            case .ignored(let reason):
                let bit: UInt8 =
                    switch reason {
                    case .tooFarAhead: 1
                    case .expired: 2
                    case .oversized: 4
                    case .malformed: 8
                    }
                if told & bit == 0 { outbox.output(.ignored(reason)) }
                told |= bit
            }
        }
        return news
    }

    /// Pushes news to a few random peers now, and marks it to be pushed again.
    mutating func spread(
        _ news: [Gossip.Entry], except sender: NodeID?, at now: Instant, into outbox: inout Effects
    ) {
        let rounds = pushRounds
        for entry in news where rounds > 1 {
            if rumors.left.count < Gossip.Rumors.limit || rumors.left.contains(entry.key) {
                rumors.left[entry.key] = rounds - 1
            }
        }
        if !rumors.left.isEmpty, !rumors.isTimerSet {
            rumors.isTimerSet = true
            outbox.setTimer(.push, at: now + settings.pushInterval)
        }
        push(news, occasion: news[0].fingerprint, except: sender, into: &outbox)
    }

    /// Pushes news again, and goes on as long as there is any.
    mutating func handlePushTimer(at now: Instant, into outbox: inout Effects) {
        pushRumors(at: now, into: &outbox)
        rumors.isTimerSet = !rumors.left.isEmpty
        if rumors.isTimerSet { outbox.setTimer(.push, at: now + settings.pushInterval) }
    }

    /// Pushes what is still news once more, as much as fits one message.
    ///
    /// - Complexity: O(news).
    private mutating func pushRumors(at now: Instant, into outbox: inout Effects) {
        guard !neighbours.all.isEmpty else { return rumors.left.removeAll() }
        var batch: [Gossip.Entry] = []
        var done: [Bytes] = []
        var bytes = Gossip.Node.listOverhead
        var position = rumors.left.position(of: rumors.resume).index
        for _ in 0..<rumors.left.count {
            if position == rumors.left.count { position = 0 }
            let key = rumors.left.keys[position]
            if let entry = replica.store.entry(key) {
                bytes += entry.wireCount
                if bytes > settings.bodyLimit { break }
                batch.append(entry)
            }
            let isLast = rumors.left.updateValue(at: position) { left in
                left -= 1
                return left <= 0
            }
            if isLast { done.append(key) }
            position += 1
        }
        rumors.resume = position < rumors.left.count ? rumors.left.keys[position] : Bytes()
        for key in done { rumors.left[key] = nil }
        guard !batch.isEmpty else { return }
        push(batch, occasion: UInt64(bitPattern: now.nanoseconds), except: nil, into: &outbox)
    }

    /// The most bytes that the kind and the length of a list take.
    static var listOverhead: Int { 6 }

    /// Sends news to ``Gossip/Settings/fanout`` different random peers.
    ///
    /// What a peer pushed fitted one message, and so does what was new in it.
    private func push(
        _ entries: [Gossip.Entry], occasion: UInt64, except sender: NodeID?, into outbox: inout Effects
    ) {
        for peer in targets(occasion, except: sender) { outbox.send(.push(entries), to: peer) }
    }
}
