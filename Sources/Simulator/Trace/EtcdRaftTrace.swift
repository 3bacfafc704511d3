public import MeshCore

/// Writes a run of Raft nodes down in the form that the trace validation of etcd-io/raft reads.
///
/// One JSON object a line; `event` holds what happened, at which node, and the state that node is in: after the event,
/// or before it where a message is received. The lines follow from what an observer of a simulation sees, step by step:
/// feed it ``started(_:at:)``, ``willStep(_:_:at:)``, the effects in their order and ``didStep(_:_:)``, and say when a
/// message leaves and when a write is done.
///
/// What the other protocol does not have (pre-votes, forwarded proposals, reads, the word to campaign) leaves no line;
/// docs/traces.md says what follows from that.
///
/// Source: etcd-io/raft, state_trace.go and tla/Traceetcdraft.tla.
public struct EtcdRaftTrace: Sendable {
    /// The lines so far; take them from time to time with ``takeBytes()``.
    public private(set) var bytes: [UInt8] = []
    private var views: [View]
    /// Where the node stands that takes a step.
    private var place = 0
    /// The message that the step takes, until it is known whether the node acts on it.
    private var received: Line.Message?
    private var time = Instant.zero
    /// The time on the last line, in nanoseconds; every line has a later one, so that lines can be sorted by it.
    private var stamp: Int64 = 0

    /// What a node is, as far as the lines have told it.
    struct View: Sendable {
        var id = NodeID(0)
        var term = Raft.Term.zero
        var vote: NodeID?
        var role = Line.Role.follower
        var commit = Raft.LogIndex.zero
        var last = Raft.LogIndex.zero
        var durable = Raft.LogIndex.zero
        var configuration = Raft.Configuration()
        /// The term before the step under way.
        var termBefore = Raft.Term.zero
        /// Whether lines were written whose effects have not been let go.
        var isPending = false
        /// The leader's own acknowledgements that wait for its disk.
        var acknowledgements: [(ticket: Ticket, term: Raft.Term, index: Raft.LogIndex)] = []
        /// The candidate's own vote that waits for its disk.
        var ballot: (ticket: Ticket, term: Raft.Term)?
    }

    /// Creates an empty trace of nodes numbered from 1.
    public init(nodeCount: Int) {
        self.views = [View](repeating: View(), count: nodeCount)
    }

    /// Gives the lines away and forgets them.
    public mutating func takeBytes() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    private mutating func turn(to node: NodeID, at time: Instant) {
        place = Int(truncatingIfNeeded: node.rawValue) - 1
        self.time = time
    }
}

// MARK: - What the observer sees

extension EtcdRaftTrace {
    /// A node starts, for the first time or again, with what its disk holds.
    public mutating func started(_ raft: borrowing Raft.Node, at time: Instant) {
        turn(to: raft.id, at: time)
        views[place] = View()
        views[place].id = raft.id
        look(at: raft)
        write(.initState)
    }

    /// A node is about to take an input.
    ///
    /// - Parameters:
    ///   - input: What happens to it; tickets are those of the effects that are shown here.
    ///   - raft: The node before the step.
    public mutating func willStep(_ input: borrowing Input<Raft.Node>, _ raft: borrowing Raft.Node, at time: Instant) {
        turn(to: raft.id, at: time)
        received = nil
        views[place].termBefore = views[place].term
        switch copy input {
        case .receive(let message, from: let peer):
            received = Line.Message(message, from: peer, to: raft.id)
        case .persisted(let ticket):
            persisted(ticket)
        case .timer, .command, .restarted:
            break
        }
    }

    /// What the step of a node gave, in order; the first call tells whether it acted on the message.
    ///
    /// - Parameters:
    ///   - effects: The effects.
    ///   - raft: The node after the step.
    public mutating func didStep(_ effects: [Effect<Raft.Node>], _ raft: borrowing Raft.Node) {
        if let message = received, !Self.isIgnored(effects) { write(.receive, message: message) }
        received = nil
        for effect in effects {
            switch effect {
            case .send(let message, to: let peer): sends(message, to: peer)
            case .persist(let record, let ticket): writes(record, ticket)
            case .output(let output): says(output)
            case .setTimer, .cancelTimer: break
            }
        }
        look(at: raft)
    }

    /// A message leaves a node: what stands before it in the trace has happened.
    public mutating func willRelease(
        _ message: borrowing Raft.Message, from node: NodeID, to peer: NodeID, at time: Instant
    ) {
        guard Line.Message(message, from: node, to: peer) != nil else { return }
        turn(to: node, at: time)
        ready()
    }

