import MeshCore

/// A stream of repeatable draws for tests, made of keyed randomness and a counter.
///
/// Protocols must not do this: a shared stream makes every later decision depend on every earlier one. A test that
/// walks one structure through random operations has only one consumer, and a seed is all it needs to be repeated.
public struct Dice: Sendable {
    /// The seed, to be printed with a failure.
    public var seed: UInt64 { random.seed }

    private let random: Random
    private var throwCount: UInt64 = 0

    /// Creates the stream of this seed.
    public init(seed: UInt64) {
        random = Random(seed: seed)
    }

    /// Draws 64 bits.
    public mutating func bits() -> UInt64 {
        throwCount += 1
        return random.bits(.dice, throwCount)
    }

    /// Draws a number below `bound`, which must be positive.
    public mutating func number(below bound: Int) -> Int {
        Int(Random.number(below: UInt64(bound), from: bits()))
    }

    /// Draws one of these; `choices` must not be empty.
    public mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[number(below: choices.count)]
    }
}

extension Random.Purpose {
    /// Draws of ``Dice``.
    fileprivate static var dice: Random.Purpose { Random.Purpose(0xf001) }
}
