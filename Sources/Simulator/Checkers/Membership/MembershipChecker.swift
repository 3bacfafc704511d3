public import MeshCore

/// What failure detection promises, by SWIM or by heartbeats.
public enum MembershipPromises {
    /// A change is reported once.
    public static var transitions: Promise {
        Promise("swim-transitions", "each change of a member's status is reported exactly once")
    }
    /// Whoever is gone is known to be gone.
    public static var completeness: Promise {
        Promise("swim-completeness", "a node that stays down is dead in the eyes of every node that is up")
    }
    /// Whoever is there is known to be there.
    public static var accuracy: Promise {
        Promise("swim-accuracy", "in a network that has healed, a node that is up is alive in the eyes of every other")
    }

    /// Nobody rises by an old word.
    public static var noResurrection: Promise {
        Promise("swim-no-resurrection", "a member that died or left is alive again only by a higher incarnation")
    }
    /// Whoever is taken for dead is told.
    public static var contradiction: Promise {
        Promise("swim-contradiction", "a node that is up and probes another is not held for dead by it for long")
    }
    /// Rumours end.
    public static var silence: Promise {
        Promise("swim-silence", "nodes that have nothing new to tell stop telling")
    }

    /// What a member tells of itself arrives.
    public static var metadata: Promise {
        Promise("swim-metadata", "a node that is up knows what every other one last told of itself")
    }

    /// What is judged when a run has ended quietly.
    public static var quiet: [Promise] { [completeness, accuracy, contradiction, silence, metadata] }

    /// All of them.
    public static var all: [Promise] { [transitions, noResurrection] + quiet + rumours }
}

/// What one node thinks of another, whichever protocol told it.
public enum Belief: UInt8, Sendable {
    /// It has never heard of it.
    case unknown
    /// It is there.
    case alive
    /// It does not answer.
    case suspect
    /// It is gone.
    case dead
    /// It said good-bye.
    case left
}

/// Watches the promises of failure detection over a whole cluster.
///
/// - Complexity: O(1) for each report; judging the end of a run takes O(n²). Memory: one byte for each pair of nodes,
///   nine as soon as anybody has died.
public struct MembershipChecker: Sendable {
    /// The first break of each promise that was broken, in the order in which they were noticed.
    public private(set) var violations: [Violation] = []
    /// How often a node that was up was declared dead.
    public private(set) var falseDeathCount: UInt64 = 0
    /// How often a node that was up was suspected.
    public private(set) var falseSuspicionCount: UInt64 = 0

    private let nodeCount: Int
    private var beliefs: [Belief]
    /// The incarnation at which each node last held each other for gone, plus one; 0 when it never did.
    private var graves: [UInt64]

    /// Creates a checker for nodes numbered from 1.
    public init(nodeCount: Int) {
        self.nodeCount = nodeCount
        self.beliefs = [Belief](repeating: .unknown, count: nodeCount * nodeCount)
        self.graves = []
    }

    private func place(_ observer: NodeID, _ subject: NodeID) -> Int {
        (Int(truncatingIfNeeded: observer.rawValue) - 1) * nodeCount + Int(truncatingIfNeeded: subject.rawValue) - 1
    }

    private func isKnown(_ node: NodeID) -> Bool {
        node.rawValue >= 1 && node.rawValue <= UInt64(UInt(bitPattern: nodeCount))
    }

    /// What a node was last reported to think of another.
    public func belief(of observer: NodeID, about subject: NodeID) -> Belief { beliefs[place(observer, subject)] }

    /// A node reports that it thinks otherwise of a member.
    ///
    /// - Parameter isUp: Whether the member runs.
    public mutating func reported(_ belief: Belief, about subject: NodeID, isUp: Bool, _ occasion: Occasion) {
        guard isKnown(subject), subject != occasion.node else { return }
        let place = place(occasion.node, subject)
        if beliefs[place] == belief && violations.isEmpty {
            violations.append(
                Violation(
                    MembershipPromises.transitions,
                    "\(occasion.node) reported twice that \(subject) is \(Self.name(belief))",
                    evidence: [occasion.evidence("reports \(subject) \(Self.name(belief)) again")]))
        }
        beliefs[place] = belief
        guard isUp else { return }
        switch belief {
        case .dead: falseDeathCount += 1
        case .suspect: falseSuspicionCount += 1
        case .unknown, .alive, .left: break
        }
    }

