public import MeshCore

extension Simulation {
    /// Leaves everything that chance decides from now on to another seed.
    ///
    /// What was decided stays: messages and writes under way arrive when they would have.
    ///
    /// - Parameter change: Gives a machine another generator; it is called for each machine and for what it restarts
    ///   from.
    /// - Complexity: O(nodes).
    public mutating func reseed(_ seed: UInt64, _ change: (inout Machine, Random) -> Void) {
        rolling.mix(now)
        rolling.mix(Mark.reseed)
        rolling.mix(seed)
        random = Random(seed: seed)
        network.reseed(random.derived(.network, 0))
        for host in 0..<hosts.count {
            let own = random.derived(.machine, id(host).rawValue)
            change(&hosts[host].machine, own)
            change(&hosts[host].blueprint, own)
        }
    }
}
