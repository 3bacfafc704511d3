import MeshCore

extension Linearizability {
    /// The values of a key that some operation compares with, and their beginnings, as small numbers.
    ///
    /// A value that is neither of them is ``unobserved``: whatever is appended to it, nobody can tell it from any other
    /// such value, so all of them are one state. That keeps states small integers, however long the values are, and
    /// lets the search meet the same state more often.
    struct Trie: Sendable {
        /// The key is absent.
        static var absent: Int32 { 0 }
        /// The empty value.
        static var empty: Int32 { 1 }
        /// A value that no operation could recognise.
        static var unobserved: Int32 { -1 }

        private var firstChild: [Int32] = [-1, -1]
        private var sibling: [Int32] = [-1, -1]
        private var symbol: [UInt32] = [0, 0]
        private var parent: [Int32] = [-1, -1]
        private var depth: [Int32] = [0, 0]

        /// The child of a node for a symbol, or ``unobserved``.
        ///
        /// - Complexity: O(children).
        func child(of node: Int32, _ wanted: UInt32) -> Int32 {
            var child = firstChild[Int(node)]
            while child >= 0, symbol[Int(child)] != wanted { child = sibling[Int(child)] }
            return child
        }

        /// Adds a value.
        ///
        /// - Returns: Its node.
        mutating func insert(_ symbols: [UInt32]) -> Int32 {
            var node = Self.empty
            for wanted in symbols {
                var next = child(of: node, wanted)
                if next < 0 {
                    next = Int32(truncatingIfNeeded: symbol.count)
                    symbol.append(wanted)
                    firstChild.append(-1)
                    sibling.append(firstChild[Int(node)])
                    parent.append(node)
                    depth.append(depth[Int(node)] + 1)
                    firstChild[Int(node)] = next
                }
                node = next
            }
            return node
        }

        /// The value after symbols are appended to one; an absent value counts as empty.
        ///
        /// - Complexity: O(symbols times children).
        func appending(_ symbols: [UInt32], to state: Int32) -> Int32 {
            var node = state == Self.absent ? Self.empty : state
            for wanted in symbols {
                if node < 0 { return node }
                node = child(of: node, wanted)
            }
            return node
        }

        /// Whether a value can be reached from another by appending to it.
        ///
        /// - Complexity: O(difference of their lengths).
        func isReachable(_ target: Int32, from state: Int32) -> Bool {
            if target == state { return true }
            guard state >= 0, target > Self.absent else { return false }
            let start = state == Self.absent ? Self.empty : state
            var node = target
            while depth[Int(node)] > depth[Int(start)] { node = parent[Int(node)] }
            return node == start
        }
    }
}
