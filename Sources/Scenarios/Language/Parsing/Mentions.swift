import MeshCore

/// Something that can only be judged when the whole file is read, with its place.
struct Mention {
    /// What was mentioned.
    enum Subject {
        /// A node that must exist: `n7`.
        case node(UInt64)

        /// A name that must be that of a group.
        case group(Bytes)

        /// A region that some group must be in.
        case region(Bytes)

        /// Something that makes sense only when one of these protocols runs; the text says what.
        case needs([Scenario.ProtocolName], what: String)

        /// A moment that must lie before the end of the run.
        case moment(Interval)

        /// Groups of a partition, which must not share a node.
        case partition([NamedTarget])
    }

    /// What was mentioned.
    var subject: Subject

    /// Where.
    var location: Scenario.Location

    /// How many scalars it covers.
    var length: Int
}

/// A target and where it stands.
struct NamedTarget {
    /// The target: not a list, but a part of one.
    var target: Scenario.Target

    /// Where it stands.
    var location: Scenario.Location

    /// How many scalars it covers.
    var length: Int
}

extension Parser {
    /// Notes something that will be judged when the whole file is read.
    mutating func mention(_ subject: Mention.Subject, at token: Token) {
        mentions.append(Mention(subject: subject, location: location(of: token), length: length(of: token)))
    }

    /// Notes that a token needs one of several protocols.
    mutating func need(oneOf names: [Scenario.ProtocolName], for token: Token) {
        if !names.isEmpty { mention(.needs(names, what: shown(token)), at: token) }
    }

    /// Notes that settings, whose head was just taken, need their protocol.
    mutating func needForSettings(_ name: Scenario.ProtocolName) {
        mention(.needs([name], what: "this setting"), at: tokens[position - 1])
    }

    /// Notes that the token needs a protocol.
    mutating func need(_ name: Scenario.ProtocolName, for token: Token) {
        mention(.needs([name], what: shown(token)), at: token)
    }
}
