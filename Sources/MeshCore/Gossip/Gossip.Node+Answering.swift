/// The side of a comparison that is asked: it remembers nothing but one stream whose state has changed since.
extension Gossip.Node {
    /// Answers where the states differ.
    mutating func handleDigest(_ hash: UInt64, ask: Int, from peer: NodeID, into outbox: inout Effects) {
        if hash == replica.hash { return }
        if replica.count == 0 || hash == 0 || settings.maxSymbols == 0 {
            // An empty state has the hash 0. With symbols left out, any count but 0 begins the comparison by ranges.
            let theirs = Gossip.Fingerprint(hash: hash, count: hash == 0 ? 0 : 1)
            return answer([Gossip.Span(.all, .fingerprint(theirs))], from: peer, into: &outbox)
        }
        if let only = replica.entry(hashed: replica.hash &- hash) { return outbox.send(.entries([only]), to: peer) }
        sendSymbols(from: 0, ask, to: peer, into: &outbox)
    }

    /// Goes on with a stream of symbols.
    ///
    /// - Complexity: O(symbols sent); once for each doubling of the longest stream, O(entries).
    mutating func handleMore(_ wish: Gossip.More, from peer: NodeID, into outbox: inout Effects) {
        guard settings.maxSymbols > 0, replica.count > 0, wish.first < settings.maxSymbols else { return }
        var ask = wish.ask
        if let strata = wish.strata {
            // The paper's overhead: 1.35 symbols for each difference.
            let likely = replica.strata.difference(from: strata) * 27 / 20 - wish.first
            if ask < likely { ask = likely }
        }
        if wish.hash == replica.hash {
            sendSymbols(from: wish.first, ask, to: peer, into: &outbox)
            if stream == nil || stream?.peer == peer {
                stream = Gossip.Stream(peer: peer, view: replica.view)
            }
        } else if let kept = stream, kept.view.hash == wish.hash {
            sendKeptSymbols(from: wish.first, ask, to: peer, into: &outbox)
        } else {
            let all = wish.first + (ask < settings.maxSymbols ? ask : settings.maxSymbols)
            sendSymbols(from: 0, all, to: peer, into: &outbox)
        }
    }

    /// The end of a piece that begins at a place: as many as are asked for, at least one, and fit a message.
    private func end(from first: Int, _ ask: Int) -> Int {
        let room = settings.symbolRoom
        let count = ask < 1 ? 1 : (ask < room ? ask : room)
        return first + count < settings.maxSymbols ? first + count : settings.maxSymbols
    }

    private mutating func sendSymbols(from first: Int, _ ask: Int, to peer: NodeID, into outbox: inout Effects) {
        let end = end(from: first, ask)
        let symbols = Array(replica.sketch(of: end).symbols[first..<end])
        outbox.send(
            .symbols(Gossip.Symbols(hash: replica.hash, count: replica.count, first: first, symbols: symbols)), to: peer
        )
    }

    private mutating func sendKeptSymbols(from first: Int, _ ask: Int, to peer: NodeID, into outbox: inout Effects) {
        let end = end(from: first, ask)
        guard let sketch = stream?.view.sketch(of: end), let store = stream?.view.store else { return }
        stream?.idleRounds = 0
        let piece = Gossip.Symbols(
            hash: store.hash, count: store.count, first: first, symbols: Array(sketch.symbols[first..<end]))
        outbox.send(.symbols(piece), to: peer)
    }

    /// Sends what is wanted and still here, as much as fits a message; an empty answer says that none is.
    ///
    /// - Complexity: O(wishes times log entries).
    func handleWant(_ hashes: [UInt64], from peer: NodeID, into outbox: inout Effects) {
        var page: [Gossip.Entry] = []
        var bytes = Gossip.Node.listOverhead
        for hash in hashes {
            guard let entry = replica.entry(hashed: hash) else { continue }
            bytes += entry.wireCount
            if bytes > settings.bodyLimit { break }
            page.append(entry)
        }
        outbox.send(.entries(page), to: peer)
    }
}
