import MeshCore
import Scenarios

extension Dealer {
    /// A scenario in which anything may be said.
    mutating func scenario() -> Scenario {
        var scenario = Scenario(title: bytes())
        scenario.about = bytes()
        scenario.seeds = Scenario.Seeds(
            some(3, least: 1) {
                let first = $0.bits() >> 1
                return Scenario.SeedRange(first, first + UInt64($0.number(100)))
            })
        if isOne(in: 4) { scenario.duration = .fixed(.seconds(3_000_000)) }
        scenario.budget.events = maybe { $0.value(below: 1_000_000) }
        scenario.budget.checks = maybe { $0.value(below: 1_000_000) }
        scenario.cluster = cluster()
        scenario.network = network()
        scenario.disk.write = maybe { $0.range() }
        scenario.disk.fsync = maybe { $0.range() }
        scenario.disk.tornWrites = maybe { $0.isOne(in: 2) }
        dealDisk(&scenario.disk)
        scenario.budget.faults = maybe { $0.pick(Scenario.FaultBudget.allCases) }
        scenario.workloads = some(3) { $0.workload() }
        scenario.timeline = some(8) { $0.statement() }
        scenario.expectations = some(6) { Scenario.Expectation($0.claim()) }
        for _ in 0..<number(4) {
            let measure = Scenario.Measure(metric().metric)
            if !scenario.measures.contains(measure) { scenario.measures.append(measure) }
        }
        for parameter in Scenario.Parameter.allCases where isOne(in: 8) && scenario.allows(parameter) {
            scenario.variations.append(variation(parameter))
        }
        return scenario
    }

    private mutating func dealDisk(_ disk: inout Scenario.Disk) {
        disk.sector = maybe { Scenario.Size(bytes: $0.pick([512, 4_096, 65_536])) }
        disk.capacity = maybe { $0.size() }
        disk.segment = maybe { _ in .drawn(from: Scenario.Size(bytes: 1_024), to: Scenario.Size(bytes: 1 << 20)) }
        disk.imageAfter = maybe { $0.size() }
        disk.restartAfter = maybe { $0.time() }
        disk.salvage = maybe { $0.isOne(in: 2) }
        disk.bitRot = maybe { $0.setting(below: 1_000_000) }
        for fault in Scenario.DiskFault.allCases where fault.hasShare && isOne(in: 2) {
            disk.shares.append(Scenario.DiskShare(fault, share()))
        }
        disk.spikes = maybe { Scenario.DiskDelays($0.share(), of: $0.range()) }
        disk.stalls = maybe { Scenario.DiskDelays($0.share(), of: $0.range()) }
    }

    private mutating func cluster() -> Scenario.Cluster {
        var cluster = Scenario.Cluster()
        cluster.groups = [
            Scenario.NodeGroup(count: .fixed(3), name: "alpha", region: "eu-west"),
            Scenario.NodeGroup(count: .drawn(from: 3, to: 9), name: maybe { _ in "beta" }, region: maybe { _ in "us" }),
        ]
        cluster.protocols = Scenario.Protocols(raft: true, swim: true, heartbeat: true, gossip: true)
        cluster.protocols.broadcast = true
        cluster.protocols.hyparview = true
        cluster.protocols.plumtree = true
        cluster.raft.electionTimeout = maybe { _ in Scenario.IntervalRange(.seconds(200), .seconds(300)) }
        cluster.raft.heartbeat = maybe { $0.time() }
        cluster.raft.preVote = maybe { $0.isOne(in: 2) }
        cluster.raft.checkQuorum = maybe { $0.isOne(in: 2) }
        cluster.raft.snapshotAfter = maybe { $0.count() }
        cluster.raft.batch = maybe { $0.count() }
        cluster.raft.trailing = maybe { $0.count() }
        cluster.raft.snapshotChunk = maybe { _ in .fixed(Scenario.Size(bytes: 1 << 10)) }
        cluster.raft.uncommitted = maybe { $0.size() }
        cluster.raft.quiesceAfter = maybe { $0.count() }
        cluster.raft.sleepLimit = maybe { $0.time() }
        cluster.raft.promotionDistance = maybe { $0.count() }
        cluster.raft.noOp = maybe { $0.isOne(in: 2) }
        cluster.raft.sessionLimit = maybe { $0.count() }
        if cluster.raft.checkQuorum != false { cluster.raft.leaseDrift = maybe { _ in .fixed(.zero) } }
        cluster.raft.voters = maybe { $0.fixedTarget() }
        cluster.raft.witnesses = maybe { $0.fixedTarget() }
        cluster.raft.learners = maybe { $0.fixedTarget() }
        cluster.raft.priorities = some(2) {
            Scenario.PrioritySetting($0.fixedTarget(), .fixed(Int64($0.number(256))))
        }
        cluster.swim.period = maybe { _ in .fixed(.seconds(200)) }
        cluster.swim.probeTimeout = maybe { $0.time() }
        cluster.swim.indirect = maybe { $0.count() }
        cluster.swim.suspicion = maybe { $0.count() }
        cluster.swim.retransmit = maybe { $0.count() }
        cluster.swim.lifeguard = maybe { $0.isOne(in: 2) }
        if cluster.swim.probeTimeout == nil { cluster.swim.adaptive = maybe { _ in .fixed(.milliseconds(1)) } }
        cluster.heartbeat.interval = maybe { $0.time() }
        if isOne(in: 3) {
            cluster.heartbeat.phi = .fixed(Int64(1 + number(10)))
        } else {
            cluster.heartbeat.suspect = maybe { _ in .fixed(.seconds(200)) }
            cluster.heartbeat.dead = maybe { _ in .drawn(from: .seconds(300), to: .seconds(400)) }
        }
        cluster.gossip.fanout = maybe { $0.count() }
        cluster.gossip.interval = maybe { $0.time() }
        cluster.gossip.messageLimit = maybe { $0.size() }
        dealBroadcast(&cluster.broadcast)
        dealTree(&cluster)
        cluster.gossip.farShare = maybe { $0.share() }
        cluster.gossip.symbols = maybe { $0.count() }
        cluster.gossip.comparisons = maybe { $0.count() }
        cluster.gossip.retention = maybe { $0.time() }
        return cluster
    }

