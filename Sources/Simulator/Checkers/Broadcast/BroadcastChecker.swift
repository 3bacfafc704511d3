public import MeshCore

/// Watches what nodes tell everybody and one another, over a whole cluster.
///
/// - Complexity: O(log messages + hops) for each delivery, O(log messages) for each copy that arrives, O(messages) for
///   each crash. Memory: a bit for each message and node, four bytes where messages carry paths.
public struct BroadcastChecker: Sendable {
    /// The first break of each promise that was broken, in the order in which they were noticed.
    public private(set) var violations: [Violation] = []
    /// The most hops a message may make; 0 is any number.
    public var hopLimit = 0
    /// How often a message had no hop left before it was everywhere.
    public private(set) var endedCount: Int64 = 0
    /// How many direct messages were sent, confirmed, and given up.
    public private(set) var direct = (sent: Int64(0), confirmed: Int64(0), undeliverable: Int64(0))
    /// What was told to everybody, in the order of sending.
    public private(set) var messages: [Record] = []

    /// How long each delivery took, in nanoseconds.
    public private(set) var delays: [Int64] = []

    private var places = SortedMap<Broadcast.MessageID, Int>()
    private var letters = SortedMap<Broadcast.MessageID, DirectRecord>()
    private var lives: [Life]

    /// What is known of a message to everybody.
    public struct Record: Sendable {
        /// Its name.
        public let id: Broadcast.MessageID
        /// When it was sent.
        public let time: Instant
        /// How many copies of its payload arrived anywhere.
        public internal(set) var copies: Int64 = 0
        /// How often it was delivered.
        public internal(set) var deliveries: Int64 = 0
        /// How many hops the last delivery took, and how long.
        public internal(set) var lastHop = 0
        /// How long the last delivery took.
        public internal(set) var lastDelay = Interval.zero

        var event: UInt64
        var fingerprint: UInt64
        /// Which nodes have it in their present life.
        var holders: BitSet
        /// From whom each node has it, as 1 + its place; empty when messages carry no path.
        var parents: [UInt32] = []
    }

    /// What is known of a direct message.
    private struct DirectRecord: Sendable {
        var receiver: NodeID
        var fingerprint: UInt64
        var occasion: Occasion
        var isReceived = false
        var life: UInt32?
    }

    /// What is known of a node.
    private struct Life: Sendable {
        var number: UInt32 = 0
        var start = Instant.zero
        /// When its earlier lives ended, the last of them.
        var lastCrash: Instant?
    }

    /// Creates a checker for nodes numbered from 1.
    public init(nodeCount: Int) {
        self.lives = [Life](repeating: Life(), count: nodeCount)
    }

    private func place(_ node: NodeID) -> Int { Int(truncatingIfNeeded: node.rawValue) - 1 }

    private mutating func breaks(_ promise: Promise, _ text: String, _ evidence: [Evidence]) {
        for known in violations where known.promise == promise { return }
        violations.append(Violation(promise, text, evidence: evidence))
    }

    private static func fingerprint(_ payload: Bytes) -> UInt64 {
        var digest = Digest()
        digest.mix(payload)
        return digest.value
    }
}

// MARK: - What happens

extension BroadcastChecker {
    /// A node starts, for the first time or again.
    public mutating func started(_ node: NodeID, at time: Instant) {
        lives[place(node)].number += 1
        lives[place(node)].start = time
        guard lives[place(node)].number > 1 else { return }
        for index in messages.indices { messages[index].holders.remove(place(node)) }
    }

    /// A node crashes.
    public mutating func crashed(_ node: NodeID, at time: Instant) {
        lives[place(node)].lastCrash = time
    }

    /// A message of broadcasts is about to be taken.
    public mutating func arrives(_ message: borrowing Broadcast.Message) {
        switch copy message {
        case .broadcast(let letter): countCopy(letter.id)
        case .direct, .receipt: break
        }
    }

