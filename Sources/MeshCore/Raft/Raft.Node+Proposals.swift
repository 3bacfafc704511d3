extension Raft.Node {
    /// Appends a proposal, hands it to the leader, or refuses it.
    mutating func handlePropose(_ command: Bytes, id proposal: UInt64, _ outbox: inout Effects) {
        guard role == .leader else { return handleProposeAll([command], firstID: proposal, &outbox) }
        if let reason = refusal(of: command, behind: uncommittedBytes) {
            return outbox.output(.rejected(id: proposal, reason: reason))
        }
        let index = log.lastIndex.next
        // The news stands before the write, so that it does not wait for it; it promises nothing yet.
        outbox.output(.proposed(id: proposal, index: index, term: term))
        append(Raft.Entries(term: term, index: index, command: command), &outbox)
    }

    /// Appends proposals, hands them to the leader, or refuses them; each is answered for itself.
    ///
    /// - Complexity: O(number of commands), plus one message for each voter and one record for each
    ///   ``Raft/Settings/maxEntriesPerAppend`` of them.
    mutating func handleProposeAll(_ commands: [Bytes], firstID: UInt64, _ outbox: inout Effects) {
        switch role {
        case .leader where commands.count == 1:
            handlePropose(commands[0], id: firstID, &outbox)
        case .leader:
            var draft = Draft(next: log.lastIndex.next)
            draft.entries.reserveCapacity(commands.count < 1 << 10 ? commands.count : 1 << 10)
            var proposal = firstID
            for command in commands {
                if let reason = refusal(of: command, behind: uncommittedBytes + draft.byteCount) {
                    outbox.output(.rejected(id: proposal, reason: reason))
                } else {
                    if !draft.hasRoom(for: command, settings) { close(&draft, &outbox) }
                    outbox.output(.proposed(id: proposal, index: draft.next, term: term))
                    draft.add(command, term: term)
                }
                proposal &+= 1
            }
            close(&draft, &outbox)
        case .follower:
            forward(commands, firstID: firstID, &outbox)
        case .preCandidate, .candidate:
            reject(commands.count, firstID: firstID, .noLeader, &outbox)
        }
    }

    private mutating func reject(
        _ count: Int, firstID: UInt64, _ reason: Raft.Rejection, _ outbox: inout Effects
    ) {
        for offset in 0..<UInt64(UInt(count)) { outbox.output(.rejected(id: firstID &+ offset, reason: reason)) }
    }

    /// Why a leader does not take a command while `waiting` bytes wait for their commit; `nil` if it does.
    fileprivate func refusal(of command: Bytes, behind waiting: Int) -> Raft.Rejection? {
        if command.count > settings.maxBytesPerAppend { return .tooLarge }
        if isTransferring { return .transferring }
        if waiting > 0 && waiting + command.count > settings.maxUncommittedBytes { return .busy }
        return nil
    }

    /// Appends what was drafted and starts anew behind it.
    private mutating func close(_ draft: inout Draft, _ outbox: inout Effects) {
        guard !draft.entries.isEmpty else { return }
        append(Raft.Entries(draft.entries), &outbox)
        draft = Draft(next: draft.next)
    }

    /// Entries of one message and one record that are being put together.
    fileprivate struct Draft {
        var entries: [Raft.Entry] = []
        var byteCount = 0
        var next: Raft.LogIndex

        init(next: Raft.LogIndex) {
            self.next = next
        }

        func hasRoom(for command: Bytes, _ settings: Raft.Settings) -> Bool {
            if entries.isEmpty { return true }
            return entries.count < settings.maxEntriesPerAppend
                && byteCount + command.count <= settings.maxBytesPerAppend
        }

        mutating func add(_ command: Bytes, term: Raft.Term) {
            entries.append(Raft.Entry(term: term, index: next, payload: .command(command)))
            byteCount += command.count
            next = next.next
        }
    }
}

/// Proposals on their way from a follower to the leader.
extension Raft.Node {
    /// Hands proposals to the leader, as many in a message as it may carry.
    private mutating func forward(_ commands: [Bytes], firstID: UInt64, _ outbox: inout Effects) {
        guard let leader else { return reject(commands.count, firstID: firstID, .noLeader, &outbox) }
        var parcel: [Bytes] = []
        var byteCount = 0
        var proposal = firstID
        for command in commands {
            let isTooLarge = command.count > settings.maxBytesPerAppend
            let isFull = parcel.count == settings.maxEntriesPerAppend || parcel.count == settings.maxForwards
            if isTooLarge || isFull || byteCount + command.count > settings.maxBytesPerAppend {
                send(&parcel, before: proposal, to: leader, &outbox)
                byteCount = 0
            }
            if isTooLarge {
                outbox.output(.rejected(id: proposal, reason: .tooLarge))
            } else {
                parcel.append(command)
                byteCount += command.count
            }
            proposal &+= 1
        }
        send(&parcel, before: proposal, to: leader, &outbox)
    }

