import Testing

@Suite("A mistake in a number is shown with its line, a caret and the way out")
struct QuantityErrorTests {
    @Test("a quantity without its unit is shown with one")
    func aQuantityWithoutItsUnitIsShownWithOne() {
        let shown = errorsBelowHead(
            """
            network
              loss 5
              latency 50
              queue 64
              bandwidth 10
            timeline
              at 2 heal
              at 2s slow n1 by 10
              at 2s clock n1 drift 5
            workload kv rate 100
            """)
        let expected =
            """
            t.mesh:6:8: error: a share needs a unit: 5%
              loss 5
                   ^
            t.mesh:7:11: error: a time needs a unit: 50ms
              latency 50
                      ^~
            t.mesh:8:9: error: a size needs a unit: 64KiB
              queue 64
                    ^~
            t.mesh:9:13: error: a bandwidth needs a unit: 10MiB/s
              bandwidth 10
                        ^~
            t.mesh:11:6: error: a time needs a unit: 2ms
              at 2 heal
                 ^
            t.mesh:12:20: error: a factor needs a unit: 10x
              at 2s slow n1 by 10
                               ^~
            t.mesh:13:24: error: a drift needs a unit: 5ppm
              at 2s clock n1 drift 5
                                   ^
            t.mesh:14:18: error: a rate needs a unit: 100/s
            workload kv rate 100
                             ^~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a quantity of the wrong kind is refused")
    func aQuantityOfTheWrongKindIsRefused() {
        let shown = errorsBelowHead(
            """
            network
              duplicate 5ms
              queue 10MiB/s
              latency 5msec
            cluster
            timeline
              at 3Ms heal
            """)
        let expected =
            """
            t.mesh:6:13: error: expected a share such as 5%, found "5ms"
              duplicate 5ms
                        ^~~
            t.mesh:7:9: error: expected a size such as 64KiB, found "10MiB/s"
              queue 10MiB/s
                    ^~~~~~~
            t.mesh:8:11: error: expected a time such as 50ms, found "5msec"
              latency 5msec
                      ^~~~~
            t.mesh:9:1: error: "cluster" is already given on line 2
            cluster
            ^~~~~~~
            t.mesh:11:6: error: expected a time such as 50ms, found "3Ms"
              at 3Ms heal
                 ^~~
            did you mean "3ms"?
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a quantity out of its bounds is refused")
    func aQuantityOutOfItsBoundsIsRefused() {
        let shown = errorsBelowHead(
            """
            network
              loss 120%
              loss -1%
              latency -5ms
            workload kv
              clients 0
              rate 9000000/s
            timeline
              every 0s heal
              at 2s slow n1 by 0.5x
            """)
        let expected =
            """
            t.mesh:6:8: error: a share is at most 100%
              loss 120%
                   ^~~~
            t.mesh:7:8: error: a share cannot be negative: -1%
              loss -1%
                   ^~~
            t.mesh:8:11: error: a time cannot be negative: -5ms
              latency -5ms
                      ^~~~
            t.mesh:10:11: error: a number of nodes is at least 1
              clients 0
                      ^
            t.mesh:11:8: error: a rate is at most 1000000/s
              rate 9000000/s
                   ^~~~~~~~~
            t.mesh:13:9: error: a duration is at least 1ns
              every 0s heal
                    ^~
            t.mesh:14:20: error: a factor is at least 1x
              at 2s slow n1 by 0.5x
                               ^~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("huge and overly fine numbers are refused without overflow")
    func hugeAndOverlyFineNumbersAreRefusedWithoutOverflow() {
        let shown = errorsBelowHead(
            """
            network
              latency 99999999999999999999s
              latency 9999999999999999999s
              latency 9999999h
              latency 0.0000000001s
              latency 0.00000000000000000000000000001s
              queue 99999999999999999GiB
            workload kv rate 7/min
            """)
        let expected =
            """
            t.mesh:6:11: error: the number is too large
              latency 99999999999999999999s
                      ^~~~~~~~~~~~~~~~~~~~~
            t.mesh:7:11: error: 9999999999999999999s is too large: a time is at most 1000h
              latency 9999999999999999999s
                      ^~~~~~~~~~~~~~~~~~~~
            t.mesh:8:11: error: 9999999h is too large: a time is at most 1000h
              latency 9999999h
                      ^~~~~~~~
            t.mesh:9:11: error: 0.0000000001s is finer than a time can be
              latency 0.0000000001s
                      ^~~~~~~~~~~~~
            t.mesh:10:11: error: 0.00000000000000000000000000001s is finer than a time can be
              latency 0.00000000000000000000000000001s
                      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
            t.mesh:11:9: error: 99999999999999999GiB is too large: a size is at most 1024GiB
              queue 99999999999999999GiB
                    ^~~~~~~~~~~~~~~~~~~~
            t.mesh:12:18: error: 7/min is not exact: write it per second
            workload kv rate 7/min
                             ^~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a range that runs backwards is shown the right way round")
    func aRangeThatRunsBackwardsIsShownTheRightWayRound() {
        let shown = errorsBelowHead(
            """
            seeds 20..1
            network
              latency uniform 10ms..1ms
              loss 30%..0%
            timeline
              at 2s crash n3..n1
            """)
        let expected =
            """
            t.mesh:5:7: error: the range runs backwards: write 1..20
            seeds 20..1
                  ^~
            t.mesh:7:19: error: the range runs backwards: write 1ms..10ms
              latency uniform 10ms..1ms
                              ^~~~~~~~~
            t.mesh:8:8: error: the range runs backwards: write 0%..30%
              loss 30%..0%
                   ^~~~~~~
            t.mesh:10:15: error: the range runs backwards: write n1..n3
              at 2s crash n3..n1
                          ^~~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a window ends after it begins")
    func aWindowEndsAfterItBegins() {
        let shown = errorsBelowHead(
            """
            workload kv
              from 18s
              until 1s
            timeline
              every 3s from 18s until 12s pause random 1
              chaos partitions every ~2s lasting ~1s from 5s until 5s
            """)
        let expected =
            """
            t.mesh:7:9: error: "until 1s" must come after "from 18s"
              until 1s
                    ^~
            t.mesh:9:27: error: "until 12s" must come after "from 18s"
              every 3s from 18s until 12s pause random 1
                                      ^~~
            t.mesh:10:56: error: "until 5s" must come after "from 5s"
              chaos partitions every ~2s lasting ~1s from 5s until 5s
                                                                   ^~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a node that some seeds do not have is refused")
    func aNodeThatSomeSeedsDoNotHaveIsRefused() {
        let shown = errors(
            """
            scenario "t"
            cluster
              nodes 3..5
              run raft
            timeline
              at 1s crash n4
              at 1s crash n6
            """)
        let expected =
            """
            t.mesh:6:15: error: n4 does not exist for every seed: a draw may give only 3 nodes
              at 1s crash n4
                          ^~
            t.mesh:7:15: error: there is no node n6: the nodes are n1 to n3
              at 1s crash n6
                          ^~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("settings of one protocol must fit each other")
    func settingsOfOneProtocolMustFitEachOther() {
        let shown = errors(
            """
            scenario "t"
            cluster
              nodes 3
              run raft, swim, heartbeat
              raft election-timeout 50ms..100ms  heartbeat 50ms
              swim period 1s  probe-timeout 2s
              heartbeat suspect 5s  dead 5s
            """)
        let expected =
            """
            t.mesh:5:48: error: "heartbeat 50ms" must be shorter than "election-timeout 50ms"
              raft election-timeout 50ms..100ms  heartbeat 50ms
                                                           ^~~~
            t.mesh:6:33: error: "probe-timeout 2s" must be shorter than "period 1s"
              swim period 1s  probe-timeout 2s
                                            ^~
            t.mesh:7:30: error: "suspect 5s" must be shorter than "dead 5s"
              heartbeat suspect 5s  dead 5s
                                         ^~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("what lies behind the end of the run is refused")
    func whatLiesBehindTheEndOfTheRunIsRefused() {
        let shown = errorsBelowHead(
            """
            duration 10s
            timeline
              at 20s heal
            expect
              within 30s: one leader
            """)
        let expected =
            """
            t.mesh:7:6: error: this lies behind the end of the run, which lasts 10s
              at 20s heal
                 ^~~
            t.mesh:9:10: error: this lies behind the end of the run, which lasts 10s
              within 30s: one leader
                     ^~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("the shares of a workload add up and suit it")
    func theSharesOfAWorkloadAddUpAndSuitIt() {
        let shown = errorsBelowHead(
            """
            workload kv
              mix put 50% get 40%
            workload gossip
              mix put 100%
            workload kvv
            """)
        let expected =
            """
            t.mesh:6:3: error: the shares add up to 90%, not to 100%
              mix put 50% get 40%
              ^~~
            t.mesh:8:7: error: the workload "gossip" has no "put"
              mix put 100%
                  ^~~
            t.mesh:9:10: error: expected what the clients talk to: kv, propose, gossip or broadcast, found "kvv"
            workload kvv
                     ^~~
            did you mean "kv"?
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("seeds are not too many")
    func seedsAreNotTooMany() {
        let shown = errorsBelowHead(
            """
            seeds 1..99999999
            """)
        let expected =
            """
            t.mesh:5:7: error: a file has at most a million seeds
            seeds 1..99999999
                  ^
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a seed has 64 bits")
    func aSeedHasBits() {
        let shown = errorsBelowHead(
            """
            seed 18446744073709551616
            """)
        let expected =
            """
            t.mesh:5:6: error: the number is too large
            seed 18446744073709551616
                 ^~~~~~~~~~~~~~~~~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a seed is a number")
    func aSeedIsANumber() {
        let shown = errorsBelowHead(
            """
            seeds 1, x
            """)
        let expected =
            """
            t.mesh:5:10: error: expected a seed such as 1 or 1..20, found "x"
            seeds 1, x
                     ^
            """ + "\n"
        #expect(shown == expected)
    }
}
