import MeshCore
import Simulator

/// Counts what a scenario does by itself, besides what machines do, so that nothing of it goes on for ever.
///
/// A reaction may set itself off, an interval may be a nanosecond, clients may turn to a cluster in which nobody is up:
/// none of this need be an event of a machine.
struct Activity: Sendable {
    /// Deeds for which no machine took an input; the others are events of machines and are counted as such.
    var idleCount: UInt64 = 0
    /// How many deeds each line of the timeline did.
    private(set) var deeds: [UInt64]
    /// How many deeds the timeline did at the present instant.
    private(set) var countOfInstant = 0
    private var instant = Instant.zero

    init(statements: Int) {
        deeds = [UInt64](repeating: 0, count: statements)
    }

    /// How many deeds without an input there may be in a run without a budget of events.
    static var idleLimit: UInt64 { 10_000_000 }

    /// The least number of such deeds after which a run looks up, to report progress or to be stopped.
    static var slice: UInt64 { 20_000 }

    /// How many deeds the timeline may do at one instant of virtual time.
    static func instantLimit(nodes: Int) -> Int { 10_000 + 100 * nodes }

    /// Counts a deed of the timeline; the end of something that lasted belongs to no line.
    mutating func note(statement: Int?, at now: Instant) {
        if now != instant {
            instant = now
            countOfInstant = 0
        }
        countOfInstant += 1
        guard let statement else { return }
        // A future of a run has a line more.
        while deeds.count <= statement { deeds.append(0) }
        deeds[statement] += 1
    }

    /// The line of the timeline that did most.
    ///
    /// - Returns: `nil` when none did anything.
    /// - Complexity: O(lines).
    var busiest: Int? {
        var best: Int?
        for index in deeds.indices where deeds[index] > (best.map { deeds[$0] } ?? 0) { best = index }
        return best
    }
}

extension Run {
    /// How much was done so far: events of machines, and what the scenario did for which no machine took an input.
    var workCount: UInt64 { simulation.eventCount &+ activity.idleCount }

    /// How many events there may be, inputs of machines and deeds without one together.
    var eventBudget: UInt64 { UInt64(clamping: scenario.budget.events ?? Int64.max) }

    /// Whether the run has done as much as it may.
    var isExhausted: Bool {
        workCount >= eventBudget || isStuck
            || (scenario.budget.events == nil && activity.idleCount >= Activity.idleLimit)
    }

    /// Whether the timeline goes on and on while virtual time stands still.
    var isStuck: Bool { activity.countOfInstant > Activity.instantLimit(nodes: simulation.nodeCount) }

    /// Ends a run that has done as much as it may, without a verdict.
    ///
    /// - Returns: Whether it has.
    mutating func finishIfExhausted() -> Bool {
        guard isExhausted else { return false }
        let budget = eventBudget
        if isStuck {
            unknownReason = "the timeline acts without end at \(simulation.now)\(culprit)"
        } else if workCount < budget {
            unknownReason =
                "the scenario did \(activity.idleCount) things by \(simulation.now) for which no node took an input"
                + culprit
        } else {
            var reason = "the budget of \(budget) events was spent at \(simulation.now)"
            if activity.idleCount > budget / 4 {
                reason += ", \(activity.idleCount) of them for what the scenario itself did\(culprit)"
            }
            unknownReason = reason
        }
        finish()
        return true
    }

    /// The line of the timeline that did most, in words.
    private var culprit: String {
        guard let index = activity.busiest else { return "" }
        return ", most of all by \"\(scenario.timeline[index])\" (\(activity.deeds[index]) times)"
    }
}
