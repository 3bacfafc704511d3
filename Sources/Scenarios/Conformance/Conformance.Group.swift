import MeshCore
import Simulator

extension Conformance {
    /// A Raft group that a script moves by hand: nothing is delivered, lost, made durable or crashed by itself.
    ///
    /// The durability contract is kept to the letter: what stands behind an unfinished write is held back across steps.
    /// Every step writes a line about its input and one for each effect below it, and Raft's promises are checked after
    /// each.
    struct Group {
        /// The nodes n1, n2 and so on.
        var hosts: [Host] = []
        /// Messages under way, in the order of sending.
        var letters: [Letter] = []
        /// Messages that were put aside, with the name they were put aside under.
        var parked: [(name: Bytes, letter: Letter)] = []
        /// Links that lose everything.
        var cuts: [(from: NodeID, to: NodeID)] = []
        /// What has happened in the command under way.
        var transcript = ""
        var checker: RaftChecker?
        /// The keys that a script has named, so that a store can be shown.
        var keys: [Bytes] = []
        /// How many inputs the nodes have taken.
        private(set) var eventCount: UInt64 = 0
        private var reportedViolations = 0

        /// The most nodes of a script.
        static var nodeLimit: Int { 16 }
    }

    /// A message under way.
    struct Letter {
        let from: NodeID
        let to: NodeID
        let message: Raft.Message
    }

    /// A node with its disk, its driver and the program it is embedded in.
    struct Host {
        /// The running node; what it was before the crash while it is down.
        var node: Raft.Node
        let settings: Raft.Settings
        let configuration: Raft.Configuration
        /// What is durable.
        private(set) var disk = Raft.Stable()
        /// The records it came from, oldest first, and that of the damage where there was some.
        private(set) var records: [Raft.Stable.Record] = []
        /// Whether every write is durable at once.
        var syncsAtOnce = true
        /// Records that are written and not durable, oldest first.
        var unsynced: [(ticket: Ticket, record: Raft.Stable.Record)] = []
        /// Effects behind them, each with the ticket it waits for.
        var held: [(ticket: Ticket, effect: Effect<Raft.Node>)] = []
        /// The timers that are set.
        var timers: [(name: Raft.Timer, at: Instant)] = []
        var isUp = false
        /// The node's clock, apart from everyone else's.
        var clock = Instant.zero
        /// What has been applied: commands with their positions; the commands of a snapshot stand at its position.
        var applied: [(index: Raft.LogIndex, command: Bytes)] = []
        /// The program, where it is a store with sessions and no list of commands.
        var store: KeyValueStore?

        var id: NodeID { node.id }

        /// Makes a record durable.
        mutating func write(_ record: Raft.Stable.Record) {
            disk.apply(record)
            records.append(record)
        }

        /// Forgets everything durable.
        mutating func wipe() {
            disk = Raft.Stable()
            records = []
        }

        /// Leaves the first `count` records, and what says of a disk that it was found damaged.
        ///
        /// - Returns: What is lost.
        mutating func damage(behind count: Int) -> [Raft.Stable.Record] {
            let kept = Array(records.prefix(count))
            let lost = Array(records.dropFirst(count))
            wipe()
            for record in kept { write(record) }
            write(.amnesia(true))
            return lost
        }
    }
}

extension Conformance.Group {
    func position(of id: NodeID) -> Int { Int(truncatingIfNeeded: id.rawValue) - 1 }

    /// Writes a line about what happens to a node.
    mutating func note(_ text: String) { transcript += text + "\n" }

    /// Writes a line about what follows.
    mutating func noteEffect(_ text: String) { transcript += "  " + text + "\n" }

    /// Gives away what has happened, with the promises that were broken meanwhile.
    mutating func takeTranscript() -> String {
        var text = ""
        swap(&text, &transcript)
        return text
    }

    /// The promises that were broken since the last call, a line for each.
    mutating func takeViolations() -> String {
        var text = ""
        guard let checker else { return text }
        for violation in checker.violations[reportedViolations...] {
            text += "BROKEN \(violation.promise): \(violation.text)\n"
        }
        reportedViolations = checker.violations.count
        return text
    }

    mutating func occasion(_ position: Int) -> Occasion {
        Occasion(event: eventCount, time: hosts[position].clock, node: hosts[position].id)
    }
}

