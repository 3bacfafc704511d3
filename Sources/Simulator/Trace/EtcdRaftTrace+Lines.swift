import MeshCore

extension EtcdRaftTrace {
    /// One line of the trace.
    struct Line {
        var event: Event
        var message: Message?
        var stamp: Int64

        /// What a node can be in the other protocol.
        enum Role: Equatable, Sendable {
            case follower
            case candidate
            case leader

            /// A node that asks whether it could win has not changed anything, so it still follows.
            init(_ role: Raft.Role) {
                switch role {
                case .follower, .preCandidate: self = .follower
                case .candidate: self = .candidate
                case .leader: self = .leader
                }
            }

            var name: StaticString {
                switch self {
                case .follower: "StateFollower"
                case .candidate: "StateCandidate"
                case .leader: "StateLeader"
                }
            }
        }

        /// What can happen.
        enum Event: Equatable {
            case initState
            case becomeFollower
            case becomeCandidate
            case becomeLeader
            case commit
            case replicate
            case changeConfiguration(from: Raft.Configuration, to: Raft.Configuration)
            case applyConfiguration(Raft.Configuration)
            case ready
            case send
            case receive
        }
    }
}

extension EtcdRaftTrace.Line {
    /// A message in the other protocol's terms.
    struct Message: Sendable {
        enum Kind: Equatable, Sendable {
            case append
            case appendReply
            case snapshot
            case vote
            case voteReply
        }

        var kind: Kind
        var term: Raft.Term
        var from: NodeID
        var to: NodeID
        var entries: UInt64 = 0
        var logTerm = Raft.Term.zero
        var index = Raft.LogIndex.zero
        var commit = Raft.LogIndex.zero
        var isRejected = false
        var rejectHint = Raft.LogIndex.zero

        private init(_ kind: Kind, _ term: Raft.Term, _ from: NodeID, _ to: NodeID) {
            self.kind = kind
            self.term = term
            self.from = from
            self.to = to
        }

        /// Translates a message; `nil` if the other protocol has none like it.
        init?(_ message: borrowing Raft.Message, from: NodeID, to: NodeID) {
            switch copy message {
            case .vote(let body):
                self.init(.vote, body.term, from, to)
                index = body.lastIndex
                logTerm = body.lastTerm
            case .voteReply(let body):
                self.init(.voteReply, body.term, from, to)
                isRejected = !body.isGranted
            case .append(let body):
                self.init(.append, body.term, from, to)
                entries = UInt64(UInt(bitPattern: body.entries.count))
                index = body.prevIndex
                logTerm = body.prevTerm
                // Ours carries the leader's own commit index, and the follower cuts it down to what was compared.
                let last = Raft.LogIndex(body.prevIndex.rawValue + entries)
                commit = body.commit < last ? body.commit : last
            case .appendReply(let body):
                self.init(.appendReply, body.term, from, to)
                take(body.result)
            case .snapshot(let body):
                // The other protocol sends a snapshot whole; here it is there with its last part.
                guard body.offset + body.chunk.count >= body.size else { return nil }
                self.init(.snapshot, body.term, from, to)
                entries = body.index.rawValue
            case .snapshotReply(let body):
                guard body.received == 0 else { return nil }
                self.init(.appendReply, body.term, from, to)
                index = body.match
            case .preVote, .preVoteReply, .forward, .forwarded, .timeoutNow, .readRequest, .readReply, .amnesiac,
                .healed:
                return nil
            }
        }

        private mutating func take(_ result: Raft.AppendResult) {
            switch result {
            case .accepted(let match):
                index = match
            case .rejected(let prevIndex, let hintIndex, let hintTerm):
                isRejected = true
                index = prevIndex
                rejectHint = hintIndex
                logTerm = hintTerm
            case .stale:
                isRejected = true
            }
        }

        /// A candidate's vote for itself, which the other protocol sends as a message.
        static func ballot(of node: NodeID, _ term: Raft.Term) -> Message { Message(.voteReply, term, node, node) }

        /// A leader's acknowledgement to itself, which the other protocol sends as a message.
        static func acknowledgement(of node: NodeID, _ term: Raft.Term, _ index: Raft.LogIndex) -> Message {
            var message = Message(.appendReply, term, node, node)
            message.index = index
            return message
        }
    }
}

extension EtcdRaftTrace.Line.Message.Kind {
    /// The type on the wire of the other project.
    var type: StaticString {
        switch self {
        case .append: "MsgApp"
        case .appendReply: "MsgAppResp"
        case .snapshot: "MsgSnap"
        case .vote: "MsgVote"
        case .voteReply: "MsgVoteResp"
        }
    }

