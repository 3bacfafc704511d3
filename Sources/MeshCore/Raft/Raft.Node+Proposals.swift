extension Raft.Node {
    /// Appends a proposal, hands it to the leader, or refuses it.
    mutating func handlePropose(_ command: Bytes, id proposal: UInt64, _ outbox: inout Effects) {
        switch role {
        case .leader:
            if let reason = refusal(of: command) {
                outbox.output(.rejected(id: proposal, reason: reason))
            } else {
                let index = log.lastIndex.next
                // The news stands before the write, so that it does not wait for it; it promises nothing yet.
                outbox.output(.proposed(id: proposal, index: index, term: term))
                append(.command(command), &outbox)
            }
        case .follower:
            forward(command, id: proposal, &outbox)
        case .preCandidate, .candidate:
            outbox.output(.rejected(id: proposal, reason: .noLeader))
        }
    }

    /// Why a leader does not take a command; `nil` if it does.
    private func refusal(of command: Bytes) -> Raft.Rejection? {
        if command.count > settings.maxBytesPerAppend { return .tooLarge }
        if isTransferring { return .transferring }
        if uncommittedBytes > 0 && uncommittedBytes + command.count > settings.maxUncommittedBytes { return .busy }
        return nil
    }

    private mutating func forward(_ command: Bytes, id proposal: UInt64, _ outbox: inout Effects) {
        guard let leader else { return outbox.output(.rejected(id: proposal, reason: .noLeader)) }
        guard command.count <= settings.maxBytesPerAppend else {
            return outbox.output(.rejected(id: proposal, reason: .tooLarge))
        }
        let sequence = forwards.add(proposal, limit: settings.maxForwards)
        let message = Raft.Forward(term: term, id: proposal, sequence: sequence, command: command)
        outbox.send(.forward(message), to: leader)
    }

    /// Takes a proposal from a follower.
    ///
    /// A refusal promises that the attempt was not appended and never will be, so it is only given where that is known:
    /// in the term of the message, and not for a doubled message. Everything else is silence; the outcome is unknown.
    mutating func handleForward(_ message: Raft.Forward, from: NodeID, _ outbox: inout Effects) {
        guard catchUp(with: message.term, &outbox) else { return ignore(.staleTerm, &outbox) }
        guard let position = position(of: from) else { return ignore(.unknownPeer, &outbox) }
        // Who voted for itself may have led this term before a crash and have forgotten what it appended.
        let mayHaveLed = votedFor == id && ledTerm != term
        guard !mayHaveLed, peers[position].forwards.admit(message.sequence) else {
            return ignore(.staleForward, &outbox)
        }
        if role == .leader, refusal(of: message.command) == nil {
            let index = log.lastIndex.next
            answer(message, with: .appended(index: index, term: term), to: from, &outbox)
            append(.command(message.command), &outbox)
        } else {
            answer(message, with: .rejected(rejection(of: message.command)), to: from, &outbox)
        }
    }

    private func rejection(of command: Bytes) -> Raft.Rejection {
        if role == .leader { return refusal(of: command) ?? .busy }
        return ledTerm == term ? .deposed : .notLeader(leader)
    }

    private mutating func answer(
        _ message: Raft.Forward, with result: Raft.ForwardResult, to origin: NodeID, _ outbox: inout Effects
    ) {
        let reply = Raft.Forwarded(term: term, id: message.id, sequence: message.sequence, result: result)
        outbox.send(.forwarded(reply), to: origin)
    }

    /// Tells the proposer what became of a forwarded proposal, once.
    mutating func handleForwarded(_ message: Raft.Forwarded, _ outbox: inout Effects) {
        _ = catchUp(with: message.term, &outbox)
        guard forwards.close(message.sequence, id: message.id) else { return ignore(.staleForward, &outbox) }
        switch message.result {
        case .appended(let index, let appendedTerm):
            outbox.output(.proposed(id: message.id, index: index, term: appendedTerm))
        case .rejected(let reason):
            outbox.output(.rejected(id: message.id, reason: reason))
        }
    }
}
