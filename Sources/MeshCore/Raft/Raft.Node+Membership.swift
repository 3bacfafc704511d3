/// Changes of the configuration (paper, section 6; thesis, chapter 4).
///
/// A configuration is in force on each node from the moment its entry stands in the log there, committed or not, and
/// out of force when the entry goes again.
extension Raft.Node {
    /// Whether this node votes in the configuration in force.
    var isVoter: Bool {
        guard let ownPosition else { return false }
        return !configuration.members[ownPosition].duties.isDisjoint(with: [.voter, .outgoing])
    }

    /// Whether the configuration in force is known to be committed.
    var isConfigurationCommitted: Bool { history.latest.index <= commitIndex }

    /// Whether this node may campaign.
    ///
    /// One that voted before a change which is not committed may be the only one that holds its entry, and so the only
    /// one that can be elected (thesis, figure 4.6); its own vote counts no more.
    var mayCampaign: Bool {
        if lacksState || isAmnesiac { return false }
        if isVoter { return true }
        guard !isConfigurationCommitted, let previous = history.previous else { return false }
        return previous.isVoter(id)
    }

    // MARK: - In force and out of force

    /// Learns the configurations of the log that a disk held.
    ///
    /// - Complexity: O(entries in the log).
    mutating func restoreConfigurations() {
        var index = log.snapshotIndex.next
        while let entry = log.entry(at: index) {
            switch entry.payload {
            case .configuration(let configuration): history.append(configuration, at: index)
            case .elided: isHollow = true
            case .noOp, .command: break
            }
            index = index.next
        }
        configurationIndex = history.latest.index
        setConfiguration(history.latest.configuration)
    }

    /// Follows the log, whose part from `from` on has been replaced by these entries.
    ///
    /// - Complexity: O(number of entries), and O(n log n) for n members if the configuration changes.
    mutating func adoptConfigurations(from: Raft.LogIndex, _ entries: Raft.Entries, _ outbox: inout Effects) {
        #if MUTANTS
        if Mutant.configurationNotRolledBack.isPlanted && from <= configurationIndex { return }
        #endif
        var isChanged = history.truncate(from: from)
        for entry in entries.perhapsOthers {
            switch entry.payload {
            case .configuration(let configuration):
                history.append(configuration, at: entry.index)
                isChanged = true
            case .elided: isHollow = true
            case .noOp, .command: break
            }
        }
        if isChanged { enforceLatest(&outbox) }
    }

    /// Puts the latest configuration in force and tells.
    mutating func enforceLatest(_ outbox: inout Effects) {
        let latest = history.latest
        configurationIndex = latest.index
        setConfiguration(latest.configuration)
        outbox.output(.configurationChanged(latest.configuration, index: latest.index))
    }

    /// Puts a configuration in force; what is known of members that stay is kept.
    ///
    /// - Complexity: O(n log n) for n members.
    mutating func setConfiguration(_ new: Raft.Configuration) {
        guard new != configuration else { return }
        invariant(new.members.count <= Raft.Settings.memberLimit, "a group has at most 1,024 members")
        var updated: [Raft.Peer] = []
        updated.reserveCapacity(new.members.count)
        hasWitnesses = false
        for member in new.members {
            var peer = peer(member.id)
            peer.isWitness = member.duties.contains(.witness)
            if peer.isWitness { hasWitnesses = true }
            updated.append(peer)
        }
        configuration = new
        peers = updated
        ownPosition = position(of: id)
        scratch = [UInt64](repeating: 0, count: updated.count * 2)
    }

    /// What is known of a node; a leader begins with a new one at the end of its log, as with all when it was elected.
    private func peer(_ node: NodeID) -> Raft.Peer {
        if let position = position(of: node) { return peers[position] }
        var peer = Raft.Peer(id: node)
        if role == .leader { peer.reset(next: log.lastIndex.next, round: round) }
        return peer
    }

    // MARK: - Asking for a change

    /// Changes the configuration, hands the wish to the leader, or says why not.
    mutating func handleChange(_ request: Raft.ChangeRequest, id proposal: UInt64, _ outbox: inout Effects) {
        guard role == .leader else { return handOn(request, id: proposal, &outbox) }
        do throws(Raft.Rejection) {
            let next = try configuration(after: request)
            outbox.output(.proposed(id: proposal, index: log.lastIndex.next, term: term))
            append(next, &outbox)
        } catch {
            outbox.output(.rejected(id: proposal, reason: error))
        }
    }

    private mutating func handOn(_ request: Raft.ChangeRequest, id proposal: UInt64, _ outbox: inout Effects) {
        guard role == .follower, let leader else {
            return outbox.output(.rejected(id: proposal, reason: .noLeader))
        }
        if case .change(let changes, _) = request, changes.count > Raft.Settings.memberLimit {
            return outbox.output(.rejected(id: proposal, reason: .tooLarge))
        }
        forward(request, id: proposal, to: leader, &outbox)
    }

    /// Refuses whatever could not be told from another change that is under way.
    func checkPermission() throws(Raft.Rejection) {
        // Without an entry of the own term committed, two leaders could start from one configuration and go two ways,
        // each with a majority of its own (Ongaro on raft-dev, July 2015).
        #if MUTANTS
        if Mutant.changeBeforeOwnTerm.isPlanted && isConfigurationCommitted { return }
        if Mutant.changeWhilePending.isPlanted && log.term(at: commitIndex) == term { return }
        #endif
        guard log.term(at: commitIndex) == term else { throw .termNotCommitted }
        guard isConfigurationCommitted else { throw .changePending }
    }

