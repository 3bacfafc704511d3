import MeshCore
import MeshTestKit
import Testing

/// Reads by lease, with clocks that may be off by a tenth.
private var leased: Raft.Settings {
    var settings = Raft.Settings()
    settings.readMode = .lease(driftBound: .percent(10))
    return settings
}

/// A probe whose start is so long ago that it may vote and campaign.
private func probe(_ settings: Raft.Settings = leased, disk: Raft.Stable = Raft.Stable()) -> RaftProbe {
    var probe = RaftProbe(settings: settings, disk: disk)
    probe.step(.timer(.election))
    return probe
}

/// A leader of three in term 1 that has committed its no-op and sent its second beat.
private func leader() -> RaftProbe {
    var probe = probe()
    probe.lead()
    probe.receive(Say.accepted(1, 1), from: 2)
    probe.step(.timer(.heartbeat))
    return probe
}

extension RaftProbe {
    fileprivate var isReadReady: Bool { outputs.contains { if case .readReady = $0 { true } else { false } } }

    /// Whether a read would be answered at once, without a message.
    fileprivate func isReadFree() -> Bool {
        var copy = self
        copy.step(.command(.read(id: 1)))
        return copy.isReadReady && copy.sent.isEmpty
    }
}

@Suite("Raft leases at the leader")
struct RaftLeaseTests {
    @Test("A beat makes a lease of E (1 - d) / (1 + d), measured from its sending (tikv #964, openraft #1747)")
    func length() {
        let probe = leader()
        #expect(probe.timer(.lease(2)) == probe.now + .nanoseconds(122_727_272))
        #expect(probe.node.settings.electionTimeoutMin == .milliseconds(150))
    }

    @Test("With a lease a read costs no message, asked here or by a follower")
    func free() {
        var probe = leader()
        probe.receive(Say.accepted(1, 1, round: 2), from: 3)
        #expect(probe.isReadFree())
        probe.receive(.readRequest(Raft.ReadRequest(term: Raft.Term(1), sequence: 9)), from: 2)
        let reply = Raft.ReadReply(term: Raft.Term(1), sequence: 9, result: .ready(index: Raft.LogIndex(1)))
        #expect(probe.sent.map(\.message) == [.readReply(reply)])
    }

    @Test("Nobody has answered the first beat of a term yet, however it is counted elsewhere")
    func firstBeat() {
        var probe = leader()
        #expect(!probe.isReadFree())
        probe.step(.command(.read(id: 1)))
        #expect(probe.sent.count == 2)
    }

    @Test("When the beat lapses the lease ends, and an answer that comes later does not bring it back")
    func lapses() {
        var probe = leader()
        probe.receive(Say.accepted(1, 1, round: 2), from: 3)
        probe.step(.timer(.lease(2)))
        #expect(!probe.isReadFree())
        probe.receive(Say.accepted(1, 1, round: 2, read: 1), from: 2)
        #expect(!probe.isReadFree())
        probe.step(.timer(.heartbeat))
        probe.receive(Say.accepted(1, 1, round: 3), from: 2)
        #expect(probe.isReadFree())
    }

    @Test("A timer that is still to be delivered four beats later counts as lapsed")
    func overrun() {
        var probe = leader()
        probe.receive(Say.accepted(1, 1, round: 2), from: 3)
        for _ in 3...5 { probe.step(.timer(.heartbeat)) }
        #expect(probe.isReadFree())
        probe.step(.timer(.heartbeat))
        #expect(!probe.isReadFree())
    }

    @Test("There is no lease before the first commit of the term")
    func firstCommit() {
        var probe = probe(disk: .holding("1 1"))
        probe.lead()
        probe.step(.timer(.heartbeat))
        probe.receive(Say.rejected(2, 2, hint: 1, of: 1, round: 2), from: 3)
        #expect(!probe.isReadFree())
    }

    @Test("A leader that lets another one campaign has no lease for the rest of its term (tikv #1593)")
    func transfer() {
        var probe = leader()
        probe.receive(Say.accepted(1, 1, round: 2), from: 2)
        #expect(probe.isReadFree())
        probe.step(.command(.transfer(to: NodeID(2))))
        #expect(probe.sent(to: 2).contains { if case .timeoutNow = $0 { true } else { false } })
        #expect(!probe.isReadFree())
        for round in 3...UInt64(12) {
            probe.step(.timer(.heartbeat))
            probe.receive(Say.accepted(1, 1, round: round), from: 3)
        }
        #expect(probe.node.role == .leader)
        probe.step(.command(.propose("x", id: 1)))
        #expect(probe.outputs.contains { if case .proposed = $0 { true } else { false } })
        #expect(!probe.isReadFree())
    }

