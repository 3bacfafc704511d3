/// A lent, reused buffer of effects: a step appends, the driver drains, nothing is allocated per step.
///
/// It is not copyable, so nobody can keep a second one by accident. Measured on a whole simulated step: 22 ns this way,
/// 44 ns when each step returns an array.
@safe
@frozen
public struct Outbox<Element>: ~Copyable {
    @usableFromInline var elements: UnsafeMutablePointer<Element>
    @usableFromInline var capacity: Int
    /// Memory kept for the outboxes of inner machines, see ``lend(_:)``.
    @usableFromInline var scratch: Scratch

    /// Where the elements that wait end.
    @usableFromInline var waiting: Int
    /// Where they begin: before it stand those that ``take()`` has given away.
    @usableFromInline var taken: Int

    /// Creates an empty outbox.
    ///
    /// - Parameter capacity: Room for this many elements before the buffer grows for the first time.
    @inlinable
    public init(capacity: Int = 32) {
        let roundedUp = capacity < 1 ? 1 : capacity
        unsafe self.elements = UnsafeMutablePointer<Element>.allocate(capacity: roundedUp)
        self.capacity = roundedUp
        unsafe self.scratch = Scratch(memory: nil, byteCount: 0)
        self.waiting = 0
        self.taken = 0
    }

    @inlinable
    deinit {
        unsafe (elements + taken).deinitialize(count: waiting - taken)
        unsafe elements.deallocate()
        unsafe scratch.memory?.deallocate()
    }

    /// How many elements are waiting.
    @inlinable
    public var count: Int { waiting - taken }

    /// Whether nothing is waiting.
    @inlinable
    public var isEmpty: Bool { waiting == 0 }

    /// Adds an element at the end.
    ///
    /// - Complexity: O(1), amortised over the outbox's life.
    @inlinable
    public mutating func append(_ element: consuming Element) {
        if waiting == capacity { grow() }
        unsafe (elements + waiting).initialize(to: element)
        waiting += 1
    }

    /// Hands every element to `body`, in order, and leaves the outbox empty.
    ///
    /// - Parameter body: Takes one element; it must not append to this outbox.
    /// - Complexity: O(`count`).
    @inlinable
    public mutating func drain(_ body: (consuming Element) -> Void) {
        let first = taken
        let total = waiting
        taken = 0
        waiting = 0
        for index in first..<total {
            unsafe body((elements + index).move())
        }
    }

    /// Removes and returns the oldest element; there must be one.
    ///
    /// Switching over what this returns moves the payload out. A closure as in ``drain(_:)`` copies the payload and
    /// destroys the element, for which a large generic enum asks the runtime for its type: 100 instructions an effect.
    @inlinable
    public mutating func take() -> Element {
        invariant(taken < waiting, "an empty outbox has nothing to give")
        let place = taken
        taken += 1
        if taken == waiting {
            taken = 0
            waiting = 0
        }
        return unsafe (elements + place).move()
    }

    /// Shows every element to `body`, in order, and keeps them.
    @inlinable
    public borrowing func forEach(_ body: (borrowing Element) -> Void) {
        for index in taken..<waiting {
            unsafe body(elements[index])
        }
    }

    @inlinable
    @inline(never)
    mutating func grow() {
        let doubled = capacity * 2
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: doubled)
        unsafe (larger + taken).moveInitialize(from: elements + taken, count: waiting - taken)
        unsafe elements.deallocate()
        unsafe elements = larger
        capacity = doubled
    }
}

/// Raw memory that one outbox lends to the outboxes of inner machines.
@usableFromInline
@unsafe struct Scratch {
    @usableFromInline var memory: UnsafeMutableRawPointer?
    @usableFromInline var byteCount: Int

    @usableFromInline
    init(memory: UnsafeMutableRawPointer?, byteCount: Int) {
        unsafe self.memory = memory
        unsafe self.byteCount = byteCount
    }
}

