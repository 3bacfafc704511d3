import MeshCore

extension Parser {
    /// Judges what can only be judged when the whole file is read.
    mutating func checkWhole() {
        checkPresence()
        for mention in mentions {
            guard errors.count < Scenario.ParseFailure.limit else { return }
            check(mention)
        }
        checkVariations()
    }

    /// Complains about what every scenario needs.
    private mutating func checkPresence() {
        let start = Scenario.Location(line: 1, column: 1)
        if !said.contains(where: { $0.word == "scenario" }) {
            complain(at: start, "a scenario begins with: scenario \"what it shows\"")
            if said.isEmpty { return }
        }
        guard said.contains(where: { $0.word == "cluster" }) else {
            return complain(at: start, "a scenario needs a cluster: cluster, nodes 3, run raft")
        }
        let cluster = scenario.cluster
        guard !hasErrorsInCluster else { return }
        if cluster.groups.isEmpty {
            complain(at: cluster.location, length: 7, "the cluster has no nodes: add \"nodes 3\"")
        }
        if cluster.protocols.isEmpty {
            complain(at: cluster.location, length: 7, "the cluster runs nothing: add \"run raft\"")
        }
    }

    /// Whether a line of the section cluster was refused, so that what is missing may be what it says.
    private var hasErrorsInCluster: Bool {
        for error in errors where error.location.line >= scenario.cluster.location.line { return true }
        return false
    }

    private mutating func complain(
        at location: Scenario.Location, length: Int = 1, _ message: String, suggestion: Bytes? = nil
    ) {
        errors.append(Scenario.ParseError(at: location, length: length, message, suggestion: suggestion))
    }

    /// Judges one mention.
    private mutating func check(_ mention: Mention) {
        let cluster = scenario.cluster
        switch mention.subject {
        case .node(let number): checkNode(number, mention)
        case .group(let name):
            guard !cluster.groups.isEmpty, !cluster.groups.contains(where: { $0.name == name }) else { return }
            let known = cluster.groups.compactMap { $0.name } + Words.targets
            complain(
                mention, "no node or group is called \"\(name.description)\"", nearest(to: name.storage, among: known))
        case .region(let name):
            guard !cluster.groups.isEmpty, !cluster.groups.contains(where: { $0.region == name }) else { return }
            let known = cluster.groups.compactMap { $0.region }
            complain(mention, "no node is in a region \"\(name.description)\"", nearest(to: name.storage, among: known))
        case .needs(let names, let what): checkRunning(names, what, mention)
        case .moment(let moment):
            guard let duration = scenario.duration, moment > duration.highest else { return }
            complain(mention, "this lies behind the end of the run, which lasts \(duration.highest)", nil)
        case .partition(let parts): checkPartition(parts)
        }
    }

    private mutating func complain(_ mention: Mention, _ message: String, _ suggestion: Bytes?) {
        complain(at: mention.location, length: mention.length, message, suggestion: suggestion)
    }

    /// Complains when none of these protocols runs.
    private mutating func checkRunning(_ names: [Scenario.ProtocolName], _ what: String, _ mention: Mention) {
        let running = scenario.cluster.protocols
        guard !running.isEmpty, !names.contains(where: { running[$0] }) else { return }
        var list = ""
        for name in names {
            list += (list.isEmpty ? "" : " or ") + Words.word(name, in: Words.protocols).description
        }
        let wayOut = names.count == 1 ? "which does not run: add it" : "which do not run: add one"
        complain(mention, "\(what) needs \(list), \(wayOut) to \"run\"", nil)
    }

    /// Complains about a node that does not exist, or not for every seed.
    private mutating func checkNode(_ number: UInt64, _ mention: Mention) {
        let groups = scenario.cluster.groups
        guard !groups.isEmpty else { return }
        var least: Int64 = 0
        var most: Int64 = 0
        for group in groups {
            least += group.count.value
            most += group.count.highest
        }
        if number >= 1, number <= UInt64(least) { return }
        let name = NodeID(number).description
        if number >= 1, number <= UInt64(most) {
            return complain(mention, "\(name) does not exist for every seed: a draw may give only \(least) nodes", nil)
        }
        let range = least == 1 ? "the only node is n1" : "the nodes are n1 to n\(least)"
        complain(mention, "there is no node \(name): \(range)", nil)
    }

    /// Complains about a partition that puts a node into two groups.
    private mutating func checkPartition(_ parts: [NamedTarget]) {
        var ranges: [(first: UInt64, last: UInt64, part: Int)] = []
        for index in 0..<parts.count {
            let part = parts[index]
            for earlier in 0..<index where parts[earlier].target == part.target && part.target.isOneSet {
                return complain(at: part.location, length: part.length, "a partition names each node once")
            }
            for range in numbers(of: part.target) { ranges.append((range.first, range.last, index)) }
        }
        for index in 0..<ranges.count {
            for earlier in 0..<index
            where ranges[earlier].last >= ranges[index].first && ranges[index].last >= ranges[earlier].first {
                let part = parts[ranges[index].part]
                return complain(at: part.location, length: part.length, "a partition names each node once")
            }
        }
    }

    /// The numbers of the nodes of a target, as far as they are known before the run.
    private func numbers(of target: Scenario.Target) -> [(first: UInt64, last: UInt64)] {
        switch target {
        case .node(let node): return [(node.rawValue, node.rawValue)]
        case .nodes(let first, let last): return [(first.rawValue, last.rawValue)]
        case .group(let name): return numbers { $0.name == name }
        case .region(let name): return numbers { $0.region == name }
        default: return []
        }
    }

    /// The numbers of the nodes of some groups.
    private func numbers(_ isMeant: (Scenario.NodeGroup) -> Bool) -> [(first: UInt64, last: UInt64)] {
        var ranges: [(first: UInt64, last: UInt64)] = []
        var next: UInt64 = 1
        for group in scenario.cluster.groups {
            let count = UInt64(group.count.value)
            if isMeant(group) { ranges.append((next, next + count - 1)) }
            next += count
        }
        return ranges
    }

    /// Complains about a table over the number of nodes that cannot be made.
    private mutating func checkVariations() {
        for variation in scenario.variations where variation.parameter.isOfWorkloads && scenario.workloads.isEmpty {
            complain(at: variation.location, length: 4, "there is no workload whose \(variation.name) could vary")
        }
        for variation in scenario.variations where variation.parameter == .nodes {
            if scenario.cluster.groups.count > 1 {
                complain(at: variation.location, length: 4, "\"nodes\" can be varied when the cluster is one group")
                return
            }
            checkNamedNodes(variation)
        }
    }

    /// Complains about a node that is named but missing from some cell of a table.
    private mutating func checkNamedNodes(_ variation: Scenario.Variation) {
        for value in variation.values {
            guard case .count(let count) = value else { continue }
            for mention in mentions {
                guard case .node(let number) = mention.subject, number > UInt64(count) else { continue }
                complain(
                    mention,
                    "\(NodeID(number)) does not exist with \(count) nodes, as line "
                        + "\(variation.location.line) asks for", nil)
                return
            }
        }
    }
}

extension Scenario.Parameter {
    /// Whether the parameter is one of the workloads.
    fileprivate var isOfWorkloads: Bool { self == .rate || self == .clients || self == .keys }
}

extension Scenario.Target {
    /// Whether naming the target twice means the same nodes twice.
    fileprivate var isOneSet: Bool {
        switch self {
        case .random: return false
        default: return true
        }
    }
}
