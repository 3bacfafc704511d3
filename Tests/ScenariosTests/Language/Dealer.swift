import MeshCore
import Scenarios

/// Deals random scenarios that are valid, so that everything the language can say is written and read back.
struct Dealer {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678
    }

    /// The next 64 bits, by splitmix64.
    mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to and without `bound`.
    mutating func number(_ bound: Int) -> Int { Int(bits() % UInt64(bound)) }

    /// True in one of so many cases.
    mutating func isOne(in count: Int) -> Bool { number(count) == 0 }

    /// One of several.
    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(values.count)] }

    /// A value in one of two cases.
    mutating func maybe<Value>(_ make: (inout Dealer) -> Value) -> Value? { isOne(in: 2) ? make(&self) : nil }

    /// A few values.
    mutating func some<Value>(_ most: Int, least: Int = 0, _ make: (inout Dealer) -> Value) -> [Value] {
        var values: [Value] = []
        for _ in 0..<(least + number(most - least + 1)) { values.append(make(&self)) }
        return values
    }
}

// MARK: - Quantities

extension Dealer {
    /// A quantity of at least one smallest unit.
    mutating func value<Value: Scenario.Countable>(below bound: Int64) -> Value {
        let unit: Int64 = pick([1, 1_000, 1_000_000, 1_000_000_000, 1_024])
        return Value(smallestUnits: max(1, Int64(bits() % UInt64(bound)) / unit * unit))
    }

    mutating func setting<Value: Scenario.Countable>(below bound: Int64) -> Scenario.Setting<Value> {
        let first: Value = value(below: bound)
        guard isOne(in: 4) else { return .fixed(first) }
        let second: Value = value(below: bound)
        return first.smallestUnits <= second.smallestUnits
            ? .drawn(from: first, to: second) : .drawn(from: second, to: first)
    }

    mutating func time() -> Scenario.Setting<Interval> { setting(below: 100_000_000_000) }
    mutating func share() -> Scenario.Setting<Ratio> { setting(below: 1_000_001) }
    mutating func count() -> Scenario.Setting<Int64> { setting(below: 1_000) }
    mutating func size() -> Scenario.Setting<Scenario.Size> { setting(below: 1 << 32) }
    mutating func pace() -> Scenario.Pace { Scenario.Pace(time(), isApproximate: isOne(in: 2)) }

    mutating func difference() -> Scenario.Setting<Interval> {
        let first: Interval = value(below: 1_000_000_000_000)
        guard isOne(in: 3) else { return .fixed(isOne(in: 2) ? first : .zero - first) }
        return .drawn(from: .zero - first, to: first)
    }

    mutating func range() -> Scenario.IntervalRange {
        let first: Interval = value(below: 10_000_000_000)
        let second: Interval = value(below: 10_000_000_000)
        return Scenario.IntervalRange(min(first, second), max(first, second))
    }

    /// A window of which the end lies behind the beginning.
    mutating func window() -> (from: Scenario.Setting<Interval>?, until: Scenario.Setting<Interval>?) {
        let from = maybe { $0.time() }
        let later = (from?.highest ?? .zero) + value(below: 1_000_000_000_000)
        return (from, maybe { _ in .fixed(later) })
    }

    /// Any bytes, so that every escape is met.
    mutating func bytes(least: Int = 0) -> Bytes {
        let pieces: [[UInt8]] = [
            Array("a".utf8), Array("key:".utf8), Array("日本".utf8), Array("\"".utf8), [0x5c], [0x0a], [0x00], [0xff],
            Array("é".utf8), [0xc3], [0x7f], Array("#".utf8), Array(" ".utf8), [0x09], [0x0d],
        ]
        return Bytes(some(6, least: least) { $0.pick(pieces) }.flatMap { $0 })
    }
}

// MARK: - Targets, events and conditions

extension Dealer {
    /// The nodes every dealt cluster has.
    static var nodeCount: UInt64 { 6 }

    mutating func node() -> NodeID { NodeID(1 + bits() % Self.nodeCount) }