    /// Whether the step only reported its message; one of an earlier term is dealt with all the same.
    private static func isIgnored(_ effects: [Effect<Raft.Node>]) -> Bool {
        for effect in effects {
            guard case .output(.ignored(let reason)) = effect else { continue }
            if reason != .staleTerm && reason != .oldSnapshot { return true }
        }
        return false
    }

    /// Takes over what no line has told.
    private mutating func look(at raft: borrowing Raft.Node) {
        views[place].term = raft.term
        views[place].vote = raft.votedFor
        views[place].role = Line.Role(raft.role)
        views[place].commit = raft.commitIndex
        views[place].last = raft.log.lastIndex
        views[place].configuration = raft.configuration
    }

    /// What the node wrote up to this ticket is durable: a vote for itself and its own acknowledgements count now.
    private mutating func persisted(_ ticket: Ticket) {
        ready()
        if let ballot = views[place].ballot, ballot.ticket <= ticket {
            views[place].ballot = nil
            if views[place].role == .candidate && views[place].term == ballot.term {
                write(.receive, message: .ballot(of: views[place].id, ballot.term))
            }
        }
        while let first = views[place].acknowledgements.first, first.ticket <= ticket {
            views[place].acknowledgements.removeFirst()
            guard views[place].role == .leader, views[place].term == first.term else { continue }
            write(.receive, message: .acknowledgement(of: views[place].id, first.term, first.index))
            views[place].durable = first.index
        }
    }

    private mutating func ready() {
        guard views[place].isPending else { return }
        write(.ready)
        views[place].isPending = false
    }
}

// MARK: - What follows from a step

extension EtcdRaftTrace {
    private mutating func sends(_ message: Raft.Message, to peer: NodeID) {
        if case .append(let append) = message { grow(by: append.entries) }
        guard let line = Line.Message(message, from: views[place].id, to: peer) else { return }
        write(.send, message: line)
    }

    private mutating func writes(_ record: Raft.Stable.Record, _ ticket: Ticket) {
        switch record {
        case .hardState(let term, let vote):
            views[place].term = term
            views[place].vote = vote
            if vote == views[place].id { views[place].ballot = (ticket, term) }
        case .append(_, let entries):
            guard let last = entries.last?.index else { return }
            guard views[place].role == .leader else { return views[place].last = last }
            grow(by: entries)
            views[place].acknowledgements.append((ticket, views[place].term, last))
            write(.send, message: .acknowledgement(of: views[place].id, views[place].term, last))
        case .snapshot, .compact, .amnesia:
            break
        }
    }

    /// Adds what a leader appends to its log, a line for each entry.
    private mutating func grow(by entries: Raft.Entries) {
        guard views[place].role == .leader else { return }
        for entry in entries where entry.index > views[place].last {
            if case .configuration(let next) = entry.payload {
                write(.changeConfiguration(from: views[place].configuration, to: next))
            } else {
                write(.replicate)
            }
            views[place].last = entry.index
        }
    }

    private mutating func says(_ output: Raft.Output) {
        switch output {
        case .becameFollower, .becamePreCandidate:
            let isNews = views[place].role != .follower || views[place].term > views[place].termBefore
            views[place].role = .follower
            if isNews { write(.becomeFollower) }
        case .becameCandidate(let term):
            views[place].role = .candidate
            write(.becomeCandidate)
            write(.send, message: .ballot(of: views[place].id, term))
        case .becameLeader:
            views[place].role = .leader
            views[place].acknowledgements = []
            views[place].durable = views[place].last
            write(.becomeLeader)
        case .committed(let index):
            views[place].commit = index
            if views[place].role == .leader { write(.commit) }
        case .configurationChanged(let configuration, _):
            views[place].configuration = configuration
            write(.applyConfiguration(configuration))
        case .leaderChanged, .proposed, .rejected, .apply, .snapshotWanted, .installed, .ignored, .transferStarted,
            .transferred, .transferAbandoned, .readReady, .readRefused, .leftGroup, .quiescent, .repair:
            break
        }
    }
}

// MARK: - Lines

extension EtcdRaftTrace {
    /// Writes a line about the node that takes a step.
    private mutating func write(_ event: Line.Event, message: Line.Message? = nil) {
        // The other project sorts lines as text, so the digits before the point are always as many.
        let epoch: Int64 = 1_000_000_000_000_000_000
        stamp = max(epoch + max(time.nanoseconds, 0), stamp + 1)
        if event != .ready { views[place].isPending = true }
        Line(event: event, message: message, stamp: stamp).append(views[place], to: &bytes)
    }
}
