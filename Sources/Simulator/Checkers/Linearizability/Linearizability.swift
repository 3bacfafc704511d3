public import MeshCore

/// Whether what clients saw can be explained by one copy of the data that serves one operation at a time.
///
/// A history is linearizable when every operation can be given one instant between its call and its return so that,
/// in the order of these instants, every answer is the one the model gives. An operation that never returned may have
/// taken effect at any time after its call, or never.
///
/// Source: Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", TOPLAS 1990.
public enum Linearizability {
    /// What the operations of a history act on.
    public enum Model: UInt8, Sendable, CaseIterable {
        /// One value a key that is written, read and compared-and-swapped; absent at first.
        case register
        /// A value a key that is put, read, appended to, compared-and-swapped and deleted; absent at first.
        case keyValue
        /// A list a key that is appended to and read; empty at first, and an absent list is an empty one.
        case listAppend
    }

    /// What a key holds.
    public enum Value: Hashable, Sendable {
        /// A text, appended to byte by byte.
        case text(Bytes)
        /// A list, appended to element by element.
        case list([Bytes])
    }

    /// What became of a compare-and-swap.
    public enum SwapOutcome: Hashable, Sendable {
        /// The key held what was expected, and holds the new value now.
        case succeeded
        /// The key held something else; the client was not told what.
        case failed
        /// The key held something else, namely this.
        case saw(Value?)
        /// Nobody told.
        case unknown
    }

    /// What an operation did, as far as its client knows: the input and the output in one.
    public enum Action: Hashable, Sendable {
        /// Read this; `nil` when the key was absent.
        case read(Value?)
        /// Read something that nobody told.
        case unseenRead
        /// Set the key.
        case write(Value)
        /// Removed the key.
        case delete
        /// Added to the end; an absent key counts as empty.
        case append(Value)
        /// Set the key if it held what was expected; `nil` expects it to be absent.
        case swap(expected: Value?, new: Value, SwapOutcome)
    }

    /// One operation of one client on one key.
    public struct Operation: Hashable, Sendable {
        /// Who asked; only evidence, the order comes from the times.
        public var client: UInt64
        /// The key; every key is judged on its own.
        public var key: Bytes
        /// What it did.
        public var action: Action
        /// When it was called, in any unit.
        public var called: Int64
        /// When it returned, in the same unit; `nil` when it never did.
        ///
        /// Intervals are closed: an operation that is called when another returns is concurrent to it.
        public var returned: Int64?

        /// Creates an operation.
        public init(client: UInt64, key: Bytes, _ action: Action, called: Int64, returned: Int64?) {
            self.client = client
            self.key = key
            self.action = action
            self.called = called
            self.returned = returned
        }
    }

    /// An order that explains as many operations of a key as could be explained, and the one that fits nowhere.
    public struct Counterexample: Equatable, Sendable {
        /// The key.
        public var key: Bytes
        /// The longest legal order that was found, as positions in the history.
        public var prefix: [Int]
        /// What the key holds after that order.
        public var state: Value?
        /// The operation that returned before anything else could follow, as a position in the history.
        public var offender: Int
    }

    /// What is known about a history.
    public enum Verdict: Equatable, Sendable {
        /// It is linearizable.
        case holds
        /// It is not.
        case broken(Counterexample)
        /// The budget was spent before this key was decided, and no other key is broken.
        case unknown(key: Bytes)
    }

    /// The verdict over a history and what it took to reach.
    public struct Result: Equatable, Sendable {
        /// The verdict.
        public var verdict: Verdict
        /// How often an operation was tried on a state; the same on every machine.
        public var steps: UInt64
        /// How many keys were judged.
        public var keyCount: Int
    }
}

extension Linearizability.Value: CustomStringConvertible {
    /// The text, or the list as `[1 2 3]`.
    public var description: String {
        switch self {
        case .text(let bytes): return bytes.isEmpty ? "\"\"" : bytes.description
        case .list(let elements):
            var text = "["
            for index in 0..<elements.count {
                if index > 0 { text += " " }
                text += elements[index].description
            }
            return text + "]"
        }
    }
}

extension Linearizability.Action: CustomStringConvertible {
    /// The operation and its answer, such as `read x` or `cas 1 -> 2 failed`.
    public var description: String {
        switch self {
        case .read(let value): return "read " + Self.text(value)
        case .unseenRead: return "read ?"
        case .write(let value): return "write \(value)"
        case .delete: return "delete"
        case .append(let value): return "append \(value)"
        case .swap(let expected, let new, let outcome):
            let text = "cas " + Self.text(expected) + " -> \(new)"
            switch outcome {
            case .succeeded: return text
            case .failed: return text + " failed"
            case .saw(let value): return text + " failed, saw " + Self.text(value)
            case .unknown: return text + " ?"
            }
        }
    }

    /// A value or the word `absent`.
    static func text(_ value: Linearizability.Value?) -> String { value.map { $0.description } ?? "absent" }
}

extension Linearizability.Operation: CustomStringConvertible {
    /// Who did what to which key, without the times.
    public var description: String {
        "client \(client) \(key.isEmpty ? "" : "\(key): ")\(action)\(returned == nil ? " (never returned)" : "")"
    }
}

extension Linearizability.Model {
    /// What a key holds after an action, whatever its client was told.
    ///
    /// - Complexity: O(size of the value).
    func state(after action: Linearizability.Action, on state: Linearizability.Value?) -> Linearizability.Value? {
        switch action {
        case .read, .unseenRead, .swap(_, _, .failed), .swap(_, _, .saw): return state
        case .write(let value), .swap(_, let value, .succeeded): return value
        case .delete: return nil
        case .append(let value):
            switch (state, value) {
            case (.text(let old), .text(let new)): return .text(Bytes(old.storage + new.storage))
            case (.list(let old), .list(let new)): return .list(old + new)
            case (nil, _), (.text, .list), (.list, .text): return value
            }
        case .swap(let expected, let value, .unknown): return state == expected ? value : state
        }
    }
}
