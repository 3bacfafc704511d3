import Foundation
import MeshCore
import Scenarios

/// What a call of `mesh bench convergence` asks for.
struct BenchOrder: Sendable {
    /// One line of the table.
    struct Cell: Sendable {
        var setting: Convergence.Setting
        /// How many occasions each seed measures.
        var occasions: Int { setting.occasions }
    }

    /// The cells in the order of the table.
    private(set) var cells: [Cell] = []
    let seeds: Scenario.Seeds
    let jobs: Int

    /// What is measured when nothing is asked for.
    static let usualFamilies = Convergence.Family.allCases

    init(_ arguments: Arguments) throws {
        let isQuick = arguments.has("--quick")
        seeds =
            try arguments.value("--seeds").map { try Values.seeds($0) } ?? Scenario.Seeds([.init(1, isQuick ? 2 : 3)])
        let cores = ProcessInfo.processInfo.activeProcessorCount
        jobs = try arguments.value("--jobs").map { try Values.count($0, of: "--jobs") } ?? cores
        let families = try arguments.value("--protocol").map { try Self.families($0) } ?? Self.usualFamilies
        let nodes = try arguments.value("--nodes").map { try Self.nodes($0) }
        let losses = try arguments.value("--loss").map { try Self.losses($0) }
        let fanouts = try arguments.value("--fanout").map { try Self.fanouts($0) }
        let topologies = try arguments.value("--topology").map { try Self.topologies($0) } ?? [.full]
        let usualLosses: [Ratio] = isQuick ? [.zero, .percent(5)] : [.zero, .percent(5), .percent(20)]
        for family in families {
            for topology in topologies where family.topologies.contains(topology) {
                for fanout in Self.fanouts(of: family, fanouts) {
                    for loss in losses ?? usualLosses {
                        for count in nodes ?? Self.usualNodes(family, isQuick: isQuick) {
                            try Self.check(count, family)
                            // A large group that loses much is never of one mind; that takes minutes to see.
                            let isRestless = family == .swim && count >= 1_000 && loss > .percent(5)
                            if isRestless && (losses == nil || nodes == nil) { continue }
                            let setting = Convergence.Setting(
                                family, nodes: count, loss: loss, fanout: fanout, topology: topology,
                                occasions: Self.occasions(family, nodes: count, isQuick: isQuick))
                            cells.append(Cell(setting: setting))
                        }
                    }
                }
            }
        }
        guard cells.isEmpty else { return }
        let known = families.map { family in
            "\(family.name): \(family.topologies.map { $0.name }.joined(separator: ", "))"
        }
        throw UsageError("no protocol of these runs on such a topology", hint: known.joined(separator: "; "))
    }

    private static func check(_ count: Int, _ family: Convergence.Family) throws {
        guard count <= machineLimit || family.isModel else {
            throw UsageError(
                "\(family.name) runs real nodes, at most \(machineLimit) of them, not \(count)",
                hint: "the models take up to \(nodeLimit): --protocol push,push-pull")
        }
    }

    /// The sizes of a family when none is asked for.
    private static func usualNodes(_ family: Convergence.Family, isQuick: Bool) -> [Int] {
        if isQuick { return [10, 100] }
        return family == .swim || family == .plumtree ? [10, 100, 1_000] : [10, 100, 1_000, 10_000]
    }

    /// As many occasions as make small sizes exact and keep large ones short.
    static func occasions(_ family: Convergence.Family, nodes: Int, isQuick: Bool) -> Int {
        let budget = (isQuick ? 2_000 : 30_000) / nodes
        switch family {
        case .push, .pushPull: return min(max(budget, 5), 200)
        case .keyValue, .keyValueRounds, .broadcast, .plumtree: return min(max(budget, 5), 100)
        case .antiEntropy: return min(max(budget / 4, 3), 50)
        // The first suspicion is spread widely: its median takes many crashes.
        case .swim: return min(max(isQuick ? budget / 10 : budget / 6, 2), 100)
        }
    }

    private static func fanouts(of family: Convergence.Family, _ asked: [Int]?) -> [Int?] {
        guard let usual = family.fanout else { return [nil] }
        return asked ?? [usual]
    }
}

// MARK: - Reading lists

extension BenchOrder {
    private static func parts(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// Names of a list, each known.
    private static func named<Value>(
        _ text: String, _ option: String, _ known: [Value], _ name: (Value) -> String
    ) throws -> [Value] {
        try parts(text).map { part in
            guard let value = known.first(where: { name($0) == part }) else {
                let names = known.map(name)
                throw UsageError(
                    "\(option): there is no \"\(part)\"",
                    hint: Suggestion.text(for: part, among: names)
                        ?? "\(names.joined(separator: ", ")) are known, several with commas")
            }
            return value
        }
    }

    static func families(_ text: String) throws -> [Convergence.Family] {
        try named(text, "--protocol", Convergence.Family.allCases) { $0.name }
    }

    static func topologies(_ text: String) throws -> [Convergence.Topology] {
        try named(text, "--topology", Convergence.Topology.allCases) { $0.name }
    }

    static func nodes(_ text: String) throws -> [Int] {
        try parts(text).map { part in
            guard let count = Int(part), (2...nodeLimit).contains(count) else {
                throw UsageError(
                    "--nodes takes numbers from 2 to \(nodeLimit), not \"\(part)\"", hint: "write --nodes 10,100,1000")
            }
            return count
        }
    }

    /// The most nodes of a model; machines of so many would not fit any memory.
    static let nodeLimit = 10_000_000
    /// The most nodes of a simulation of machines.
    static let machineLimit = 10_000

    static func fanouts(_ text: String) throws -> [Int] {
        try parts(text).map { part in
            guard let count = Int(part), (1...64).contains(count) else {
                throw UsageError("--fanout takes numbers from 1 to 64, not \"\(part)\"", hint: "write --fanout 1,3,5")
            }
            return count
        }
    }

    /// Shares of lost messages: `0%`, `0.5%`.
    static func losses(_ text: String) throws -> [Ratio] {
        try parts(text).map { part in
            let number = part.hasSuffix("%") ? Double(part.dropLast()) : nil
            guard let number, number >= 0, number <= 90 else {
                throw UsageError("--loss takes shares from 0% to 90%, not \"\(part)\"", hint: "write --loss 0%,5%,20%")
            }
            return Ratio(millionths: Int64((number * 10_000).rounded()))
        }
    }
}
