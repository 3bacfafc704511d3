public import MeshCore
public import Simulator

/// Crashes nodes of a Raft group whenever a disk holds something unsynced, in every way up to a bound, and judges how
/// the group goes on.
///
/// A point is a moment of a run, the nodes that lose power in it (one, or all of them), and one choice of what their
/// disks keep. The group is started again and runs on for a second under load, under every promise of Raft.
///
/// With rot, one node loses power, and a bit of what is at rest on its disk is flipped. It starts from what is legible,
/// and the group goes on for three seconds.
public struct ClusterCrashMatrix: Sendable {
    /// How many points were tried.
    public private(set) var points: UInt64 = 0
    /// How often a node refused to start from what its disk held.
    public private(set) var refusals: UInt64 = 0
    /// How often a node started from a part of its disk.
    public private(set) var salvages: UInt64 = 0
    /// How many of them were healed before the point was left.
    public private(set) var healed: UInt64 = 0
    /// How often the last batch was lost, which looks torn; such points are left out.
    public private(set) var cuts: UInt64 = 0
    /// The first point that broke a promise; `nil` if none did.
    public private(set) var failure: Failure?

    /// A point that broke a promise.
    public struct Failure: Sendable, CustomStringConvertible {
        /// The point's number, from 1.
        public var point: UInt64
        /// When the power failed.
        public var time: Instant
        /// The node that lost power; `nil` if all did.
        public var node: NodeID?
        /// What its disk kept.
        public var remains: CrashRemains
        /// The promise that was broken.
        public var promise: String
        /// What shows it.
        public var evidence: String

        /// The point as a sentence.
        public var description: String {
            let who = node.map { "\($0) loses" } ?? "all nodes lose"
            let kept = "sectors \(remains.sectors) and \(remains.names) names"
            return "point \(point), \(who) power at \(time) keeping \(kept): \(promise): \(evidence)"
        }
    }

    private let limit: UInt64
    private let seed: UInt64
    private let subsetLimit: Int
    private let rots: Bool
    private let random: Random
    private var round: UInt64 = 0
    private var base: Run?

    /// Creates a matrix.
    ///
    /// - Parameters:
    ///   - seed: Decides everything that is left to chance.
    ///   - limit: How many points are tried at most.
    ///   - subsetLimit: Up to how many unsynced sectors every subset is tried; beyond, that many prefixes.
    ///   - rots: Whether bits at rest are flipped.
    public init(seed: UInt64, limit: UInt64, subsetLimit: Int = 4, rots: Bool = false) {
        self.rots = rots
        self.random = Random(seed: seed)
        self.limit = limit
        self.seed = seed
        self.subsetLimit = subsetLimit
    }

    /// Goes on to the next moment with something unsynced and tries every point of it.
    ///
    /// - Returns: Whether the limit is reached or a point has failed.
    public mutating func advance() -> Bool {
        guard points < limit, failure == nil else { return true }
        var run = base ?? Run(Self.scenario, seed: seed &+ round, storage: Self.storage)
        base = nil
        run.simulation.disk.salvages = rots
        let isOver = run.advance(events: 1)
        if isOver {
            round += 1
            return false
        }
        for node in run.simulation.nodes { rots ? rot(node, in: run) : crash(node, in: run) }
        if !rots { crash(nil, in: run) }
        base = run
        return points >= limit || failure != nil
    }

    /// Tries every choice for one node, or the same one for all.
    private mutating func crash(_ node: NodeID?, in run: Run) {
        var sectors = 0
        var names = 0
        for candidate in run.simulation.nodes where node == nil || node == candidate {
            guard run.simulation.status(of: candidate) == .running else { continue }
            let unsynced = run.simulation.unsynced(of: candidate)
            sectors = max(sectors, unsynced.sectors)
            names = max(names, unsynced.names)
        }
        guard sectors + names > 0 else { return }
        for kept in 0...names {
            for choice in 0...choices(sectors) {
                guard points < limit, failure == nil else { return }
                points += 1
                judge(node, CrashRemains(names: kept, sectors: mask(choice, sectors)), run)
            }
        }
    }

    /// The number of the last choice for so many sectors.
    private func choices(_ sectors: Int) -> UInt64 {
        sectors <= subsetLimit ? (1 << UInt64(sectors)) - 1 : UInt64(1) << UInt64(subsetLimit)
    }

    private func mask(_ choice: UInt64, _ sectors: Int) -> UInt64 {
        if sectors <= subsetLimit { return choice }
        // Prefixes of growing length, the last one with a hole.
        let length = UInt64(sectors < 64 ? sectors : 63) * choice >> UInt64(subsetLimit)
        let prefix = (UInt64(1) << length) &- 1
        return choice & 1 == 1 ? prefix & ~2 : prefix
    }

    /// Tries four flipped bits for one node, now and then.
    private mutating func rot(_ node: NodeID, in run: Run) {
        let bits = random.bits(.clusterMatrix, UInt64(bitPattern: run.now.nanoseconds), node.rawValue, round)
        guard bits & 31 == 0, run.simulation.status(of: node) == .running else { return }
        let sectors = run.simulation.unsynced(of: node).sectors
        for attempt in 0..<4 as Range<UInt64> {
            guard points < limit, failure == nil else { return }
            let bits = Random.further(bits, attempt)
            points += 1
            judge(node, CrashRemains(names: 0, sectors: mask(bits & choices(sectors), sectors)), run, rot: bits)
        }
    }

