/// A double-ended queue over a circular buffer: elements leave at the front in the order they joined at the back.
public struct Ring<Element> {
    @usableFromInline var slots: [Element?]
    @usableFromInline var head: Int
    @usableFromInline var waiting: Int

    /// Creates an empty ring.
    @inlinable
    public init() {
        self.slots = []
        self.head = 0
        self.waiting = 0
    }

    /// How many elements are waiting.
    @inlinable
    public var count: Int { waiting }

    /// Whether nothing is waiting.
    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The element at the front.
    @inlinable
    public var first: Element? { count == 0 ? nil : slots[head] }

    /// The element at the back.
    @inlinable
    public var last: Element? { count == 0 ? nil : slots[slot(count - 1)] }

    /// The element `offset` places behind the front.
    ///
    /// - Parameter offset: A number below ``count``.
    @inlinable
    public subscript(offset: Int) -> Element {
        guard offset < count, let element = slots[slot(offset)] else {
            invariant(false, "a ring is only read below its count")
            fatalError()
        }
        return element
    }

    /// Adds an element at the back.
    ///
    /// - Complexity: O(1), amortised.
    @inlinable
    public mutating func append(_ element: consuming Element) {
        if count == slots.count { grow() }
        slots[slot(count)] = element
        waiting += 1
    }

    /// Removes and returns the element at the front.
    ///
    /// - Complexity: O(1).
    @inlinable
    public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = head + 1 == slots.count ? 0 : head + 1
        waiting -= 1
        return element
    }

    /// Removes and returns the element at the back.
    ///
    /// - Complexity: O(1).
    @inlinable
    public mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        waiting -= 1
        return slots[slot(count)].take()
    }

    /// Removes everything and keeps the room.
    @inlinable
    public mutating func removeAll() {
        while popFirst() != nil {}
        head = 0
    }

    @inlinable
    func slot(_ offset: Int) -> Int {
        let index = head + offset
        return index >= slots.count ? index - slots.count : index
    }

    @inlinable
    mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(slots.isEmpty ? 8 : slots.count * 2)
        for offset in 0..<count { larger.append(slots[slot(offset)].take()) }
        while larger.count < (slots.isEmpty ? 8 : slots.count * 2) { larger.append(nil) }
        slots = larger
        head = 0
    }
}

extension Ring: Sendable where Element: Sendable {}
