public import MeshCore

extension MembershipPromises {
    /// Rumours are told as often as they should be.
    public static var copies: Promise {
        Promise("swim-copies", "a node tells a rumour at most as often as the retransmit limit allows")
    }
    /// Nobody is declared dead too early.
    public static var patience: Promise {
        Promise("swim-patience", "who declares a suspect dead has waited as long as the number of its accusers demands")
    }

    /// What is watched message by message, and only when it is demanded.
    public static var rumours: [Promise] { [copies, patience] }
}

/// Watches what SWIM nodes tell each other: how often, and who accused whom before somebody was declared dead.
///
/// It looks into every message, so that it is kept only for a run that demands its promises. Patience is judged in a
/// group of at most ten, whose suspicions do not scale with its size, and for the first node that declares a death.
///
/// - Complexity: O(log n) for each rumour in a message, and O(n) when it is told for the first time, in the number of
///   rumours of the run.
public struct RumourChecker: Sendable {
    /// The first break of each promise, in the order in which they were noticed.
    public private(set) var violations: [Violation] = []

    private let nodeCount: Int
    private var copies = SortedMap<Rumour, Int>()
    private var accusers = SortedMap<Accused, [NodeID]>()
    private var suspicions = SortedMap<Pair, Suspicion>()
    private var dead = SortedMap<Accused, Bool>()

    /// A rumour as one node tells it.
    private struct Rumour: Comparable, Sendable {
        var teller: NodeID
        var subject: NodeID
        var claim: UInt64
        var accuser: NodeID

        static func < (left: Rumour, right: Rumour) -> Bool {
            if left.teller != right.teller { return left.teller < right.teller }
            if left.subject != right.subject { return left.subject < right.subject }
            return left.claim != right.claim ? left.claim < right.claim : left.accuser < right.accuser
        }
    }

    /// A member at one of its incarnations.
    private struct Accused: Comparable, Sendable {
        var subject: NodeID
        var incarnation: Swim.Incarnation

        static func < (left: Accused, right: Accused) -> Bool {
            left.subject != right.subject ? left.subject < right.subject : left.incarnation < right.incarnation
        }
    }

    private struct Pair: Comparable, Sendable {
        var observer: NodeID
        var subject: NodeID

        static func < (left: Pair, right: Pair) -> Bool {
            left.observer != right.observer ? left.observer < right.observer : left.subject < right.subject
        }
    }

    private struct Suspicion: Sendable {
        var start: Instant
        var liveCount: Int
    }

    /// Creates a checker for nodes numbered from 1.
    public init(nodeCount: Int) { self.nodeCount = nodeCount }

    /// A node lost its memory.
    public mutating func restarted(_ node: NodeID) {
        copies.removeAll { $0.teller == node }
        suspicions.removeAll { $0.observer == node }
        // Its earlier lives were accused and dead at the same incarnations.
        accusers.removeAll { $0.subject == node }
        dead.removeAll { $0.subject == node }
    }

    /// A node sends a message.
    public mutating func told(
        _ message: Swim.Message, to peer: NodeID, _ settings: Swim.Settings, _ occasion: Occasion
    ) {
        for update in message.updates where update.status == .suspect && update.accuser == occasion.node {
            note(occasion.node, accuses: Accused(subject: update.node, incarnation: update.incarnation))
        }
        // Other messages carry claims that are owed to the receiver, whatever was told before.
        guard case .gossip = message.purpose else { return }
        let limit = settings.copies(liveCount: nodeCount)
        for update in message.updates where update.node != peer {
            let claim = UInt64(update.incarnation.rawValue) << 2 | UInt64(update.status.rawValue)
            let rumour = Rumour(
                teller: occasion.node, subject: update.node, claim: claim, accuser: update.accuser)
            let count = (copies[rumour] ?? 0) + 1
            copies[rumour] = count
            guard count > limit, violations.isEmpty else { continue }
            violations.append(
                Violation(
                    MembershipPromises.copies, "\(occasion.node) tells \(update) for the \(count)th time, of \(limit)",
                    evidence: [occasion.evidence("tells it once more")]))
        }
    }

    private mutating func note(_ accuser: NodeID, accuses accused: Accused) {
        var known = accusers[accused] ?? []
        guard !known.contains(accuser) else { return }
        known.append(accuser)
        accusers[accused] = known
    }

    /// A node reports that it suspects a member.
    public mutating func suspected(_ subject: NodeID, by node: Swim.Node, _ occasion: Occasion) {
        let pair = Pair(observer: occasion.node, subject: subject)
        suspicions[pair] = Suspicion(start: occasion.time, liveCount: node.liveCount)
    }

    /// A node reports that it holds a member for dead.
    public mutating func buried(_ subject: NodeID, by node: Swim.Node, _ occasion: Occasion) {
        guard let incarnation = node.incarnation(of: subject) else { return }
        let accused = Accused(subject: subject, incarnation: incarnation)
        guard dead[accused] == nil else { return }
        dead[accused] = true
        guard nodeCount <= 10, let suspicion = suspicions[Pair(observer: occasion.node, subject: subject)] else {
            return
        }
        note(occasion.node, accuses: accused)
        let confirmations = max(0, (accusers[accused]?.count ?? 1) - 1)
        let liveCount = min(suspicion.liveCount, node.liveCount)
        let demanded = node.settings.suspicionTimeout(liveCount: liveCount, confirmations: confirmations)
        let waited = occasion.time - suspicion.start
        // Clocks may run a little faster than time.
        guard waited < demanded - demanded / 50, violations.isEmpty else { return }
        violations.append(
            Violation(
                MembershipPromises.patience,
                "\(occasion.node) holds \(subject) for dead after \(waited); \(confirmations + 1) accusers demand "
                    + "\(demanded)",
                evidence: [occasion.evidence("declares \(subject) dead")]))
    }
}

extension SortedMap {
    /// Removes the entries of some keys.
    fileprivate mutating func removeAll(where isGone: (Key) -> Bool) {
        for key in keys where isGone(key) { _ = removeValue(forKey: key) }
    }
}
