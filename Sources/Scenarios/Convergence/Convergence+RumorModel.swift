import MeshCore

extension Convergence {
    /// Rumours without machines: nodes that know, nodes that do not, and synchronous rounds.
    ///
    /// It checks formulas and machines: the machines must come out as it does, at sizes that no simulation reaches it
    /// says what they would do. A round costs a few hashes for each node that calls.
    ///
    /// Source: Demers et al., PODC 1987 (push, pull); Pittel, "On Spreading a Rumor", SIAM J. Appl. Math. 1987; Karp,
    /// Schindelhauer, Shenker, Vöcking, "Randomized Rumor Spreading", FOCS 2000 (push-pull).
    enum RumorModel {
        /// After so many rounds a rumour counts as missed.
        static let roundLimit = 10_000

        static func measure(_ setting: Setting, goesOn: () -> Bool) -> Outcome? {
            var outcome = Outcome(setting.family)
            outcome.load.duplicates = 0
            var digest = Digest()
            for occasion in 0..<setting.occasions {
                var rumor = Rumor(setting, occasion)
                while rumor.knowing < setting.nodes && rumor.round < roundLimit {
                    guard goesOn() else { return nil }
                    rumor.advance()
                    digest.mix(rumor.knowing)
                }
                if rumor.knowing == setting.nodes {
                    outcome.times[0].samples.append((Interval.seconds(1) * Int64(rumor.round)).nanoseconds)
                } else {
                    outcome.missed += 1
                }
                outcome.occasions += 1
                outcome.load.messages += rumor.messages
                outcome.load.duplicates? += rumor.duplicates
                outcome.load.divisor += Int64(setting.nodes)
            }
            outcome.events = UInt64(bitPattern: outcome.load.messages)
            outcome.digest = digest.value
            return outcome
        }
    }

    /// One rumour of the model.
    struct Rumor {
        private let setting: Setting
        private let random: Random
        /// In which round each node came to know; `Int32.max` for those that do not.
        private var since: [Int32]
        /// Whom one node calls in one round.
        private var chosen: [Int] = []
        private(set) var knowing = 1
        private(set) var round = 0
        private(set) var messages: Int64 = 0
        private(set) var duplicates: Int64 = 0

        init(_ setting: Setting, _ occasion: Int) {
            self.setting = setting
            self.random = Random(seed: setting.seed).derived(.modelCall, UInt64(UInt(occasion)))
            self.since = [Int32](repeating: .max, count: setting.nodes)
            self.since[0] = 0
        }

        /// One round; nobody calls the same node twice in it.
        ///
        /// Source: Floyd's sampling, in Bentley, "Programming Pearls: A Sample of Brilliance", CACM 1987.
        ///
        /// - Complexity: O(nodes x fanout squared).
        mutating func advance() {
            round += 1
            let pulls = setting.family == .pushPull
            for node in 0..<setting.nodes {
                let knows = since[node] < round
                guard knows || pulls else { continue }
                chosen.removeAll(keepingCapacity: true)
                let others = setting.nodes - 1
                for bound in max(others - setting.fanout, 0)..<others {
                    let bits = random.bits(.modelCall, UInt64(UInt(node)), UInt64(UInt(round)), UInt64(UInt(bound)))
                    let drawn = Int(Random.number(below: UInt64(UInt(bound)) + 1, from: bits))
                    let place = chosen.contains(drawn) ? bound : drawn
                    chosen.append(place)
                    exchange(node, knows, with: place < node ? place : place + 1, bits, pulls)
                }
            }
        }

        /// One call: the caller tells; where nodes pull, the one who was called answers.
        private mutating func exchange(_ node: Int, _ knows: Bool, with peer: Int, _ bits: UInt64, _ pulls: Bool) {
            let peerKnows = since[peer] < round
            messages += 1
            if isLost(bits, 1) { return }
            if knows { tell(peer) }
            guard pulls, peerKnows, !knows else { return }
            messages += 1
            if !isLost(bits, 2) { tell(node) }
        }

        private mutating func tell(_ node: Int) {
            guard since[node] == Int32.max else {
                duplicates += 1
                return
            }
            since[node] = Int32(truncatingIfNeeded: round)
            knowing += 1
        }

        private func isLost(_ bits: UInt64, _ which: UInt64) -> Bool {
            setting.loss > .zero && Random.isHit(setting.loss, from: random.bits(.modelLoss, bits, which))
        }
    }
}