    mutating func fixedTarget() -> Scenario.Target {
        let target = namedTarget()
        if target == .rest { return .all }
        guard isOne(in: 6) else { return target }
        return isOne(in: 2) ? .allBut(target) : .list([target, namedTarget()])
    }

    private mutating func namedTarget() -> Scenario.Target {
        switch number(5) {
        case 0: return .node(node())
        case 1: return .nodes(from: NodeID(2), to: NodeID(5))
        case 2: return .group("alpha")
        case 3: return .region("eu-west")
        default: return .all
        }
    }

    mutating func target(depth: Int = 0) -> Scenario.Target {
        switch number(depth > 3 ? 9 : 14) {
        case 0: return .leader
        case 1: return .previousLeader
        case 2: return .followers
        case 3: return .minority
        case 4: return .majority
        case 5: return .crashed
        case 6: return .paused
        case 7, 8: return namedTarget()
        case 9: return .random(setting(below: 5), of: .all)
        case 10: return .random(setting(below: 5), of: target(depth: depth + 1))
        case 11: return .allBut(target(depth: depth + 1))
        default: return .list(some(3, least: 1) { $0.target(depth: depth + 1) })
        }
    }

    mutating func links() -> Scenario.Links {
        let end: (inout Dealer) -> Scenario.Target = {
            $0.isOne(in: 3) ? .any : ($0.isOne(in: 5) ? .rest : $0.target())
        }
        return Scenario.Links(from: end(&self), to: end(&self), isBothWays: isOne(in: 2))
    }

    mutating func event() -> Scenario.Event {
        switch number(10) {
        case 0: return .leaderElected
        case 1: return .leaderChanges
        case 2: return .leaderLost
        case 3: return .snapshotTaken
        case 4: return .snapshotInstalled
        case 5: return .allClear
        case 6: return .ran(pick(Scenario.Verb.allCases), key: nil)
        case 7: return .ran(pick([.set, .delete]), key: bytes(least: 1))
        case 8:
            let subject = isOne(in: 4) ? .any : target()
            let event = pick(Scenario.NodeEvent.allCases)
            return subject == .leader && event == .elected ? .leaderElected : .node(subject, event)
        default: return .becameTrue(condition())
        }
    }

    mutating func condition(depth: Int = 0) -> Scenario.Condition {
        switch number(depth > 2 ? 12 : 13) {
        case 0: return .oneLeader
        case 1: return .noLeader
        case 2: return .leader(isIn: target(), isNegated: isOne(in: 2))
        case 3: return .progress
        case 4: return .caughtUp
        case 5: return .converged
        case 6: return .knows(target(), key: bytes(least: 1), value: maybe { $0.bytes() })
        case 7: return .nobodyKnows(key: bytes(least: 1))
        case 8:
            return .membership(of: target(), pick(Scenario.Membership.allCases), pick(Scenario.Extent.allCases))
        case 9: return .nobodySuspects(isOne(in: 2) ? .any : target())
        case 10: return .voters(target())
        case 11: return .asleep
        default: return .compares(comparison(depth: depth + 1))
        }
    }

    mutating func metric(depth: Int = 0) -> (metric: Scenario.Metric, unit: Scenario.MetricUnit) {
        if isOne(in: 5) { return (.timeUntil(condition(depth: depth + 1)), .time) }
        let name = pick(Scenario.Vocabulary.standard.metrics)
        let statistic = name.isSampled ? maybe { $0.pick(Scenario.Statistic.allCases) } : nil
        return (.named(name.name, statistic: statistic, per: maybe { $0.pick(Scenario.Per.allCases) }), name.unit)
    }

    mutating func comparison(depth: Int = 0) -> Scenario.Comparison {
        let (metric, unit) = metric(depth: depth)
        let bound: Scenario.Quantity
        switch unit {
        case .count: bound = .count(value(below: 1_000_000))
        case .time: bound = .time(value(below: 1_000_000_000_000))
        case .size: bound = .size(value(below: 1 << 40))
        case .share: bound = .share(value(below: 1_000_000))
        }
        return Scenario.Comparison(metric, pick(Scenario.Relation.allCases), bound)
    }
}
