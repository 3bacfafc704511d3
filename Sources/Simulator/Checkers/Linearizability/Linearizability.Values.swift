import MeshCore

extension Linearizability {
    /// Numbers the values of one key: first everything that is compared with, then everything else.
    ///
    /// Without appends a value is one number; with them it is a path in the trie, so that what is appended can be
    /// followed without building the value.
    struct Values: Sendable {
        private let model: Model
        private(set) var trie = Trie()
        /// The symbols of every append, by number.
        private(set) var sequences: [[UInt32]] = []
        /// Whether anything is appended; set it before the first value.
        var hasAppends = false
        private var sequenceNumbers = SortedMap<Bytes, Int32>()
        private var whole = SortedMap<Bytes, Int32>()
        private var elements = SortedMap<Bytes, UInt32>()

        init(_ model: Model) {
            self.model = model
        }

        /// Numbers what an action compares with.
        mutating func observe(_ action: Action) {
            switch action {
            case .read(let value): _ = observe(value)
            case .unseenRead, .write, .delete, .append: break
            case .swap(let expected, _, let outcome):
                _ = observe(expected)
                if case .saw(let value) = outcome { _ = observe(value) }
            }
        }

        /// Numbers a value that is compared with.
        mutating func observe(_ value: Value?) -> Int32 {
            guard let value = normal(value) else { return Trie.absent }
            if hasAppends { return trie.insert(symbols(value)) }
            let identity = identity(value)
            if let number = whole[identity] { return number }
            let number = Trie.empty + 1 + Int32(truncatingIfNeeded: whole.count)
            whole[identity] = number
            return number
        }

        /// The number of a value, which is ``Trie/unobserved`` when nothing is compared with it.
        private mutating func number(_ value: Value?) -> Int32 {
            guard let value = normal(value) else { return Trie.absent }
            if hasAppends { return trie.appending(symbols(value), to: Trie.empty) }
            return whole[identity(value)] ?? Trie.unobserved
        }

        /// What an action does, in numbers.
        mutating func step(_ action: Action) -> Step {
            switch action {
            case .read(let value): return .read(number(value))
            case .unseenRead: return .perhaps(Trie.absent, Trie.absent)
            case .write(let value): return .write(number(value))
            case .delete: return .write(number(nil))
            case .append(let value): return .append(sequence(value))
            case .swap(let expected, let new, let outcome):
                switch outcome {
                case .succeeded: return .swap(number(expected), number(new))
                case .failed: return .mismatch(number(expected))
                case .saw(let value):
                    let seen = number(value)
                    return seen == number(expected) ? .impossible : .read(seen)
                case .unknown: return .perhaps(number(expected), number(new))
                }
            }
        }

        private mutating func sequence(_ value: Value) -> Int32 {
            let identity = identity(value)
            if let number = sequenceNumbers[identity] { return number }
            let number = Int32(truncatingIfNeeded: sequences.count)
            sequences.append(symbols(value))
            sequenceNumbers[identity] = number
            return number
        }

        /// In a list an absent key is an empty one.
        private func normal(_ value: Value?) -> Value? {
            value ?? (model == .listAppend ? .list([]) : nil)
        }

        private mutating func symbols(_ value: Value) -> [UInt32] {
            switch value {
            case .text(let bytes): return bytes.storage.map { UInt32($0) }
            case .list(let members):
                return members.map { element in
                    if let known = elements[element] { return known }
                    let number = 256 + UInt32(truncatingIfNeeded: elements.count)
                    elements[element] = number
                    return number
                }
            }
        }

        /// Bytes that no other value has.
        private func identity(_ value: Value) -> Bytes {
            var writer = WireWriter()
            switch value {
            case .text(let bytes):
                writer.byte(0)
                writer.bytes(bytes)
            case .list(let members):
                writer.byte(1)
                for element in members { writer.bytes(element) }
            }
            return Bytes(writer.bytes)
        }
    }
}
