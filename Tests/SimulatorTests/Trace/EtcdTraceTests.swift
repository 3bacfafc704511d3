import Foundation
import MeshCore
import Simulator
import Testing

/// Writes the trace, and keeps what the simulator knows of every node beside it.
struct EtcdRecorder: Observer {
    typealias Machine = Raft.Node

    /// What a node was after a step, and where the trace ended then.
    struct Truth {
        var byteCount: Int
        var node: String
        var term: Int
        var vote: String
        var commit: Int
        var role: Raft.Role
        var last: Int
    }

    var trace: EtcdRaftTrace
    var truths: [Truth] = []

    init(nodeCount: Int) { trace = EtcdRaftTrace(nodeCount: nodeCount) }

    mutating func willStep(
        _ input: borrowing Input<Raft.Node>, at node: NodeID, in simulation: borrowing Simulation<Raft.Node>
    ) {
        trace.willStep(input, simulation[node], at: simulation.now)
    }

    mutating func didStep(
        _ effects: borrowing Outbox<Effect<Raft.Node>>, at node: NodeID, in simulation: borrowing Simulation<Raft.Node>
    ) {
        var list: [Effect<Raft.Node>] = []
        effects.forEach { list.append(copy $0) }
        trace.didStep(list, simulation[node])
        note(simulation[node])
    }

    mutating func willRelease(
        _ effect: borrowing Effect<Raft.Node>, at node: NodeID, in simulation: borrowing Simulation<Raft.Node>
    ) {
        guard case .send(let message, to: let peer) = copy effect else { return }
        trace.willRelease(message, from: node, to: peer, at: simulation.now)
    }

    mutating func didChange(_ change: HostChange, at node: NodeID, in simulation: borrowing Simulation<Raft.Node>) {
        guard change == .started else { return }
        trace.started(simulation[node], at: simulation.now)
        note(simulation[node])
    }

    private mutating func note(_ raft: borrowing Raft.Node) {
        truths.append(
            Truth(
                byteCount: trace.bytes.count, node: "\(raft.id.rawValue)", term: Int(raft.term.rawValue),
                vote: "\(raft.votedFor?.rawValue ?? 0)", commit: Int(raft.commitIndex.rawValue), role: raft.role,
                last: Int(raft.log.lastIndex.rawValue)))
    }
}

