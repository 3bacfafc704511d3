public import MeshCore

/// A promise that a protocol makes and a checker watches over.
public struct Promise: Hashable, Sendable, CustomStringConvertible {
    /// The name by which scenarios call it, such as `raft-election-safety`.
    public let name: StaticString
    /// The promise, as a sentence.
    public let sentence: StaticString

    /// Creates a promise.
    public init(_ name: StaticString, _ sentence: StaticString) {
        self.name = name
        self.sentence = sentence
    }

    /// The name.
    public var description: String { name.description }

    /// The name as bytes, for comparisons.
    public var key: Bytes { Bytes(stringLiteral: name) }

    /// Two promises are equal when they have the same name.
    public static func == (left: Promise, right: Promise) -> Bool { left.key == right.key }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// One thing that happened, as evidence for a broken promise.
public struct Evidence: Equatable, Sendable {
    /// The number of the event; 0 for something outside the machines, such as a crash.
    public var event: UInt64
    /// When it happened.
    public var time: Instant
    /// Where it happened.
    public var node: NodeID
    /// What happened.
    public var text: String

    /// Creates a piece of evidence.
    public init(event: UInt64, time: Instant, node: NodeID, _ text: String) {
        self.event = event
        self.time = time
        self.node = node
        self.text = text
    }
}

/// A broken promise, with the events that broke it.
public struct Violation: Equatable, Sendable {
    /// What was promised.
    public var promise: Promise
    /// How it was broken, in one sentence.
    public var text: String
    /// The events that broke it, earliest first; the last one is where it was noticed.
    public var evidence: [Evidence]

    /// Creates a violation.
    public init(_ promise: Promise, _ text: String, evidence: [Evidence]) {
        self.promise = promise
        self.text = text
        self.evidence = evidence
    }
}

/// What a checker says about a run.
public enum Judgement: Equatable, Sendable {
    /// The promise was kept.
    case holds
    /// The promise was broken.
    case broken(Violation)
    /// The run does not allow a judgement, for this reason; never a silent pass.
    case unknown(String)
}

/// Where and when a checker is looking.
public struct Occasion: Sendable {
    /// The number of the event.
    public var event: UInt64
    /// Virtual time.
    public var time: Instant
    /// The node.
    public var node: NodeID

    /// Creates an occasion.
    @inlinable
    public init(event: UInt64, time: Instant, node: NodeID) {
        self.event = event
        self.time = time
        self.node = node
    }

    /// What happened on this occasion, as evidence.
    public func evidence(_ text: String) -> Evidence {
        Evidence(event: event, time: time, node: node, text)
    }
}