    /// Sends proposals with consecutive ids that end right before `end`.
    private mutating func send(
        _ parcel: inout [Bytes], before end: UInt64, to leader: NodeID, _ outbox: inout Effects
    ) {
        guard !parcel.isEmpty else { return }
        let firstID = end &- UInt64(UInt(parcel.count))
        let sequence = forwards.add(firstID, count: parcel.count, limit: settings.maxForwards)
        let message = Raft.Forward(term: term, id: firstID, sequence: sequence, commands: parcel)
        outbox.send(.forward(message), to: leader)
        parcel = []
    }

    /// Hands a change of the configuration to the leader.
    mutating func forward(_ change: Raft.ChangeRequest, id proposal: UInt64, to leader: NodeID, _ outbox: inout Effects)
    {
        let sequence = forwards.add(proposal, count: 1, limit: settings.maxForwards)
        let message = Raft.Forward(term: term, id: proposal, sequence: sequence, change: change)
        outbox.send(.forward(message), to: leader)
    }

    /// Takes proposals, or a change of the configuration, from a follower.
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
        var fates: [Raft.Fate] = []
        if role == .leader, let change = message.change {
            do throws(Raft.Rejection) {
                let next = try configuration(after: change)
                fates.append(Raft.Fate(count: 1, result: .appended(index: log.lastIndex.next, term: term)))
                answer(message, with: fates, to: from, &outbox)
                append(next, &outbox)
            } catch {
                fates.append(Raft.Fate(count: 1, result: .rejected(error)))
                answer(message, with: fates, to: from, &outbox)
            }
        } else if role == .leader {
            // The answer stands before the write, so that it does not wait for it; it promises nothing yet.
            let drafts = draft(message.commands, &fates)
            answer(message, with: fates, to: from, &outbox)
            for entries in drafts { append(Raft.Entries(entries), &outbox) }
        } else {
            let reason: Raft.Rejection = ledTerm == term ? .deposed : .notLeader(leader)
            fates.append(Raft.Fate(count: message.count, result: .rejected(reason)))
            answer(message, with: fates, to: from, &outbox)
        }
    }

    /// Puts forwarded proposals into entries, a message's worth at a time, and notes what becomes of each.
    private func draft(_ commands: [Bytes], _ fates: inout [Raft.Fate]) -> [[Raft.Entry]] {
        var drafts: [[Raft.Entry]] = []
        var draft = Draft(next: log.lastIndex.next)
        draft.entries.reserveCapacity(commands.count)
        var waiting = uncommittedBytes
        for command in commands {
            if let reason = refusal(of: command, behind: waiting) {
                fates.note(.rejected(reason))
                continue
            }
            if !draft.hasRoom(for: command, settings) {
                drafts.append(draft.entries)
                draft = Draft(next: draft.next)
            }
            fates.note(.appended(index: draft.next, term: term))
            draft.add(command, term: term)
            waiting += command.count
        }
        if !draft.entries.isEmpty { drafts.append(draft.entries) }
        return drafts
    }

    private mutating func answer(
        _ message: Raft.Forward, with fates: [Raft.Fate], to origin: NodeID, _ outbox: inout Effects
    ) {
        let reply = Raft.Forwarded(term: term, id: message.id, sequence: message.sequence, fates: fates)
        outbox.send(.forwarded(reply), to: origin)
    }

    /// Tells the proposer what became of forwarded proposals, once for each.
    mutating func handleForwarded(_ message: Raft.Forwarded, _ outbox: inout Effects) {
        _ = catchUp(with: message.term, &outbox)
        guard forwards.close(message.sequence, id: message.id, count: message.count) else {
            return ignore(.staleForward, &outbox)
        }
        var proposal = message.id
        for fate in message.fates {
            for offset in 0..<fate.count {
                switch fate.result {
                case .appended(let index, let appendedTerm):
                    outbox.output(.proposed(id: proposal, index: index.advanced(by: offset), term: appendedTerm))
                case .rejected(let reason):
                    outbox.output(.rejected(id: proposal, reason: reason))
                }
                proposal &+= 1
            }
        }
    }
}

extension [Raft.Fate] {
    /// Adds what became of the next proposal; those that share a fate share an element.
    fileprivate mutating func note(_ result: Raft.ForwardResult) {
        switch (last?.result, result) {
        case (.appended, .appended): self[count - 1].count += 1
        case (.rejected(let known), .rejected(let reason)) where known == reason: self[count - 1].count += 1
        case (.none, _), (.appended, .rejected), (.rejected, .appended), (.rejected, .rejected):
            append(Raft.Fate(count: 1, result: result))
        }
    }
}
