/// Why bytes are not a message.
public enum WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes end in the middle of a field.
    case truncated
    /// A number is written in more bytes than it needs, or does not fit.
    case malformedNumber
    /// A field says it is longer than the stated limit.
    case tooLong(UInt64)
    /// A tag names no known case.
    case unknownTag(UInt64)
    /// A field holds a value that the protocol forbids.
    case invalid(StaticString)
    /// The frame is of a version this build does not read.
    case unknownVersion(UInt8)
    /// The checksum does not match the bytes.
    case checksumMismatch
    /// Bytes are left over after the message.
    case trailingBytes(Int)

    /// The reason as a sentence.
    public var description: String {
        switch self {
        case .truncated: "the bytes end in the middle of a field"
        case .malformedNumber: "a number is malformed or too large"
        case .tooLong(let length): "a field of \(length) is over the limit"
        case .unknownTag(let tag): "\(tag) is no known kind"
        case .invalid(let what): "\(what) is not allowed"
        case .unknownVersion(let version): "wire version \(version) is not known"
        case .checksumMismatch: "the checksum does not match"
        case .trailingBytes(let count): "\(count) bytes are left over"
        }
    }

    /// Compares the reasons.
    public static func == (left: WireError, right: WireError) -> Bool {
        switch (left, right) {
        case (.truncated, .truncated), (.malformedNumber, .malformedNumber), (.invalid, .invalid),
            (.checksumMismatch, .checksumMismatch):
            true
        case (.tooLong(let first), .tooLong(let second)), (.unknownTag(let first), .unknownTag(let second)):
            first == second
        case (.unknownVersion(let first), .unknownVersion(let second)): first == second
        case (.trailingBytes(let first), .trailingBytes(let second)): first == second
        default: false
        }
    }
}
