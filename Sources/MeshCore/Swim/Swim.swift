/// Failure detection and membership by random probing and rumours: each node learns who is in the group and who failed.
///
/// Load per node and the time to the first suspicion do not depend on the size of the group.
///
/// Source: Das, Gupta, Motivala, "SWIM: Scalable Weakly-consistent Infection-style Process Group Membership Protocol",
/// DSN 2002: sections 3.1 (probing), 4.1 (rumours on probes), 4.2 (suspicion), 4.3 (round-robin order).
///
/// Deviation: a dead member comes back by a higher incarnation, as in memberlist; in the paper death is final. Rumours
/// also travel on a tick of their own, views are compared from time to time, and a member can leave; see
/// ``Settings``.
public enum Swim {}

extension Swim {
    /// What is believed about a member.
    ///
    /// At one incarnation a later status overrides an earlier one.
    public enum Status: UInt8, Sendable, CaseIterable, CustomStringConvertible {
        /// It answers.
        case alive = 0
        /// A probe of it failed; it has until the suspicion timeout to show that it lives.
        case suspect = 1
        /// The suspicion was not refuted in time.
        case dead = 2
        /// It said good-bye.
        case left = 3

        /// The status as scenarios write it.
        public var description: String {
            switch self {
            case .alive: "alive"
            case .suspect: "suspect"
            case .dead: "dead"
            case .left: "left"
            }
        }

        /// Whether the member still takes part: alive or suspect.
        public var isLive: Bool { self == .alive || self == .suspect }
    }

    /// How often a member had to contradict a belief about itself.
    ///
    /// Only the member itself raises it. Source: paper, section 4.2.
    public struct Incarnation: Hashable, Sendable, Comparable, CustomStringConvertible {
        /// The number.
        public let rawValue: UInt32

        /// Creates the incarnation with this number.
        public init(_ rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// The incarnation of a member that never had to contradict.
        public static var zero: Incarnation { Incarnation(0) }

        /// The last incarnation; a belief held at this one cannot be contradicted any more.
        public static var limit: Incarnation { Incarnation(UInt32.max) }

        /// The next incarnation; saturates at ``limit``.
        public var next: Incarnation { self == .limit ? self : Incarnation(rawValue + 1) }

        /// Orders incarnations by number.
        public static func < (left: Incarnation, right: Incarnation) -> Bool {
            left.rawValue < right.rawValue
        }

        /// The number.
        public var description: String { "\(rawValue)" }
    }

    /// A belief about some member: a status at an incarnation.
    public struct Claim: Hashable, Sendable {
        /// What is believed.
        public var status: Status
        /// The incarnation of the member that it is believed of.
        public var incarnation: Incarnation

        /// Creates a claim.
        public init(_ status: Status, _ incarnation: Incarnation) {
            self.status = status
            self.incarnation = incarnation
        }

        /// Whether this claim replaces another about the same member.
        ///
        /// The higher incarnation wins; at one incarnation alive gives way to suspect, suspect to dead, dead to left.
        /// The order is total, so nodes that saw the same claims in any order believe the same.
        ///
        /// Source: paper, section 4.2. Deviation: there a dead member overrides every incarnation; here only the same
        /// and lower ones, so that a member that was declared dead wrongly, or came back, can say so.
        public func overrides(_ other: Claim) -> Bool {
            if incarnation != other.incarnation { return incarnation > other.incarnation }
            return status.rawValue > other.status.rawValue
        }
    }

    /// A rumour: a claim about a named member.
    public struct Update: Hashable, Sendable, CustomStringConvertible {
        /// Whom the claim is about.
        public let node: NodeID
        /// Whose probe failed, when the claim is a suspicion; node 0 when nobody says so.
        ///
        /// Suspicions of different accusers are independent and shorten the suspect's time. Source: Lifeguard (arXiv
        /// 1707.00788), section IV, LHA-Suspicion.
        public let accuser: NodeID
        /// What is believed.
        public let status: Status
        /// The incarnation that it is believed of.
        public let incarnation: Incarnation

        /// Creates a rumour.
        ///
        /// - Parameter accuser: Whose probe failed; kept for a suspicion only.
        public init(_ node: NodeID, _ status: Status, _ incarnation: Incarnation, by accuser: NodeID? = nil) {
            self.node = node
            self.status = status
            self.incarnation = incarnation
            self.accuser = status == .suspect ? accuser ?? NodeID(0) : NodeID(0)
        }

        /// The claim without its subject.
        public var claim: Claim { Claim(status, incarnation) }

        /// The rumour as text, such as `n3 suspect@2 by n4`.
        public var description: String {
            let by = accuser.rawValue == 0 ? "" : " by \(accuser)"
            return "\(node) \(status)@\(incarnation)\(by)"
        }
    }
}
