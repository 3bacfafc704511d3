public import MeshCore

// MARK: - Network and time

extension RaftCluster {
    /// Delivers the message at a place in the line.
    public mutating func deliver(at place: Int) {
        let letter = letters.remove(at: place)
        step(letter.to, .receive(letter.message, from: letter.from))
    }

    /// Delivers the messages that are under way now and match, in order; what they cause stays under way.
    ///
    /// - Returns: How many were delivered.
    @discardableResult
    public mutating func deliver(where matches: (Letter) -> Bool = { _ in true }) -> Int {
        let due = letters.filter(matches)
        letters.removeAll(where: matches)
        for letter in due { step(letter.to, .receive(letter.message, from: letter.from)) }
        return due.count
    }

    /// Loses the messages that are under way and match.
    public mutating func drop(where matches: (Letter) -> Bool = { _ in true }) {
        letters.removeAll(where: matches)
    }

    /// Delivers until nothing is under way.
    ///
    /// - Returns: Whether that came to an end within a bound that no healthy group reaches.
    @discardableResult
    public mutating func settle(limit: Int = 100_000) -> Bool {
        var count = 0
        while !letters.isEmpty {
            if count >= limit { return false }
            deliver(at: 0)
            count += 1
        }
        return true
    }

    /// Cuts the links between two groups of nodes, in both directions.
    public mutating func partition(_ left: [Int], _ right: [Int]) {
        for first in left {
            for second in right {
                cuts.append((NodeID(UInt64(first)), NodeID(UInt64(second))))
                cuts.append((NodeID(UInt64(second)), NodeID(UInt64(first))))
            }
        }
    }

    /// Mends all links.
    public mutating func heal() { cuts = [] }

    /// Fires one timer of a node, whether it is due or not.
    ///
    /// - Returns: Whether it was set.
    @discardableResult
    public mutating func fire(_ number: Int, _ name: Raft.Timer) -> Bool {
        let position = number - 1
        guard let timer = hosts[position].timers.first(where: { $0.name == name }) else { return false }
        hosts[position].timers.removeAll { $0.name == name }
        hosts[position].clock = timer.at
        step(hosts[position].node.id, .timer(name))
        return true
    }

    /// Lets time pass for everyone alike, timers firing in order and messages arriving at once.
    public mutating func run(for interval: Interval) {
        let start = hosts.map(\.clock).max() ?? .zero
        for position in hosts.indices { shift(position, to: start) }
        settle()
        let end = start + interval
        while let (position, timer) = nextTimer(before: end) {
            for other in hosts.indices { hosts[other].clock = timer.at }
            hosts[position].timers.removeAll { $0.name == timer.name }
            step(hosts[position].node.id, .timer(timer.name))
            settle()
        }
        for position in hosts.indices { hosts[position].clock = end }
    }

    /// Lets a node's clock jump; its timers keep their distance, as they measure elapsed time.
    public mutating func setClock(_ number: Int, to instant: Instant) { shift(number - 1, to: instant) }

    private mutating func shift(_ position: Int, to instant: Instant) {
        let distance = instant - hosts[position].clock
        for index in hosts[position].timers.indices {
            hosts[position].timers[index].at = hosts[position].timers[index].at + distance
        }
        hosts[position].clock = instant
    }

    private func nextTimer(before end: Instant) -> (Int, (name: Raft.Timer, at: Instant))? {
        var best: (Int, (name: Raft.Timer, at: Instant))?
        for position in hosts.indices where hosts[position].isUp {
            for timer in hosts[position].timers where timer.at <= end && timer.at < best?.1.at ?? .distantFuture {
                best = (position, timer)
            }
        }
        return best
    }

    /// Nobody led within ten seconds.
    public struct NoLeader: Error {}

    /// Runs until somebody leads and everybody who is up follows it, or ten seconds have passed.
    ///
    /// - Returns: The leader's number.
    @discardableResult
    public mutating func elect() throws(NoLeader) -> Int {
        for _ in 0..<200 {
            run(for: .milliseconds(50))
            if let leader, hosts.allSatisfy({ !$0.isUp || $0.node.leader == leader }) { return Int(leader.rawValue) }
        }
        throw NoLeader()
    }

    /// Makes a node the leader of a settled group, by hand.
    public mutating func lead(_ number: Int) {
        campaign(number)
        settle()
    }
}
