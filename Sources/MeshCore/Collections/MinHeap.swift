/// A 4-ary heap with the smallest element on top.
///
/// Four children share a cache line's worth of keys, which takes about half the levels of a binary heap. Elements that
/// compare equal come out in no stated order: give them a sequence number when order matters.
public struct MinHeap<Element: Comparable> {
    @usableFromInline var elements: [Element]

    /// Creates an empty heap.
    @inlinable
    public init() {
        self.elements = []
    }

    /// How many elements the heap holds.
    @inlinable
    public var count: Int { elements.count }

    /// Whether the heap is empty.
    @inlinable
    public var isEmpty: Bool { elements.isEmpty }

    /// The smallest element.
    @inlinable
    public var first: Element? { elements.first }

    /// The elements in heap order, which is fixed by the history of calls but not sorted.
    @inlinable
    public var unordered: [Element] { elements }

    /// Makes room for at least this many elements.
    public mutating func reserveCapacity(_ capacity: Int) {
        elements.reserveCapacity(capacity)
    }

    /// Adds an element.
    ///
    /// - Complexity: O(log `count`).
    @inlinable
    public mutating func insert(_ element: Element) {
        elements.append(element)
        var hole = elements.count - 1
        while hole > 0 {
            let parent = (hole - 1) >> 2
            guard element < elements[parent] else { break }
            elements[hole] = elements[parent]
            hole = parent
        }
        elements[hole] = element
    }

    /// Removes and returns the smallest element.
    ///
    /// - Complexity: O(log `count`).
    @inlinable
    public mutating func popFirst() -> Element? {
        guard let top = elements.first else { return nil }
        let last = elements.removeLast()
        if !elements.isEmpty { settle(last) }
        return top
    }

    /// Replaces the smallest element, cheaper than a removal and an insertion.
    ///
    /// - Complexity: O(log `count`). The heap must not be empty.
    @inlinable
    public mutating func replaceFirst(with element: Element) {
        settle(element)
    }

    /// Keeps only the elements that satisfy `isKept`.
    ///
    /// - Complexity: O(`count`).
    @inlinable
    public mutating func filter(_ isKept: (Element) -> Bool) {
        var kept: [Element] = []
        kept.reserveCapacity(elements.count)
        for element in elements where isKept(element) { kept.append(element) }
        elements = []
        elements.reserveCapacity(kept.count)
        for element in kept { insert(element) }
    }

    /// Puts `element` into the hole at the top and lets it sink.
    @inlinable
    mutating func settle(_ element: Element) {
        let total = elements.count
        var hole = 0
        while true {
            let firstChild = (hole << 2) + 1
            guard firstChild < total else { break }
            var smallest = firstChild
            let end = firstChild + 4 < total ? firstChild + 4 : total
            var child = firstChild + 1
            while child < end {
                if elements[child] < elements[smallest] { smallest = child }
                child += 1
            }
            guard elements[smallest] < element else { break }
            elements[hole] = elements[smallest]
            hole = smallest
        }
        elements[hole] = element
    }
}

extension MinHeap: Sendable where Element: Sendable {}
