/// Stops the program when one of our own rules is broken, in debug and in release builds alike.
///
/// `precondition` drops its text at -O; this keeps it. It is for our own mistakes only: what a peer, a user or a disk
/// gives us is never an invariant.
///
/// - Parameters:
///   - condition: What must hold.
///   - text: The rule, as a sentence.
@inlinable
@inline(__always)
public func invariant(_ condition: @autoclosure () -> Bool, _ text: StaticString) {
    if !condition() { violated(text) }
}

/// Ends the program with the broken rule.
@usableFromInline
@inline(never)
func violated(_ text: StaticString) -> Never {
    #if hasFeature(Embedded)
    fatalError(text)
    #else
    fatalError("broken invariant: \(text)")
    #endif
}
