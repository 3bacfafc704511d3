/// The comparison of whole states by coded symbols, see ``Reconciliation``.
///
/// A node sends the hash of its state; the other one answers only when its own differs: with the one entry that the
/// hashes differ by, when that is all, and otherwise with the first symbols of its state. Whoever asked decodes,
/// asks for more until it knows the whole difference, asks for the entries it lacks, and last sends those that it alone
/// has: last, because what it got may have replaced them.
///
/// Only the asking side remembers anything that matters. Symbols are numbered, so a lost piece is asked for once more
/// in the next round; a state that changes under the stream is kept as it was, one stream at a time, and a peer whose
/// stream was dropped is told by the first symbol of another state and begins anew. Every message is within the
/// limit, and so is the work that one of them causes.
///
/// Where symbols do not pay, the comparison goes on by ranges (``Gossip/Node`` + Ranges): when one side lacks more than
/// half of the other's state, when the symbols would outweigh a list of all hashes, when streams keep breaking off.
extension Gossip.Node {
    /// How many symbols a node asks for first when it has learned nothing yet.
    static var firstAsk: Int { 8 }
    /// How many messages of entries a node sends without hearing anything in between.
    static var pageLimit: Int { 2 }
    /// How many entries are asked for at a time at first.
    static var firstBatch: Int { 512 }

    // MARK: - Asking

    /// Goes on with the comparisons that live, and opens others with random peers.
    mutating func openSessions(at now: Instant, into outbox: inout Effects) {
        if let stream, stream.idleRounds > Gossip.Session.retryLimit { self.stream = nil }
        stream?.idleRounds += 1
        for index in (0..<sessions.count).reversed() where !goOn(with: index, into: &outbox) {
            sessions.remove(at: index)
        }
        guard !neighbours.all.isEmpty else { return }
        for turn in sessions.count..<settings.comparisons where sessions.count < neighbours.all.count {
            let bits = random.bits(.gossipPartner, id.rawValue, UInt64(bitPattern: now.nanoseconds), UInt64(UInt(turn)))
            guard let partner = partner(from: bits) else { return }
            sessions.append(Gossip.Session(partner: partner, salt: replica.salt))
            outbox.send(.digest(hash: replica.hash, ask: expected), to: partner)
        }
    }

    /// A peer that no comparison is open with.
    private func partner(from bits: UInt64) -> NodeID? {
        var peer = neighbours.draw(settings.farShare, from: bits)
        for _ in 0...sessions.count {
            if position(ofSessionWith: peer) == nil { return peer }
            // The next one in order is as good: there are few comparisons at a time.
            let place = Gossip.Node.position(of: peer, in: neighbours.all) ?? 0
            peer = neighbours.all[place + 1 < neighbours.all.count ? place + 1 : 0]
        }
        return nil
    }

    /// Lets a comparison live for another round, and asks once more when the answer is missing.
    ///
    /// - Returns: Whether it lives.
    private mutating func goOn(with index: Int, into outbox: inout Effects) -> Bool {
        sessions[index].rounds += 1
        guard sessions[index].rounds < Gossip.Session.roundLimit else { return false }
        if sessions[index].isActive {
            sessions[index].isActive = false
            sessions[index].retries = 0
            return true
        }
        sessions[index].retries += 1
        guard sessions[index].retries <= Gossip.Session.retryLimit else { return false }
        switch sessions[index].stage {
        case .asked, .ranges: return false
        case .streaming: requestMore(index, into: &outbox)
        case .fetching: return proceed(index, into: &outbox)
        }
        return true
    }

    func position(ofSessionWith peer: NodeID) -> Int? {
        for index in 0..<sessions.count where sessions[index].partner == peer { return index }
        return nil
    }

