import MeshCore
import Simulator

extension Conformance {
    /// Carries out the commands that move a Raft group.
    struct GroupScript {
        var group = Group()
        /// The number of the last proposal.
        private var lastProposal: UInt64 = 0

        /// Carries a command out and tells what happened; `nil` if it is none of a group's.
        mutating func run(_ test: Case) throws(Scenario.ParseError) -> String? {
            var test = test
            let isQuiet = test.takeWord("quiet")
            guard Self.names.contains(test.name) else { return nil }
            if let keys = Self.keys(of: test.name) { try test.checkValues(keys) }
            guard try carryOut(test) else { return nil }
            let text = group.takeTranscript()
            let broken = group.takeViolations()
            if text.isEmpty && broken.isEmpty { return "ok" }
            return (isQuiet ? "ok\n" : text) + broken
        }

        /// The names of all commands.
        static var names: [Bytes] {
            [
                "add-nodes", "load", "start", "crash", "disk", "persist", "campaign", "propose", "compact", "transfer",
                "fire", "advance", "deliver", "drop", "double", "keep", "release", "stabilize", "cut", "isolate",
                "heal", "messages", "log", "on-disk", "state", "status", "agree", "change", "leave", "read",
                "propose-all", "peer-down", "peer-up", "ask", "damage", "accept-loss",
            ]
        }

        /// The arguments with values that a command takes; `nil` if any name may be one.
        private static func keys(of name: Bytes) -> [Bytes]? {
            switch name {
            case "add-nodes": nil
            case "load": ["log", "term", "vote"]
            case "crash": ["keeping"]
            case "damage": ["behind"]
            case "fire": ["times"]
            case "persist": ["count"]
            case "propose": ["size"]
            case "ask": ["session", "number", "answered"]
            case "peer-down", "peer-up": ["to"]
            case "transfer": ["to"]
            case "change": ["transition"]
            case "advance": ["ms"]
            case "deliver", "drop", "double": ["from", "to", "kind", "count"]
            case "keep": ["from", "to", "kind", "count", "as"]
            case "cut": ["from", "to"]
            case _: []
            }
        }

        private mutating func carryOut(_ test: Case) throws(Scenario.ParseError) -> Bool {
            switch test.name {
            case "add-nodes": try addNodes(test)
            case "load": try load(test)
            case "start": try start(test)
            case "crash": try crash(test)
            case "damage": try damage(test)
            case "disk": try setDisk(test)
            case "persist": try persist(test)
            case "campaign", "propose", "compact", "transfer", "change", "leave", "read", "propose-all",
                "peer-down", "peer-up", "ask", "accept-loss":
                try command(test)
            case "fire": try fire(test)
            case "advance": try advance(test)
            case "deliver", "drop", "double", "keep", "release", "stabilize", "cut", "isolate", "heal":
                try moveMessages(test)
            case "messages", "log", "on-disk", "state", "status", "agree": try show(test)
            case _: return false
            }
            return true
        }
    }
}

// MARK: - Nodes

extension Conformance.GroupScript {
    private mutating func addNodes(_ test: Conformance.Case) throws(Scenario.ParseError) {
        var test = test
        let isStopped = test.takeWord("stopped")
        guard let first = test.arguments.first, first.values == nil else {
            throw test.mistake("say how many: add-nodes 3")
        }
        let count = try test.number(first.key, of: first)
        guard count > 0, group.hosts.count + Int(count) <= Conformance.Group.nodeLimit else {
            throw test.mistake("a group has 1 to \(Conformance.Group.nodeLimit) nodes", at: first)
        }
        let settings = try test.settings()
        let store = try test.store()
        let firstNew = group.hosts.count
        let everyone = (1...(UInt64(firstNew) + count)).map { NodeID($0) }
        let voters = try test.nodes("voters", among: everyone) ?? everyone
        let learners = try test.nodes("learners", among: everyone) ?? []
        let witnesses = try test.nodes("witnesses", among: everyone) ?? []
        let configuration = Raft.Configuration(voters: voters, learners: learners, witnesses: witnesses)
        for id in everyone[firstNew...] {
            let node = Raft.Node(id: id, configuration: configuration, settings: settings, random: Random(seed: 1))
            var host = Conformance.Host(node: node, settings: settings, configuration: configuration)
            host.store = store
            group.hosts.append(host)
        }
        if group.checker == nil {
            group.checker = RaftChecker(nodeCount: Conformance.Group.nodeLimit)
        }
        if isStopped { return }
        for position in firstNew..<group.hosts.count { group.start(position) }
        _ = group.takeTranscript()
    }