    private mutating func dealBroadcast(_ broadcast: inout Scenario.BroadcastSettings) {
        broadcast.timeToLive = maybe { .fixed(1 + $0.value(below: 250)) }
        broadcast.fanout = maybe { .fixed($0.value(below: 64)) }
        broadcast.rounds = maybe { .fixed(1 + $0.value(below: 9)) }
        broadcast.interval = maybe { .fixed(.milliseconds(1) + $0.value(below: 1_000_000)) }
        broadcast.degree = maybe { .fixed(2 * $0.value(below: 32)) }
        broadcast.seen = maybe { _ in .drawn(from: .seconds(200), to: .seconds(300)) }
        broadcast.seenLimit = maybe { $0.count() }
        broadcast.receipt = maybe { .fixed(.milliseconds(1) + $0.value(below: 1_000_000)) }
    }

    private mutating func dealTree(_ cluster: inout Scenario.Cluster) {
        cluster.hyparview.active = maybe { .fixed(2 + $0.value(below: 20)) }
        cluster.hyparview.passive = maybe { .fixed(30 + $0.value(below: 900)) }
        cluster.hyparview.beat = maybe { $0.time() }
        cluster.hyparview.silence = maybe { .fixed(1 + $0.value(below: 8)) }
        cluster.hyparview.shuffle = maybe { $0.count() }
        cluster.hyparview.contacts = maybe { $0.count() }
        cluster.plumtree.graft = maybe { .fixed(.milliseconds(50) + $0.value(below: 1_000_000)) }
        cluster.plumtree.lazy = maybe { .fixed(.milliseconds(1) + $0.value(below: 1_000_000)) }
        cluster.plumtree.threshold = maybe { $0.count() }
        cluster.plumtree.compare = maybe { .fixed(.seconds(1) + $0.value(below: 1_000_000)) }
        cluster.plumtree.keep = maybe { _ in .drawn(from: .seconds(20), to: .seconds(30)) }
    }

    private mutating func latency() -> Scenario.Latency {
        switch number(5) {
        case 0: return .constant(time())
        case 1: return .uniform(range())
        case 2:
            return .exponential(
                minimum: .fixed(.milliseconds(1)), mean: .fixed(value(below: 9_000_000) + .milliseconds(1)))
        case 3:
            return .lognormal(median: time(), spread: .fixed(Scenario.Factor(thousandths: 1_000 + value(below: 9_000))))
        default: return .bimodal(fast: range(), slow: range(), share: share())
        }
    }

    mutating func conditions() -> Scenario.LinkConditions {
        var conditions = Scenario.LinkConditions()
        conditions.latency = maybe { $0.latency() }
        conditions.loss = maybe { $0.share() }
        conditions.duplicate = maybe { $0.share() }
        conditions.reorder = maybe { Scenario.Reorder(share: $0.share(), by: $0.maybe { $0.time() }) }
        conditions.corrupt = maybe { $0.share() }
        conditions.bandwidth = maybe { $0.size() }
        conditions.queue = maybe { $0.size() }
        if conditions.isEmpty { conditions.loss = share() }
        return conditions
    }

