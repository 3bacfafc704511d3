#if MUTANTS
/// A way in which the machine that runs a simulation reaches into it; planted to show that it is noticed.
///
/// Each makes messages late by some nanoseconds that come from outside the seed. This exists only under the package
/// trait `Mutants`; the rules against clocks, randomness and hash order make an exception of this file alone.
public enum Leak: String, CaseIterable, Sendable {
    /// The system's clock.
    case clock
    /// The order of a set, which is another in each process.
    case unorderedIteration
    /// The system's randomness.
    case randomness
    /// A count that goes on from one run of a process to the next.
    case counter

    /// The leak that is planted at present, in the whole process.
    public nonisolated(unsafe) static var planted: Leak?
    private nonisolated(unsafe) static var count: Int64 = 0
    private static let system = ContinuousClock()
    private static let start = system.now

    /// By how much the planted leak makes a message late, in nanoseconds.
    public static var delay: Int64 {
        switch unsafe planted {
        case nil: return 0
        case .clock: return (system.now - start).components.attoseconds / 1_000_000_000 & 0x3f
        case .unorderedIteration: return Set<Int64>(0..<64).first ?? 0
        case .randomness: return Int64.random(in: 0..<64)
        case .counter:
            unsafe count &+= 1
            return unsafe count & 0x3ff
        }
    }
}
#endif