@Suite("The trace in etcd's form")
struct EtcdTraceTests {
    /// Runs a group and gives its trace.
    private func record(
        seed: UInt64, nodes count: UInt64 = 3, seconds: Int64 = 2, preVote: Bool = false,
        _ change: (inout Simulation<Raft.Node>, Int, inout EtcdRecorder) -> Void = { _, _, _ in }
    ) -> EtcdRecorder {
        var conditions = LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(10)))
        conditions.loss = .percent(2)
        var simulation = Simulation<Raft.Node>(seed: seed, conditions: conditions)
        simulation.disk.syncLatency = .uniform(.milliseconds(1), .milliseconds(5))
        var settings = Raft.Settings()
        settings.preVote = preVote
        let voters = (1...count).map { NodeID($0) }
        for _ in voters {
            simulation.addNode { id, random in Raft.Node(id: id, voters: voters, settings: settings, random: random) }
        }
        var recorder = EtcdRecorder(nodeCount: voters.count)
        for node in voters { simulation.start(node, observing: &recorder) }
        for tenth in 0..<Int(seconds * 10) {
            _ = simulation.run(until: .zero + .milliseconds(Int64(tenth) * 100), observing: &recorder)
            change(&simulation, tenth, &recorder)
            for node in voters where simulation.status(of: node) == .running {
                let command = Raft.Command.propose(Bytes("x\(tenth)"), id: UInt64(tenth))
                simulation.command(command, at: node, observing: &recorder)
            }
        }
        return recorder
    }

    /// A leader is cut off with some entries of its own, and comes back to a later term.
    private func partition(_ simulation: inout Simulation<Raft.Node>, _ tenth: Int, _ recorder: inout EtcdRecorder) {
        if tenth == 8, let leader = simulation.nodes.first(where: { simulation[$0].role == .leader }) {
            let place = Int(leader.rawValue) - 1
            let others = Array(simulation.nodes.indices).filter { $0 != place }
            _ = simulation.network.add(Cut.groups([BitSet([place]), BitSet(others)]))
        }
        if tenth == 15 { simulation.healCuts() }
    }

    private func lines(_ recorder: EtcdRecorder) throws -> [EtcdTraceLine] {
        try EtcdTraceLine.parse(recorder.trace.bytes)
    }

    @Test("Every line has the fields of its event and their types, and every event of a plain run occurs")
    func form() throws {
        var names: Set<String> = []
        for seed in 1...5 as ClosedRange<UInt64> {
            for line in try lines(record(seed: seed, seconds: 3, partition)) { names.insert(line.name) }
        }
        #expect(
            names == [
                "InitState", "BecomeCandidate", "BecomeFollower", "BecomeLeader", "Commit", "Replicate", "Ready",
                "SendAppendEntriesRequest", "ReceiveAppendEntriesRequest", "SendAppendEntriesResponse",
                "ReceiveAppendEntriesResponse", "SendRequestVoteRequest", "ReceiveRequestVoteRequest",
                "SendRequestVoteResponse", "ReceiveRequestVoteResponse",
            ])
    }

    @Test("The other project's model can take every line of runs with losses, cuts and deposed leaders")
    func model() throws {
        for seed in 1...12 as ClosedRange<UInt64> {
            let lines = try lines(record(seed: seed, nodes: seed % 2 == 0 ? 5 : 3, seconds: 3, partition))
            var model = EtcdTraceModel()
            #expect(throws: Never.self, "seed \(seed)") { try model.take(lines) }
            #expect(lines.count > 200)
            #expect(lines.contains { $0.name == "BecomeLeader" })
        }
    }

    @Test("After every step the model is where the simulator is")
    func truth() throws {
        let recorder = record(seed: 3, seconds: 3, partition)
        var model = EtcdTraceModel()
        var taken = 0
        for truth in recorder.truths {
            let part = Array(recorder.trace.bytes[taken..<truth.byteCount])
            taken = truth.byteCount
            try model.take(try EtcdTraceLine.parse(part))
            let node = try #require(model.nodes[truth.node])
            let roles: [Raft.Role: String] = [
                .follower: "StateFollower", .preCandidate: "StateFollower", .candidate: "StateCandidate",
                .leader: "StateLeader",
            ]
            #expect(node.term == truth.term)
            #expect(node.vote == truth.vote)
            #expect(node.commit == truth.commit)
            #expect(node.log.count == truth.last)
            #expect(node.role == roles[truth.role])
        }
        #expect(recorder.truths.count > 300)
    }

    @Test("A pre-vote leaves no line: who asks still follows")
    func preVote() throws {
        let lines = try lines(record(seed: 2, preVote: true))
        var model = EtcdTraceModel()
        try model.take(lines)
        #expect(!lines.contains { $0.message?.type.contains("PreVote") ?? false })
        #expect(lines.contains { $0.name == "BecomeLeader" })
    }

    @Test("Lines can be sorted by their time as text, and the same seed gives the same lines")
    func order() throws {
        let recorder = record(seed: 4, partition)
        let stamps = try lines(recorder).map { $0.stamp }
        #expect(stamps == stamps.sorted() && Set(stamps).count == stamps.count)
        #expect(recorder.trace.bytes == record(seed: 4, partition).trace.bytes)
        #expect(recorder.trace.bytes != record(seed: 5, partition).trace.bytes)
    }

    @Test("A restart begins again with what the disk holds; its commit index is learnt anew")
    func restart() throws {
        let recorder = record(seed: 6, seconds: 3) { simulation, tenth, recorder in
            if tenth == 10 { simulation.crash(NodeID(2), .losingUnsynced, observing: &recorder) }
            if tenth == 14 { simulation.start(NodeID(2), observing: &recorder) }
        }
        let starts = try lines(recorder).filter { $0.name == "InitState" && $0.node == "2" }
        #expect(starts.count == 2)
        #expect(starts[0].log == 0 && starts[1].log > 0)
        #expect(starts[1].commit == 0 && starts[1].role == "StateFollower")
    }

    @Test("A change of the configuration names who comes and goes, and the voters in force")
    func membership() throws {
        let recorder = record(seed: 7, nodes: 4) { simulation, tenth, recorder in
            guard tenth == 10, let leader = simulation.nodes.first(where: { simulation[$0].role == .leader }) else {
                return
            }
            let leaving = simulation.nodes.first { $0 != leader } ?? leader
            simulation.command(
                .changeConfiguration([.remove(leaving)], id: 99, transition: .automatic), at: leader,
                observing: &recorder)
        }
        let lines = try lines(recorder)
        let change = try #require(lines.first { $0.name == "ChangeConf" })
        #expect(change.changes?.map { $0["action"] } == ["RemoveServer"])
        let gone = try #require(change.changes?.first?["nid"])
        let applied = lines.filter { $0.name == "ApplyConfChange" }
        #expect(applied.count >= 3)
        #expect(applied.allSatisfy { $0.newVoters?.contains(gone) == false && $0.newVoters?.count == 3 })
    }

    // MARK: - Damage

    /// Ways to damage a line that cannot be true any more.
    enum Damage: CaseIterable {
        case term, commit, log, vote, role, sender, position, entries, answer, order

        /// Damages a line; `false` if this damage does not concern it.
        func apply(to line: inout EtcdTraceLine) -> Bool {
            let isReceive = line.name.hasPrefix("Receive")
            if ["Ready", "Replicate", "InitState"].contains(line.name) { return false }
            switch self {
            case .term: line.term += 1
            case .commit:
                line.commit += 1
                return !line.isPassing
            case .log:
                line.log += 1
                return !line.isPassing
            case .vote: line.vote = line.vote == "1" ? "2" : "1"
            case .role: line.role = line.role == "StateLeader" ? "StateFollower" : "StateLeader"
            case .sender:
                line.message?.from = "9"
                return line.message != nil
            case .position:
                line.message?.index += 1
                return isReceive
            case .entries:
                line.message?.entries += 1
                return isReceive
            case .answer:
                line.message?.reject.toggle()
                return line.message?.type == "MsgVoteResp"
            case .order:
                guard line.name == "Commit" else { return false }
                line.name = "BecomeCandidate"
            }
            return true
        }
    }

    @Test("A trace that is damaged in one place is refused", arguments: Damage.allCases)
    func damage(_ damage: Damage) throws {
        let good = try lines(record(seed: 8, partition))
        var tried = 0
        for place in stride(from: 30, to: good.count, by: 23) {
            let concerned = good[place...].firstIndex { line in
                var line = line
                return damage.apply(to: &line)
            }
            guard let at = concerned else { break }
            var bad = good
            _ = damage.apply(to: &bad[at])
            tried += 1
            var model = EtcdTraceModel()
            #expect(throws: EtcdTraceModel.Refusal.self, "\(damage) in line \(at + 1)") { try model.take(bad) }
        }
        #expect(tried > 2)
    }

    @Test("A trace that lacks a line is refused: a sending, a receipt that mattered, a vote")
    func omission() throws {
        let good = try lines(record(seed: 9, partition))
        let received = Set(good.filter { $0.name.hasPrefix("Receive") }.compactMap { $0.message })
        for name in ["BecomeCandidate", "BecomeLeader", "Commit", "Replicate", "SendAppendEntriesRequest", "InitState"]
        {
            let isMissed = { (line: EtcdTraceLine) in
                line.name == name && (line.message.map { received.contains($0) } ?? true)
            }
            let place = try #require(good.firstIndex(where: isMissed))
            var bad = good
            bad.remove(at: place)
            var model = EtcdTraceModel()
            #expect(throws: EtcdTraceModel.Refusal.self, "\(name)") { try model.take(bad) }
        }
    }

    @Test("A line of another form is refused with what is wrong")
    func malformed() throws {
        let text = String(decoding: record(seed: 1).trace.bytes, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.contains("SendAppendEntriesRequest") })
        for (old, new) in [
            ("\"nid\":\"", "\"nid\":\"x"), ("\"term\":", "\"terms\":"), ("\"log\":", "\"log\":\"a\",\"x\":"),
            ("StateLeader", "StateLeading"), ("MsgApp\"", "MsgVote\""), ("\"prop\":", "\"props\":"),
            ("\"reject\":false", "\"reject\":0"), ("\"conf\":[", "\"conf\":[[],"),
        ] {
            let bad = line.replacing(old, with: new)
            #expect(bad != String(line))
            #expect(throws: (any Error).self, "\(new)") { try EtcdTraceLine(Substring(bad)) }
        }
        #expect(throws: Never.self) { try EtcdTraceLine(line) }
    }
}
