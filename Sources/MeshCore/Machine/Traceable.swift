/// A value that takes part in a run: it can be digested and shown.
///
/// The digest is what makes two runs comparable across processes, builds and machines, so it must cover every field
/// that influences behaviour, in a fixed order.
public protocol Traceable: Sendable, CustomStringConvertible {
    /// Mixes every field that influences behaviour into the digest.
    func digest(into digest: inout Digest)
}

/// A message as the network sees it.
public protocol NetworkMessage: Traceable {
    /// A small number that names the kind of message, for filters such as "lose only votes".
    var kind: MessageKind { get }

    /// The size on the wire in bytes, which bandwidth limits and metrics count.
    var byteCount: Int { get }

    /// What arrives when the network flips the bit that `bits` selects; `nil` when the receiver's checks throw the
    /// frame away.
    func damaged(by bits: UInt64) -> Self?

    /// The kinds of messages this type has, in the order of their numbers.
    static var kinds: [StaticString] { get }
}

extension NetworkMessage {
    /// The only kind, for message types that do not tell kinds apart.
    public var kind: MessageKind { MessageKind(0) }

    /// A nominal 64 bytes, for message types without a codec.
    public var byteCount: Int { 64 }

    /// Thrown away: a message without a codec cannot arrive damaged.
    public func damaged(by bits: UInt64) -> Self? { nil }

    /// One kind, called "message".
    public static var kinds: [StaticString] { ["message"] }
}

/// A number below 64 that names a kind of message.
public struct MessageKind: Hashable, Sendable {
    /// The position in ``NetworkMessage/kinds``, 0...63.
    public let rawValue: UInt8

    /// Creates the kind with this number.
    @inlinable
    public init(_ rawValue: UInt8) {
        self.rawValue = rawValue
    }
}