    /// A copy of a payload arrives somewhere.
    public mutating func countCopy(_ id: Broadcast.MessageID) {
        let (index, isKnown) = places.position(of: id)
        if isKnown { messages[places.values[index]].copies += 1 }
    }

    /// A node tells what broadcasts did.
    public mutating func said(_ output: borrowing Broadcast.Output, _ occasion: Occasion) {
        switch copy output {
        case .sent(let id, let payload): sent(id, payload, occasion)
        case .delivered(let letter):
            checkHops(letter, occasion)
            delivered(letter.id, letter.payload, hops: letter.hops, path: letter.path, occasion)
        case .sentDirect(let id, let receiver, let payload):
            direct.sent += 1
            letters[id] = DirectRecord(
                receiver: receiver, fingerprint: Self.fingerprint(payload), occasion: occasion)
        case .received(let letter):
            if letter.id.origin != occasion.node { checkHops(letter, occasion) }
            received(letter, occasion)
        case .confirmed(let id, let receiver):
            direct.confirmed += 1
            guard letters[id]?.isReceived != true else { return }
            breaks(
                BroadcastPromises.direct, "\(id) was confirmed although \(receiver) never received it",
                [occasion.evidence("takes \(id) for received by \(receiver)")])
        case .undeliverable: direct.undeliverable += 1
        case .ended: endedCount += 1
        case .rejected, .ignored: break
        }
    }

    /// A node tells what the tree did.
    public mutating func said(_ output: borrowing Plumtree.Output, _ occasion: Occasion) {
        switch copy output {
        case .sent(let id, let payload): sent(id, payload, occasion)
        case .delivered(let id, let payload, let hops): delivered(id, payload, hops: hops, path: nil, occasion)
        case .tooLong: break
        }
    }

    /// A node tells everybody something.
    public mutating func sent(_ id: Broadcast.MessageID, _ payload: Bytes, _ occasion: Occasion) {
        var record = Record(
            id: id, time: occasion.time, event: occasion.event, fingerprint: Self.fingerprint(payload),
            holders: BitSet())
        record.holders.insert(place(occasion.node))
        if id.origin != occasion.node || places.contains(id) {
            return breaks(
                BroadcastPromises.sent, "\(occasion.node) sent \(id) under a name that is not its own or not new",
                [occasion.evidence("sends \(id)")])
        }
        places[id] = messages.count
        messages.append(record)
    }

    /// A node delivers a message to everybody.
    ///
    /// - Parameter path: The nodes it came by; `nil` when messages carry no path.
    public mutating func delivered(
        _ id: Broadcast.MessageID, _ payload: Bytes, hops: Int, path: [NodeID]?, _ occasion: Occasion
    ) {
        guard let index = places[id], messages[index].fingerprint == Self.fingerprint(payload) else {
            return breaks(
                BroadcastPromises.sent, "\(occasion.node) delivered \(id), which was never sent so",
                [occasion.evidence("delivers \(id)")])
        }
        let place = place(occasion.node)
        if messages[index].holders.contains(place) {
            breaks(
                BroadcastPromises.once, "\(occasion.node) delivered \(id) twice",
                [sending(index), occasion.evidence("delivers it again")])
        }
        messages[index].holders.insert(place)
        messages[index].deliveries += 1
        messages[index].lastHop = hops
        messages[index].lastDelay = occasion.time - messages[index].time
        delays.append(messages[index].lastDelay.nanoseconds)
        if let path { checkPath(path, index, occasion) }
    }

    private func sending(_ index: Int) -> Evidence {
        let record = messages[index]
        return Evidence(event: record.event, time: record.time, node: record.id.origin, "sends \(record.id)")
    }

    private mutating func checkHops(_ letter: Broadcast.Letter, _ occasion: Occasion) {
        guard hopLimit > 0, letter.hops > hopLimit else { return }
        breaks(
            BroadcastPromises.hops, "\(letter.id) made \(letter.hops) hops, \(hopLimit) are allowed",
            [occasion.evidence("takes \(letter)")])
    }

