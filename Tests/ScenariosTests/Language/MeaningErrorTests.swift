import Testing

@Suite("A mistake in the meaning is shown with its line, a caret and the way out")
struct MeaningErrorTests {
    @Test("what is said twice is refused with the first line")
    func whatIsSaidTwiceIsRefusedWithTheFirstLine() {
        let shown = errorsBelowHead(
            """
            network
              loss 1%
              loss 2%
            cluster
            disk
              fsync 1ms  fsync 2ms
            workload kv
              rate 5/s
              mix put 50% put 50%
              rate 6/s
            """)
        let expected =
            """
            t.mesh:7:3: error: "loss" is already given on line 6
              loss 2%
              ^~~~
            t.mesh:8:1: error: "cluster" is already given on line 2
            cluster
            ^~~~~~~
            t.mesh:10:14: error: "fsync" is already given on line 10
              fsync 1ms  fsync 2ms
                         ^~~~~
            t.mesh:13:15: error: "put" is given twice
              mix put 50% put 50%
                          ^~~
            t.mesh:14:3: error: "rate" is already given on line 12
              rate 6/s
              ^~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a node that does not exist is refused")
    func aNodeThatDoesNotExistIsRefused() {
        let shown = errorsBelowHead(
            """
            network
              link n1 -> n9 loss 1%
            timeline
              at 2s crash n0
              at 2s crash leadr
              at 2s cut region eu -> n1
            expect
              never n6 crashed
            """)
        let expected =
            """
            t.mesh:6:14: error: there is no node n9: the nodes are n1 to n5
              link n1 -> n9 loss 1%
                         ^~
            t.mesh:8:15: error: there is no node n0: the nodes are n1 to n5
              at 2s crash n0
                          ^~
            t.mesh:9:15: error: no node or group is called "leadr"
              at 2s crash leadr
                          ^~~~~
            did you mean "leader"?
            t.mesh:10:20: error: no node is in a region "eu"
              at 2s cut region eu -> n1
                               ^~
            t.mesh:12:9: error: there is no node n6: the nodes are n1 to n5
              never n6 crashed
                    ^~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a node that some cells of a table do not have is refused")
    func aNodeThatSomeCellsOfATableDoNotHaveIsRefused() {
        let shown = errorsBelowHead(
            """
            vary nodes 3, 5
            timeline
              at 1s crash n4
            """)
        let expected =
            """
            t.mesh:7:15: error: n4 does not exist with 3 nodes, as line 5 asks for
              at 1s crash n4
                          ^~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a cluster needs nodes and something to run")
    func aClusterNeedsNodesAndSomethingToRun() {
        let shown = errors(
            """
            scenario "t"
            cluster
            """)
        let expected =
            """
            t.mesh:2:1: error: the cluster has no nodes: add "nodes 3"
            cluster
            ^~~~~~~
            t.mesh:2:1: error: the cluster runs nothing: add "run raft"
            cluster
            ^~~~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a cluster without a single node is refused")
    func aClusterWithoutASingleNodeIsRefused() {
        let shown = errors(
            """
            scenario "t"
            cluster
              nodes 0
              run raft
            """)
        let expected =
            """
            t.mesh:3:9: error: a number of nodes is at least 1
              nodes 0
                    ^
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a quorum is impossible without voters")
    func aQuorumIsImpossibleWithoutVoters() {
        let shown = errors(
            """
            scenario "t"
            cluster
              nodes 3
              run raft
              raft voters none
              raft voters n4
            """)
        let expected =
            """
            t.mesh:5:15: error: Raft without voters can never elect a leader
              raft voters none
                          ^~~~
            t.mesh:6:8: error: "voters" is already given on line 5
              raft voters n4
                   ^~~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a group is named once and not like something else")
    func aGroupIsNamedOnceAndNotLikeSomethingElse() {
        let shown = errors(
            """
            scenario "t"
            cluster
              nodes 3 as n7
              nodes 3 as leader
              nodes 2 as eu
              nodes 2 as eu
              run raft
            """)
        let expected =
            """
            t.mesh:3:14: error: "n7" already has a meaning: choose another name
              nodes 3 as n7
                         ^~
            t.mesh:4:14: error: "leader" already has a meaning: choose another name
              nodes 3 as leader
                         ^~~~~~
            t.mesh:6:14: error: a group "eu" exists already
              nodes 2 as eu
                         ^~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a protocol must run to be set, targeted or checked")
    func aProtocolMustRunToBeSetTargetedOrChecked() {
        let shown = errors(
            """
            scenario "t"
            cluster
              nodes 3
              run gossip
              raft heartbeat 5ms
            workload kv
            timeline
              at 1s crash leader
              at 1s leave n1
            expect
              always raft-safety
              at end: n1 dead everywhere
            """)
        let expected =
            """
            t.mesh:5:3: error: this setting needs raft, which does not run: add it to "run"
              raft heartbeat 5ms
              ^~~~
            t.mesh:6:10: error: "kv" needs raft, which does not run: add it to "run"
            workload kv
                     ^~
            t.mesh:8:15: error: "leader" needs raft, which does not run: add it to "run"
              at 1s crash leader
                          ^~~~~~
            t.mesh:9:9: error: "leave" needs swim or heartbeat, which do not run: add one to "run"
              at 1s leave n1
                    ^~~~~
            t.mesh:11:10: error: "raft-safety" needs raft, which does not run: add it to "run"
              always raft-safety
                     ^~~~~~~~~~~
            t.mesh:12:14: error: "dead" needs swim or heartbeat, which do not run: add one to "run"
              at end: n1 dead everywhere
                         ^~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a partition names each node once")
    func aPartitionNamesEachNodeOnce() {
        let shown = errorsBelowHead(
            """
            timeline
              at 2s partition {n1, n2} | {n2, n3}
              at 2s partition n1..n3 | n3..n5
              at 2s partition {leader, leader} | rest
            """)
        let expected =
            """
            t.mesh:6:31: error: a partition names each node once
              at 2s partition {n1, n2} | {n2, n3}
                                          ^~
            t.mesh:7:28: error: a partition names each node once
              at 2s partition n1..n3 | n3..n5
                                       ^~~~~~
            t.mesh:8:28: error: a partition names each node once
              at 2s partition {leader, leader} | rest
                                       ^~~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a target must make sense at its place")
    func aTargetMustMakeSenseAtItsPlace() {
        let shown = errorsBelowHead(
            """
            network
              link leader -> n1 loss 5%
            timeline
              at 2s crash any
              at 2s crash rest
              at 2s start random 1
            """)
        let expected =
            """
            t.mesh:6:8: error: "leader" is not known before the run: name the nodes
              link leader -> n1 loss 5%
                   ^~~~~~
            t.mesh:8:15: error: "any" is no choice here: write "all" or "random 1"
              at 2s crash any
                          ^~~
            t.mesh:9:15: error: "rest" needs other nodes in the same statement
              at 2s crash rest
                          ^~~~
            t.mesh:10:15: error: "random" is not known before the run: name the nodes
              at 2s start random 1
                          ^~~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("only what can be undone lasts for a time")
    func onlyWhatCanBeUndoneLastsForATime() {
        let shown = errorsBelowHead(
            """
            timeline
              at 2s heal for 3s
              at 2s clock n1 jump -2s for 3s
              at 2s restart n1 for 1s
            """)
        let expected =
            """
            t.mesh:6:14: error: this cannot be undone after a time, so it has no "for"
              at 2s heal for 3s
                         ^~~
            t.mesh:7:27: error: this cannot be undone after a time, so it has no "for"
              at 2s clock n1 jump -2s for 3s
                                      ^~~
            t.mesh:8:20: error: this cannot be undone after a time, so it has no "for"
              at 2s restart n1 for 1s
                               ^~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a table varies what can be varied")
    func aTableVariesWhatCanBeVaried() {
        let shown = errorsBelowHead(
            """
            vary los 5%
            vary raft fanout 3
            vary loss 5%, 5%
            vary rate 5/s
            vary nodes 5, 50
            vary nodes 3
            """)
        let expected =
            """
            t.mesh:5:6: error: expected a parameter such as nodes or loss, found "los"
            vary los 5%
                 ^~~
            did you mean "loss"?
            t.mesh:6:11: error: expected a setting of "raft" that can be varied, found "fanout"
            vary raft fanout 3
                      ^~~~~~
            t.mesh:7:15: error: this value is given twice
            vary loss 5%, 5%
                          ^~
            t.mesh:8:1: error: there is no workload whose rate could vary
            vary rate 5/s
            ^~~~
            t.mesh:10:6: error: this is already varied on line 9
            vary nodes 3
                 ^~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a file begins with a title and has a cluster")
    func aFileBeginsWithATitleAndHasACluster() {
        let shown = errors(
            """
            format 1
            """)
        let expected =
            """
            t.mesh:1:1: error: a scenario begins with: scenario "what it shows"
            format 1
            ^
            t.mesh:1:1: error: a scenario needs a cluster: cluster, nodes 3, run raft
            format 1
            ^
            """ + "\n"
        #expect(shown == expected)
    }
}
