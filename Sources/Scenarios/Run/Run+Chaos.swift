import MeshCore
import Simulator

extension Run {
    /// Lets an antagonist strike, and plans the end of the strike and the next one.
    mutating func performStrike(_ index: Int, _ occasion: UInt64) {
        guard case .chaos(let chaos) = scenario.timeline[index] else { return }
        let next = simulation.now + pace(chaos.every, index, occasion + 1)
        if let until = chaos.until?.value, simulation.now > .zero + until { return }
        if chaos.until.map({ next <= .zero + $0.value }) ?? true {
            agenda.add(.strike(index, occasion: occasion + 1), at: next)
        }
        let lasting = pace(chaos.lasting, index, occasion | 1 << 32)
        guard let action = action(of: chaos, index) else { return }
        var event = Scenario.TimelineEvent(.at(.fixed(simulation.now - Instant.zero)), action)
        if !action.strikesOnce { event.lasting = Scenario.Pace(.fixed(lasting)) }
        perform(event, index)
    }

    /// What an antagonist does this time.
    private func action(of chaos: Scenario.Chaos, _ index: Int) -> Scenario.Action? {
        var scope = TargetScope(statement: index)
        let candidates = resolve(chaos.target ?? .all, &scope).filter { simulation.status(of: $0) == .running }
        guard !candidates.isEmpty else { return nil }
        switch chaos.kind {
        case .partitions: return .partition(.groups([.list(split(candidates, index).map { .node($0) })]))
        case .crashes(let mode): return .crash(.node(candidates[pick(candidates.count, index, 1)]), mode)
        case .pauses: return .pause(.node(candidates[pick(candidates.count, index, 1)]))
        case .slowdowns:
            return .slow(.node(candidates[pick(candidates.count, index, 1)]), by: .fixed(.init(thousandths: 10_000)))
        case .stalls: return .stallDisk(.node(candidates[pick(candidates.count, index, 1)]))
        case .diskFaults:
            let faults = Self.chaosFaults
            let place = pick(faults.count + 1, index, 3)
            let target = Scenario.Target.node(candidates[pick(candidates.count, index, 1)])
            return place < faults.count ? .diskFault(faults[place], on: target) : .stallDisk(target)
        case .bitRot: return .diskFault(.bitRot, on: .node(candidates[pick(candidates.count, index, 1)]))
        case .tornWrites: return .diskFault(.tornWrite, on: .node(candidates[pick(candidates.count, index, 1)]))
        case .fullDisks: return .diskFault(.full, on: .node(candidates[pick(candidates.count, index, 1)]))
        case .clogs: return link(candidates, index).map { .clog($0) }
        case .cuts: return link(candidates, index).map { .cut($0) }
        case .flaps:
            return link(candidates, index).map {
                .cut(Scenario.Links(from: $0.from, to: $0.to, isBothWays: true))
            }
        }
    }

    /// What `chaos disk-faults` chooses from, besides a stall: everything that a node can notice.
    private static var chaosFaults: [Scenario.DiskFault] {
        [
            .bitRot, .flippedWrite, .flippedRead, .misdirectedWrite, .misdirectedRead, .failedWrite, .failedFsync,
            .failedRead, .tornWrite, .full,
        ]
    }

    /// A number below `count` that belongs to this moment of this antagonist.
    private func pick(_ count: Int, _ index: Int, _ question: UInt64) -> Int {
        let bits = random.bits(
            .chaos, UInt64(UInt(bitPattern: index)), UInt64(bitPattern: simulation.now.nanoseconds), question)
        return Int(Random.number(below: UInt64(UInt(bitPattern: count)), from: bits))
    }

    /// One side of a random split: each size from one to all but one is equally likely.
    private func split(_ candidates: [NodeID], _ index: Int) -> [NodeID] {
        guard candidates.count > 1 else { return candidates }
        var pool = candidates
        var side: [NodeID] = []
        let size = 1 + pick(candidates.count - 1, index, 1)
        for question in 0..<size {
            side.append(pool.remove(at: pick(pool.count, index, 2 + UInt64(UInt(bitPattern: question)))))
        }
        return side.sorted()
    }

    /// A random directed link.
    private func link(_ candidates: [NodeID], _ index: Int) -> Scenario.Links? {
        let others = simulation.nodes
        guard others.count > 1 else { return nil }
        let from = candidates[pick(candidates.count, index, 1)]
        let rest = others.filter { $0 != from }
        return Scenario.Links(from: .node(from), to: .node(rest[pick(rest.count, index, 2)]))
    }
}

extension Scenario.Action {
    /// Whether an antagonist does it to one operation instead of for a while.
    fileprivate var strikesOnce: Bool {
        guard case .diskFault(let fault, _) = self else { return false }
        return fault != .full && fault != .tornWrite
    }
}