    /// Flips a bit of a node that lost power and starts it.
    ///
    /// - Returns: `false` if that cost the last batch, which looks like a torn write: nothing on one disk can tell.
    private mutating func damage(_ node: NodeID, _ bits: UInt64, in run: inout Run) -> Bool {
        let before = run.simulation.durableSequence(of: node)
        run.flipBit(bits, of: node)
        if run.simulation.refusal(of: node) == nil, run.simulation.durableSequence(of: node) < before {
            cuts += 1
            return false
        }
        run.restartAll([node])
        return true
    }

    private mutating func judge(_ node: NodeID?, _ remains: CrashRemains, _ run: Run, rot bits: UInt64? = nil) {
        var run = run
        let time = run.now
        let victims = run.simulation.nodes.filter { node == nil || node == $0 }
        for victim in victims { run.losePower(victim, leaving: remains) }
        if let node, let bits {
            guard damage(node, bits, in: &run) else { return }
            // Half of the nodes lose power and a bit once more while they are being repaired.
            if bits >> 60 & 1 == 1 {
                if run.advance(events: 40 + bits >> 48 & 0x1ff) { return }
                run.losePower(node, leaving: remains)
                guard damage(node, Random.further(bits, 9), in: &run) else { return }
            }
        } else {
            run.restartAll(victims)
        }
        let amnesiacs = victims.filter { run.isAmnesiac($0) }
        salvages += UInt64(UInt(bitPattern: amnesiacs.count))
        refusals += UInt64(UInt(bitPattern: victims.count { run.simulation.status(of: $0) == .crashed }))
        run.end = min(run.end, time + .seconds(rots ? 3 : 1))
        _ = run.advance()
        healed += UInt64(UInt(bitPattern: amnesiacs.count { !run.isAmnesiac($0) }))
        guard run.report.verdict == .broken else { return }
        failure = Failure(
            point: points, time: time, node: node, remains: remains,
            promise: run.report.violation?.promise.description ?? "expectation",
            evidence: run.report.violation?.text ?? "an expectation is broken")
    }
}

extension Random.Purpose {
    /// Which bits are flipped.
    static var clusterMatrix: Random.Purpose { Random.Purpose(0x2010) }
}

extension Run {
    /// Cuts the power of a node, and says what its disk keeps.
    mutating func losePower(_ node: NodeID, leaving remains: CrashRemains) {
        simulation.crash(node, .losingUnsynced, leaving: remains, observing: &watcher)
    }

    /// Damages one bit that stands on a disk.
    mutating func flipBit(_ bits: UInt64, of node: NodeID) {
        let files = simulation.files(of: node)
        guard !files.isEmpty else { return }
        let file = files[Int(truncatingIfNeeded: bits >> 8 & 0xffff) % files.count]
        let size = simulation.byteCount(of: file, at: node)
        // Segments are made larger than what is written to them: a place in front, as a rule, holds something.
        var offset = Int64(truncatingIfNeeded: bits >> 24 & 0xffff_ffff) % max(size, 1)
        while offset > 0, !simulation.flipBit(Int(truncatingIfNeeded: bits & 7), ofByteAt: offset, in: file, of: node) {
            offset /= 2
        }
    }

    /// Whether a node's disk says that something may be forgotten.
    func isAmnesiac(_ node: NodeID) -> Bool { simulation.stable(of: node).raft.isAmnesiac }

    /// Starts nodes again.
    mutating func restartAll(_ nodes: [NodeID]) {
        for node in nodes { simulation.start(node, observing: &watcher) }
    }
}

extension ClusterCrashMatrix {
    /// Segments and images so small that both come and go within a second.
    private static var storage: Storage.Settings {
        var settings = Storage.Settings()
        settings.segmentBytes = 8 << 10
        settings.imageAfterBytes = 12 << 10
        settings.imagePieceBytes = 1 << 10
        return settings
    }

    /// Three nodes under load on slow disks; leaders change, snapshots are taken.
    private static var scenario: Scenario {
        let text: Bytes = """
            scenario "Power fails at every write"
            about "The group of the crash matrix."
            format 1
            duration 4s

            cluster
              nodes 3
              run raft
              raft election-timeout 150ms..300ms  heartbeat 50ms  snapshot-after 60

            network
              latency uniform 1ms..5ms

            disk
              write 100us..1ms  fsync 1ms..4ms

            workload kv
              clients 3  rate 60/s  keys 3
              mix put 60% get 30% cas 10%
              from 500ms until 4s

            timeline
              at 1500ms  crash leader losing unsynced for 300ms
              at 2500ms  crash follower losing unsynced for 300ms

            expect
              always raft-safety
              always linearizable
            """
        do {
            return try Scenario.parse(text.storage)
        } catch {
            invariant(false, "the scenario of the crash matrix is written in the language")
            return Scenario(title: Bytes())
        }
    }
}
