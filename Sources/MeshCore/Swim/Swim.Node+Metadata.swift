// Metadata is versioned by the incarnation at which its member said it, as in memberlist, where it travels inside the
// claim that the member is alive. Deviation: here it travels beside the claims and only when it has changed, so that a
// refutation does not carry up to 512 bytes to everybody.

extension Swim {
    /// A change of a member's metadata that is still to be told.
    struct NoticeRumor: Rumor {
        var node: NodeID
        var stamp: Stamp
        var byteCount: Int
        var isMinor: Bool { false }
    }
}

extension Swim.Node {
    /// What a member last told of itself, as far as this node has heard; `nil` when it has told nothing.
    ///
    /// - Complexity: O(log n) in the number of members that have metadata.
    public func metadata(of node: NodeID) -> Swim.Metadata? { notices[node]?.metadata }

    /// Takes what this node tells of itself from now on, with its next incarnation.
    mutating func handleDescribe(_ metadata: Swim.Metadata, at now: Instant, into effects: inout Effects) {
        guard standing == .active else {
            effects.output(.ignored(.notTakingPart))
            return
        }
        guard fits(metadata) else {
            effects.output(.ignored(.metadataTooLong))
            return
        }
        guard metadata != notices[id]?.metadata ?? Swim.Metadata() else { return }
        guard incarnation < .limit else {
            effects.output(.ignored(.incarnationExhausted))
            return
        }
        self.metadata = metadata
        stand(incarnation.next, at: now, into: &effects)
        publish(at: now, into: &effects)
    }

    /// Whether metadata fits a message of its own.
    private func fits(_ metadata: Swim.Metadata) -> Bool {
        let notice = Swim.Notice(id, at: .limit, metadata)
        return metadata.byteCount <= Swim.Metadata.byteLimit
            && notice.byteCount + Swim.Message.headerBytes <= settings.maxPayloadBytes
    }

    /// Tells everybody what this node says of itself at its present incarnation.
    mutating func publish(at now: Instant, into effects: inout Effects) {
        let notice = Swim.Notice(id, at: incarnation, metadata)
        hold(notice)
        spread(notice, at: now, into: &effects)
    }

    /// What this node holds of a member.
    func stamp(of node: NodeID) -> Swim.Stamp { notices[node]?.stamp ?? .none }

    /// Takes what a member said of itself, or the mention of it.
    ///
    /// Whatever a member said at an incarnation, it lived at it.
    ///
    /// - Parameter spreadsNewcomers: Whether news of other members are passed on.
    /// - Returns: Whether it was news; a mention of what this node does not hold is.
    /// - Complexity: O(log n) in the number of members that have metadata, and O(n) to keep those of a new one.
    @discardableResult
    mutating func take(
        _ notice: Swim.Notice, spreadsNewcomers: Bool = true, at now: Instant, into effects: inout Effects
    ) -> Bool {
        if notice.node == id { return contradict(notice.stamp, at: now, into: &effects) }
        let claim = Swim.Update(notice.node, .alive, notice.version)
        learn(claim, spreadsNewcomers: spreadsNewcomers, at: now, into: &effects)
        guard roster.position(of: notice.node) != nil, stamp(of: notice.node) < notice.stamp else { return false }
        guard let metadata = notice.metadata else { return true }
        hold(notice)
        if spreadsNewcomers { spread(notice, at: now, into: &effects) }
        effects.output(.described(notice.node, metadata))
        return true
    }

    /// Answers what an earlier life of this node said of itself with what holds now, at a higher incarnation.
    private mutating func contradict(
        _ stamp: Swim.Stamp, at now: Instant, into effects: inout Effects
    ) -> Bool {
        guard self.stamp(of: id) < stamp else { return false }
        #if MUTANTS
        if Mutant.oldMetadataKept.isPlanted { return false }
        #endif
        let highest = max(incarnation, stamp.version)
        guard highest < .limit else {
            effects.output(.ignored(.incarnationExhausted))
            return false
        }
        stand(highest.next, at: now, into: &effects)
        publish(at: now, into: &effects)
        return true
    }

    /// Keeps a notice instead of an older one of the same member.
    private mutating func hold(_ notice: Swim.Notice) {
        let isLive = roster.claim(about: notice.node)?.status.isLive ?? false
        if isLive { noticeHash = noticeHash &- hash(of: notice.node) }
        notices[notice.node] = notice
        if isLive { noticeHash = noticeHash &+ hash(of: notice.node) }
    }

    /// What a member's metadata adds to the hash of the view.
    private func hash(of node: NodeID) -> UInt64 {
        guard let stamp = notices[node]?.stamp else { return 0 }
        let word = UInt64(stamp.version.rawValue) << 32 | UInt64(stamp.fingerprint)
        return Random.finish(Random.absorb(Random.absorb(0x4e4f_5445, node.rawValue), word))
    }

    /// Counts the metadata of a member that comes back into the hash of the view, and of one that is gone out of it.
    mutating func countNotice(of node: NodeID, wasLive: Bool, isLive: Bool) {
        guard wasLive != isLive, !notices.isEmpty else { return }
        let share = hash(of: node)
        noticeHash = isLive ? noticeHash &+ share : noticeHash &- share
    }

    /// Forgets the metadata of a member that is forgotten.
    mutating func dropNotice(of node: NodeID) {
        guard !notices.isEmpty, roster.position(of: node) == nil else { return }
        notices[node] = nil
    }
}

// MARK: - Comparing views

extension Swim.Node {
    /// The hash that two nodes compare: of who is alive at which incarnation, and of what they told of themselves.
    var viewHash: UInt64 { roster.viewHash &+ noticeHash }

    /// Asks a peer for what it mentioned, in as many messages as it takes.
    mutating func ask(_ mentions: [Swim.Notice], of peer: NodeID, into effects: inout Effects) {
        send(mentions, as: .ask, to: peer, into: &effects)
    }

    /// Answers with the metadata that a peer asks for, as far as this node holds it.
    mutating func handleAsk(_ mentions: [Swim.Notice], from peer: NodeID, into effects: inout Effects) {
        var answer: [Swim.Notice] = []
        for mention in mentions {
            guard let notice = notices[mention.node], !(notice.stamp < mention.stamp) else { continue }
            answer.append(notice)
        }
        send(answer, as: .syncReply(lower: 1, upper: 0, isComplete: false), to: peer, into: &effects)
    }

    private func send(
        _ notices: [Swim.Notice], as purpose: Swim.Message.Purpose, to peer: NodeID, into effects: inout Effects
    ) {
        var part: [Swim.Notice] = []
        let room = settings.maxPayloadBytes - Swim.Message.headerBytes
        var budget = room
        for notice in notices where notice.byteCount <= room {
            if notice.byteCount > budget {
                effects.send(Swim.Message(purpose, sender: roster.ownClaim, notices: part), to: peer)
                part = []
                budget = room
            }
            budget -= notice.byteCount
            part.append(notice)
        }
        guard !part.isEmpty else { return }
        effects.send(Swim.Message(purpose, sender: roster.ownClaim, notices: part), to: peer)
    }
}
