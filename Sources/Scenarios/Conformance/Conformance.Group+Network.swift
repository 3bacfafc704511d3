import MeshCore

extension Conformance {
    /// Which of the messages under way are meant.
    struct Selection {
        /// The senders; `nil` for all.
        var from: [NodeID]?
        /// The receivers; `nil` for all.
        var to: [NodeID]?
        /// The kinds by name; `nil` for all.
        var kinds: [Bytes]?
        /// How many, the oldest first; `nil` for all.
        var count: Int?
        /// Whether the youngest are meant when not all are.
        var isNewestFirst = false

        /// The places of the messages that are meant, in the order of sending.
        func places(in letters: [Letter]) -> [Int] {
            var places: [Int] = []
            for (place, letter) in letters.enumerated() {
                let kind = Bytes(stringLiteral: Raft.Message.kinds[Int(letter.message.kind.rawValue)])
                guard from?.contains(letter.from) ?? true, to?.contains(letter.to) ?? true else { continue }
                guard kinds?.contains(kind) ?? true else { continue }
                places.append(place)
            }
            guard let count, count < places.count else { return places }
            return isNewestFirst ? Array(places.suffix(count)) : Array(places.prefix(count))
        }
    }
}

extension Conformance.Group {
    /// Takes the messages that are meant from the network.
    mutating func collect(_ selection: Conformance.Selection) -> [Conformance.Letter] {
        let places = selection.places(in: letters)
        let chosen = places.map { letters[$0] }
        for place in places.reversed() { letters.remove(at: place) }
        return chosen
    }

    private func text(_ letter: Conformance.Letter) -> String { "\(letter.to) <- \(letter.from) \(letter.message)" }

    /// Delivers a message.
    mutating func deliver(_ letter: Conformance.Letter) {
        let position = position(of: letter.to)
        guard position < hosts.count, hosts[position].isUp else {
            return note(text(letter) + " (it is down)")
        }
        note(text(letter))
        step(position, .receive(letter.message, from: letter.from))
    }

    /// Delivers the messages that are meant; what they cause stays under way.
    mutating func deliver(_ selection: Conformance.Selection, isReversed: Bool) {
        let chosen = collect(selection)
        if chosen.isEmpty { note("nothing to deliver") }
        for letter in isReversed ? chosen.reversed() : chosen { deliver(letter) }
    }

    /// Loses the messages that are meant.
    mutating func drop(_ selection: Conformance.Selection) {
        let chosen = collect(selection)
        if chosen.isEmpty { note("nothing to drop") }
        for letter in chosen { note("lost: \(text(letter))") }
    }

    /// Doubles the messages that are meant; the copies are the last of all.
    mutating func duplicate(_ selection: Conformance.Selection) {
        let places = selection.places(in: letters)
        if places.isEmpty { note("nothing to double") }
        for place in places {
            note("doubled: \(text(letters[place]))")
            letters.append(letters[place])
        }
    }

    /// Puts the messages that are meant aside.
    mutating func park(_ selection: Conformance.Selection, as name: Bytes) {
        let chosen = collect(selection)
        if chosen.isEmpty { note("nothing to keep") }
        for letter in chosen {
            note("kept: \(text(letter))")
            parked.append((name, letter))
        }
    }

    /// Sends messages on that were put aside.
    mutating func unpark(_ name: Bytes) {
        let chosen = parked.filter { $0.name == name }
        parked.removeAll { $0.name == name }
        for (_, letter) in chosen {
            note("again under way: \(text(letter))")
            letters.append(letter)
        }
    }

    /// Delivers and writes among some nodes until nothing is left to do.
    mutating func stabilize(_ ids: [NodeID]) {
        let everyone = ids.count == hosts.count
        var steps = 0
        var isBusy = true
        while isBusy {
            isBusy = false
            for position in hosts.indices where ids.contains(hosts[position].id) && !hosts[position].unsynced.isEmpty {
                isBusy = true
                persist(position, .max)
            }
            let chosen = collect(Conformance.Selection(from: everyone ? nil : ids, to: ids))
            for letter in chosen {
                isBusy = true
                steps += 1
                deliver(letter)
            }
            if steps > 2_000 { return note("this does not come to an end") }
        }
        if transcript.isEmpty { note("nothing to do") }
    }
}

