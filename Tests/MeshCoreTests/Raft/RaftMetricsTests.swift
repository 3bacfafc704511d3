import MeshCore
import MeshTestKit
import Testing

@Suite("Raft's metrics")
struct RaftMetricsTests {
    /// A probe whose every effect is counted.
    private struct Counted {
        var probe: RaftProbe
        var metrics = Raft.Metrics()

        mutating func step(_ body: (inout RaftProbe) -> Void) {
            body(&probe)
            for effect in probe.effects { metrics.note(effect) }
        }
    }

    @Test("They are what the effects of the steps say")
    func counts() {
        var counted = Counted(probe: RaftProbe())
        counted.step { $0.lead() }
        counted.step { $0.step(.command(.propose("one", id: 1))) }
        counted.step { $0.persistAll() }
        let match = counted.probe.node.log.lastIndex
        counted.step { probe in
            let reply = Raft.AppendReply(term: probe.node.term, round: 1, result: .accepted(match: match))
            probe.receive(.appendReply(reply), from: 2)
        }
        let metrics = counted.metrics
        #expect(metrics.electionsWon == 1 && metrics.leaderChanges == 1)
        #expect(metrics.proposed == 1 && metrics.rejectedAsBusy + metrics.rejectedOtherwise == 0)
        #expect(metrics.applied == 2 && metrics.appliedBytes == 3, "the no-op and the command")
        #expect(metrics.written == 2 && metrics.records >= 2)
        let append = Raft.Message.kinds.firstIndex { "\($0)" == "append" }
        #expect(metrics.sent[append ?? 0] == 3, "the no-op to both, news of the commit to the one that answered")
        #expect(metrics.entriesSent == 2)
    }

    @Test("A refused proposal is counted by its reason")
    func refusals() {
        var settings = Raft.Settings()
        settings.maxUncommittedBytes = 4
        var counted = Counted(probe: RaftProbe(settings: settings))
        counted.step { $0.step(.command(.propose("early", id: 1))) }
        counted.step { $0.lead() }
        counted.step { $0.step(.command(.propose("abc", id: 2))) }
        counted.step { $0.step(.command(.propose("abc", id: 3))) }
        #expect(counted.metrics.rejectedOtherwise == 1, "there was no leader")
        #expect(counted.metrics.proposed == 1 && counted.metrics.rejectedAsBusy == 1)
    }

    @Test("The status says how much waits")
    func queues() {
        var probe = RaftProbe()
        probe.lead()
        probe.step(.command(.propose("one", id: 1)))
        probe.step(.command(.read(id: 9)))
        #expect(probe.node.status.pendingRecords == 1)
        #expect(probe.node.status.pendingReads == 1)
        #expect(probe.node.status.pendingForwards == 0)
        var follower = RaftProbe(id: 2)
        let beat = Raft.Append(term: Raft.Term(1), prevIndex: .zero, prevTerm: .zero, commit: .zero, round: 1)
        follower.receive(.append(beat), from: 1)
        follower.step(.command(.propose("two", id: 4)))
        #expect(follower.node.status.pendingForwards == 1)
        #expect(follower.node.status.leader == NodeID(1))
    }
}
