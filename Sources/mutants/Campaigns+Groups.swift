#if MUTANTS
/// Changes of the group, reads, sessions, membership and gossip.
extension Campaign {
    static let changesText = """
        scenario "Voters and learners come and go in a storm"
        duration 15s
        cluster
          nodes 6
          run raft
          raft voters n1..n3  election-timeout 100ms..200ms  heartbeat 30ms  snapshot-after 5..50
        network
          latency uniform 1ms..20ms
          loss 0%..10%
        disk
          fsync 1ms..5ms  torn-writes on
        workload kv
          clients 8  rate 100/s
        timeline
          every ~300ms  change voters to random 3
          every ~500ms  add random 2 as learner
          every ~700ms  promote random 1
          every ~1100ms  remove random 1
          chaos partitions every ~900ms lasting ~400ms
          chaos crashes losing unsynced every ~1s lasting ~300ms
          whenever change after 10ms  isolate leader for 300ms
        expect
          always raft-safety
        """

    static let rivalChangesText = """
        scenario "Leaders that were cut off change the group each in its own way"
        duration 15s
        cluster
          nodes 6
          run raft
          raft voters n1..n4  election-timeout 100ms..160ms  heartbeat 30ms  check-quorum off
        network
          latency uniform 1ms..10ms
        disk
          fsync 1ms..3ms
        timeline
          whenever leader elected after 2ms  remove random follower
          whenever leader elected after 4ms  add random 1
          whenever leader elected after 6ms  remove random follower
          whenever leader elected after 8ms..60ms  isolate leader for 400ms
          whenever leader elected after 62ms  remove random follower
          whenever leader elected after 64ms  add random 1
          every 1s  change voters to n1..n4
        expect
          always raft-safety
        """

    static let freshLeadersText = """
        scenario "Reads are asked of leaders that have just been elected"
        duration 10s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 60ms
        network
          latency uniform 1ms..20ms
        workload kv
          clients 16  rate 400/s  keys 1
          mix put 40% get 60%
          reads index
        timeline
          whenever leader elected after 200ms  crash leader for 200ms
        expect
          always raft-safety
          always linearizable
        """

    static let oldLeadersText = """
        scenario "Reads are asked of leaders that have been replaced without knowing it"
        duration 10s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 40ms
        network
          latency uniform 1ms..10ms
          duplicate 10%  reorder 30% by 300ms
        workload kv
          clients 16  rate 400/s  keys 1
          mix put 40% get 60%
          reads index
        timeline
          every ~700ms  isolate leader for 500ms
          every ~900ms  pause leader for 400ms
        expect
          always raft-safety
          always linearizable
        """

    static let leasesText = """
        scenario "Leases on clocks that are as wrong as they may be"
        duration 8s
        cluster
          nodes 3
          run raft
          raft lease-drift 40%
        network
          latency 1ms..9ms
        workload kv
          clients 8  rate 400/s  keys 2
          mix put 50% get 50%
          reads index  sessions on  retry 200ms
          from 1s until 7s
        timeline
          every 1500ms from 1500ms until 6s  clock leader drift -400000ppm for 1400ms
          every 1500ms from 1500ms until 6s  clock followers drift +400000ppm for 1400ms
          every 1500ms from 2s until 6s  isolate leader for 800ms
        expect
          always raft-safety
          always linearizable
        """

    static let transfersText = """
        scenario "The lead is handed over while the old leader answers by lease and hears of nothing"
        duration 10s
        cluster
          nodes 3
          run raft
          raft election-timeout 300ms..400ms  heartbeat 20ms  lease-drift 1%
        network
          latency constant 5ms
        disk
          fsync 1ms..2ms
        workload kv
          clients 10  rate 400/s  keys 2
          mix put 40% get 60%
          reads index  sessions on  retry 100ms
        timeline
          every ~700ms from 1s  transfer leadership
          whenever transfer after 4ms..18ms  cut followers -> leader for 260ms
        expect
          always raft-safety
          always linearizable
        """

    static let lateRoundsText = """
        scenario "Answers of earlier rounds arrive when the leader has been replaced"
        duration 8s
        cluster
          nodes 3
          run raft
          raft election-timeout 100ms..150ms  heartbeat 30ms  check-quorum off
        network
          latency uniform 1ms..5ms
        workload kv
          clients 10  rate 400/s  keys 2
          mix put 40% get 60%
          reads index  sessions on  retry 100ms
        timeline
          every 1s from 1000ms  clog followers -> leader for 500ms
          every 1s from 1040ms  cut leader -> any for 600ms
        expect
          always raft-safety
          always linearizable
        """

    static let slowAnswersText = """
        scenario "Answers to beats take nearly as long as a lease"
        duration 8s
        cluster
          nodes 3
          run raft
          raft election-timeout 100ms..140ms  heartbeat 80ms  lease-drift 1%
        network
          latency uniform 1ms..4ms
        disk
          fsync 1ms..2ms
        workload kv
          clients 10  rate 400/s  keys 2
          mix put 40% get 60%
          reads index  sessions on  retry 150ms
        timeline
          whenever leader elected after 150ms  \
          latency uniform 50ms..95ms on followers -> leader of raft.appendReply for 800ms
          whenever leader elected after 700ms  cut leader -> any for 400ms
          whenever leader elected after 700ms  \
          loss 100% on any -> leader of raft.preVote, raft.vote, raft.append for 400ms
        expect
          always raft-safety
          always linearizable
        """

