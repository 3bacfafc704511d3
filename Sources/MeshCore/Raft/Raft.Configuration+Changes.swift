extension Raft {
    /// One step of a change of the configuration.
    public enum Change: Hashable, Traceable {
        /// Makes a node a voter, whatever it was before.
        case addVoter(NodeID)
        /// Makes a node a learner, whatever it was before.
        case addLearner(NodeID)
        /// Makes a node a learner that becomes a voter by itself as soon as it has caught up.
        case addPromotable(NodeID)
        /// Makes a node a voter that keeps no commands.
        case addWitness(NodeID)
        /// Takes a node out of the group.
        case remove(NodeID)
        /// Leaves the group as it is: only the embedding program's knowledge of the node changes.
        case update(NodeID)

        /// The node it is about.
        public var node: NodeID {
            switch self {
            case .addVoter(let node), .addLearner(let node), .addPromotable(let node), .addWitness(let node),
                .remove(let node), .update(let node):
                node
            }
        }

        /// Mixes the case and the node in.
        public func digest(into digest: inout Digest) {
            digest.mix(UInt64(tag))
            digest.mix(node)
        }

        /// A few words, such as `add n4 as learner`.
        public var description: String {
            switch self {
            case .addVoter(let node): "add \(node)"
            case .addLearner(let node): "add \(node) as learner"
            case .addPromotable(let node): "add \(node) as learner for now"
            case .addWitness(let node): "add \(node) as witness"
            case .remove(let node): "remove \(node)"
            case .update(let node): "update \(node)"
            }
        }

        /// The case's number on the wire and in the digest.
        private var tag: UInt8 {
            switch self {
            case .addVoter: 0
            case .addLearner: 1
            case .addWitness: 2
            case .remove: 3
            case .update: 4
            case .addPromotable: 5
            }
        }
    }

    /// How a change of several voters comes about.
    public enum Transition: Hashable, Traceable {
        /// In one step if it touches at most one voter, else by a joint configuration that ends by itself.
        case automatic
        /// By a joint configuration that ends by itself.
        case implicit
        /// By a joint configuration that ends by ``Command/leaveJoint(id:)``.
        case explicit

        /// Mixes the case in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .automatic: digest.mix(0 as UInt64)
            case .implicit: digest.mix(1 as UInt64)
            case .explicit: digest.mix(2 as UInt64)
            }
        }

        /// The name.
        public var description: String {
            switch self {
            case .automatic: "automatic"
            case .implicit: "implicit"
            case .explicit: "explicit"
            }
        }
    }

    /// Why a configuration cannot be changed so; the first six in the words of etcd-io/raft, package confchange.
    public enum ConfigurationError: UInt8, Error, Hashable, Sendable, CustomStringConvertible {
        /// Only a joint configuration can be left.
        case notJoint
        /// A joint configuration has to be left before the next one is entered.
        case alreadyJoint
        /// There is nobody who could agree to the change.
        case noVotersToMakeJoint
        /// A simple change cannot be made while two majorities decide.
        case simpleWhileJoint
        /// Nobody would be left to decide.
        case removesAllVoters
        /// Two majorities without a common node could arise.
        case severalVotersChanged
        /// There would be more than ``Settings/memberLimit`` members.
        case tooManyMembers

        /// The reason.
        public var description: String {
            switch self {
            case .notJoint: "can't leave a non-joint config"
            case .alreadyJoint: "config is already joint"
            case .noVotersToMakeJoint: "can't make a zero-voter config joint"
            case .simpleWhileJoint: "can't apply simple config change in joint config"
            case .removesAllVoters: "removed all voters"
            case .severalVotersChanged: "more than one voter changed without entering joint config"
            case .tooManyMembers: "more than 1024 members"
            }
        }
    }
}

/// The arithmetic of changes; nothing here knows of logs or of what is in force.
///
/// Source: etcd-io/raft, package confchange. Changes act on the incoming set alone; who still votes in the outgoing set
/// stays a member until that is left.
extension Raft.Configuration {
    /// This configuration after changes that touch at most one voter (thesis, section 4.1).
    ///
    /// - Complexity: O(n) for n members, for each change.
    public func simple(_ changes: [Raft.Change]) throws(Raft.ConfigurationError) -> Raft.Configuration {
        guard !isJoint else { throw .simpleWhileJoint }
        let changed = try applying(changes)
        guard voterDistance(to: changed) <= 1 else { throw .severalVotersChanged }
        return changed
    }

