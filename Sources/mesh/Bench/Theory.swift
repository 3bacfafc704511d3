import Foundation
import MeshCore
import Scenarios

/// What the literature says a setting should give; docs/convergence.md has the sources.
///
/// Floating point, because of the logarithms: nothing is decided by it.
struct Theory {
    /// Which figure of the measured times the formula speaks of.
    enum Statistic: String {
        case mean, p50
    }

    /// A time in milliseconds, or in rounds.
    struct Time {
        var value: Double
        var statistic: Statistic
        /// The formula, as it stands below a table.
        var formula: String
    }

    /// One for each of the family's measures; `nil` where there is no formula.
    var times: [Time?]
    /// What the expected numbers of the same rules give, without the simplifications of the formula.
    var expected: Double?
    var messages: Double?
    var duplicates: Double?
    /// The formulas of messages and duplicates.
    var loadFormula: String?

    init(_ setting: Convergence.Setting) {
        times = setting.family.measures.map { _ in nil }
        switch setting.family {
        case .push: setPush(setting, rounds: .max)
        case .keyValueRounds: setPush(setting, rounds: Self.pushRounds(setting))
        case .pushPull: setPushPull(setting)
        case .keyValue: setKeyValue(setting)
        case .antiEntropy: setPushPull(setting)
        case .broadcast: setBroadcast(setting)
        case .plumtree: setTree(setting)
        case .swim: setSwim(setting)
        }
    }

    private static func arriving(_ setting: Convergence.Setting) -> Double {
        1 - Double(setting.loss.millionths) / 1e6
    }

    /// log_(1+f) N + ln N / f rounds, where f peers are reached in each.
    static func pushRounds(nodes: Double, reached: Double) -> Double {
        log(nodes) / log(1 + reached) + log(nodes) / reached
    }

    private mutating func setPush(_ setting: Convergence.Setting, rounds: Int) {
        let nodes = Double(setting.nodes)
        let reached = Double(setting.fanout) * Self.arriving(setting)
        switch setting.topology {
        case .full, .regions:
            times[0] = Time(
                value: Self.pushRounds(nodes: nodes, reached: reached), statistic: .mean,
                formula: "log_(1+f) N + ln N / f rounds, f = fanout x arriving share")
            expected = MeanField.spread(setting, interval: 1, rounds: rounds)
            if rounds == .max {
                messages = log(nodes) / Self.arriving(setting) + 0.5772
                duplicates = log(nodes) + 0.5772 - 1
                loadFormula = "ln N + 0.58 copies that arrive"
            } else {
                setCopies(setting)
            }
        case .ring, .tree: setFlood(setting, hop: 1)
        }
    }

    private mutating func setPushPull(_ setting: Convergence.Setting) {
        guard setting.topology == .full || setting.topology == .regions else { return }
        let nodes = Double(setting.nodes)
        let arriving = Self.arriving(setting)
        let calls = Double(max(setting.fanout, 1))
        let growth = log(nodes) / log(1 + calls * arriving * (1 + arriving))
        // Whoever does not know asks in vain only when its call or the answer is lost, and nobody tells it.
        let silence = 1 - arriving * arriving
        let decay = calls * (arriving - (silence > 0 ? log(silence) : -Double.infinity))
        let tail = max(log(log(nodes)), silence > 0 ? log(nodes) / decay : 0)
        times[0] = Time(
            value: growth + tail, statistic: .mean,
            formula: "log_(1+2f) N + ln ln N rounds; with loss the slower of that end and ln N / decay")
        if setting.family == .pushPull { expected = MeanField.calls(setting) }
    }

    private mutating func setKeyValue(_ setting: Convergence.Setting) {
        let interval = 200.0
        switch setting.topology {
        case .full, .regions:
            if setting.topology == .full {
                expected = MeanField.spread(setting, interval: 200, rounds: Self.pushRounds(setting))
            }
            if setting.topology == .full, setting.nodes >= 50 {
                let reached = Double(setting.fanout) * Self.arriving(setting)
                times[0] = Time(
                    value: Self.floodAndPushes(nodes: Double(setting.nodes), reached: reached, interval: interval),
                    statistic: .mean,
                    formula: "ln N / ln f hops + g sum (1 - e^(-N u e^(-f r))), r = 0, 1, ...; u = e^(-f (1 - u))")
            }
            setCopies(setting)
        case .ring, .tree: setFlood(setting, hop: 1)
        }
    }

