/// A double-ended queue: elements leave at the front in the order they joined at the back.
///
/// An array with an offset. What left at the front is given back when the queue is empty or half of the array is dead,
/// so the array has at most twice the elements that wait, or 32 more. (A circular buffer of optionals reads better on
/// paper; the compiler asks a type's witnesses at run time for each optional, which cost a tenth of a whole Raft
/// simulation.)
public struct Ring<Element> {
    @usableFromInline var elements: [Element]
    /// How many elements at the start of `elements` have left.
    @usableFromInline var head: Int

    /// Creates an empty queue.
    @inlinable
    public init() {
        self.elements = []
        self.head = 0
    }

    /// How many elements are waiting.
    @inlinable
    public var count: Int { elements.count - head }

    /// Whether nothing is waiting.
    @inlinable
    public var isEmpty: Bool { elements.count == head }

    /// The element at the front.
    @inlinable
    public var first: Element? { isEmpty ? nil : elements[head] }

    /// The element at the back.
    @inlinable
    public var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

    /// The element `offset` places behind the front.
    ///
    /// - Parameter offset: A number below ``count``.
    @inlinable
    public subscript(offset: Int) -> Element {
        _read {
            invariant(offset >= 0 && offset < count, "a ring is only read below its count")
            yield elements[head + offset]
        }
    }

    /// Adds an element at the back.
    ///
    /// - Complexity: O(1), amortised.
    @inlinable
    public mutating func append(_ element: consuming Element) {
        elements.append(element)
    }

    /// Removes and returns the element at the front.
    ///
    /// - Complexity: O(1), amortised.
    @inlinable
    public mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        // The last one is moved out; every other is copied, as arrays have no holes.
        if head == elements.count - 1 {
            let element = elements.removeLast()
            removeAll()
            return element
        }
        let element = elements[head]
        head += 1
        if head >= 32 && head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Removes and returns the element at the back.
    ///
    /// - Complexity: O(1).
    @inlinable
    public mutating func popLast() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements.removeLast()
        if isEmpty { removeAll() }
        return element
    }

    /// Removes everything and keeps the room.
    @inlinable
    public mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        head = 0
    }
}

extension Ring: Sendable where Element: Sendable {}
