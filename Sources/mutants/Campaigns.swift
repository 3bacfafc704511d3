#if MUTANTS
import Scenarios

/// A scenario made to bring a family of bugs to light.
enum Campaign: String, CaseIterable {
    case storm
    case figure8
    case rivals
    case preVotes
    case lossy
    case longTails
    case lateAnswers
    case snapshots
    case changes
    case rivalChanges
    case membership
    case gossip

    /// How many seeds may pass before a bug counts as missed.
    var seedLimit: UInt64 { 2_000 }

    func scenario() throws -> Scenario { try Scenario.parse(Array(text.utf8)) }

    private var text: String {
        switch self {
        case .storm:
            """
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
        case .figure8:
            """
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
        case .rivals:
            """
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
        case .preVotes:
            """
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
        case .lossy:
            """
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
        case .lateAnswers:
            """
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
        case .longTails:
            """
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
        case .snapshots:
            """
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
        case .changes:
            """
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
        case .rivalChanges:
            """
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
        case .membership:
            """
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
        case .gossip:
            """
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
        }
    }
}
#endif
