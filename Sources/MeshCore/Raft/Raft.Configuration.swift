extension Raft {
    /// Who belongs to a group, and who of them decides.
    ///
    /// Usually one majority, that of the voters, elects and commits. While the group moves from one voter set to
    /// another, the configuration is joint: the majority of the incoming voters *and* that of the outgoing ones decide,
    /// so that no two majorities without a common node ever act apart (paper, section 6). Learners are replicated to
    /// and decide nothing.
    ///
    /// Every value of this type is well formed: members ascend, nobody is both voter and learner, and only a voter of
    /// the outgoing set waits to become a learner.
    public struct Configuration: Hashable, Sendable {
        /// What a member is for.
        public struct Duties: OptionSet, Hashable, Sendable {
            /// The bits.
            public let rawValue: UInt8

            /// Creates the duties with these bits.
            @inlinable
            public init(rawValue: UInt8) {
                self.rawValue = rawValue
            }

            /// Votes in the incoming set, which is the only one unless the configuration is joint.
            @inlinable
            public static var voter: Duties { Duties(rawValue: 1) }
            /// Votes in the outgoing set of a joint configuration.
            @inlinable
            public static var outgoing: Duties { Duties(rawValue: 2) }
            /// Is replicated to and decides nothing.
            @inlinable
            public static var learner: Duties { Duties(rawValue: 4) }
            /// Becomes a learner when the outgoing set is left.
            @inlinable
            public static var learnerNext: Duties { Duties(rawValue: 8) }
            /// Votes without keeping commands; only together with ``voter``.
            @inlinable
            public static var witness: Duties { Duties(rawValue: 16) }
            /// Becomes a voter by itself; only together with ``learner`` or ``learnerNext``.
            @inlinable
            public static var promotable: Duties { Duties(rawValue: 32) }
        }

        /// A node and what it is for.
        public struct Member: Hashable, Sendable {
            /// The node.
            public let id: NodeID
            /// What it is for; never nothing.
            public internal(set) var duties: Duties
        }

        /// Everyone who is replicated to, ascending.
        public internal(set) var members: [Member]
        /// Whether two majorities decide.
        public internal(set) var isJoint: Bool
        /// Whether a joint configuration is left as soon as it is committed, without being told.
        public internal(set) var leavesAutomatically: Bool

        /// Creates the configuration of nobody.
        public init() {
            self.members = []
            self.isJoint = false
            self.leavesAutomatically = false
        }

        /// Creates a configuration of these nodes, in any order.
        ///
        /// A node that is named as a voter of either set is no learner; one that waits to become a learner without
        /// being an outgoing voter is one at once; a witness that is no incoming voter is left out.
        ///
        /// - Parameters:
        ///   - voters: The incoming voters.
        ///   - outgoing: The outgoing voters; with any the configuration is joint.
        ///   - learners: Who is replicated to only.
        ///   - learnersNext: Which outgoing voters become learners when the outgoing set is left.
        ///   - witnesses: Which incoming voters keep no commands.
        ///   - leavesAutomatically: Whether a joint configuration ends by itself.
        /// - Complexity: O(n²) for n nodes at worst, O(n) when each list ascends.
        public init(
            voters: [NodeID], outgoing: [NodeID] = [], learners: [NodeID] = [], learnersNext: [NodeID] = [],
            witnesses: [NodeID] = [], leavesAutomatically: Bool = false
        ) {
            self.init()
            for node in voters { assign(.voter, to: node) }
            for node in outgoing { assign(.outgoing, to: node) }
            for node in witnesses where duties(of: node).contains(.voter) { assign(.witness, to: node) }
            for node in learnersNext where !duties(of: node).contains(.voter) {
                assign(duties(of: node).contains(.outgoing) ? .learnerNext : .learner, to: node)
            }
            for node in learners where duties(of: node).isDisjoint(with: [.voter, .outgoing]) {
                assign(.learner, to: node)
            }
            isJoint = !outgoing.isEmpty
            self.leavesAutomatically = leavesAutomatically && isJoint
        }

        /// The incoming voters, ascending.
        ///
        /// - Complexity: O(members).
        public var voters: [NodeID] { nodes(.voter) }

        /// The outgoing voters, ascending; none unless the configuration is joint.
        ///
        /// - Complexity: O(members).
        public var outgoing: [NodeID] { nodes(.outgoing) }

        /// The learners, ascending.
        ///
        /// - Complexity: O(members).
        public var learners: [NodeID] { nodes(.learner) }

        /// The outgoing voters that become learners when the outgoing set is left, ascending.
        ///
        /// - Complexity: O(members).
        public var learnersNext: [NodeID] { nodes(.learnerNext) }

        /// The voters that keep no commands, ascending.
        ///
        /// - Complexity: O(members).
        public var witnesses: [NodeID] { nodes(.witness) }

        /// Whether nobody belongs to it.
        public var isEmpty: Bool { members.isEmpty }

        /// What a node is for; nothing if it is no member.
        ///
        /// - Complexity: O(log members).
        public func duties(of node: NodeID) -> Duties {
            position(of: node).map { members[$0].duties } ?? []
        }

        /// Whether a node votes in either set.
        ///
        /// - Complexity: O(log members).
        public func isVoter(_ node: NodeID) -> Bool { !duties(of: node).isDisjoint(with: [.voter, .outgoing]) }

        /// The members with this duty, ascending.
        private func nodes(_ duty: Duties) -> [NodeID] {
            var result: [NodeID] = []
            for member in members where member.duties.contains(duty) { result.append(member.id) }
            return result
        }
    }
}