    /// What its events are about; a snapshot counts as an append.
    var family: StaticString {
        switch self {
        case .append, .snapshot: "AppendEntriesRequest"
        case .appendReply: "AppendEntriesResponse"
        case .vote: "RequestVoteRequest"
        case .voteReply: "RequestVoteResponse"
        }
    }
}

// MARK: - Text

extension EtcdRaftTrace.Line {
    private var name: String {
        switch event {
        case .initState: "InitState"
        case .becomeFollower: "BecomeFollower"
        case .becomeCandidate: "BecomeCandidate"
        case .becomeLeader: "BecomeLeader"
        case .commit: "Commit"
        case .replicate: "Replicate"
        case .changeConfiguration: "ChangeConf"
        case .applyConfiguration: "ApplyConfChange"
        case .ready: "Ready"
        case .send: "Send\(message?.kind.family.description ?? "")"
        case .receive: "Receive\(message?.kind.family.description ?? "")"
        }
    }

    /// Writes the line of a node that is in this state.
    func append(_ view: EtcdRaftTrace.View, to bytes: inout [UInt8]) {
        var text =
            "{\"level\":\"debug\",\"ts\":\(seconds),\"caller\":\"mesh/replay\",\"msg\":\"trace\",\"tag\":\"trace\","
        text += "\"event\":{\"name\":\"\(name)\",\"nid\":\"\(view.id.rawValue)\",\"state\":{\"term\":\(view.term),"
        text += "\"vote\":\"\(view.vote?.rawValue ?? 0)\",\"commit\":\(view.commit)},\"role\":\"\(view.role.name)\","
        text += "\"log\":\(view.last),"
        let configuration = view.configuration
        text += "\"conf\":[\(Self.list(configuration.voters)),\(Self.list(configuration.outgoing))]"
        if let message { text += ",\"msg\":" + Self.text(message) }
        text += properties(view) + "}}\n"
        bytes += Array(text.utf8)
    }

    /// The time on the line: seconds with nine digits behind the point.
    private var seconds: String {
        let fraction = "\(stamp % 1_000_000_000)"
        var text = "\(stamp / 1_000_000_000)."
        for _ in 0..<(9 - fraction.utf8.count) { text += "0" }
        return text + fraction
    }

    private static func list(_ nodes: [NodeID]) -> String {
        var text = "["
        for (position, node) in nodes.enumerated() { text += (position > 0 ? "," : "") + "\"\(node.rawValue)\"" }
        return text + "]"
    }

    private static func text(_ message: Message) -> String {
        var text = "{\"type\":\"\(message.kind.type)\",\"term\":\(message.term),\"from\":\"\(message.from.rawValue)\","
        text += "\"to\":\"\(message.to.rawValue)\",\"entries\":\(message.entries),\"logTerm\":\(message.logTerm),"
        text += "\"index\":\(message.index),\"commit\":\(message.commit),\"vote\":\"0\","
        return text + "\"reject\":\(message.isRejected),\"rejectHint\":\(message.rejectHint)}"
    }

    /// What some events add.
    private func properties(_ view: EtcdRaftTrace.View) -> String {
        switch event {
        case .send where message?.kind == .append:
            return ",\"prop\":{\"match\":\(view.durable),\"next\":\(view.last.rawValue + 1)}"
        case .changeConfiguration(let from, let to):
            return ",\"prop\":{\"cc\":{\"changes\":[\(Self.changes(from, to))]}}"
        case .applyConfiguration(let configuration):
            return ",\"prop\":{\"cc\":{\"newconf\":\(Self.list(configuration.voters))}}"
        case .initState, .becomeFollower, .becomeCandidate, .becomeLeader, .commit, .replicate, .ready, .send,
            .receive:
            return ""
        }
    }

    /// What leads from one configuration to the other, by node.
    private static func changes(_ old: Raft.Configuration, _ new: Raft.Configuration) -> String {
        var text = ""
        func add(_ node: NodeID, _ action: StaticString) {
            text += (text.isEmpty ? "" : ",") + "{\"nid\":\"\(node.rawValue)\",\"action\":\"\(action)\"}"
        }
        for node in new.voters where !old.duties(of: node).contains(.voter) { add(node, "AddNewServer") }
        for node in new.learners where !old.duties(of: node).contains(.learner) { add(node, "AddLearner") }
        for member in old.members where new.duties(of: member.id).isEmpty { add(member.id, "RemoveServer") }
        return text
    }
}
