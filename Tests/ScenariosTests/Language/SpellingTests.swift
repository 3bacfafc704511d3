import MeshCore
import Scenarios
import Testing

@Suite("One meaning, several spellings")
struct SpellingTests {
    private static let head = """
        scenario "t"
        cluster
          nodes 3 as eu in region eu-west
          nodes 3 in region us-east
          run raft, swim, heartbeat, gossip

        """

    /// Spellings that mean the same.
    static let pairs: [(String, String)] = [
        ("network latency 5ms", "network\n  latency constant 5ms"),
        ("network latency 1ms..5ms", "network latency uniform 1ms..5ms"),
        ("network latency uniform 5ms", "network latency uniform 5ms..5ms"),
        ("network latency eu-west us-east 1s", "network latency eu-west <-> us-east constant 1000ms"),
        ("network loss 5%  duplicate 1%", "network\n  duplicate 1%\n  loss 5%"),
        ("network loss 5% of raft", "network link any -> any loss 5% of raft"),
        ("timeline at 0.5s heal", "timeline at 500ms heal"),
        ("timeline at 1.5min heal", "timeline at 90s heal"),
        ("timeline at 1s crash n1", "timeline at 1s crash n1 cleanly"),
        ("timeline at 1s crash n1, n2", "timeline at 1s crash {n1, n2}"),
        ("timeline at 1s crash follower", "timeline at 1s crash random follower"),
        ("timeline at 1s crash follower", "timeline at 1s crash random 1 of followers"),
        ("timeline at 1s crash random 2 followers", "timeline at 1s crash random 2 of followers"),
        ("timeline at 1s crash random of eu", "timeline at 1s crash random 1 of eu"),
        ("timeline at 1s crash random 2 nodes", "timeline at 1s crash random 2 of all"),
        ("timeline at 1s cut n1->n2", "timeline at 1s cut n1 -> n2"),
        ("timeline at 1s partition n1, n2 | rest", "timeline at 1s partition {n1,n2}|rest"),
        ("timeline at 1s loss 5% of raft.vote", "timeline at 1s loss 5% on any -> any of raft.vote"),
        ("timeline at 1s clock n1 jump 2s", "timeline at 1s clock n1 jump +2s"),
        ("timeline chaos crashes every 2s lasting 1s", "timeline chaos crashes cleanly every 2s lasting 1s"),
        ("workload kv rate 6/min", "workload kv\n  rate 0.1/s"),
        ("workload kv keys 10", "workload kv keys 10 uniform"),
        ("expect at end: all know \"k\"", "expect at end: all knows \"k\""),
        ("expect at end: nobody suspects any", "expect\n  at end: nobody suspects anyone"),
        ("expect failure raft-safety", "expect\n  failure raft-safety"),
        ("seed 5", "seeds 5..5"),
        ("budget events 5", "budget\n  events 5"),
    ]

    @Test(
        "both spellings give the same scenario, and the canonical one is among the ways to write it", arguments: pairs)
    func spelling(pair: (String, String)) throws {
        let first = try read(Self.head + pair.0)
        #expect(try read(Self.head + pair.1) == first)
        #expect(try read(first.description) == first)
    }

    @Test("the same words mean different things where they have to")
    func context() throws {
        let scenario = try read(
            Self.head + """
                timeline
                  when leader elected  heal
                  when leader changes >= 3  heal
                  when leader is n1  heal
                  when all clear  heal
                  when all know "k"  heal
                  when all crashed  heal
                  when n1 dead  heal
                  when n1 dead everywhere  heal
                  at 1s loss 5% on n1 -> random 1 of gossip.push
                  at 1s crash random 1 of eu
                """)
        let events = scenario.timeline.compactMap { statement -> Scenario.Event? in
            guard case .event(let event) = statement, case .when(let reaction) = event.trigger else { return nil }
            return reaction.event
        }
        let changes = Scenario.Comparison(.named("leader changes", statistic: nil, per: nil), .atLeast, .count(3))
        #expect(
            events == [
                .leaderElected, .becameTrue(.compares(changes)),
                .becameTrue(.leader(isIn: .node(NodeID(1)), isNegated: false)), .allClear,
                .becameTrue(.knows(.all, key: "k", value: nil)), .node(.all, .crashed), .node(.node(NodeID(1)), .dead),
                .becameTrue(.membership(of: .node(NodeID(1)), .dead, .everywhere)),
            ])
        guard case .event(let loss) = scenario.timeline[8], case .degrade(let rule) = loss.action else {
            Issue.record("the ninth line is no loss")
            return
        }
        #expect(rule.kinds == ["gossip.push"])
        #expect(rule.links.to == .random(.fixed(1), of: .all))
    }

    @Test("numbers are exact to their smallest unit")
    func numbers() throws {
        let scenario = try read(
            Self.head + """
                network
                  latency constant 1.000000001s
                  loss 0.0001%  bandwidth 1.5KiB/s  queue 1024GiB
                timeline
                  at 1000h slow n1 by 1.001x
                  at 0.25us clock n1 drift -0.001ppm
                """)
        #expect(scenario.network.conditions.latency == .constant(.fixed(.nanoseconds(1_000_000_001))))
        #expect(scenario.network.conditions.loss == .fixed(Ratio(millionths: 1)))
        #expect(scenario.network.conditions.bandwidth == .fixed(Scenario.Size(bytes: 1_536)))
        #expect(scenario.network.conditions.queue == .fixed(Scenario.Size(bytes: 1 << 40)))
        let slow = Scenario.Action.slow(.node(NodeID(1)), by: .fixed(Scenario.Factor(thousandths: 1_001)))
        #expect(scenario.timeline[0] == .event(Scenario.TimelineEvent(.at(.fixed(.seconds(3_600_000))), slow)))
        let drift = Scenario.Action.clock(.node(NodeID(1)), .drift(.fixed(Scenario.Drift(partsPerBillion: -1))))
        #expect(scenario.timeline[1] == .event(Scenario.TimelineEvent(.at(.fixed(.nanoseconds(250))), drift)))
    }

    @Test("a vocabulary of one's own changes what may be named and nothing else")
    func vocabulary() throws {
        var own = Scenario.Vocabulary.standard
        own.checkers.append(.init("cache-coherent", needs: []))
        own.metrics.append(.init("cache hits", .share))
        own.kinds = ["cache.read", "cache.write"]
        let text = Self.head + "network loss 5% of cache\nexpect\n  always cache-coherent\n  cache hits >= 90%"
        let scenario = try Scenario.parse(Array(text.utf8), knowing: own)
        #expect(scenario.expectations.map(\.claim.description) == ["always cache-coherent", "cache hits >= 90%"])
        #expect(
            errors(text)
                == """
                t.mesh:6:20: error: nobody sends messages of the kind "cache"
                network loss 5% of cache
                                   ^~~~~
                t.mesh:8:10: error: unknown checker "cache-coherent"
                  always cache-coherent
                         ^~~~~~~~~~~~~~
                t.mesh:9:3: error: unknown word "cache" in "expect"
                  cache hits >= 90%
                  ^~~~~

                """)
    }
}
