public import MeshCore
import Simulator

/// Walks through a run, forwards and backwards, and tries other futures.
///
/// A run is a value, so copies of it along the way make going back cheap. What is done by hand becomes a line of the
/// timeline at that moment; chance is keyed, so the past stays as it was, and what was tried can be written down as a
/// scenario that replays.
public struct Debugger: Sendable {
    /// The scenario as drawn from the seed, with everything that was done by hand.
    public private(set) var scenario: Scenario
    /// The seed.
    public let seed: UInt64
    /// The run where it stands.
    public private(set) var run: Run
    /// What happened in the last movement, as text; see `TraceLog.Format.text`.
    public private(set) var trace: [UInt8] = []
    /// Copies along the way, with at least ``spacing`` events between two.
    private var checkpoints: [Run] = []
    private var spacing: UInt64 = 500
    private static var checkpointLimit: Int { 48 }

    /// Stands at the beginning of a run.
    ///
    /// - Parameters:
    ///   - scenario: A scenario that was checked; its ranges are drawn here.
    ///   - seed: Decides everything that is left to chance.
    public init(_ scenario: Scenario, seed: UInt64) {
        self.scenario = scenario.drawn(seed: seed)
        self.scenario.seeds = Scenario.Seeds([Scenario.SeedRange(seed, seed)])
        self.seed = seed
        self.run = Run(self.scenario, seed: seed, trace: .text)
        self.trace = run.takeTrace()
        self.checkpoints = [run]
    }

    /// Why the debugger cannot do what it was asked.
    public enum Complaint: Error, Sendable {
        /// What was typed is no line of a timeline; places refer to ``Scenario/description`` with the line put in.
        case text(Scenario.ParseFailure, source: [UInt8])
        /// The run is over.
        case isOver
        /// The past came out otherwise, which is a defect of this program.
        case pastChanged
    }
}

// MARK: - Movement

extension Debugger {
    /// Goes on by a number of events.
    ///
    /// - Returns: Whether the run is over.
    public mutating func step(_ count: UInt64 = 1) -> Bool {
        trace = []
        return walk(by: count)
    }

    /// Goes on up to an instant; what happens at it waits.
    ///
    /// - Returns: Whether the run is over.
    public mutating func go(to time: Instant) -> Bool {
        trace = []
        var isOver = false
        while !isOver, run.now < time {
            let before = run.eventCount
            isOver = run.advance(events: spacing, to: time)
            note()
            if run.eventCount < before + spacing { break }
        }
        return isOver
    }

    /// Goes on until an event of the language comes to pass, such as `leader elected` or `commit >= 20`.
    ///
    /// - Returns: Whether it came to pass; the run is over if not.
    public mutating func go(until text: String) throws(Complaint) -> Bool {
        let probe = try adding("when \(text) heal everything", to: scenario)
        guard case .event(let line)? = probe.timeline.last, case .when(let reaction) = line.trigger else {
            return false
        }
        trace = []
        let isReached = run.advance(to: reaction.event)
        note()
        return isReached
    }

    /// Goes on to the end.
    public mutating func finish() {
        trace = []
        while !walk(by: spacing) { trace = [] }
    }

    /// Goes back by a number of events, at most to the beginning.
    ///
    /// - Complexity: O(events between two copies), O(events of the run) when copies were thrown away.
    public mutating func back(_ count: UInt64 = 1) {
        let target = run.eventCount > count ? run.eventCount - count : 0
        while let last = checkpoints.last, checkpoints.count > 1, last.eventCount > target { checkpoints.removeLast() }
        run = checkpoints[checkpoints.count - 1]
        if target > run.eventCount { _ = walk(by: target - run.eventCount) }
        trace = []
    }

    private mutating func walk(by count: UInt64) -> Bool {
        let target = run.eventCount &+ count
        while run.eventCount < target {
            if run.advance(events: min(spacing, target - run.eventCount)) {
                note()
                return true
            }
            note()
        }
        return run.isOver
    }

    /// Keeps what was traced, and a copy if the last one is far behind.
    private mutating func note() {
        trace += run.takeTrace()
        guard run.eventCount >= (checkpoints.last?.eventCount ?? 0) + spacing else { return }
        checkpoints.append(run)
        guard checkpoints.count > Self.checkpointLimit else { return }
        spacing *= 2
        checkpoints = checkpoints.enumerated().filter { $0.offset & 1 == 0 }.map { $0.element }
    }
}

// MARK: - Other futures

extension Debugger {
    /// Does an action of the language now, such as `crash leader` or `partition n1 | n2 n3 for 2s`.
    ///
    /// It becomes a line of the timeline a nanosecond from now, and the run is taken there again.
    ///
    /// - Complexity: O(events of the run up to now).
    public mutating func perform(_ text: String) throws(Complaint) {
        guard !run.isOver else { throw .isOver }
        let time = run.now + Interval(nanoseconds: 1)
        let changed = try adding("at \(time.nanoseconds)ns \(text)", to: scenario)
        var other = Debugger(changed, seed: seed)
        var here = run
        _ = here.advance(to: time)
        _ = other.go(to: time)
        guard other.run.simulation.digest == here.simulation.digest else { throw .pastChanged }
        other.trace = []
        // The line itself runs before whatever else is due at its instant.
        _ = other.run.advance(to: time + Interval(nanoseconds: 1))
        other.note()
        self = other
    }

    /// The scenario that leads here and on, with everything that was done by hand; it replays under its only seed.
    ///
    /// - Parameter endsHere: Whether it ends where the run stands.
    public func exported(endsHere: Bool = false) -> Scenario {
        var exported = scenario
        if endsHere { exported.duration = .fixed(run.now - .zero) }
        return exported
    }

    /// A scenario with one more line in its timeline.
    private func adding(_ line: String, to scenario: Scenario) throws(Complaint) -> Scenario {
        var source: [UInt8] = []
        var isInTimeline = false
        var isAdded = false
        let added = Array("  \(line)\n".utf8)
        let text = Array(scenario.description.utf8)
        for row in text.split(separator: 10, omittingEmptySubsequences: false) {
            let begins = row.first.map { $0 != 0x20 && $0 != 0x23 } ?? false
            if isInTimeline && (begins || row.isEmpty) {
                source += added
                isInTimeline = false
                isAdded = true
            }
            if begins && row.starts(with: Array("timeline".utf8)) { isInTimeline = true }
            source += row + [10]
        }
        if !isAdded { source += (isInTimeline ? [] : Array("\ntimeline\n".utf8)) + added }
        do {
            return try Scenario.parse(source)
        } catch {
            throw .text(error, source: source)
        }
    }
}
