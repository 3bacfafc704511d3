import MeshCore
import Simulator

extension Scenario {
    /// The scenario with nothing left to chance about messages but how long they travel.
    ///
    /// Whatever was lost, doubled, damaged or overtook in the run of its seed stands as a line of its own,
    /// `at T loss 100% on n1 -> n2 of raft.vote for 2us`.
    ///
    /// The run of the result is the same run, except where two messages of a kind leave on a link within two
    /// microseconds.
    ///
    /// - Returns: `nil` when no message met with anything, or more did than can be tried one by one.
    /// - Complexity: That of a run.
    public func withAccidents(ofSeed seed: UInt64) -> Scenario? {
        var run = Run(self, seed: seed)
        run.simulation.network.accidents = []
        _ = run.advance()
        guard let accidents = run.simulation.network.accidents, !accidents.isEmpty, accidents.count <= 600 else {
            return nil
        }
        var exact = self
        exact.network.conditions.dropAccidents()
        exact.network.rules = network.rules.compactMap { rule in
            var rule = rule
            rule.conditions.dropAccidents()
            return rule.conditions.isEmpty ? nil : rule
        }
        exact.timeline = timeline.compactMap { $0.withoutAccidents }
        for accident in accidents { exact.timeline.append(.event(TimelineEvent(accident))) }
        exact.sortTimeline()
        return exact
    }
}

extension Scenario.LinkConditions {
    /// Takes everything away that chance does to single messages.
    fileprivate mutating func dropAccidents() {
        loss = nil
        duplicate = nil
        reorder = nil
        corrupt = nil
    }
}

extension Scenario.TimelineStatement {
    /// The line without what chance does to single messages; `nil` when nothing is left of it.
    fileprivate var withoutAccidents: Scenario.TimelineStatement? {
        guard case .event(var event) = self, case .degrade(var rule) = event.action else { return self }
        rule.conditions.dropAccidents()
        guard !rule.conditions.isEmpty else { return nil }
        event.action = .degrade(rule)
        return .event(event)
    }
}

extension Scenario.TimelineEvent {
    /// The line that does to one message what chance did.
    fileprivate init(_ accident: Network.Accident) {
        var conditions = Scenario.LinkConditions()
        let always = Scenario.Setting.fixed(Ratio.one)
        if accident.isLost { conditions.loss = always }
        if accident.isDoubled { conditions.duplicate = always }
        if accident.isDamaged { conditions.corrupt = always }
        if let delay = accident.delay { conditions.reorder = Scenario.Reorder(share: always, by: .fixed(delay)) }
        let rule = Scenario.LinkRule(
            links: Scenario.Links(from: .node(NodeID(place: accident.from)), to: .node(NodeID(place: accident.to))),
            kinds: [MeshNode.Message.name(of: accident.kind)], conditions: conditions)
        let start = ((accident.time - Instant.zero) - .nanoseconds(1)).roundedDown(to: .microseconds(1))
        self.init(.at(.fixed(max(start, .zero))), .degrade(rule), lasting: Scenario.Pace(.fixed(.microseconds(2))))
    }
}

extension NodeID {
    /// The node at a zero-based position.
    fileprivate init(place: Int) { self.init(UInt64(UInt(bitPattern: place)) + 1) }
}
