public import MeshCore

/// One Raft node on the bench: feed it an input, look at the effects.
public struct RaftProbe: Sendable {
    /// The node.
    public private(set) var node: Raft.Node
    /// The effects of the last input, in order.
    public private(set) var effects: [Effect<Raft.Node>] = []
    /// The node's clock.
    public var now = Instant.zero

    /// Creates the node `id` of the group n1...`count`, with a disk, started.
    public init(
        id: UInt64 = 1, of count: UInt64 = 3, settings: Raft.Settings = Raft.Settings(),
        disk: Raft.Stable = Raft.Stable()
    ) {
        let voters = count == 0 ? [] : (1...count).map { NodeID($0) }
        self.node = Raft.Node(id: NodeID(id), voters: voters, settings: settings, random: Random(seed: 7))
        node.restore(disk)
        step(.restarted)
    }

    /// Feeds the node one input.
    public mutating func step(_ input: consuming Input<Raft.Node>) {
        var outbox = Outbox<Effect<Raft.Node>>()
        node.step(input, at: now, into: &outbox)
        effects = []
        outbox.drain { effects.append($0) }
    }

    /// Feeds the node a message.
    public mutating func receive(_ message: Raft.Message, from: UInt64) {
        step(.receive(message, from: NodeID(from)))
    }

    /// Reports everything written so far as durable.
    public mutating func persistAll() { step(.persisted(Ticket(UInt64(UInt32.max)))) }

    /// Makes the node the leader of its next term, by granting whatever it asks for, and finishes its writes.
    public mutating func lead() {
        step(.command(.campaign))
        for message in sent where node.role == .preCandidate {
            if case .preVote(let request) = message.message {
                receive(.preVoteReply(request.granted), from: message.to.rawValue)
            }
        }
        let requests = sent
        persistAll()
        for message in requests where node.role == .candidate {
            if case .vote(let request) = message.message {
                receive(.voteReply(request.granted), from: message.to.rawValue)
            }
        }
        let opening = effects
        persistAll()
        effects = opening + effects
    }

    /// The messages of the last step.
    public var sent: [(to: NodeID, message: Raft.Message)] {
        effects.compactMap { if case .send(let message, let to) = $0 { (to, message) } else { nil } }
    }

    /// The messages of the last step to one node.
    public func sent(to number: UInt64) -> [Raft.Message] {
        sent.filter { $0.to == NodeID(number) }.map(\.message)
    }

    /// The appends of the last step to one node.
    public func appends(to number: UInt64) -> [Raft.Append] {
        sent(to: number).compactMap { if case .append(let append) = $0 { append } else { nil } }
    }

    /// The outputs of the last step.
    public var outputs: [Raft.Output] {
        effects.compactMap { if case .output(let output) = $0 { output } else { nil } }
    }

    /// The records of the last step.
    public var records: [Raft.Stable.Record] {
        effects.compactMap { if case .persist(let record, _) = $0 { record } else { nil } }
    }

    /// The entries handed out to be applied in the last step.
    public var applied: Raft.Entries {
        var entries: [Raft.Entry] = []
        for case .apply(let batch) in outputs { entries += batch }
        return Raft.Entries(entries)
    }

    /// When a timer set in the last step will fire.
    public func timer(_ name: Raft.Timer) -> Instant? {
        var result: Instant?
        for effect in effects {
            if case .setTimer(let timer, let at) = effect, timer == name { result = at }
        }
        return result
    }
}

extension Raft.VoteRequest {
    /// The answer that grants this request.
    public var granted: Raft.VoteReply { Raft.VoteReply(term: term, isGranted: true, campaign: campaign) }
    /// The answer that refuses this request in the same term.
    public var refused: Raft.VoteReply { Raft.VoteReply(term: term, isGranted: false, campaign: campaign) }
}

extension Raft.Entry {
    /// The entry a test expects at a place: its command names place and term.
    public static func test(_ index: UInt64, term: UInt64) -> Raft.Entry {
        Raft.Entry(
            term: Raft.Term(term), index: Raft.LogIndex(index), payload: .command(Bytes("\(index)/\(term)")))
    }

    /// Consecutive test entries, written as their terms, such as `1 1 4`.
    public static func test(_ terms: String, from first: UInt64 = 1) -> Raft.Entries {
        Raft.Entries(
            terms.split(separator: " ").enumerated().map { test(first + UInt64($0), term: UInt64($1) ?? 0) })
    }
}

extension Raft.Stable {
    /// A disk that holds test entries, written as their terms, and a term that is at least the last of them.
    public static func holding(
        _ terms: String, term: UInt64 = 0, vote: UInt64? = nil, snapshotAt index: UInt64 = 0
    ) -> Raft.Stable {
        var disk = Raft.Stable()
        let entries = Raft.Entry.test(terms)
        let last = entries.last?.term.rawValue ?? 0
        disk.apply(.hardState(term: Raft.Term(Swift.max(term, last)), votedFor: vote.map { NodeID($0) }))
        if !entries.isEmpty { disk.apply(.append(from: Raft.LogIndex(1), entries: entries)) }
        if index > 0, let indexTerm = disk.log.term(at: Raft.LogIndex(index)) {
            let voters = [NodeID(1), NodeID(2), NodeID(3)]
            let state = RaftCluster.pack(entries.prefix(Int(index)).map { Bytes("\($0.index)/\($0.term)") })
            disk.apply(
                .snapshot(
                    index: Raft.LogIndex(index), term: indexTerm, configuration: Raft.Configuration(voters: voters),
                    state: state))
            disk.apply(.compact(upTo: Raft.LogIndex(index)))
        }
        return disk
    }
}

extension Raft.Log {
    /// The terms of the held entries, such as `1 1 4`.
    public var terms: String {
        var words: [String] = []
        var index = firstIndex
        while index <= lastIndex {
            words.append(term(at: index)?.description ?? "?")
            index = index.next
        }
        return words.joined(separator: " ")
    }
}
