import MeshCore
import Simulator

extension LogFuzz {
    /// Disks as nodes of a simulated group leave them: segments, images, batches of several, with crashes in between.
    public static func seeds(seed: UInt64) -> [Folder] {
        var simulation = Simulation<MeshNode>(
            seed: seed, conditions: LinkConditions(latency: .uniform(.milliseconds(1), .milliseconds(20))))
        simulation.disk = DiskSettings(
            writeLatency: .constant(.milliseconds(1)), syncLatency: .constant(.milliseconds(4)), tearsWrites: true)
        simulation.disk.log = settings
        let peers = (1...3 as ClosedRange<UInt64>).map { NodeID($0) }
        for _ in peers {
            simulation.addNode { id, random in
                var configuration = MeshNode.Configuration(id: id, peers: peers)
                configuration.raft = Raft.Settings()
                configuration.raft?.snapshotAfter = 6
                configuration.gossip = Gossip.Settings()
                return MeshNode(configuration, random: random)
            }
        }
        var observer = NoObserver<MeshNode>()
        for node in peers { simulation.start(node, observing: &observer) }
        var folders: [Folder] = []
        for round in 0..<60 as Range<UInt64> {
            let node = peers[Int(round % 3)]
            let operation = KeyValueStore.Operation.put(key: Bytes("k\(round % 3)"), value: Bytes("\(round)"))
            simulation.command(.submit(.init(id: round, operation)), at: node, observing: &observer)
            simulation.command(
                .gossip(.set(key: Bytes("g\(round % 2)"), value: Bytes("\(round)"))), at: node, observing: &observer)
            simulation.run(until: simulation.now + .milliseconds(120), observing: &observer)
            if round % 11 == 7 { simulation.crash(node, .losingUnsynced, observing: &observer) }
            folders += peers.compactMap { folder(simulation.disk(of: $0)) }
            if round % 11 == 9 { for node in peers { simulation.start(node, observing: &observer) } }
        }
        return distinct(folders)
    }

    private static func folder(_ disk: ByteDisk) -> Folder? {
        var disk = disk
        disk.settle()
        var folder = Folder()
        for file in (try? disk.files()) ?? [] {
            let count = (try? disk.byteCount(of: file)) ?? 0
            let bytes = (try? disk.read(file, at: 0, count: Int(count))) ?? []
            folder.entries.append(Folder.Entry(file: file, bytes: bytes))
        }
        return folder.entries.isEmpty ? nil : folder
    }

    /// One of each shape: how many files of each kind, and how large.
    private static func distinct(_ folders: [Folder]) -> [Folder] {
        var seen: [[Int]] = []
        return folders.filter { folder in
            var shape = [0, 0, 0, 0]
            for entry in folder.entries {
                switch entry.file {
                case .segment, .damagedSegment: shape[0] += 1
                case .image, .damagedImage: shape[1] += 1
                case .newImage: shape[2] += 1
                }
                shape[3] += entry.bytes.count / 256
            }
            guard shape[3] <= 12, !seen.contains(shape) else { return false }
            seen.append(shape)
            return true
        }
    }
}
