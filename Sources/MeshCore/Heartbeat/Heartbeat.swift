/// Failure detection by heartbeats between all pairs, for small meshes: every node tells every peer that it lives, and
/// counts how long it has heard nothing.
///
/// Each node sends and receives as many messages per interval as it has peers; above some dozens of nodes ``Swim``
/// costs less and detects as fast.
public enum Heartbeat {}

extension Heartbeat {
    /// What is believed about a peer.
    public enum Status: UInt8, Sendable, CaseIterable, CustomStringConvertible {
        /// Not heard of yet, or it said good-bye.
        case disconnected = 0
        /// Heard within the suspect timeout.
        case connected = 1
        /// Silent for the suspect timeout.
        case suspect = 2
        /// Silent for the dead timeout.
        case dead = 3

        /// The status as scenarios write it.
        public var description: String {
            switch self {
            case .disconnected: "disconnected"
            case .connected: "connected"
            case .suspect: "suspect"
            case .dead: "dead"
            }
        }
    }

    /// How often a node beats and how long it waits for others.
    public struct Settings: Hashable, Sendable {
        /// The time between two heartbeats, 5 s.
        public var interval: Interval = .seconds(5)
        /// The silence after which a peer is suspect, 15 s: three heartbeats.
        ///
        /// At 10 % loss three heartbeats in a row are lost once in a thousand times.
        public var suspectTimeout: Interval = .seconds(15)
        /// The silence after which a peer is dead, 30 s: six heartbeats.
        public var deadTimeout: Interval = .seconds(30)
        /// Learns how regularly each peer is heard instead of waiting for the two timeouts; `nil` is the default.
        public var phi: PhiAccrual?

        /// Creates the default settings.
        public init() {}

        /// Checks that the settings make sense together.
        ///
        /// - Throws: The first rule that is broken, with the way out in its text.
        public func check() throws(SettingsError) {
            guard interval > .zero else { throw .intervalNotPositive(interval) }
            if let phi { return try phi.check() }
            guard suspectTimeout > interval else {
                throw .suspectTimeoutTooShort(suspectTimeout, interval: interval)
            }
            guard deadTimeout > suspectTimeout else {
                throw .deadTimeoutTooShort(deadTimeout, suspectTimeout: suspectTimeout)
            }
        }
    }

    /// Why settings are refused.
    public enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
        /// The interval is zero or negative.
        case intervalNotPositive(Interval)
        /// A peer would be suspect before its next heartbeat is due.
        case suspectTimeoutTooShort(Interval, interval: Interval)
        /// A peer would be dead before it is suspect.
        case deadTimeoutTooShort(Interval, suspectTimeout: Interval)
        /// A threshold of phi is outside 1 to 16.
        case thresholdOutOfRange(Int)
        /// A peer would be dead before it is suspect, by phi.
        case thresholdsNotInOrder(suspect: Int, dead: Int)
        /// The window of phi is outside 2 to 10,000.
        case windowOutOfRange(Int)
        /// The smallest deviation or the pause of phi is negative.
        case phiNegative(Interval)

        /// The reason and the way out, as a sentence.
        public var description: String {
            switch self {
            case .intervalNotPositive(let interval):
                "interval is \(interval); give a time above 0"
            case .suspectTimeoutTooShort(let timeout, let interval):
                "suspectTimeout \(timeout) does not reach the next heartbeat after \(interval); give three intervals"
            case .deadTimeoutTooShort(let timeout, let suspectTimeout):
                "deadTimeout \(timeout) is not above suspectTimeout \(suspectTimeout); give twice as much"
            case .thresholdOutOfRange(let threshold): "a threshold of phi is \(threshold); give 1 to 16"
            case .thresholdsNotInOrder(let suspect, let dead):
                "deadThreshold \(dead) is not above suspectThreshold \(suspect); give half as much again"
            case .windowOutOfRange(let window): "the window of phi is \(window); give 2 to 10000"
            case .phiNegative(let interval): "a deviation or a pause of phi is \(interval); give at least 0"
            }
        }
    }

    /// The timers of a node.
    public enum Timer: Traceable, Hashable {
        /// The next heartbeat is due.
        case interval
        /// The earliest peer may have been silent for too long.
        case silence

        /// Mixes the name in.
        public func digest(into digest: inout Digest) { digest.mix(self == .silence) }

        /// The name.
        public var description: String {
            switch self {
            case .interval: "interval"
            case .silence: "silence"
            }
        }
    }

    /// What the embedding program asks of a node.
    public enum Command: Traceable, Hashable {
        /// Begins to watch a peer and sends it a heartbeat at once.
        case addPeer(NodeID)
        /// Stops watching a peer.
        case removePeer(NodeID)
        /// Says good-bye to all peers and stops every timer, until the next ``Input/restarted``.
        case stop

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .addPeer(let peer):
                digest.mix(0 as UInt64)
                digest.mix(peer)
            case .removePeer(let peer):
                digest.mix(1 as UInt64)
                digest.mix(peer)
            case .stop: digest.mix(2 as UInt64)
            }
        }

        /// One short line, such as `add n3`.
        public var description: String {
            switch self {
            case .addPeer(let peer): "add \(peer)"
            case .removePeer(let peer): "remove \(peer)"
            case .stop: "stop"
            }
        }
    }

    /// What a node tells the embedding program; each change of a status once.
    public enum Output: Traceable, Hashable {
        /// A peer was heard for the first time, or again after its good-bye.
        case connected(NodeID)
        /// A peer has been silent for the suspect timeout.
        case suspect(NodeID)
        /// A peer has been silent for the dead timeout.
        case dead(NodeID)
        /// A suspect or dead peer was heard again.
        case recovered(NodeID)
        /// A peer said good-bye.
        case disconnected(NodeID)
        /// An input was thrown away.
        case ignored(IgnoreReason)

        /// Mixes every field in.
        public func digest(into digest: inout Digest) {
            switch self {
            case .connected(let peer): mix(0, peer.rawValue, into: &digest)
            case .suspect(let peer): mix(1, peer.rawValue, into: &digest)
            case .dead(let peer): mix(2, peer.rawValue, into: &digest)
            case .recovered(let peer): mix(3, peer.rawValue, into: &digest)
            case .disconnected(let peer): mix(4, peer.rawValue, into: &digest)
            case .ignored(let reason): mix(5, UInt64(reason.rawValue), into: &digest)
            }
        }

        private func mix(_ tag: UInt64, _ value: UInt64, into digest: inout Digest) {
            digest.mix(tag)
            digest.mix(value)
        }

        /// One short line, such as `suspect n3`.
        public var description: String {
            switch self {
            case .connected(let peer): "connected \(peer)"
            case .suspect(let peer): "suspect \(peer)"
            case .dead(let peer): "dead \(peer)"
            case .recovered(let peer): "recovered \(peer)"
            case .disconnected(let peer): "disconnected \(peer)"
            case .ignored(let reason): "ignored: \(reason)"
            }
        }
    }

    /// Why an input was thrown away.
    public enum IgnoreReason: UInt8, Sendable, CaseIterable, CustomStringConvertible {
        /// The message comes from a node that is not watched.
        case unknownPeer = 0
        /// The message is a double, or was overtaken by a later one.
        case stale = 1
        /// The command names this node, node 0, or a peer that is (or is not) watched already.
        case pointlessCommand = 2

        /// The reason as half a sentence.
        public var description: String {
            switch self {
            case .unknownPeer: "a message from a node that is not watched"
            case .stale: "a double or an overtaken message"
            case .pointlessCommand: "a command that changes nothing"
            }
        }
    }
}
