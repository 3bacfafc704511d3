import MeshCore

extension TextWriter {
    /// Writes a target.
    mutating func target(_ target: Scenario.Target) {
        switch target {
        case .node(let node): text(node.description)
        case .nodes(let first, let last): text("\(first)..\(last)")
        case .group(let name): word(name)
        case .region(let name):
            word("region")
            word(name)
        case .leader: word("leader")
        case .previousLeader: words("previous leader")
        case .followers: word("followers")
        case .random(.fixed(1), of: .followers): words("random follower")
        case .random(let count, of: let set):
            word("random")
            setting(count)
            guard set != .all else { return }
            word("of")
            self.target(set)
        case .minority: word("minority")
        case .majority: word("majority")
        case .all: word("all")
        case .rest: word("rest")
        case .crashed: word("crashed")
        case .paused: word("paused")
        case .any: word("any")
        case .allBut(let excluded):
            words("all but")
            self.target(excluded)
        case .list(let parts):
            word("{")
            for index in 0..<parts.count {
                if index > 0 { glue(",") }
                spaceNext(index > 0)
                self.target(parts[index])
            }
            glue("}")
        }
    }

    /// Writes an event.
    mutating func event(_ event: Scenario.Event) {
        switch event {
        case .leaderElected: words("leader elected")
        case .leaderChanges: words("leader changes")
        case .leaderLost: words("leader lost")
        case .snapshotTaken: words("snapshot taken")
        case .snapshotInstalled: words("snapshot installed")
        case .allClear: words("all clear")
        case .ran(let verb, let key):
            word(Words.word(verb, in: Words.verbs))
            if let key { string(key) }
        case .node(let target, let nodeEvent):
            self.target(target)
            word(Words.word(nodeEvent, in: Words.nodeEvents))
        case .becameTrue(let condition): self.condition(condition)
        }
    }

    /// Writes a condition.
    mutating func condition(_ condition: Scenario.Condition) {
        switch condition {
        case .oneLeader: words("one leader")
        case .noLeader: words("no leader")
        case .leader(let target, let isNegated):
            words(isNegated ? "leader is not" : "leader is")
            self.target(target)
        case .progress: word("progress")
        case .caughtUp: words("caught up")
        case .voters(let target): words("voters", target)
        case .converged: word("converged")
        case .knows(let target, let key, let value):
            self.target(target)
            word(target.isPlural ? "know" : "knows")
            string(key)
            if let value {
                word("=")
                string(value)
            }
        case .nobodyKnows(let key):
            words("nobody knows")
            string(key)
        case .membership(let target, let membership, let extent):
            self.target(target)
            word(Words.word(membership, in: Words.memberships))
            word(Words.word(extent, in: Words.extents))
        case .nobodySuspects(let target):
            words("nobody suspects")
            if target == .any { word("anyone") } else { self.target(target) }
        case .compares(let comparison): self.comparison(comparison)
        case .asleep: word("asleep")
        }
    }

    /// Writes a metric.
    mutating func metric(_ metric: Scenario.Metric) {
        switch metric {
        case .timeUntil(let condition):
            words("time until")
            self.condition(condition)
        case .named(let name, let statistic, let per):
            if let statistic { word(Words.word(statistic, in: Words.statistics)) }
            word(name)
            if let per {
                word("per")
                word(Words.word(per, in: Words.divisors))
            }
        }
    }

    /// Writes a metric compared with a number.
    mutating func comparison(_ comparison: Scenario.Comparison) {
        metric(comparison.metric)
        word(Words.word(comparison.relation, in: Words.relations))
        quantity(comparison.bound)
    }
}

extension Scenario.Target {
    /// Whether a sentence about the target says `know` and not `knows`.
    fileprivate var isPlural: Bool {
        switch self {
        case .node, .leader, .previousLeader, .minority, .majority, .any, .group, .region: return false
        case .nodes, .followers, .all, .rest, .crashed, .paused, .allBut, .list: return true
        case .random(let count, _): return count != .fixed(1)
        }
    }
}