    /// Fills the disk of a node that has not been started.
    private mutating func load(_ test: Conformance.Case) throws(Scenario.ParseError) {
        let position = try test.node(in: group)
        guard !group.hosts[position].isUp else { throw test.mistake("\(group.hosts[position].id) runs") }
        var entries: [Raft.Entry] = []
        for value in test.argument("log")?.values ?? [] {
            guard let argument = test.argument("log") else { break }
            let term = Raft.Term(try test.number(value, of: argument))
            let index = Raft.LogIndex(UInt64(entries.count + 1))
            if let last = entries.last, term < last.term { throw test.mistake("terms fall along a log", at: argument) }
            entries.append(Raft.Entry(term: term, index: index, payload: .command(Bytes("t\(term)i\(index)"))))
        }
        let vote = try test.nodes("vote", among: group.hosts.map { $0.id })?.first
        var term = entries.last?.term ?? .zero
        if let argument = test.argument("term"), let value = argument.values?.first {
            let named = Raft.Term(try test.number(value, of: argument))
            guard named >= term else { throw test.mistake("the log ends in a later term", at: argument) }
            term = named
        }
        for record in [
            .hardState(term: term, votedFor: vote), .append(from: Raft.LogIndex(1), entries: Raft.Entries(entries)),
        ] as [Raft.Stable.Record] {
            group.hosts[position].write(record)
            let occasion = group.occasion(position)
            var node = group.hosts[position].node
            node.restore(group.hosts[position].disk)
            group.checker?.wrote(record, node, occasion)
        }
    }

    private mutating func start(_ test: Conformance.Case) throws(Scenario.ParseError) {
        var positions = try test.nodes(in: group)
        if positions.isEmpty { positions = Array(group.hosts.indices) }
        for position in positions {
            guard !group.hosts[position].isUp else { throw test.mistake("\(group.hosts[position].id) runs already") }
        }
        for position in positions { group.start(position) }
    }

    private mutating func crash(_ test: Conformance.Case) throws(Scenario.ParseError) {
        var test = test
        let isWiped = test.takeWord("wiped")
        let keeping = try test.count("keeping") ?? 0
        for position in try test.nodes(in: group) {
            guard group.hosts[position].isUp else { throw test.mistake("\(group.hosts[position].id) is down already") }
            group.crash(position, keeping: keeping, isWiped: isWiped)
        }
    }

    /// Lets a stopped node find its disk damaged.
    private mutating func damage(_ test: Conformance.Case) throws(Scenario.ParseError) {
        let position = try test.node(in: group)
        let id = group.hosts[position].id
        guard !group.hosts[position].isUp else { throw test.mistake("\(id) runs: crash it first") }
        guard let count = try test.count("behind") else { throw test.mistake("what is legible? damage n1 behind=2") }
        group.damage(position, behind: count)
    }

    private mutating func setDisk(_ test: Conformance.Case) throws(Scenario.ParseError) {
        var test = test
        let isSlow = test.takeWord("slow")
        guard isSlow || test.takeWord("fast") else { throw test.mistake("a disk is slow or fast") }
        for position in try test.nodes(in: group) {
            guard isSlow || group.hosts[position].unsynced.isEmpty else {
                throw test.mistake("\(group.hosts[position].id) has unfinished writes: persist them first")
            }
            group.hosts[position].syncsAtOnce = !isSlow
        }
    }

