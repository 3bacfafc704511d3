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
        let broadcast = broadcast ?? Broadcast.Settings()
        return broadcast.interval * Int64(broadcast.rounds) + .seconds(2)
    }

    /// How long after a message a node may start that hears it all the same.
    var catchUp: Interval { .zero }
}

extension Samples {
    /// A sample of each message.
    fileprivate init(of messages: [BroadcastChecker.Record], _ value: (BroadcastChecker.Record) -> Int64) {
        self.init()
        for message in messages { add(Interval(nanoseconds: value(message))) }
    }
}
