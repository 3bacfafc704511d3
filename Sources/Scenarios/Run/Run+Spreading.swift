import MeshCore
import Simulator

/// What a run says of messages to everybody and to one node.
extension Run {
    /// The value of a metric of messages, in its smallest unit; `nil` where there is none.
    func spreadingValue(of name: Bytes, _ statistic: Scenario.Statistic?) -> Int64? {
        let messages = watcher.broadcast.messages
        switch name {
        case "broadcasts": return Int64(messages.count)
        case "deliveries": return messages.reduce(0) { $0 + $1.deliveries }
        case "payload copies": return messages.reduce(0) { $0 + $1.copies }
        case "overlay parts": return overlayParts
        case "ended messages": return watcher.broadcast.endedCount
        case "direct messages": return watcher.broadcast.direct.sent
        case "confirmed messages": return watcher.broadcast.direct.confirmed
        case "undeliverable messages": return watcher.broadcast.direct.undeliverable
        case "duplicates": return sampled(Samples(of: messages) { $0.copies - $0.deliveries }, statistic)
        case "reach": return sampled(Samples(of: messages) { $0.deliveries + 1 }, statistic)
        case "last hop": return sampled(Samples(of: messages) { Int64($0.lastHop) }, statistic)
        case "last delivery time":
            return sampled(Samples(of: messages) { $0.lastDelay.nanoseconds }, statistic)
        case "delivery time": return sampled(Samples(nanoseconds: watcher.broadcast.delays), statistic)
        case _: return nil
        }
    }

    /// Into how many parts the overlay of the nodes that are up falls.
    ///
    /// - Complexity: O(n log n).
    private var overlayParts: Int64? {
        let up = upNodes
        var above = Array(0..<simulation.nodeCount)
        func top(_ place: Int) -> Int {
            var place = place
            while above[place] != place {
                above[place] = above[above[place]]
                place = above[place]
            }
            return place
        }
        var isUp = [Bool](repeating: false, count: simulation.nodeCount)
        for node in up { isUp[Int(truncatingIfNeeded: node.rawValue) - 1] = true }
        var count: Int64 = 0
        for node in up {
            guard let active = simulation[node].hyparview?.active else { return nil }
            count += 1
            for neighbour in active {
                let other = Int(truncatingIfNeeded: neighbour.id.rawValue) - 1
                guard other < isUp.count, isUp[other] else { continue }
                let (one, two) = (top(Int(truncatingIfNeeded: node.rawValue) - 1), top(other))
                if one != two { above[one] = two }
            }
        }
        for place in above.indices where isUp[place] && above[place] != place { count -= 1 }
        return count
    }

    /// Judges whether everybody heard everything.
    func judgeReach() -> Judgement {
        let settings = Settings(scenario.cluster)
        let violation = watcher.broadcast.judgeReach(upNodes, catchUp: settings.catchUp, at: simulation.now)
        return violation.map { .broken($0) } ?? .holds
    }
}

extension Settings {
    /// How long after the last fault and message everybody must have heard everything.
    var spreadingTime: Interval {
        if let plumtree { return plumtree.payloadRetention }
        let broadcast = broadcast ?? Broadcast.Settings()
        return broadcast.interval * Int64(broadcast.rounds) + .seconds(2)
    }

    /// How long after a message a node may start that hears it all the same.
    ///
    /// Joining an overlay takes a few beats.
    var catchUp: Interval { Interval(nanoseconds: (plumtree?.payloadRetention.nanoseconds ?? 0) / 3) }
}

extension Samples {
    /// A sample of each message.
    fileprivate init(of messages: [BroadcastChecker.Record], _ value: (BroadcastChecker.Record) -> Int64) {
        self.init()
        for message in messages { add(Interval(nanoseconds: value(message))) }
    }
}