    /// Takes symbols, decodes, and asks for what is missing.
    ///
    /// - Complexity: O(s log s) for s symbols; once for each doubling of the longest stream ever, O(entries).
    mutating func handleSymbols(_ piece: Gossip.Symbols, from peer: NodeID, into outbox: inout Effects) {
        guard let index = position(ofSessionWith: peer) else { return }
        switch sessions[index].stage {
        case .fetching, .ranges: return
        case .asked, .streaming: break
        }
        #if MUTANTS
        if Mutant.sizesCompared.isPlanted, piece.count == replica.count {
            sessions.remove(at: index)
            return
        }
        #endif
        if piece.first == 0 {
            guard begin(index, piece, into: &outbox) else { return }
        } else {
            guard sessions[index].stage == .streaming, piece.hash == sessions[index].theirs.hash,
                piece.first == sessions[index].decoder.count
            else { return }
        }
        sessions[index].isActive = true
        let end = piece.first + piece.symbols.count
        guard end <= settings.maxSymbols else { return compareRanges(index, into: &outbox) }
        let mine = sessions[index].view == nil ? replica.sketch(of: end) : sessions[index].view?.sketch(of: end)
        guard let mine else { return }
        sessions[index].decoder.add(piece.symbols, minus: mine)
        if sessions[index].decoder.isBroken {
            compareRanges(index, into: &outbox)
        } else if sessions[index].decoder.isDecoded {
            finish(index, into: &outbox)
        } else {
            askForMore(index, into: &outbox)
        }
    }

    /// Begins to decode, or begins anew because the partner's state has changed.
    ///
    /// - Returns: Whether symbols are the way to go on.
    private mutating func begin(_ index: Int, _ piece: Gossip.Symbols, into outbox: inout Effects) -> Bool {
        if sessions[index].stage == .streaming {
            sessions[index].restarts += 1
            guard sessions[index].restarts <= Gossip.Session.restartLimit else {
                compareRanges(index, into: &outbox)
                return false
            }
        }
        sessions[index].stage = .streaming
        sessions[index].isActive = true
        sessions[index].theirs = Gossip.Fingerprint(hash: piece.hash, count: piece.count)
        sessions[index].decoder = Reconciliation.Decoder(salt: replica.salt)
        sessions[index].view = nil
        let (fewer, more) = sizes(index)
        if more - fewer > more / 2 {
            compareRanges(index, into: &outbox)
            return false
        }
        return true
    }

    private func sizes(_ index: Int) -> (fewer: Int, more: Int) {
        let (mine, theirs) = (replica.count, sessions[index].theirs.count)
        return mine < theirs ? (mine, theirs) : (theirs, mine)
    }

    /// Asks for as many symbols as are probably missing.
    private mutating func askForMore(_ index: Int, into outbox: inout Effects) {
        let have = sessions[index].decoder.count
        let (fewer, more) = sizes(index)
        // From two thirds of the larger state on, a list of all hashes would have been shorter.
        let most = more * 2 / 3 > 64 ? more * 2 / 3 : 64
        guard have < most, have < settings.maxSymbols else { return compareRanges(index, into: &outbox) }
        if sessions[index].view == nil { sessions[index].view = replica.view }
        // The other side adds what it guesses; after that a third more each time wastes a sixth on average.
        var target = have < 16 ? have * 2 : have + have / 3
        let least = (more - fewer) * 27 / 20
        if target < least { target = least }
        sessions[index].ask = target - have
        requestMore(index, into: &outbox)
    }

    private func requestMore(_ index: Int, into outbox: inout Effects) {
        let session = sessions[index]
        let have = session.decoder.count
        // Strata once, when what was asked for at a guess did not do.
        let isFirst = session.decoder.count <= expected && session.restarts == 0
        outbox.send(
            .more(
                Gossip.More(
                    hash: session.theirs.hash, first: have, ask: session.ask, strata: isFirst ? replica.strata : nil)),
            to: session.partner)
    }

    /// Goes on by ranges.
    private mutating func compareRanges(_ index: Int, into outbox: inout Effects) {
        sessions[index].stage = .ranges
        sessions[index].view = nil
        sessions[index].decoder = Reconciliation.Decoder(salt: replica.salt)
        answer([Gossip.Span(.all, .fingerprint(sessions[index].theirs))], from: sessions[index].partner, into: &outbox)
    }

    // MARK: - Exchanging entries

    /// Turns what was decoded into wishes and offers.
    private mutating func finish(_ index: Int, into outbox: inout Effects) {
        let found = sessions[index].decoder.remote
        let offers = sessions[index].decoder.local
        learn(found.count + offers.count)
        var wanted: [UInt64] = []
        for hash in found where !replica.holds(hash) && !isWantedElsewhere(hash) { wanted.append(hash) }
        sessions[index].stage = .fetching
        sessions[index].view = nil
        sessions[index].decoder = Reconciliation.Decoder(salt: replica.salt)
        sessions[index].wanted = wanted
        sessions[index].offers = offers
        if !proceed(index, into: &outbox) { sessions.remove(at: index) }
    }