// MARK: - Steps

extension Conformance.Group {
    /// Feeds a node one input and carries out what follows.
    mutating func step(_ position: Int, _ input: consuming Input<Raft.Node>) {
        eventCount += 1
        var outbox = Outbox<Effect<Raft.Node>>()
        hosts[position].node.step(input, at: hosts[position].clock, into: &outbox)
        var effects: [Effect<Raft.Node>] = []
        outbox.drain { effects.append($0) }
        check(effects, position)
        for effect in effects { carryOut(effect, position) }
        if hosts[position].syncsAtOnce, let last = hosts[position].unsynced.last {
            hosts[position].unsynced.removeAll()
            step(position, .persisted(last.ticket))
        }
    }

    private mutating func check(_ effects: [Effect<Raft.Node>], _ position: Int) {
        guard var checker else { return }
        let occasion = occasion(position)
        let node = hosts[position].node
        for case .persist(let record, _) in effects { checker.wrote(record, node, occasion) }
        checker.stepped(node, occasion) { isDurable($0, $1, $2) }
        for case .output(let output) in effects { checker.said(output, node, occasion) { isDurable($0, $1, $2) } }
        self.checker = checker
    }

    private func isDurable(_ place: Int, _ index: Raft.LogIndex, _ term: Raft.Term) -> Bool {
        guard place < hosts.count else { return false }
        let log = hosts[place].disk.log
        return index <= log.snapshotIndex || log.term(at: index) == term
    }

    private mutating func carryOut(_ effect: Effect<Raft.Node>, _ position: Int) {
        switch effect {
        case .setTimer(let name, at: let instant):
            hosts[position].timers.removeAll { $0.name == name }
            hosts[position].timers.append((name, instant))
        case .cancelTimer(let name):
            hosts[position].timers.removeAll { $0.name == name }
        case .persist(let record, let ticket):
            noteEffect("writes \(record)")
            hosts[position].unsynced.append((ticket, record))
            if hosts[position].syncsAtOnce { hosts[position].write(record) }
        case .send, .output:
            if !hosts[position].syncsAtOnce, let last = hosts[position].unsynced.last {
                hosts[position].held.append((last.ticket, effect))
                for line in describe(effect) { noteEffect("\(line) (waits)") }
            } else {
                release(effect, position)
            }
        }
    }

    /// An effect that leaves the node, as a line, or as one for each entry that is to be applied.
    private func describe(_ effect: Effect<Raft.Node>) -> [String] {
        switch effect {
        case .send(let message, to: let peer): ["-> \(peer) \(message)"]
        case .output(.apply(let entries)): entries.map { "apply \(text($0))" }
        case .output(let output): [output.description]
        case .setTimer, .cancelTimer, .persist: []
        }
    }

    private mutating func release(_ effect: Effect<Raft.Node>, _ position: Int) {
        switch effect {
        case .send(let message, to: let peer):
            let id = hosts[position].id
            let occasion = occasion(position)
            checker?.left(message, to: peer, hosts[position].disk, occasion)
            let isLost = cuts.contains { $0.from == id && $0.to == peer }
            for line in describe(effect) { noteEffect(line + (isLost ? " (lost)" : "")) }
            if !isLost { letters.append(Conformance.Letter(from: id, to: peer, message: message)) }
        case .output(let output):
            for line in describe(effect) { noteEffect(line) }
            take(output, position)
        case .setTimer, .cancelTimer, .persist:
            break
        }
    }

    /// Plays the embedding program: a list of commands.
    private mutating func take(_ output: Raft.Output, _ position: Int) {
        if case .apply(let entries) = output {
            for entry in entries {
                guard case .command(let command) = entry.payload else { continue }
                hosts[position].applied.append((entry.index, command))
                noteAnswer(hosts[position].store?.apply(command))
            }
        }
        if case .installed(let index, _, let state) = output {
            if hosts[position].store != nil {
                hosts[position].store = try? KeyValueStore(snapshot: state)
            } else {
                hosts[position].applied = Self.unpack(state).map { (index, $0) }
            }
        }
    }