    /// Checks that every node of a path has delivered the message by the path before it.
    private mutating func checkPath(_ path: [NodeID], _ index: Int, _ occasion: Occasion) {
        if messages[index].parents.isEmpty { messages[index].parents = [UInt32](repeating: 0, count: lives.count) }
        var fault: String?
        if path.first != messages[index].id.origin || path.contains(occasion.node) {
            fault = "does not begin at its origin, or comes back"
        }
        for step in 1..<(path.count > 1 ? path.count : 1) where place(path[step]) < lives.count {
            let parent = messages[index].parents[place(path[step])]
            // A node that was down may have got it again on another way.
            guard lives[place(path[step])].number <= 1, parent != UInt32(place(path[step - 1]) + 1) else { continue }
            fault = "names \(path[step]) behind \(path[step - 1]), from whom it does not have the message"
        }
        if let last = path.last { messages[index].parents[place(occasion.node)] = UInt32(place(last) + 1) }
        guard let fault else { return }
        breaks(
            BroadcastPromises.path, "the path with which \(occasion.node) got \(messages[index].id) \(fault)",
            [sending(index), occasion.evidence("delivers it")])
    }

    private mutating func received(_ letter: Broadcast.Letter, _ occasion: Occasion) {
        guard var record = letters[letter.id], record.fingerprint == Self.fingerprint(letter.payload) else {
            return breaks(
                BroadcastPromises.sent, "\(occasion.node) received \(letter.id), which was never sent so",
                [occasion.evidence("receives \(letter)")])
        }
        if record.receiver != occasion.node {
            breaks(
                BroadcastPromises.direct,
                "\(occasion.node) received \(letter.id), which was meant for \(record.receiver)",
                [record.occasion.evidence("sends it"), occasion.evidence("receives it")])
        }
        let life = lives[place(occasion.node)].number
        if record.life == life {
            breaks(
                BroadcastPromises.once, "\(occasion.node) received \(letter.id) twice",
                [record.occasion.evidence("sends it"), occasion.evidence("receives it again")])
        }
        record.isReceived = true
        record.life = life
        letters[letter.id] = record
    }
}

// MARK: - The end

extension BroadcastChecker {
    /// Judges whether messages travelled on a tree: after the first ten, copies that told nothing new were at most half
    /// as many as deliveries.
    public func judgeTree(at time: Instant) -> Violation? {
        var copies: Int64 = 0
        var deliveries: Int64 = 0
        for record in messages.dropFirst(10) {
            copies += record.copies
            deliveries += record.deliveries
        }
        guard (copies - deliveries) * 2 > deliveries else { return nil }
        return Violation(
            BroadcastPromises.tree, "\(copies) copies arrived for \(deliveries) deliveries",
            evidence: [Evidence(event: 0, time: time, node: NodeID(0), "the run ends")])
    }

    /// Judges whether everybody heard everything.
    ///
    /// - Parameters:
    ///   - nodes: The nodes that are up.
    ///   - catchUp: How long after the sending of a message a node may have started and must have it all the same.
    /// - Returns: The first message that somebody misses. One whose sender crashed within a second of sending it, so
    ///   that nobody else may ever have had it, does not count.
    public func judgeReach(_ nodes: [NodeID], catchUp: Interval, at time: Instant) -> Violation? {
        for index in messages.indices {
            let record = messages[index]
            let sender = lives[place(record.id.origin)]
            if let crash = sender.lastCrash, crash >= record.time, crash - record.time < .seconds(1) { continue }
            for node in nodes where !record.holders.contains(place(node)) {
                guard lives[place(node)].start <= record.time + catchUp else { continue }
                return Violation(
                    BroadcastPromises.reachesAll, "\(node) never got \(record.id)",
                    evidence: [
                        sending(index),
                        Evidence(
                            event: 0, time: time, node: node,
                            "does not have it; it is up since \(lives[place(node)].start)"),
                    ])
            }
        }
        return nil
    }
}
