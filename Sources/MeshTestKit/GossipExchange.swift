import MeshCore

/// What two nodes sent each other until both fell silent.
public struct GossipExchange: Sendable {
    /// How many messages there were.
    public private(set) var messages = 0
    /// How many of them carried entries.
    public private(set) var entryMessages = 0
    /// Bytes of digests and summaries.
    public private(set) var comparedBytes = 0
    /// Bytes of entries and pushes.
    public private(set) var entryBytes = 0
    /// How many entries were sent.
    public private(set) var entries = 0
    /// The largest message.
    public private(set) var largest = 0
    /// How many turns there were: what is under way at a time counts as one.
    public private(set) var turns = 0
    /// Bytes under way at the same time, at most.
    public private(set) var mostUnderWay = 0
    /// Whether it ended before the limit of turns.
    public private(set) var isOver = false

    /// Lets `first` open a comparison with `second` and carries messages between them until there are none.
    ///
    /// - Parameters:
    ///   - first: The node whose next round opens the comparison; the other one must be its only peer.
    ///   - second: The other node; its own rounds do not run meanwhile.
    ///   - turnLimit: When to give up.
    public init(_ first: inout GossipProbe, _ second: inout GossipProbe, turnLimit: Int = 10_000) {
        var toSecond = first.round().messages
        var toFirst: [Gossip.Message] = []
        while !(toSecond.isEmpty && toFirst.isEmpty) {
            guard turns < turnLimit else { return }
            turns += 1
            let before = comparedBytes + entryBytes
            for message in toSecond + toFirst { count(message) }
            mostUnderWay = max(mostUnderWay, comparedBytes + entryBytes - before)
            let fromFirst = toFirst.flatMap { first.receive($0, from: second.node.id.rawValue).messages }
            let fromSecond = toSecond.flatMap { second.receive($0, from: first.node.id.rawValue).messages }
            toSecond = fromFirst
            toFirst = fromSecond
        }
        isOver = true
    }

    private mutating func count(_ message: Gossip.Message) {
        let bytes = Frame.encode(message).count
        messages += 1
        largest = max(largest, bytes)
        switch message {
        case .push(let sent), .entries(let sent):
            entryMessages += 1
            entryBytes += bytes
            entries += sent.count
        case .digest, .summary, .symbols, .more, .want: comparedBytes += bytes
        }
    }
}
