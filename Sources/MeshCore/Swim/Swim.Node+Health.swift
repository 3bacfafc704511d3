// Source: Lifeguard, section IV, LHA-Probe; RFC 6298, section 2.

extension Swim.Node {
    /// How much longer than usual this node's probes take: 1 when it has no reason to doubt itself.
    var patience: Int64 { Int64(health) + 1 }

    /// How long a direct ping may take before helpers are asked.
    var directTimeout: Interval {
        var timeout = settings.probeTimeout
        if let floor = settings.probeTimeoutFloor, let roundTrip {
            timeout = min(timeout, max(floor, roundTrip.smoothed + roundTrip.variation * 4))
        }
        return timeout * patience
    }

    /// Doubts this node's own health more, up to the limit.
    mutating func worsenHealth(by change: Int) {
        guard let lifeguard = settings.lifeguard else { return }
        health = min(health + change, lifeguard.healthLimit)
    }

    /// Doubts this node's own health less.
    mutating func improveHealth() {
        if health > 0 { health -= 1 }
    }

    /// Learns from an answer that no helper brought.
    mutating func noteRoundTrip(_ sample: Interval) {
        guard settings.probeTimeoutFloor != nil else { return }
        guard var known = roundTrip else {
            roundTrip = RoundTrip(smoothed: sample, variation: sample / 2)
            return
        }
        let error = sample < known.smoothed ? known.smoothed - sample : sample - known.smoothed
        known.variation = (known.variation * 3 + error) / 4
        known.smoothed = (known.smoothed * 7 + sample) / 8
        roundTrip = known
    }
}