    private mutating func kinds() -> [Bytes] {
        pick([[], [], ["raft"], ["raft.vote", "swim.ping"], ["gossip.push"]])
    }

    private mutating func network() -> Scenario.Network {
        var network = Scenario.Network()
        if isOne(in: 2) { network.conditions = conditions() }
        if isOne(in: 2) {
            network.regions = [
                Scenario.RegionLatency(from: "eu-west", to: "eu-west", isBothWays: isOne(in: 2), latency: latency())
            ]
        }
        network.schedule = maybe {
            Scenario.PrioritySchedule(
                depth: .fixed(1 + $0.value(below: 99)), delay: $0.time(), period: .fixed(1 + $0.value(below: 999)))
        }
        network.rules = some(3) {
            let links = $0.isOne(in: 3) ? .every : Scenario.Links(from: $0.fixedTarget(), to: $0.fixedTarget())
            return Scenario.LinkRule(links: links, kinds: $0.kinds(), conditions: $0.conditions())
        }
        return network
    }

    private mutating func workload() -> Scenario.Workload {
        var workload = Scenario.Workload(pick(Scenario.WorkloadKind.allCases))
        workload.clients = maybe { $0.count() }
        workload.rate = maybe { $0.setting(below: 100_000_000) }
        workload.keys = maybe { Scenario.Keys(count: $0.count(), choice: $0.pick(Scenario.KeyChoice.allCases)) }
        workload.valueSize = maybe { $0.size() }
        if workload.kind == .kv || workload.kind == .propose {
            workload.reads = maybe { $0.pick(Scenario.ReadPath.allCases) }
            workload.sessions = maybe { $0.isOne(in: 2) }
            workload.retry = maybe { $0.time() }
        }
        workload.target = maybe { $0.target() }
        (workload.from, workload.until) = window()
        if workload.kind != .propose, isOne(in: 2) {
            let share: Ratio = value(below: 1_000_000)
            let rest = Ratio(millionths: 1_000_000 - share.millionths)
            workload.mix =
                workload.kind == .broadcast
                ? [Scenario.MixShare(.broadcast, share), Scenario.MixShare(.send, rest)]
                : [Scenario.MixShare(workload.kind == .kv ? .put : .set, share), Scenario.MixShare(.delete, rest)]
        }
        return workload
    }

    private mutating func statement() -> Scenario.TimelineStatement {
        if isOne(in: 5) { return .chaos(chaos()) }
        let action = action()
        let lasting = action.canBeUndone ? maybe { $0.pace() } : nil
        return .event(Scenario.TimelineEvent(trigger(), action, lasting: lasting))
    }

    private mutating func chaos() -> Scenario.Chaos {
        let kinds: [Scenario.ChaosKind] = [
            .partitions, .crashes(pick(Scenario.CrashMode.allCases)), .pauses, .slowdowns, .clogs, .cuts, .flaps,
            .stalls, .diskFaults, .bitRot, .tornWrites, .fullDisks,
        ]
        var chaos = Scenario.Chaos(pick(kinds), every: pace(), lasting: pace())
        chaos.target = maybe { $0.target() }
        (chaos.from, chaos.until) = window()
        return chaos
    }

    private mutating func trigger() -> Scenario.Trigger {
        let (from, until) = window()
        switch number(3) {
        case 0: return .at(time())
        case 1: return .every(Scenario.Repetition(every: pace(), from: from, until: until))
        default:
            var reaction = Scenario.Reaction(to: event(), isEachTime: isOne(in: 2), after: maybe { $0.time() })
            (reaction.from, reaction.until) = (from, until)
            return .when(reaction)
        }
    }