extension Raft.Configuration {
    /// The first place in ``members`` whose node is not before `node`.
    private func place(of node: NodeID) -> Int {
        if let last = members.last, last.id < node { return members.count }
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) >> 1
            if members[middle].id < node { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where a member stands in ``members``.
    ///
    /// - Complexity: O(log members).
    func position(of node: NodeID) -> Int? {
        let place = place(of: node)
        return place < members.count && members[place].id == node ? place : nil
    }

    /// Gives a node one more duty.
    mutating func assign(_ duty: Duties, to node: NodeID) {
        let place = place(of: node)
        if place < members.count, members[place].id == node {
            members[place].duties.insert(duty)
        } else {
            members.insert(Member(id: node, duties: duty), at: place)
        }
    }

    /// Takes duties from a node, and the node from the members when it has none left.
    mutating func relieve(_ node: NodeID, of duties: Duties) {
        guard let position = position(of: node) else { return }
        members[position].duties.subtract(duties)
        if members[position].duties.isEmpty { members.remove(at: position) }
    }

    /// Whether the parts belong together; what this module builds does, what a stranger wrote may not.
    private var isWellFormed: Bool {
        var outgoingCount = 0
        var previous: NodeID?
        for member in members {
            if let previous, member.id <= previous { return false }
            previous = member.id
            let duties = member.duties
            let isVoter = duties.contains(.voter)
            let isOutgoing = duties.contains(.outgoing)
            guard !duties.isEmpty, duties.rawValue < 64 else { return false }
            if duties.contains(.learner) && !duties.subtracting([.learner, .promotable]).isEmpty { return false }
            if duties.contains(.promotable) && duties.isDisjoint(with: [.learner, .learnerNext]) { return false }
            if duties.contains(.learnerNext) && (isVoter || !isOutgoing) { return false }
            if duties.contains(.witness) && !isVoter { return false }
            if isOutgoing { outgoingCount += 1 }
        }
        return isJoint == (outgoingCount > 0) && (isJoint || !leavesAutomatically)
    }
}

extension Raft.Configuration: Traceable {
    /// Mixes every member and its duties in.
    public func digest(into digest: inout Digest) {
        digest.mix(members.count)
        for member in members {
            digest.mix(member.id)
            digest.mix(UInt64(member.duties.rawValue))
        }
        digest.mix(leavesAutomatically)
    }

    /// The sets that are not empty, such as `voters n1 n2 n3, outgoing n1 n2, learners n4`.
    public var description: String {
        var text = "voters"
        if voters.isEmpty { text += " none" }
        for node in voters { text += " \(node)" }
        if leavesAutomatically { text += " soon" }
        Self.add("outgoing", outgoing, to: &text)
        Self.add("learners", learners, to: &text)
        Self.add("learners next", learnersNext, to: &text)
        Self.add("witnesses", witnesses, to: &text)
        return text
    }

    private static func add(_ name: String, _ nodes: [NodeID], to text: inout String) {
        guard !nodes.isEmpty else { return }
        text += ", \(name)"
        for node in nodes { text += " \(node)" }
    }
}

extension Raft.Configuration: WireCodable {
    /// Writes the members, each with its duties, and whether a joint configuration ends by itself.
    public func encode(into writer: inout WireWriter) {
        writer.number(members.count)
        for member in members {
            writer.node(member.id)
            writer.byte(member.duties.rawValue)
        }
        writer.flag(leavesAutomatically)
    }

    /// Reads a configuration; there is one spelling for each.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        let count = try reader.count(each: 2, limit: Raft.Settings.memberLimit)
        members.reserveCapacity(count)
        for _ in 0..<count {
            let id = try reader.node()
            let duties = Duties(rawValue: try reader.byte())
            members.append(Member(id: id, duties: duties))
            if duties.contains(.outgoing) { isJoint = true }
        }
        leavesAutomatically = try reader.flag()
        guard isWellFormed else { throw .invalid("a configuration that contradicts itself") }
    }
}