    private mutating func persist(_ test: Conformance.Case) throws(Scenario.ParseError) {
        let count = try test.count("count") ?? .max
        for position in try test.nodes(in: group) {
            if group.hosts[position].unsynced.isEmpty { group.note("\(group.hosts[position].id) has nothing to write") }
            group.persist(position, count)
        }
    }

    private mutating func fire(_ test: Conformance.Case) throws(Scenario.ParseError) {
        var test = test
        var name: Bytes?
        for word in ["election", "heartbeat", "lease"] as [Bytes] where test.takeWord(word) { name = word }
        guard let name else { throw test.mistake("say which timer: election, heartbeat or lease") }
        let times = try test.count("times") ?? 1
        for position in try test.nodes(in: group) {
            for _ in 0..<times where !fireFirst(position, name) {
                group.note("\(group.hosts[position].id) has no \(name) timer set")
            }
        }
    }

    /// Fires the timer whose name begins so and that has the shortest way to go.
    private mutating func fireFirst(_ position: Int, _ name: Bytes) -> Bool {
        let timers = group.hosts[position].timers.filter { Bytes($0.name.description).hasPrefix(name) }
        guard let first = timers.min(by: { $0.at < $1.at }) else { return false }
        return group.fire(position, first.name)
    }

    private mutating func advance(_ test: Conformance.Case) throws(Scenario.ParseError) {
        guard let milliseconds = try test.count("ms") else { throw test.mistake("say how far: advance ms=50") }
        var positions = try test.nodes(in: group)
        if positions.isEmpty { positions = Array(group.hosts.indices) }
        group.advance(positions, by: .milliseconds(Int64(milliseconds)))
    }
}

// MARK: - Commands

extension Conformance.GroupScript {
    private mutating func command(_ test: Conformance.Case) throws(Scenario.ParseError) {
        let hasMore = (["propose", "compact", "propose-all", "ask"] as [Bytes]).contains(test.name)
        let position = try test.node(in: group, allowsMore: hasMore)
        guard group.hosts[position].isUp else { throw test.mistake("\(group.hosts[position].id) is down") }
        let peer = try test.nodes("to", among: group.hosts.map { $0.id })?.first
        switch test.name {
        case "campaign": give(.campaign, position)
        case "accept-loss": give(.acceptLoss, position)
        case "propose": try propose(test, position)
        case "propose-all": try proposeAll(test, position)
        case "ask": try ask(test, position)
        case "compact": try compact(test, position)
        case "transfer": give(.transfer(to: peer), position)
        case "read": give(.read(id: nextID(1)), position)
        case "leave": give(.leaveJoint(id: nextID(1)), position)
        case "change":
            let changes = try test.changes()
            let transition = try test.transition()
            give(.changeConfiguration(changes, id: nextID(1), transition: transition), position)
        case _:
            guard let peer else { throw test.mistake("say who: \(test.name) n1 to=n2") }
            give(test.name == "peer-up" ? .peerUp(peer) : .peerDown(peer), position)
        }
    }

    /// The next number for something that is asked, and room for so many.
    mutating func nextID(_ count: Int) -> UInt64 {
        lastProposal += UInt64(UInt(bitPattern: count))
        return lastProposal + 1 - UInt64(UInt(bitPattern: count))
    }

    private mutating func give(_ command: Raft.Command, _ position: Int) {
        group.note("\(group.hosts[position].id) \(command)")
        group.step(position, .command(command))
    }

    /// Proposes every word behind the node, or one command of a size.
    private mutating func propose(_ test: Conformance.Case, _ position: Int) throws(Scenario.ParseError) {
        let words = test.arguments.dropFirst().filter { $0.values == nil }
        let size = try test.count("size")
        guard !words.isEmpty else { throw test.mistake("say what is proposed: propose n1 a b") }
        for word in words {
            let id = nextID(1)
            var command = word.key
            while command.count < size ?? 0 { command.storage.append(0x2e) }
            group.note("\(group.hosts[position].id) propose #\(id) \"\(word.key)\"")
            group.step(position, .command(.propose(command, id: id)))
        }
    }