    /// The configuration that a leader is to append.
    func configuration(after request: Raft.ChangeRequest) throws(Raft.Rejection) -> Raft.Configuration {
        if isTransferring { throw .transferring }
        switch request {
        case .change(let changes, let transition): return try configuration(after: changes, transition)
        case .leaveJoint: return try configurationAfterJoint()
        }
    }

    /// The configuration that these changes lead to, perhaps by way of a joint one.
    private func configuration(
        after changes: [Raft.Change], _ transition: Raft.Transition
    ) throws(Raft.Rejection) -> Raft.Configuration {
        try checkPermission()
        if configuration.leavesAutomatically { throw .changePending }
        for change in changes {
            try checkDuty(of: change)
            switch change {
            case .addVoter(let node), .addWitness(let node): try checkPromotion(of: node)
            case .addLearner, .addPromotable, .remove, .update: break
            }
        }
        do throws(Raft.ConfigurationError) {
            let next = try configuration.changed(by: changes, transition)
            let final = next.isJoint ? try next.leaveJoint() : next
            if final != configuration { return next }
        } catch {
            throw .invalidChange(error)
        }
        throw .changesNothing
    }

    private func configurationAfterJoint() throws(Raft.Rejection) -> Raft.Configuration {
        try checkPermission()
        do throws(Raft.ConfigurationError) {
            return try configuration.leaveJoint()
        } catch {
            throw .invalidChange(error)
        }
    }

    /// Refuses a voter that could not help to decide for a while: the group would be as weak as if it had failed.
    private func checkPromotion(of node: NodeID) throws(Raft.Rejection) {
        guard let position = position(of: node), configuration.members[position].duties.contains(.learner) else {
            return
        }
        guard isCaughtUp(position), isTrusted(position) else { throw .notCaughtUp(node) }
    }

    /// Whether a peer is alive and lacks no more than one round of messages brings.
    private func isCaughtUp(_ position: Int) -> Bool {
        let peer = peers[position]
        guard peer.ackedRound + quorumRounds >= round, peer.match > .zero else { return false }
        return log.lastIndex.distance(from: peer.match) <= settings.promotionDistance
    }

    // MARK: - Carrying a change out

    /// Appends a configuration, which is in force from here on; that it may be is checked before.
    mutating func append(_ new: Raft.Configuration, _ outbox: inout Effects) {
        invariant(role == .leader && ledTerm == term, "only the leader of a term appends in it")
        let entry = Raft.Entry(term: term, index: log.lastIndex.next, payload: .configuration(new))
        let entries = Raft.Entries(entry)
        log.append(entries)
        uncommittedBytes += entry.payload.byteCount
        var parcel = Parcel(first: entry.index, entries: entries, byteCount: entry.payload.byteCount)
        // Who goes hears of it while it is still a peer, so that it will know that it is to keep still.
        for position in peers.indices where position != ownPosition {
            if new.position(of: peers[position].id) == nil { serve(position, &parcel, &outbox) }
        }
        history.append(new, at: entry.index)
        enforceLatest(&outbox)
        for position in peers.indices where position != ownPosition { serve(position, &parcel, &outbox) }
        persistEntries(from: entry.index, entries, &outbox)
    }

    /// Tells what a commit means for the members.
    ///
    /// - Parameter before: The commit index until now.
    mutating func noteConfigurationCommit(after before: Raft.LogIndex, _ outbox: inout Effects) {
        guard configurationIndex > before, isConfigurationCommitted, let previous = history.previous else { return }
        if configuration.position(of: id) == nil, previous.position(of: id) != nil {
            outbox.output(.leftGroup(index: configurationIndex))
        }
        if role == .leader { bidFarewell(to: previous, &outbox) }
    }

    /// Tells who went that it is decided; once, because a node that misses it does no harm (thesis, section 4.2.3).
    private mutating func bidFarewell(to previous: Raft.Configuration, _ outbox: inout Effects) {
        guard let entryTerm = log.term(at: configurationIndex) else { return }
        for member in previous.members where member.id != id && configuration.position(of: member.id) == nil {
            let message = Raft.Append(
                term: term, prevIndex: configurationIndex, prevTerm: entryTerm, commit: commitIndex, round: round,
                wantsReply: false)
            outbox.send(.append(message), to: member.id)
        }
    }

    /// Ends the joint phase once its entry is committed, if it is to end by itself (etcd's AutoLeave).
    mutating func leaveJointIfDue(_ outbox: inout Effects) {
        guard configuration.leavesAutomatically, isConfigurationCommitted else { return }
        guard let final = try? configurationAfterJoint() else { return }
        append(final, &outbox)
    }

    /// Steps down when it is decided that this leader votes no more (thesis, section 4.2.2); whoever is ready need not
    /// wait for its patience to run out.
    mutating func stepDownIfRemoved(_ outbox: inout Effects) {
        guard role == .leader, !isVoter, isConfigurationCommitted else { return }
        if let successor = bestSuccessor() {
            outbox.send(.timeoutNow(Raft.TimeoutNow(term: term, round: round)), to: successor)
        }
        becomeFollower(term: term, votedFor: votedFor, leader: nil, &outbox)
    }

    /// Makes voters of the learners that are to become ones and have caught up, one at a time (ra's promotable).
    mutating func promoteIfDue(_ outbox: inout Effects) {
        guard role == .leader else { return }
        for position in peers.indices where configuration.members[position].duties.contains(.promotable) {
            guard isCaughtUp(position), isTrusted(position), !configuration.isJoint, (try? checkPermission()) != nil
            else { continue }
            guard let next = try? configuration.simple([.addVoter(peers[position].id)]) else { continue }
            return append(next, &outbox)
        }
    }
}