    /// The joint configuration in which this voter set and the changed one decide together (paper, section 6).
    ///
    /// - Parameters:
    ///   - leavesAutomatically: Whether it ends as soon as it is committed.
    ///   - changes: What is different in the incoming set.
    /// - Complexity: O(n) for n members, for each change.
    public func enterJoint(
        leavesAutomatically: Bool, _ changes: [Raft.Change]
    ) throws(Raft.ConfigurationError) -> Raft.Configuration {
        guard !isJoint else { throw .alreadyJoint }
        var joint = self
        for position in joint.members.indices where joint.members[position].duties.contains(.voter) {
            joint.members[position].duties.insert(.outgoing)
            joint.isJoint = true
        }
        guard joint.isJoint else { throw .noVotersToMakeJoint }
        joint.leavesAutomatically = leavesAutomatically
        return try joint.applying(changes)
    }

    /// The configuration in which the incoming set decides alone.
    ///
    /// - Complexity: O(members).
    public func leaveJoint() throws(Raft.ConfigurationError) -> Raft.Configuration {
        guard isJoint else { throw .notJoint }
        var final = Raft.Configuration()
        for member in members {
            var duties = member.duties.subtracting([.outgoing, .learnerNext])
            if member.duties.contains(.learnerNext) { duties.insert(.learner) }
            if !duties.isEmpty { final.members.append(Member(id: member.id, duties: duties)) }
        }
        return final
    }

    /// This configuration after changes, or the joint one that leads there.
    ///
    /// - Complexity: O(n) for n members, for each change.
    public func changed(
        by changes: [Raft.Change], _ transition: Raft.Transition
    ) throws(Raft.ConfigurationError) -> Raft.Configuration {
        switch transition {
        case .automatic:
            let joint = try enterJoint(leavesAutomatically: true, changes)
            return voterDistance(to: joint) <= 1 ? try simple(changes) : joint
        case .implicit: return try enterJoint(leavesAutomatically: true, changes)
        case .explicit: return try enterJoint(leavesAutomatically: false, changes)
        }
    }

    /// How many voters are in one of the two incoming sets only.
    ///
    /// - Complexity: O(members of both).
    func voterDistance(to other: Raft.Configuration) -> Int {
        var distance = 0
        for member in members where member.duties.contains(.voter) {
            if !other.duties(of: member.id).contains(.voter) { distance += 1 }
        }
        for member in other.members where member.duties.contains(.voter) {
            if !duties(of: member.id).contains(.voter) { distance += 1 }
        }
        return distance
    }

    private func applying(_ changes: [Raft.Change]) throws(Raft.ConfigurationError) -> Raft.Configuration {
        var result = self
        for change in changes { result.apply(change) }
        for member in result.members where member.duties.contains(.voter) {
            guard result.members.count <= Raft.Settings.memberLimit else { throw .tooManyMembers }
            return result
        }
        throw .removesAllVoters
    }

    private mutating func apply(_ change: Raft.Change) {
        // The number 0 names nobody; a change of it is passed over, as etcd does.
        guard change.node.rawValue != 0 else { return }
        switch change {
        case .addVoter(let node):
            assign(.voter, to: node)
            relieve(node, of: [.learner, .learnerNext, .witness, .promotable])
        case .addWitness(let node):
            assign(.voter, to: node)
            assign(.witness, to: node)
            relieve(node, of: [.learner, .learnerNext, .promotable])
        case .addLearner(let node):
            // A node that still votes in the outgoing set must not be a learner at the same time: it waits.
            assign(duties(of: node).contains(.outgoing) ? .learnerNext : .learner, to: node)
            relieve(node, of: [.voter, .witness, .promotable])
        case .addPromotable(let node):
            assign(duties(of: node).contains(.outgoing) ? .learnerNext : .learner, to: node)
            assign(.promotable, to: node)
            relieve(node, of: [.voter, .witness])
        case .remove(let node):
            relieve(node, of: [.voter, .learner, .learnerNext, .witness, .promotable])
        case .update:
            break
        }
    }
}

extension Raft.Change: WireCodable {
    /// Writes the case and the node.
    public func encode(into writer: inout WireWriter) {
        writer.byte(tag)
        writer.node(node)
    }

    /// Reads a change.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        let node = try reader.node()
        switch tag {
        case 0: self = .addVoter(node)
        case 1: self = .addLearner(node)
        case 2: self = .addWitness(node)
        case 3: self = .remove(node)
        case 4: self = .update(node)
        case 5: self = .addPromotable(node)
        default: throw .unknownTag(UInt64(tag))
        }
    }
}