    /// Proposes all words behind the node in one step.
    private mutating func proposeAll(_ test: Conformance.Case, _ position: Int) throws(Scenario.ParseError) {
        let words = test.arguments.dropFirst().map { $0.key }
        guard !words.isEmpty else { throw test.mistake("say what is proposed: propose-all n1 a b") }
        give(.proposeAll(Array(words), firstID: nextID(words.count)), position)
    }

    /// Hands over the program's state, all of it or as it was after a position.
    private mutating func compact(_ test: Conformance.Case, _ position: Int) throws(Scenario.ParseError) {
        let host = group.hosts[position]
        var index = host.node.appliedIndex
        if test.arguments.count > 1 {
            index = Raft.LogIndex(try test.number(test.arguments[1].key, of: test.arguments[1]))
        }
        if let store = host.store {
            guard index == host.node.appliedIndex else {
                throw test.mistake("a store is there as it is now: compact n1")
            }
            return give(.compact(upTo: index, state: store.snapshot), position)
        }
        let commands = host.applied.filter { $0.index <= index }.map { $0.command }
        give(.compact(upTo: index, state: Conformance.Group.pack(commands)), position)
    }
}

// MARK: - Messages

extension Conformance.GroupScript {
    private mutating func moveMessages(_ test: Conformance.Case) throws(Scenario.ParseError) {
        switch test.name {
        case "deliver":
            var test = test
            let isReversed = test.takeWord("reversed")
            group.deliver(try test.selection(in: group), isReversed: isReversed)
        case "drop": group.drop(try test.selection(in: group))
        case "double": group.duplicate(try test.selection(in: group))
        case "keep":
            guard let name = test.argument("as")?.values?.first else { throw test.mistake("name them: keep as=old") }
            group.park(try test.selection(in: group), as: name)
        case "release":
            guard let name = test.arguments.first?.key, group.parked.contains(where: { $0.name == name }) else {
                throw test.mistake("nothing is kept under this name")
            }
            group.unpark(name)
        case "stabilize":
            let positions = try test.nodes(in: group)
            group.stabilize(positions.isEmpty ? group.hosts.map { $0.id } : positions.map { group.hosts[$0].id })
        case "heal": group.cuts = []
        case _: try cut(test)
        }
    }

    /// Cuts links: those between the nodes named, those from and to, or all of one node.
    private mutating func cut(_ test: Conformance.Case) throws(Scenario.ParseError) {
        let everyone = group.hosts.map { $0.id }
        let named = try test.nodes(in: group).map { everyone[$0] }
        let from: [NodeID]
        let to: [NodeID]
        if test.name == "isolate" {
            from = named
            to = everyone.filter { !named.contains($0) }
        } else if let senders = try test.nodes("from", among: everyone) {
            for sender in senders {
                for receiver in try test.nodes("to", among: everyone) ?? everyone {
                    group.cuts.append((sender, receiver))
                }
            }
            return
        } else {
            from = named
            to = named
        }
        for left in from {
            for right in to where left != right {
                group.cuts.append((left, right))
                group.cuts.append((right, left))
            }
        }
    }

    private mutating func show(_ test: Conformance.Case) throws(Scenario.ParseError) {
        var positions = try test.nodes(in: group)
        if positions.isEmpty { positions = Array(group.hosts.indices) }
        switch test.name {
        case "messages": group.showMessages()
        case "agree": group.showAgreement()
        case "log": for position in positions { group.showLog(position) }
        case "on-disk": for position in positions { group.showDisk(position) }
        case "state": for position in positions { group.showState(position) }
        case _: for position in positions { group.showStatus(position) }
        }
    }
}