    /// A snapshot's state: the commands with commas between them.
    static func pack(_ commands: [Bytes]) -> Bytes {
        var bytes: [UInt8] = []
        for (position, command) in commands.enumerated() { bytes += (position > 0 ? [0x2c] : []) + command.storage }
        return Bytes(bytes)
    }

    private static func unpack(_ state: Bytes) -> [Bytes] {
        state.isEmpty
            ? [] : state.storage.split(separator: 0x2c, omittingEmptySubsequences: false).map { Bytes(Array($0)) }
    }
}

// MARK: - Disks, crashes and time

extension Conformance.Group {
    /// Makes the oldest `count` unsynced records of a node durable and lets go what waited for them.
    mutating func persist(_ position: Int, _ count: Int) {
        var left = count
        while left > 0, hosts[position].isUp, let write = hosts[position].unsynced.first {
            hosts[position].unsynced.removeFirst()
            hosts[position].write(write.record)
            note("\(hosts[position].id) has written \(write.record)")
            while let first = hosts[position].held.first, first.ticket <= write.ticket {
                hosts[position].held.removeFirst()
                release(first.effect, position)
            }
            step(position, .persisted(write.ticket))
            left -= 1
        }
    }

    /// Stops a node; of its unsynced records the oldest `keeping` happen to be on the disk, which may be lost as well.
    mutating func crash(_ position: Int, keeping: Int, isWiped: Bool) {
        let writes = hosts[position].unsynced
        for write in writes.prefix(keeping) { hosts[position].write(write.record) }
        note("\(hosts[position].id) crashes\(isWiped ? " and loses its disk" : "")")
        for write in writes.dropFirst(keeping) { noteEffect("loses \(write.record)") }
        hosts[position].unsynced = []
        hosts[position].held = []
        hosts[position].timers = []
        hosts[position].isUp = false
        if isWiped { hosts[position].wipe() }
        checker?.crashed(hosts[position].id, wiped: isWiped, hosts[position].disk)
    }

    /// Finds the disk of a stopped node damaged behind its first `count` records: it goes on behind those.
    mutating func damage(_ position: Int, behind count: Int) {
        let all = hosts[position].records.count
        note("\(hosts[position].id) finds its disk damaged behind \(min(count, all)) of \(all) records")
        for record in hosts[position].damage(behind: count) { noteEffect("loses \(record)") }
        checker?.salvaged(hosts[position].id, hosts[position].disk)
    }

    /// Starts a node from what its disk holds.
    mutating func start(_ position: Int) {
        let host = hosts[position]
        hosts[position].node = Raft.Node(
            id: host.id, configuration: host.configuration, settings: host.settings, random: Random(seed: 1))
        hosts[position].node.restore(host.disk)
        hosts[position].applied = []
        if let store = host.store { hosts[position].store = KeyValueStore(sessionLimit: store.sessions.limit) }
        hosts[position].isUp = true
        note("\(host.id) starts")
        step(position, .restarted)
    }

    /// Fires a timer, the node's clock going on to its time.
    ///
    /// - Returns: Whether it was set.
    mutating func fire(_ position: Int, _ name: Raft.Timer) -> Bool {
        guard let place = hosts[position].timers.firstIndex(where: { $0.name == name }) else { return false }
        let timer = hosts[position].timers.remove(at: place)
        if timer.at > hosts[position].clock { hosts[position].clock = timer.at }
        note("\(hosts[position].id) timer \(name)")
        step(position, .timer(name))
        return true
    }

    /// Lets time pass at some nodes, their timers firing in order; nothing is delivered.
    mutating func advance(_ positions: [Int], by interval: Interval) {
        let ends = hosts.map { $0.clock + interval }
        while let (position, name) = nextTimer(positions, before: ends), fire(position, name) {}
        for position in positions where hosts[position].clock < ends[position] {
            hosts[position].clock = ends[position]
        }
    }

    /// The timer with the shortest way to go.
    private func nextTimer(_ positions: [Int], before ends: [Instant]) -> (Int, Raft.Timer)? {
        var best: (Int, Raft.Timer)?
        var longest = Interval.zero
        for position in positions where hosts[position].isUp {
            for timer in hosts[position].timers {
                let rest = ends[position] - timer.at
                guard rest >= .zero, best == nil || rest > longest else { continue }
                best = (position, timer.name)
                longest = rest
            }
        }
        return best
    }
}