    /// Of which incarnation of a member a node believes what it has just reported; of nothing but its last word.
    public mutating func held(
        _ belief: Belief, about subject: NodeID, _ incarnation: Swim.Incarnation, _ occasion: Occasion
    ) {
        guard isKnown(subject), subject != occasion.node else { return }
        let place = place(occasion.node, subject)
        let mark = UInt64(incarnation.rawValue) + 1
        switch belief {
        case .dead, .left:
            if graves.isEmpty { graves = [UInt64](repeating: 0, count: nodeCount * nodeCount) }
            graves[place] = mark
        case .alive:
            guard !graves.isEmpty, graves[place] >= mark, violations.isEmpty else { return }
            violations.append(
                Violation(
                    MembershipPromises.noResurrection,
                    "\(occasion.node) holds \(subject) for alive at \(incarnation), having held it for gone at "
                        + "\(graves[place] - 1)",
                    evidence: [occasion.evidence("reports \(subject) alive again")]))
        case .unknown, .suspect: break
        }
    }

    /// A node forgot everything it thought, and begins a new life in the eyes of those who forgot it.
    public mutating func restarted(_ node: NodeID) {
        let position = Int(truncatingIfNeeded: node.rawValue) - 1
        for other in 0..<nodeCount {
            beliefs[position * nodeCount + other] = .unknown
            guard !graves.isEmpty else { continue }
            graves[position * nodeCount + other] = 0
            graves[other * nodeCount + position] = 0
        }
    }

    /// Judges whether whoever is held for dead, and holds the other for alive, had the time to hear of it.
    public func judgeContradiction(
        observers: [NodeID], at time: Instant, belief: (NodeID, NodeID) -> Belief
    ) -> Violation? {
        for observer in observers {
            for subject in observers where subject != observer {
                guard belief(observer, subject) == .dead, belief(subject, observer) == .alive else { continue }
                return Violation(
                    MembershipPromises.contradiction, "\(observer) holds \(subject) for dead, which probes it",
                    evidence: [Evidence(event: 0, time: time, node: subject, "was never told, or did not contradict")])
            }
        }
        return nil
    }

    /// Judges whether the rumours have ended.
    public func judgeSilence(observers: [NodeID], at time: Instant, rumors: (NodeID) -> Int) -> Violation? {
        for observer in observers where rumors(observer) > 0 {
            return Violation(
                MembershipPromises.silence, "\(observer) still repeats \(rumors(observer)) rumours",
                evidence: [Evidence(event: 0, time: time, node: observer, "nothing has happened for long")])
        }
        return nil
    }

    /// Judges whether everybody knows what everybody last told of itself.
    ///
    /// - Parameter metadata: What the first holds of the second; of itself, what it told last.
    public func judgeMetadata(
        observers: [NodeID], at time: Instant, metadata: (NodeID, NodeID) -> Swim.Metadata
    ) -> Violation? {
        for subject in observers {
            let told = metadata(subject, subject)
            for observer in observers where observer != subject {
                let held = metadata(observer, subject)
                guard held != told else { continue }
                return Violation(
                    MembershipPromises.metadata,
                    "\(observer) holds \(held) of \(subject), which last told \(told)",
                    evidence: [Evidence(event: 0, time: time, node: observer, "was not told, or did not keep it")])
            }
        }
        return nil
    }

    /// Judges what nodes think after the world had time to settle.
    ///
    /// - Parameters:
    ///   - observers: The nodes that are up and are members.
    ///   - gone: The nodes that were up once and are down.
    ///   - belief: What a node thinks of another now.
    /// - Returns: What is wrong, if anything.
    public func judge(
        observers: [NodeID], gone: [NodeID], at time: Instant, belief: (NodeID, NodeID) -> Belief
    ) -> (completeness: Violation?, accuracy: Violation?) {
        var result: (completeness: Violation?, accuracy: Violation?) = (nil, nil)
        for observer in observers {
            for subject in gone where result.completeness == nil {
                let belief = belief(observer, subject)
                guard belief == .alive || belief == .suspect else { continue }
                result.completeness = Violation(
                    MembershipPromises.completeness, "\(observer) still holds \(subject) for \(Self.name(belief))",
                    evidence: [Evidence(event: 0, time: time, node: observer, "\(subject) is down")])
            }
            for subject in observers where subject != observer && result.accuracy == nil {
                let belief = belief(observer, subject)
                guard belief != .alive else { continue }
                result.accuracy = Violation(
                    MembershipPromises.accuracy, "\(observer) holds \(subject) for \(Self.name(belief)), but it is up",
                    evidence: [Evidence(event: 0, time: time, node: observer, "\(subject) is up and reachable")])
            }
        }
        return result
    }

    /// A belief in words.
    public static func name(_ belief: Belief) -> String {
        switch belief {
        case .unknown: "unknown"
        case .alive: "alive"
        case .suspect: "suspect"
        case .dead: "dead"
        case .left: "left"
        }
    }
}