    /// A flood, in which everybody passes the news on at once, and the pushes every interval that reach the rest.
    ///
    /// The flood leaves a share u out; of those N u, each further round of pushes leaves a share of e^-f. A fanout
    /// that does not flood takes 2 ln N g / f, as pushes every interval alone.
    static func floodAndPushes(nodes: Double, reached: Double, interval: Double) -> Double {
        guard reached > 1.1 else { return 2 * log(nodes) * interval / reached }
        var left = exp(-reached)
        for _ in 0..<1_000 { left = exp(-reached * (1 - left)) }
        var rounds = 0.0
        var without = nodes * left
        while without > 1e-9 {
            rounds += 1 - exp(-without)
            without *= exp(-reached)
        }
        return log(nodes) / log(reached) + interval * rounds
    }

    /// Everybody tells every neighbour at once: the news runs as the edges do.
    private mutating func setFlood(_ setting: Convergence.Setting, hop: Double) {
        guard setting.loss == .zero, setting.fanout >= (setting.topology == .ring ? 2 : 3) else { return }
        let isRing = setting.topology == .ring
        let hops = isRing ? Double(setting.nodes / 2) : Self.treeEccentricity(setting.nodes)
        times[0] = Time(
            value: hops * hop, statistic: .mean,
            formula: isRing ? "N / 2 hops" : "the way to the farthest leaf, on average over the writers")
        messages = isRing ? 1 + 1 / Double(setting.nodes) : 1 - 1 / Double(setting.nodes)
        duplicates = isRing ? 2 / Double(setting.nodes) : 0
        loadFormula = "one copy for every edge"
    }

    /// The mean, over all nodes of a binary tree in the order of a heap, of the hops to the farthest one.
    static func treeEccentricity(_ nodes: Int) -> Double {
        func depth(_ place: Int) -> Int { (Int.bitWidth - 1) - place.leadingZeroBitCount }
        let height = depth(nodes)
        var sum = 0
        for place in 1...nodes {
            // The deepest level of the other side: it is missing there when the last leaves all stand left.
            let isLeft = place > 1 && (place >> (depth(place) - 1)) == 2
            let lastIsLeft = nodes > 1 && (nodes >> (height - 1)) == 2
            let other = place == 1 ? height : (isLeft && lastIsLeft ? height - 1 : height)
            sum += depth(place) + max(other, 0)
        }
        return Double(sum) / Double(nodes)
    }

    /// A flood over the links of `Broadcast.Settings.degree`: powers of b on a ring, so that a way is the digits of a
    /// distance, each at most b / 2.
    private mutating func setBroadcast(_ setting: Convergence.Setting) {
        guard setting.topology == .full || setting.topology == .regions else { return setFlood(setting, hop: 1) }
        let digits = setting.fanout
        guard setting.loss == .zero, setting.nodes > 2 * digits + 1 else { return }
        var base = 2
        while pow(Double(base), Double(digits)) < Double(setting.nodes) { base += 1 }
        if setting.topology == .full {
            times[0] = Time(
                value: Double(Self.ringEccentricity(setting.nodes, base: base, digits: digits)), statistic: .p50,
                formula: "the farthest node, at most F floor(b / 2) hops; b the F-th root of N, rounded up")
        }
        messages = Double(2 * digits - 1)
        duplicates = Double(2 * digits - 2)
        loadFormula = "over every link but the one it came by: RMR = 2 F - 2"
    }

    /// A tree that the first flood has cut out of a random graph of F + 1 links a node.
    private mutating func setTree(_ setting: Convergence.Setting) {
        guard setting.topology == .full, setting.loss == .zero, setting.nodes > setting.fanout + 2 else { return }
        let nodes = Double(setting.nodes)
        let fanout = Double(setting.fanout)
        if setting.fanout >= 2, setting.nodes >= 50 {
            times[0] = Time(
                value: (log(nodes) + log(log(nodes))) / log(fanout), statistic: .mean,
                formula: "log_F N + log_F ln N hops, the depth of a random graph of F + 1 links a node")
        }
        messages = fanout
        duplicates = 0
        loadFormula = "one payload, and a name over each of the F - 1 lazy links: RMR = 0"
    }

    /// The hops to the farthest node of a ring with links at the powers of a base; the same from everywhere.
    static func ringEccentricity(_ nodes: Int, base: Int, digits: Int) -> Int {
        var hops = [Int](repeating: -1, count: nodes)
        hops[0] = 0
        var reached = [0]
        var next = 0
        while next < reached.count {
            let place = reached[next]
            next += 1
            var distance = 1
            for _ in 0..<digits {
                for far in [(place + distance) % nodes, (place + nodes - distance % nodes) % nodes]
                where hops[far] < 0 {
                    hops[far] = hops[place] + 1
                    reached.append(far)
                }
                distance *= base
            }
        }
        return hops[reached[reached.count - 1]]
    }

