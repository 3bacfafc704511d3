public import MeshCore

extension Random.Purpose {
    /// The generator of the network.
    static var network: Random.Purpose { Random.Purpose(0x1002) }
    /// The generator of one node's machine.
    @usableFromInline static var machine: Random.Purpose { Random.Purpose(0x1003) }
    /// How long one batch of one disk takes.
    @usableFromInline static var disk: Random.Purpose { Random.Purpose(0x1004) }
    /// What a torn write leaves.
    @usableFromInline static var tear: Random.Purpose { Random.Purpose(0x1005) }
    /// What a disk does wrong at an operation.
    static var diskFault: Random.Purpose { Random.Purpose(0x1007) }
    /// What a disk does wrong when it is read back.
    static var diskRead: Random.Purpose { Random.Purpose(0x1008) }
    /// When and where a bit at rest flips.
    static var bitRot: Random.Purpose { Random.Purpose(0x1009) }
}

/// Machines under a virtual clock, on a network and disks that misbehave on purpose.
///
/// It is a value: copy it and both copies go on independently, with the same future as long as they are given the same
/// inputs. Nothing in it knows what the machines do; any `StateMachine` can be simulated.
///
/// ```swift
/// var simulation = Simulation<Echo>(seed: 7)
/// simulation.addNode { id, random in Echo(id: id) }
/// simulation.start(NodeID(1))
/// simulation.run(until: Instant(nanoseconds: 1_000_000_000))
/// print(simulation.digest)
/// ```
///
/// - Complexity: An event costs O(log n) in the number of events that wait. Memory follows the events that wait and
///   the links with a message under way.
public struct Simulation<Machine: StateMachine>: Sendable {
    @usableFromInline var hosts: [Host<Machine>] = []
    @usableFromInline var queue = EventQueue<Machine.Message>()
    @usableFromInline var clogged: [EventQueue<Machine.Message>.Delivery] = []
    @usableFromInline var staleTimerCount = 0
    @usableFromInline var random: Random

    /// The network; its conditions and faults may be changed between runs.
    public var network: Network

    /// What every disk is like; the layout of the log is that of the time when a node is added.
    public var disk = DiskSettings()

    /// What disks did wrong so far.
    public internal(set) var diskFaultCounts = DiskFaultCounts()
    /// What is wrong with each disk now, in the order of the nodes.
    @usableFromInline var troubles: [DiskTrouble] = []
    /// The disks that may hold less than they promised.
    @usableFromInline var damagedDisks = BitSet()
    /// Crashes that wait for a sync.
    @usableFromInline var syncTraps: [SyncTrap] = []

    @usableFromInline var currentTime = Instant.zero
    @usableFromInline var rolling = Digest()
    @usableFromInline var stepCount: UInt64 = 0
    @usableFromInline var sendingEvent: UInt64 = 0

    /// Virtual time.
    @inlinable
    public var now: Instant { currentTime }

    /// The fingerprint of everything that happened: every input with its time and node, and every effect.
    @inlinable
    public var digest: Digest { rolling }

    /// How many inputs machines have taken; it numbers the events of a run, from 1.
    @inlinable
    public var eventCount: UInt64 { stepCount }

    /// The number of the event after which the message left that an observer is told of, arriving or lost.
    @inlinable
    public var cause: UInt64 { sendingEvent }

    /// Creates a simulation without nodes.
    ///
    /// - Parameters:
    ///   - seed: Decides everything that is left to chance.
    ///   - conditions: What the network is like.
    public init(seed: UInt64, conditions: LinkConditions = LinkConditions()) {
        self.random = Random(seed: seed)
        self.network = Network(base: conditions, random: Random(seed: seed).derived(.network, 0))
        self.rolling.mix(seed)
    }

    /// Adds a node; nodes are numbered from 1 in the order in which they are added.
    ///
    /// - Parameters:
    ///   - region: The region it stands in, see ``Network/setRegions(_:count:)``.
    ///   - makeMachine: Makes the machine from its id and its own generator. A restart begins with this machine again.
    /// - Returns: The id of the node, which is not started yet.
    @discardableResult
    public mutating func addNode(region: Int = 0, _ makeMachine: (NodeID, Random) -> Machine) -> NodeID {
        let id = NodeID(UInt64(UInt(bitPattern: hosts.count + 1)))
        hosts.append(Host(makeMachine(id, random.derived(.machine, id.rawValue)), disk.log))
        troubles.append(DiskTrouble())
        network.addNode(region: region)
        return id
    }

    /// How many nodes there are.
    public var nodeCount: Int { hosts.count }

    /// The ids of all nodes, in order.
    public var nodes: [NodeID] { (0..<hosts.count).map { NodeID(UInt64(UInt(bitPattern: $0 + 1))) } }

    /// How many events wait, stale timers included; those are at most a third of the others.
    public var pendingCount: Int { queue.count }

    /// Whether the simulation has a node of this id.
    @inlinable
    public func hasNode(_ id: NodeID) -> Bool {
        id.rawValue >= 1 && id.rawValue <= UInt64(UInt(bitPattern: hosts.count))
    }

    /// The machine of a node, running or as it was when it crashed.
    @inlinable
    public subscript(id: NodeID) -> Machine {
        _read { yield hosts[position(id)].machine }
    }

    /// Whether a node is there.
    @inlinable
    public func status(of id: NodeID) -> HostStatus { hosts[position(id)].status }

    /// What a crash cannot take away from a node.
    @inlinable
    public func stable(of id: NodeID) -> Machine.Stable { hosts[position(id)].log.stable }

    /// The disk of a node, byte for byte; the simulation does not notice what is done to this copy.
    public func disk(of id: NodeID) -> ByteDisk { hosts[position(id)].disk }

    /// The time on a node's own clock.
    public func localTime(of id: NodeID) -> Instant { hosts[position(id)].clock.local(at: now) }

    /// The zero-based position of a node.
    @inlinable
    func position(_ id: NodeID) -> Int {
        invariant(hasNode(id), "a simulation only knows its own nodes")
        return Int(truncatingIfNeeded: id.rawValue) - 1
    }

    /// The id at a zero-based position.
    @inlinable
    func id(_ position: Int) -> NodeID { NodeID(UInt64(UInt(bitPattern: position + 1))) }
}
