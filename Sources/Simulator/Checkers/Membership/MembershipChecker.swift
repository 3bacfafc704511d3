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

    /// All of them.
    public static var all: [Promise] { [transitions, completeness, accuracy] }
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
/// - Complexity: O(1) for each report; judging the end of a run takes O(n²). Memory: one byte for each pair of nodes.
public struct MembershipChecker: Sendable {
    /// The first break of each promise that was broken, in the order in which they were noticed.
    public private(set) var violations: [Violation] = []
    /// How often a node that was up was declared dead.
    public private(set) var falseDeathCount: UInt64 = 0
    /// How often a node that was up was suspected.
    public private(set) var falseSuspicionCount: UInt64 = 0

    private let nodeCount: Int
    private var beliefs: [Belief]

    /// Creates a checker for nodes numbered from 1.
    public init(nodeCount: Int) {
        self.nodeCount = nodeCount
        self.beliefs = [Belief](repeating: .unknown, count: nodeCount * nodeCount)
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

    /// A node forgot everything it thought.
    public mutating func restarted(_ node: NodeID) {
        for subject in 0..<nodeCount {
            beliefs[(Int(truncatingIfNeeded: node.rawValue) - 1) * nodeCount + subject] = .unknown
        }
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