    private mutating func action() -> Scenario.Action {
        switch number(31) {
        case 29: return .describe(target(), metadata())
        case 0: return .partition(.groups([.list([.node(NodeID(1)), .random(count(), of: .followers)]), .rest]))
        case 1: return .partition(.groups([.group("alpha"), .nodes(from: NodeID(4), to: NodeID(6))]))
        case 2: return .partition(pick([.halves, .ring, .bridge(target())]))
        case 3: return .isolate(target())
        case 4: return .cut(links())
        case 5: return .uncut(maybe { $0.links() })
        case 6: return .heal
        case 7: return .healEverything
        case 8:
            return .degrade(
                Scenario.LinkRule(links: isOne(in: 2) ? .every : links(), kinds: kinds(), conditions: conditions()))
        case 9: return .clog(links())
        case 10: return .unclog(maybe { $0.links() })
        case 11: return .crash(target(), pick(Scenario.CrashMode.allCases))
        case 12: return .restart(target())
        case 13: return .start(fixedTarget())
        case 14: return .pause(target())
        case 15: return .resume(target())
        case 16: return .slow(target(), by: .fixed(Scenario.Factor(thousandths: 1_000 + value(below: 99_000))))
        case 17: return .clock(target(), clockChange())
        case 18: return isOne(in: 2) ? .stallDisk(target()) : .slowDisk(target(), to: range())
        case 19: return .set(key: bytes(least: 1), value: bytes(), expires: maybe { $0.time() }, on: target())
        case 20: return .delete(key: bytes(least: 1), on: target())
        case 21: return .propose(bytes(), on: target())
        case 22: return .leave(target())
        case 23: return .transfer(to: maybe { $0.target() })
        case 24: return .members(memberChange(), on: maybe { $0.target() })
        case 25, 26: return .diskFault(pick(Scenario.DiskFault.allCases), on: target())
        case 27: return .reseed(bits() >> 1)
        case 28:
            let moment = Scenario.SyncMoment(.fixed(1 + value(below: 999)), isBefore: isOne(in: 2))
            return .crashAtSync(target(), moment, pick(Scenario.CrashMode.allCases))
        default: return .subscribe(pattern: bytes(least: 1), on: target())
        }
    }

    private mutating func metadata() -> Swim.Metadata {
        Swim.Metadata(
            region: isOne(in: 2) ? bytes() : Bytes(), address: isOne(in: 2) ? bytes() : Bytes(),
            capabilities: (0..<number(3)).map { _ in bytes() })
    }

    private mutating func memberChange() -> Scenario.MemberChange {
        let isExplicit = isOne(in: 2)
        switch number(6) {
        case 0: return .add(target(), pick(Scenario.Seat.allCases), isExplicit: isExplicit)
        case 1: return .promote(target(), isExplicit: isExplicit)
        case 2: return .demote(target(), isExplicit: isExplicit)
        case 3: return .remove(target(), isExplicit: isExplicit)
        case 4: return .voters(target(), isExplicit: isExplicit)
        default: return .leaveJoint
        }
    }

    private mutating func clockChange() -> Scenario.ClockChange {
        switch number(3) {
        case 0: return .skew(difference())
        case 1:
            let drift = Scenario.Drift(partsPerBillion: 1 + Int64(number(900_000_000)))
            return .drift(
                isOne(in: 2) ? .fixed(drift) : .drawn(from: Scenario.Drift(partsPerBillion: -1_500), to: drift))
        default: return .jump(difference())
        }
    }

    private mutating func claim() -> Scenario.Claim {
        switch number(8) {
        case 0: return .always(pick(Scenario.Vocabulary.standard.checkers).name)
        case 1: return .never(event())
        case 2: return .sometimes(event())
        case 3: return .within(time(), after: maybe { $0.event() }, condition())
        case 4: return .atEnd(condition())
        case 5: return .compares(comparison())
        case 6: return .failure(pick(Scenario.Vocabulary.standard.checkers).name)
        default: return .digest(seed: bits(), bits())
        }
    }

    private mutating func variation(_ parameter: Scenario.Parameter) -> Scenario.Variation {
        var values: [Scenario.Quantity] = []
        for _ in 0...number(2) {
            let value = quantity(of: parameter)
            if !values.contains(value) { values.append(value) }
        }
        return Scenario.Variation(parameter, values)
    }

    private mutating func quantity(of parameter: Scenario.Parameter) -> Scenario.Quantity {
        switch parameter {
        case .nodes, .clients, .keys, .raftBatch, .swimIndirect, .swimSuspicion, .gossipFanout:
            return .count(value(below: 1_000))
        case .loss, .duplicate, .reorder, .corrupt: return .share(value(below: 1_000_000))
        case .bandwidth: return .size(value(below: 1 << 30))
        case .rate: return .rate(value(below: 1_000_000))
        case .fsync, .raftElectionTimeout: return .times(range())
        case .latency, .raftHeartbeat, .swimPeriod, .gossipInterval: return .time(value(below: 1_000_000_000))
        }
    }
}

extension Scenario {
    /// Whether a dealt scenario may vary this: it has two groups, and may have no workload.
    fileprivate func allows(_ parameter: Parameter) -> Bool {
        switch parameter {
        case .nodes: return false
        case .rate, .clients, .keys: return !workloads.isEmpty
        default: return true
        }
    }
}