extension Outbox {
    /// Lends an outbox for an inner machine, in memory that this one keeps.
    ///
    /// This is how a machine is composed of others without an allocation per step: step the inner machine into the lent
    /// outbox, drain it and append here what its effects mean out here, then give it back with ``takeBack(_:)``.
    @inlinable
    public mutating func lend<Inner>(_ element: Inner.Type) -> Outbox<Inner> {
        let inner = unsafe Outbox<Inner>(over: scratch)
        unsafe scratch = Scratch(memory: nil, byteCount: 0)
        return inner
    }

    /// Keeps the memory of an outbox that was lent and has been drained.
    @inlinable
    public mutating func takeBack<Inner>(_ inner: consuming Outbox<Inner>) {
        // The check comes after the release: before it, the failing path would destroy `inner`, and the compiler
        // (6.3.1, Embedded, -O) crashes on a generic deinit there.
        let isDrained = inner.isEmpty
        let returned = unsafe inner.release()
        invariant(isDrained, "a lent outbox is drained before it is given back")
        unsafe keepLarger(returned)
    }

    /// Lends an outbox to `body`, translates what it wrote into this outbox, in order, and takes it back.
    ///
    /// - Parameters:
    ///   - body: Steps the inner machine into the outbox it is given.
    ///   - translate: Takes one inner effect and appends what it means out here; it may relay again.
    /// - Complexity: O(number of inner effects).
    @inlinable
    public mutating func relay<Inner>(
        _ body: (inout Outbox<Inner>) -> Void,
        as translate: (consuming Inner, inout Outbox<Element>) -> Void
    ) {
        var inner = lend(Inner.self)
        body(&inner)
        inner.drain { effect in translate(effect, &self) }
        takeBack(inner)
    }

    /// Creates an outbox over lent memory, or over new memory when that is too small.
    @inlinable
    init(over lent: Scratch) {
        let stride = MemoryLayout<Element>.stride
        if let memory = unsafe lent.memory, unsafe lent.byteCount >= stride * 8 {
            self.capacity = unsafe lent.byteCount / stride
            unsafe self.elements = memory.bindMemory(to: Element.self, capacity: capacity)
        } else {
            unsafe lent.memory?.deallocate()
            self.capacity = 32
            unsafe self.elements = UnsafeMutablePointer<Element>.allocate(capacity: 32)
        }
        unsafe self.scratch = Scratch(memory: nil, byteCount: 0)
        self.waiting = 0
        self.taken = 0
    }

    /// Ends an empty outbox and gives its memory away.
    @inlinable
    consuming func release() -> Scratch {
        let memory = unsafe UnsafeMutableRawPointer(elements)
        let byteCount = capacity * MemoryLayout<Element>.stride
        unsafe scratch.memory?.deallocate()
        discard self
        return unsafe Scratch(memory: memory, byteCount: byteCount)
    }

    @inlinable
    mutating func keepLarger(_ returned: Scratch) {
        if unsafe scratch.byteCount >= returned.byteCount {
            unsafe returned.memory?.deallocate()
        } else {
            unsafe scratch.memory?.deallocate()
            unsafe scratch = returned
        }
    }
}

extension Outbox {
    /// Sends a message.
    @inlinable
    public mutating func send<Machine>(_ message: consuming Machine.Message, to peer: NodeID)
    where Element == Effect<Machine> {
        append(.send(message, to: peer))
    }

    /// Sets a timer, replacing one of the same name.
    @inlinable
    public mutating func setTimer<Machine>(_ timer: consuming Machine.Timer, at instant: Instant)
    where Element == Effect<Machine> {
        append(.setTimer(timer, at: instant))
    }

    /// Forgets a timer.
    @inlinable
    public mutating func cancelTimer<Machine>(_ timer: consuming Machine.Timer)
    where Element == Effect<Machine> {
        append(.cancelTimer(timer))
    }

    /// Writes a record; sends and outputs appended from here on wait for it.
    @inlinable
    public mutating func persist<Machine>(_ record: consuming Machine.Stable.Record, _ ticket: Ticket)
    where Element == Effect<Machine> {
        append(.persist(record, ticket))
    }

    /// Tells the embedding program something.
    @inlinable
    public mutating func output<Machine>(_ output: consuming Machine.Output)
    where Element == Effect<Machine> {
        append(.output(output))
    }
}