    static let retriesText = """
        scenario "Writes are asked for again across leaders, restarts and snapshots"
        duration 10s
        cluster
          nodes 3
          run raft
          raft election-timeout 100ms..200ms  heartbeat 30ms  snapshot-after 3..10
        network
          latency uniform 1ms..9ms
          loss 10%
        workload kv
          clients 6  rate 120/s  keys 2
          mix put 60% get 25% cas 15%
          sessions on  retry 150ms
        timeline
          every ~1s from 1s  crash leader losing unsynced for 400ms
          every ~1300ms from 1s  isolate leader for 500ms
          every ~700ms from 1s  crash random 1 for 300ms
        expect
          always raft-safety
          always linearizable
          always exactly-once
        """

    static let membershipText = """
        scenario "Members are accused and contradict"
        duration 80s
        cluster
          nodes 10
          run swim
          swim period 200ms  probe-timeout 60ms
        network
          latency uniform 1ms..10ms
        timeline
          at 5s   loss 60% for 15s
          at 22s  pause random 3 for 6s
        expect
          always swim-safety
          always swim-accuracy
        """

    static let watchersText = """
        scenario "Members crash, sleep, come back and are cut in halves"
        duration 130s
        cluster
          nodes 8
          run swim
          swim period 200ms  probe-timeout 60ms  retransmit 1
        network
          latency uniform 1ms..10ms
        timeline
          at 0s   loss 50% for 3s
          at 6s   pause n2 for 12s
          at 7s   crash n3
          every 6s from 20s until 40s  crash n4 losing unsynced for 4s
          at 50s  partition halves for 15s
          at 70s  crash n8
        expect
          always swim-safety
          always swim-completeness
          always swim-accuracy
          always swim-contradiction
          always swim-silence
        """

    static let sleepersText = """
        scenario "Whoever was deaf to its own death hears of it"
        duration 37s
        cluster
          nodes 8
          run swim
          swim period 200ms  probe-timeout 60ms
        network
          latency uniform 1ms..10ms
        timeline
          at 25s  cut n1..n7 -> n8
          at 29s  heal
        expect
          always swim-safety
          always swim-contradiction
        """

    static let tellersText = """
        scenario "Members tell something of themselves, restart and forget it"
        duration 90s
        cluster
          nodes 8
          run swim
          swim period 200ms  probe-timeout 60ms
        network
          latency uniform 1ms..10ms
        timeline
          at 3s   describe n2 region "eu" capability "gpu"
          at 4s   describe n3 region "us"
          at 6s   crash n3 losing unsynced for 1s
          at 10s  loss 30% for 3s
          at 11s  describe n4, n5 region "asia"
        expect
          always swim-safety
          always swim-copies
          always swim-metadata
        """

    static let loneAccusersText = """
        scenario "Few accuse, and not at once"
        duration 30s
        cluster
          nodes 5
          run swim
          swim period 200ms  probe-timeout 60ms  suspicion 2
        network
          latency uniform 1ms..10ms
          loss 20%
        timeline
          at 3s   crash n5
          at 8s   cut n1 <-> n2..n4 for 2s
          at 14s  crash n4 for 3s
        expect
          always swim-transitions
          always swim-patience
        """

    static let gossipText = """
        scenario "Two nodes write the same key at the same moment"
        duration 40s
        cluster
          nodes 6
          run gossip
          gossip interval 200ms
        disk
          fsync 1ms..5ms
        timeline
          at 2s  set "k" = "left" on n1
          at 2s  set "k" = "right" on n2
          at 3s  set "other" = "value" on n3
        expect
          always gossip-safety
          always gossip-convergence
          always gossip-no-lost-write
        """

    /// Pushes are lost, so that comparing has to bring everything.
    static let lostNewsText = """
        scenario "News is lost on the way, the middle of it too"
        duration 30s
        cluster
          nodes 4
          run gossip
          gossip interval 200ms
        network
          loss 60% of gossip.push
        workload gossip
          clients 4  rate 10/s  keys 200
          mix set 100%
          from 1s until 8s
        timeline
          at 3s  isolate n4
          at 6s  heal
        expect
          always gossip-safety
          always gossip-convergence
          always gossip-no-lost-write
        """

    /// Somebody sleeps while values are deleted and expire, and still has older ones.
    static let endingsText = """
        scenario "A sleeper holds what the others have buried"
        duration 40s
        cluster
          nodes 4
          run gossip
          gossip interval 200ms  retention 600s
        timeline
          at 1s  set "lease" = "old" on n1
          at 1s  set "session" = "open" on n2
          at 4s  isolate n4
          at 5s  set "lease" = "new" expires 3s on n2
          at 6s  delete "session" on n3
          at 15s  heal
        expect
          always gossip-safety
          always gossip-convergence
        """
}
#endif