    /// What one comparison needed is what the next asks for first: quickly up, slowly down.
    private mutating func learn(_ differences: Int) {
        let needed = differences + differences / 2 + 2
        let faded = expected - expected / 4
        let next = needed > faded ? needed : faded
        expected = next < 4 ? 4 : (next > 512 ? 512 : next)
    }

    private func isWantedElsewhere(_ hash: UInt64) -> Bool {
        guard sessions.count > 1 else { return false }
        for session in sessions where session.wanted.contains(hash) { return true }
        return false
    }

    /// Asks for the next entries; when there are none left to ask for, sends those that the partner lacks.
    ///
    /// - Returns: Whether anything is left to do.
    private mutating func proceed(_ index: Int, into outbox: inout Effects) -> Bool {
        if !sessions[index].wanted.isEmpty {
            var batch = sessions[index].asked > 0 ? sessions[index].asked : Gossip.Node.firstBatch
            let room = (settings.bodyLimit - 8) / 8
            if batch > room { batch = room }
            let count = sessions[index].wanted.count
            sessions[index].asked = batch < count ? batch : count
            outbox.send(
                .want(Array(sessions[index].wanted[(count - sessions[index].asked)...])), to: sessions[index].partner)
            return true
        }
        for _ in 0..<Gossip.Node.pageLimit {
            let page = nextPage(index)
            guard !page.isEmpty else { return false }
            outbox.send(.entries(page), to: sessions[index].partner)
        }
        guard !sessions[index].offers.isEmpty else { return false }
        // An empty wish has an empty answer: it says that these pages have come, and the next may follow.
        outbox.send(.want([]), to: sessions[index].partner)
        return true
    }

    /// As many of the entries that the partner lacks as fit a message; what was replaced meanwhile is left out.
    private mutating func nextPage(_ index: Int) -> [Gossip.Entry] {
        var page: [Gossip.Entry] = []
        var bytes = Gossip.Node.listOverhead
        while let hash = sessions[index].offers.last {
            if let entry = replica.entry(hashed: hash) {
                bytes += entry.wireCount
                if bytes > settings.bodyLimit { break }
                page.append(entry)
            }
            sessions[index].offers.removeLast()
        }
        return page
    }

    /// Takes over what the comparison brought.
    ///
    /// It is not pushed on: it may be much, and comparing spreads it anyway.
    mutating func handleEntries(
        _ entries: [Gossip.Entry], from peer: NodeID, at now: Instant, into outbox: inout Effects
    ) {
        _ = take(entries, isPush: false, from: peer, at: now, into: &outbox)
        guard let index = position(ofSessionWith: peer) else { return }
        sessions[index].isActive = true
        switch sessions[index].stage {
        case .asked:
            // The one entry that the hashes differed by.
            learn(0)
            sessions.remove(at: index)
        case .streaming, .ranges: break
        case .fetching:
            if !sessions[index].wanted.isEmpty { tickOff(entries, index) }
            if !proceed(index, into: &outbox) { sessions.remove(at: index) }
        }
    }

    /// Takes what came off the list of wishes; when nothing of what was asked for came, the partner has none of it.
    private mutating func tickOff(_ entries: [Gossip.Entry], _ index: Int) {
        var came: [UInt64] = []
        came.reserveCapacity(entries.count)
        for entry in entries { came.append(entry.identity(under: settings.key)) }
        came.sort()
        let asked = sessions[index].asked
        let kept = sessions[index].wanted.count - asked
        let missing = sessions[index].wanted[kept...].filter { hash in !Gossip.Node.contains(came, hash) }
        sessions[index].wanted.removeLast(asked)
        if missing.count < asked { sessions[index].wanted.append(contentsOf: missing) }
        // Half as many again as fitted this time.
        sessions[index].asked = missing.isEmpty ? 2 * asked : (asked - missing.count) * 3 / 2 + 1
    }

    /// A partner has begun to compare by ranges.
    mutating func noteRanges(from peer: NodeID) {
        guard let index = position(ofSessionWith: peer) else { return }
        sessions[index].isActive = true
        if sessions[index].stage == .asked { sessions[index].stage = .ranges }
    }
}
