#if MUTANTS
/// Elections, logs and snapshots.
extension Campaign {
    static let stormText = """
        scenario "A storm over Raft"
        duration 12s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 30ms  batch 1..8
        network
          latency uniform 1ms..30ms
          loss 0%..20%  duplicate 0%..20%  reorder 0%..30%
        disk
          fsync 1ms..15ms  torn-writes on
        workload kv
          clients 4  rate 60/s
        timeline
          chaos partitions every ~900ms lasting ~500ms
          chaos crashes losing unsynced every ~1s lasting ~300ms
          whenever leader elected after 150ms  isolate leader for 400ms
        expect
          always raft-safety
        """

    static let figure8Text = """
        scenario "Leaders fall as soon as they lead"
        duration 20s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 30ms  batch 1  no-op off
        network
          latency uniform 1ms..20ms
          loss 0%..10%
        disk
          fsync 1ms..3ms
        workload kv
          clients 8  rate 200/s
        timeline
          whenever leader elected after 15ms  crash leader for 250ms
          chaos crashes losing unsynced every ~300ms lasting ~200ms
        expect
          always raft-safety
        """

    static let rivalsText = """
        scenario "Candidates compete and answers come late"
        duration 20s
        cluster
          nodes 5
          run raft
          raft election-timeout 100ms..160ms  heartbeat 30ms  pre-vote off  check-quorum off
        network
          latency uniform 10ms..80ms
          loss 0%..20%  duplicate 10%..30%  reorder 20% by 300ms
        disk
          fsync 1ms..5ms
        timeline
          whenever leader elected after 50ms  isolate leader for 500ms
        expect
          always raft-safety
        """

    static let preVotesText = """
        scenario "Pre-votes are answered late"
        duration 20s
        cluster
          nodes 5
          run raft
          raft election-timeout 100ms..150ms  heartbeat 30ms
        network
          latency uniform 1ms..60ms
          loss 0%..10%  reorder 10%
        disk
          fsync 1ms..5ms
        timeline
          whenever leader elected after 50ms  crash leader for 400ms
        expect
          always raft-safety
        """

    static let lossyText = """
        scenario "Many messages are lost and every entry travels alone"
        duration 20s
        cluster
          nodes 3
          run raft
          raft election-timeout 100ms..200ms  heartbeat 20ms  batch 1  no-op off
        network
          latency uniform 1ms..20ms
          loss 10%..40%
        disk
          fsync 1ms..3ms
        workload kv
          clients 32  rate 200/s
        timeline
          whenever leader elected after 100ms  isolate leader for 400ms
        expect
          always raft-safety
        """

    static let longTailsText = """
        scenario "Leaders that were cut off come back with entries that nobody has"
        duration 15s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 30ms  batch 1..8
        network
          latency uniform 1ms..20ms
          loss 0%..20%
        disk
          fsync 1ms..5ms
        workload kv
          clients 64  rate 400/s
        timeline
          whenever leader elected after 100ms  isolate leader for 300ms
          whenever leader elected after 200ms  crash leader for 300ms
        expect
          always raft-safety
        """

    static let lateAnswersText = """
        scenario "Answers come late and leaders return"
        duration 20s
        cluster
          nodes 5
          run raft
          raft election-timeout 60ms..120ms  heartbeat 20ms  batch 1..4
        network
          latency uniform 1ms..10ms
          loss 10%..30%
          loss 0% duplicate 50% reorder 50% by 800ms of raft.appendReply
        disk
          fsync 1ms..3ms
        workload kv
          clients 64  rate 200/s
        timeline
          whenever leader elected after 80ms  partition {leader, random follower} | rest for 200ms
          whenever leader elected after 250ms  crash leader for 200ms
        expect
          always raft-safety
        """

    static let snapshotsText = """
        scenario "Snapshots come late and twice"
        duration 15s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 30ms  batch 1..8  snapshot-after 2..20
        network
          latency uniform 1ms..20ms
          loss 0%..30%  duplicate 0%..30%  reorder 30% by 300ms
        disk
          fsync 1ms..10ms  torn-writes on
        workload kv
          clients 64  rate 300/s
        timeline
          chaos crashes losing unsynced every ~1s lasting ~400ms
          chaos partitions every ~1s lasting ~400ms
          whenever leader elected after 200ms  isolate leader for 400ms
        expect
          always raft-safety
        """

    static let settlingText = """
        scenario "A storm that ends, with a log that is compacted away"
        duration 14s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 30ms  snapshot-after 5..20
        network
          latency uniform 1ms..20ms
          loss 0%..10%
        disk
          fsync 1ms..5ms
        workload kv
          clients 8  rate 100/s
        timeline
          chaos crashes losing unsynced every ~1s lasting ~800ms until 7s
          chaos partitions every ~1s lasting ~800ms until 7s
          at 8s  heal everything
        expect
          always raft-safety
          always raft-settles
        """

    static let stubbornText = """
        scenario "Candidates that raise terms nobody hears of, and a leader that dies"
        duration 14s
        cluster
          nodes 3
          run raft
          raft election-timeout 100ms..200ms  heartbeat 30ms  check-quorum off
        network
          latency uniform 1ms..10ms
        workload kv
          clients 4  rate 50/s
        timeline
          whenever leader elected after 150ms  crash leader for 700ms
          at 0s  loss 50% of raft.vote, raft.voteReply for 7500ms
          chaos cuts every ~300ms lasting ~200ms until 7s
          at 7500ms  crash leader
          at 7600ms  heal
        expect
          always raft-safety
          always raft-settles
        """

    static let quickLinksText = """
        scenario "Answers come back at once and leaders are cut off with what nobody has"
        duration 6s
        cluster
          nodes 3..5
          run raft
          raft election-timeout 100ms..200ms  heartbeat 50ms
        network
          latency uniform 50us..300us
        disk
          fsync 50us..100us
        workload kv
          clients 32  rate 200/s
        timeline
          whenever leader elected after 200ms  isolate leader for 500ms
        expect
          always raft-safety
        """
}
#endif