    private mutating func setSwim(_ setting: Convergence.Setting) {
        let period = 1_000.0
        let reached = Double(setting.fanout) * Self.arriving(setting)
        let nodes = Double(setting.nodes)
        let suspicion = (1 + log(2)) * period
        let refuting = 4 * max(1, log10(nodes)) * period
        let spreading = 2 * log(nodes) * 200 / reached
        times[0] = Time(value: suspicion, statistic: .p50, formula: "first suspicion: (1 + ln 2) T'")
        times[1] = Time(value: suspicion + refuting, statistic: .p50, formula: "first dead: + S = 4 max(1, lg N) T'")
        if setting.topology == .full {
            times[2] = Time(
                value: suspicion + refuting + spreading, statistic: .p50, formula: "all know: + 2 ln N g / f")
        }
        guard setting.loss == .zero else { return }
        messages = 2
        loadFormula = "2 messages a period: a ping and its answer"
    }

    private mutating func setCopies(_ setting: Convergence.Setting) {
        guard setting.nodes - 1 > setting.fanout else { return }
        let copies = Double(setting.fanout * Self.pushRounds(setting))
        messages = copies
        duplicates = copies * Self.arriving(setting) - 1
        loadFormula = "ln N + 4 copies are sent for each node, in whole rounds of F"
    }

    /// How often a node of `Gossip` pushes the same news.
    static func pushRounds(_ setting: Convergence.Setting) -> Int {
        let peers = setting.nodes - 1
        guard peers > setting.fanout else { return 1 }
        let logarithm = Int.bitWidth - peers.leadingZeroBitCount
        return ((logarithm * 7 + 9) / 10 + 4 + setting.fanout - 1) / setting.fanout
    }
}

/// The expected course of a rumour: how many do not know it yet, hop by hop.
///
/// Each node is told with a chance that depends on how many are pushed to, and the end comes when the last of those
/// whom chance has left out is told: their number is nearly Poisson.
enum MeanField {
    /// The expected number of rounds until all know, when everybody calls and both ends learn.
    static func calls(_ setting: Convergence.Setting) -> Double {
        let nodes = Double(setting.nodes)
        let arriving = 1 - Double(setting.loss.millionths) / 1e6
        let calls = min(Double(setting.fanout), nodes - 1)
        var without = nodes - 1
        var rounds = 0.0
        while without > 1e-9, rounds < 10_000 {
            rounds += 1 - exp(-without)
            let knowing = nodes - without
            let isNotTold = pow(max(1 - calls * arriving / (nodes - 1), 0), knowing)
            let asksInVain = pow(max(1 - arriving * arriving * knowing / (nodes - 1), 0), calls)
            without *= isNotTold * asksInVain
        }
        return rounds
    }

    /// The expected number of hops until all know.
    ///
    /// - Parameters:
    ///   - interval: After how many hops a node pushes again.
    ///   - rounds: How often it pushes.
    static func spread(_ setting: Convergence.Setting, interval: Int, rounds: Int) -> Double? {
        let nodes = Double(setting.nodes)
        let arriving = 1 - Double(setting.loss.millionths) / 1e6
        let fanout = min(Double(setting.fanout), nodes - 1)
        let isMissed = 1 - fanout * arriving / (nodes - 1)
        // A machine does not push back to whom it has the news from when it pushes for the first time.
        let isMissedFirst =
            setting.family.isModel || fanout > nodes - 2 ? isMissed : 1 - fanout * arriving / (nodes - 2)
        var news = [1.0]
        var without = [nodes - 1]
        // Everything is over a while after the last push of the last to know.
        while news.count < 200_000 {
            let now = news.count - 1
            var pushing = 0.0
            var place = now
            var left = rounds
            if now > 0, left > 0 {
                place -= interval
                left -= 1
            }
            while place >= 0 && left > 0 {
                pushing += news[place]
                place -= interval
                left -= 1
            }
            let first = now > 0 ? pow(max(isMissedFirst, 0), news[now]) : 1
            let next = without[now] * first * pow(max(isMissed, 0), pushing)
            news.append(without[now] - next)
            without.append(next)
            if next < 1e-9 { break }
            if rounds != .max, now > interval * rounds,
                news[max(now - interval * rounds, 0)...].allSatisfy({ $0 < 1e-12 })
            {
                break
            }
        }
        // Only what is told at all counts: who is left out for good is repaired otherwise.
        let forever = without.last ?? 0
        return without.reduce(0) { $0 + 1 - exp(-($1 - forever)) }
    }
}
