extension Raft {
    /// What the embedding program asks of a node.
    public enum Command: Hashable, Traceable {
        /// Appends a command to the replicated log; a follower hands it to the leader it knows.
        ///
        /// The attempt is answered at most once, with the same id: ``Output/proposed(id:index:term:)`` says where a
        /// leader put it (it is decided when an entry of that index *and term* is applied), and
        /// ``Output/rejected(id:reason:)`` says that this attempt put it nowhere. No answer, because a message was lost
        /// or a node died, means that the outcome is unknown: it may still be applied. A new attempt may then apply the
        /// command twice; commands that mind must carry their own identity.
        case propose(Bytes, id: UInt64)
        /// Proposes several commands at once: one message to each follower and one write for all of them.
        ///
        /// Each attempt is answered for itself, as by ``propose(_:id:)``; their ids are `firstID`, the one after it and
        /// so on. Those that are taken stand in the log in this order, but not always next to each other.
        case proposeAll([Bytes], firstID: UInt64)
        /// Hands over the state after `upTo`, which must have been applied, so that the log up to there can be dropped.
        case compact(upTo: LogIndex, state: Bytes)
        /// Confirms that everything up to here is applied, when ``Settings/maxUnappliedBytes`` asks for it.
        case applied(upTo: LogIndex)
        /// Tells that a message to this peer could not be delivered: a leader asks where it stands with its next beat
        /// instead of sending on. A hint; nothing depends on it.
        case reportUnreachable(NodeID)
        /// Starts an election now, as if the patience with the leader had run out.
        case campaign
        /// Hands the lead over to a voter, or with `nil` to the one that is ready soonest; only a leader can.
        ///
        /// ``Output/transferStarted(to:)`` comes at once or, like every end of the attempt,
        /// ``Output/transferAbandoned(to:reason:)``; ``Output/transferred(to:term:)`` when the target leads. Proposals
        /// are rejected as ``Rejection/transferring`` meanwhile, for at most the longest election timeout.
        case transfer(to: NodeID?)
        /// Asks when the state can be read, so that the read sees all that was decided before it was asked for; at a
        /// follower too.
        ///
        /// The answer has the same id: ``Output/readReady(id:index:)`` or ``Output/readRefused(id:reason:)``. As long
        /// as the node runs there always is one, unless it follows a leader whose answers never arrive.
        case read(id: UInt64)
        /// Changes who belongs to the group; a follower hands it to the leader it knows.
        ///
        /// Answered like a proposal: the leader's refusal comes back with its reason, and no answer means that the
        /// outcome is unknown. To ask again is safe: what is done already is refused as ``Rejection/changesNothing``.
        ///
        /// Learners that are to become voters have to be caught up; new nodes can be made voters at once, at the price
        /// that the group waits for them. Refused while another change is under way.
        case changeConfiguration([Change], id: UInt64, transition: Transition)
        /// Ends a joint configuration that does not end by itself; handed on and answered like a change.
        case leaveJoint(id: UInt64)
        /// Says that failure detection believes a node dead: followers that sleep under it elect another leader soon,
        /// and an idle group falls asleep without it. A wrong word costs an election at most.
        case peerDown(NodeID)
        /// Lets a node whose disk was damaged take part as if it had forgotten nothing.
        ///
        /// The way out when too many have forgotten something for the others to decide, as in a group of one. What only
        /// they held is lost, and nobody will notice: take the nodes with the longest logs, as few as make a majority.
        case acceptLoss
        /// Takes ``peerDown(_:)`` back: a leader that fell asleep without the node brings it up to date.
        case peerUp(NodeID)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .propose(let command, let id):
                digest.mix(0 as UInt64)
                digest.mix(command)
                digest.mix(id)
            case .compact(let index, let state):
                digest.mix(1 as UInt64)
                digest.mix(index)
                digest.mix(state)
            case .campaign:
                digest.mix(2 as UInt64)
            case .transfer(let target):
                digest.mix(5 as UInt64)
                digest.mix(target)
            case .peerDown(let node):
                digest.mix(12 as UInt64)
                digest.mix(node)
            case .peerUp(let node):
                digest.mix(13 as UInt64)
                digest.mix(node)
            case .acceptLoss:
                digest.mix(32 as UInt64)
            case .proposeAll(let commands, let firstID):
                digest.mix(7 as UInt64)
                digest.mix(firstID)
                digest.mix(commands.count)
                for command in commands { digest.mix(command) }
            case .applied(let index):
                digest.mix(8 as UInt64)
                digest.mix(index)
            case .reportUnreachable(let peer):
                digest.mix(9 as UInt64)
                digest.mix(peer)
            case .read(let id):
                digest.mix(6 as UInt64)
                digest.mix(id)
            case .changeConfiguration(let changes, let id, let transition):
                digest.mix(3 as UInt64)
                digest.mix(changes.count)
                for change in changes { change.digest(into: &digest) }
                digest.mix(id)
                transition.digest(into: &digest)
            case .leaveJoint(let id):
                digest.mix(4 as UInt64)
                digest.mix(id)
            }
        }

        /// One line, such as `propose #7 "set x"`.
        public var description: String {
            switch self {
            case .propose(let command, let id): "propose #\(id) \"\(command)\""
            case .compact(let index, let state): "compact up to \(index) (\(state.count) bytes)"
            case .campaign: "campaign"
            case .transfer(let target?): "transfer to \(target)"
            case .transfer(nil): "transfer"
            case .peerDown(let node): "\(node) is down"
            case .peerUp(let node): "\(node) is up"
            case .acceptLoss: "accept the loss"
            case .applied(let index): "applied up to \(index)"
            case .reportUnreachable(let peer): "cannot reach \(peer)"
            case .proposeAll(let commands, let firstID): "propose \(commands.count) from #\(firstID) on"
            case .read(let id): "read #\(id)"
            case .changeConfiguration(let changes, let id, let transition):
                "change #\(id)\(Self.text(of: changes)), \(transition)"
            case .leaveJoint(let id): "leave joint #\(id)"
            }
        }

        private static func text(of changes: [Change]) -> String {
            var text = ""
            for change in changes { text += text.isEmpty ? " \(change)" : ", \(change)" }
            return text
        }
    }
}
