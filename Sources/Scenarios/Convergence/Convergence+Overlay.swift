import MeshCore
import Simulator

extension Convergence {
    /// Who is whose neighbour.
    enum Overlay {
        /// The peers of a node, in ascending order; where everybody is one, the node itself is among them.
        ///
        /// - Parameter everybody: All nodes, in one array that all share.
        /// - Complexity: O(1).
        static func peers(of node: NodeID, _ topology: Topology, _ everybody: [NodeID]) -> [NodeID] {
            let nodes = everybody.count
            let place = Int(truncatingIfNeeded: node.rawValue) - 1
            let places: [Int]
            switch topology {
            case .full, .regions: return everybody
            case .ring: places = [(place + nodes - 1) % nodes, (place + 1) % nodes]
            case .tree: places = [(place + 1) / 2 - 1, 2 * place + 1, 2 * place + 2].filter { 0 <= $0 && $0 < nodes }
            }
            // The two neighbours in a ring of two are one.
            var peers: [NodeID] = []
            for place in places.sorted() where peers.last != NodeID(UInt64(UInt(place + 1))) {
                peers.append(NodeID(UInt64(UInt(place + 1))))
            }
            return peers
        }

        /// All nodes of a setting, in ascending order.
        static func everybody(_ setting: Setting) -> [NodeID] {
            (1...UInt64(UInt(setting.nodes))).map { NodeID($0) }
        }

        /// The region of a zero-based place: neighbours stand together.
        static func region(of place: Int, _ topology: Topology, nodes: Int) -> Int {
            topology == .regions ? place * regionCount / nodes : 0
        }

        /// The conditions of every link, and what regions add.
        static func simulation<Machine: StateMachine>(
            _ setting: Setting, latency: Interval, _ makeMachine: (NodeID, Random) -> Machine
        ) -> Simulation<Machine> {
            let conditions = LinkConditions(latency: .constant(latency), loss: setting.loss)
            var simulation = Simulation<Machine>(seed: setting.seed, conditions: conditions)
            for place in 0..<setting.nodes {
                simulation.addNode(
                    region: region(of: place, setting.topology, nodes: setting.nodes), makeMachine)
            }
            guard setting.topology == .regions else { return simulation }
            var latencies: [Latency?] = []
            for from in 0..<regionCount {
                for to in 0..<regionCount { latencies.append(from == to ? nil : .constant(regionLatency)) }
            }
            simulation.network.setRegions(latencies, count: regionCount)
            return simulation
        }
    }
}
