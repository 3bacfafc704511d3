extension Gossip {
    /// The patterns whose matching keys are reported.
    struct Subscriptions: Sendable {
        /// Keys, sorted.
        private(set) var keys: [Bytes] = []
        /// Beginnings of keys, sorted.
        private(set) var prefixes: [Bytes] = []

        /// What a pattern stands for: one key or all keys with a beginning.
        static func prefix(of pattern: Bytes) -> Bytes? {
            guard pattern.slice.last == UInt8(ascii: "*") else { return nil }
            return pattern.part(0..<(pattern.count - 1))
        }

        mutating func insert(_ pattern: Bytes) {
            if let prefix = Subscriptions.prefix(of: pattern) {
                Subscriptions.insert(prefix, into: &prefixes)
            } else {
                Subscriptions.insert(pattern, into: &keys)
            }
        }

        mutating func remove(_ pattern: Bytes) {
            if let prefix = Subscriptions.prefix(of: pattern) {
                Subscriptions.remove(prefix, from: &prefixes)
            } else {
                Subscriptions.remove(pattern, from: &keys)
            }
        }

        /// Whether any pattern matches a key.
        ///
        /// A sorted list holds every beginning of the key between its shortest one and the key itself, so the greatest
        /// element not above the key either is one, or shows how much of the key a beginning can share with it at
        /// most.
        ///
        /// - Complexity: O(log patterns), times the number of patterns that nest around the key.
        func matches(_ key: Bytes) -> Bool {
            if Subscriptions.contains(key, in: keys) { return true }
            var probe = key
            while true {
                let index = Subscriptions.position(of: probe, in: prefixes)
                if index < prefixes.count, prefixes[index] == probe { return true }
                guard index > 0 else { return false }
                let candidate = prefixes[index - 1]
                if probe.hasPrefix(candidate) { return true }
                var shared = 0
                while shared < probe.count, shared < candidate.count,
                    probe[shared] == candidate[shared]
                {
                    shared += 1
                }
                probe = probe.part(0..<shared)
            }
        }

        private static func position(of element: Bytes, in list: [Bytes]) -> Int {
            var low = 0
            var high = list.count
            while low < high {
                let middle = (low + high) >> 1
                if list[middle] < element { low = middle + 1 } else { high = middle }
            }
            return low
        }

        private static func contains(_ element: Bytes, in list: [Bytes]) -> Bool {
            let index = position(of: element, in: list)
            return index < list.count && list[index] == element
        }

        private static func insert(_ element: Bytes, into list: inout [Bytes]) {
            let index = position(of: element, in: list)
            if index < list.count, list[index] == element { return }
            list.insert(element, at: index)
        }

        private static func remove(_ element: Bytes, from list: inout [Bytes]) {
            let index = position(of: element, in: list)
            if index < list.count, list[index] == element { list.remove(at: index) }
        }
    }
}