// MARK: - Showing

extension Conformance.Group {
    /// The messages under way and those put aside.
    mutating func showMessages() {
        if letters.isEmpty && parked.isEmpty { note("none") }
        for letter in letters { note(text(letter)) }
        for (name, letter) in parked { note("kept as \(name): \(text(letter))") }
    }

    /// A node's log, as it knows it.
    mutating func showLog(_ position: Int) {
        let node = hosts[position].node
        show(node.log)
        if node.log.lastIndex > node.commitIndex { note("committed up to \(node.commitIndex)") }
    }

    /// What a node's disk holds.
    mutating func showDisk(_ position: Int) {
        let disk = hosts[position].disk
        let mark = disk.isAmnesiac ? ", may have forgotten something" : ""
        note("term \(disk.term) vote \(disk.votedFor?.description ?? "none")\(mark)")
        show(disk.log)
        for write in hosts[position].unsynced { note("unwritten: \(write.record)") }
    }

    private mutating func show(_ log: Raft.Log) {
        if log.snapshotIndex > .zero { note("snapshot \(log.snapshotIndex)/\(log.snapshotTerm)") }
        if log.count == 0 { note("no entries") }
        var index = log.firstIndex
        while let entry = log.entry(at: index) {
            note(text(entry))
            index = index.next
        }
    }

    /// A node's program: the commands it has applied.
    mutating func showState(_ position: Int) {
        if let store = hosts[position].store { return showStore(position, store) }
        let commands = Self.pack(hosts[position].applied.map { $0.command })
        note("\(hosts[position].id) has applied \(commands.isEmpty ? "no command" : commands.description)")
    }

    /// A node at a glance, and a leader's view of the others.
    mutating func showStatus(_ position: Int) {
        let host = hosts[position]
        let status = host.node.status
        guard host.isUp else { return note("\(host.id) is down") }
        note(
            "\(host.id) \(status.role) term \(status.term) vote \(name(status.votedFor)) leader \(name(status.leader))"
                + " log \(status.snapshotIndex)..\(status.lastIndex)/\(status.lastTerm) durable \(status.durableIndex)"
                + " commit \(status.commitIndex) applied \(status.appliedIndex)\(status.isAmnesiac ? " amnesiac" : "")")
        for peer in status.peers where peer.id != host.id {
            let inflight = peer.inflight > 0 ? " inflight \(peer.inflight)" : ""
            noteEffect("\(peer.id) \(peer.pace) match \(peer.match) next \(peer.next)\(inflight)\(repair(of: peer))")
        }
    }

    /// What a leader waits for before it trusts a peer again.
    private func repair(of peer: Raft.PeerStatus) -> String {
        guard peer.isAmnesiac else { return "" }
        return peer.healIndex > .zero ? " amnesiac until \(peer.healIndex)" : " amnesiac"
    }

    private func name(_ node: NodeID?) -> String { node?.description ?? "none" }

    /// Whether the running nodes agree about their logs.
    mutating func showAgreement() {
        let running = hosts.filter { $0.isUp }
        guard let first = running.first else { return note("nobody runs") }
        for other in running.dropFirst() where !Self.agree(first.node.log, other.node.log) {
            return note("the logs of \(first.id) and \(other.id) differ")
        }
        for other in running.dropFirst() where other.node.commitIndex != first.node.commitIndex {
            return note("\(first.id) and \(other.id) know different commits")
        }
        let log = first.node.log
        note("all agree up to \(log.lastIndex)/\(log.lastTerm), committed \(first.node.commitIndex)")
    }

    /// Whether two logs hold the same, as far as both still hold it.
    private static func agree(_ left: Raft.Log, _ right: Raft.Log) -> Bool {
        guard left.lastIndex == right.lastIndex, left.lastTerm == right.lastTerm else { return false }
        var index = max(left.firstIndex, right.firstIndex)
        while index <= left.lastIndex {
            guard left.entry(at: index) == right.entry(at: index) else { return false }
            index = index.next
        }
        return true
    }
}