    @Test("Long leases over short beats need no more than four timers")
    func strides() {
        var settings = leased
        settings.electionTimeoutMin = .seconds(10)
        settings.electionTimeoutMax = .seconds(20)
        settings.heartbeatInterval = .milliseconds(10)
        var probe = probe(settings)
        probe.lead()
        probe.receive(Say.accepted(1, 1), from: 2)
        var timers: [UInt64: Raft.Timer] = [:]
        for round in 2...UInt64(620) {
            probe.step(.timer(.heartbeat))
            for effect in probe.effects {
                if case .setTimer(.lease(let slot), _) = effect { timers[round] = .lease(slot) }
            }
            probe.receive(Say.accepted(1, 1, round: round), from: 2)
        }
        // The lease is 8.18 s long, 818 beats: every 205th is measured.
        #expect(timers.keys.sorted() == [205, 410, 615])
        for round in [205, 410] as [UInt64] { timers[round].map { probe.step(.timer($0)) } }
        #expect(probe.isReadFree())
        timers[615].map { probe.step(.timer($0)) }
        #expect(!probe.isReadFree())
    }

    @Test("Settings that make no lease are refused, with the way out")
    func settings() {
        var settings = leased
        settings.checkQuorum = false
        #expect(throws: Raft.SettingsError.leaseWithoutCheckQuorum) { try settings.check() }
        settings = leased
        settings.readMode = .lease(driftBound: .percent(50))
        #expect(throws: Raft.SettingsError.leaseTooShort) { try settings.check() }
        settings.readMode = .lease(driftBound: .one)
        #expect(throws: Raft.SettingsError.leaseTooShort) { try settings.check() }
        settings.readMode = .lease(driftBound: .percent(49))
        #expect(throws: Never.self) { try settings.check() }
    }
}

@Suite("Raft leases at voters")
struct RaftLeaseVoterTests {
    private func isGranted(_ probe: RaftProbe, _ term: UInt64) -> Bool {
        var probe = probe
        probe.receive(.vote(Say.vote(term, last: 5, of: term - 1)), from: 3)
        return probe.voteReply?.isGranted == true
    }

    @Test("Who has heard a leader votes for nobody until the timer says so, in a later term either")
    func laterTerm() {
        var probe = probe()
        probe.receive(Say.heartbeat(1), from: 2)
        // A later term arrives on some other message; the leader of that term, if any, is not known.
        probe.receive(Say.accepted(4, 0), from: 3)
        #expect(probe.node.term == Raft.Term(4) && probe.node.leader == nil)
        #expect(!isGranted(probe, 4))
        #expect(!isGranted(probe, 5))
        #expect(probe.node.term == Raft.Term(4))
        probe.receive(.preVote(Say.vote(5, last: 5, of: 4)), from: 3)
        #expect(probe.voteReply?.isGranted == false)
        probe.step(.command(.campaign))
        #expect(probe.outputs == [.ignored(.leaderAlive)])
        probe.step(.timer(.election))
        #expect(isGranted(probe, 4))
    }

    @Test("Without leases that vote is given: nothing rests on it")
    func withoutLeases() {
        var probe = probe(Raft.Settings())
        probe.receive(Say.heartbeat(1), from: 2)
        probe.receive(Say.accepted(4, 0), from: 3)
        #expect(isGranted(probe, 4))
    }

    @Test("A voter that has just started has forgotten whom it heard, and waits as if it had heard somebody")
    func restart() {
        var probe = RaftProbe(settings: leased, disk: .holding("1", term: 1))
        #expect(!isGranted(probe, 2))
        #expect(probe.node.term == Raft.Term(1))
        probe.step(.timer(.election))
        #expect(isGranted(probe, 2))
    }

    @Test("An election that the leader asked for is no breach: it has given its lease up")
    func transfer() {
        var probe = probe()
        probe.receive(Say.heartbeat(1), from: 2)
        var request = Say.vote(2, last: 5, of: 1)
        request.isTransfer = true
        probe.receive(.vote(request), from: 3)
        #expect(probe.voteReply?.isGranted == true)
    }
}
