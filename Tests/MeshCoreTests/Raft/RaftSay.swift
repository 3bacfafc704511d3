import MeshCore
import MeshTestKit

/// What peers say in these tests.
enum Say {
    static func vote(_ term: UInt64, last: UInt64 = 0, of lastTerm: UInt64 = 0, campaign: UInt64 = 1)
        -> Raft.VoteRequest
    {
        Raft.VoteRequest(
            term: Raft.Term(term), lastIndex: Raft.LogIndex(last), lastTerm: Raft.Term(lastTerm), campaign: campaign)
    }

    static func heartbeat(_ term: UInt64) -> Raft.Message { append(term) }

    /// Test entries of these terms behind an entry of another.
    static func append(
        _ term: UInt64, after index: UInt64 = 0, of prevTerm: UInt64 = 0, _ terms: String = "", commit: UInt64 = 0,
        wantsReply: Bool = true
    ) -> Raft.Message {
        .append(
            Raft.Append(
                term: Raft.Term(term), prevIndex: Raft.LogIndex(index), prevTerm: Raft.Term(prevTerm),
                entries: Raft.Entry.test(terms, from: index + 1), commit: Raft.LogIndex(commit), round: 1,
                wantsReply: wantsReply))
    }

    static func accepted(_ term: UInt64, _ match: UInt64, round: UInt64 = 1, read: UInt64 = 0) -> Raft.Message {
        let result = Raft.AppendResult.accepted(match: Raft.LogIndex(match))
        return .appendReply(Raft.AppendReply(term: Raft.Term(term), round: round, read: read, result: result))
    }

    static func rejected(
        _ term: UInt64, _ prev: UInt64, hint: UInt64, of hintTerm: UInt64, round: UInt64 = 1
    ) -> Raft.Message {
        let result = Raft.AppendResult.rejected(
            prevIndex: Raft.LogIndex(prev), hintIndex: Raft.LogIndex(hint), hintTerm: Raft.Term(hintTerm))
        return .appendReply(Raft.AppendReply(term: Raft.Term(term), round: round, result: result))
    }
}

extension RaftProbe {
    /// The first vote or pre-vote that the last step gave or refused.
    var voteReply: Raft.VoteReply? {
        for (_, message) in sent {
            switch message {
            case .voteReply(let reply), .preVoteReply(let reply): return reply
            case .preVote, .vote, .append, .appendReply, .snapshot, .snapshotReply, .forward, .forwarded, .timeoutNow,
                .readRequest, .readReply, .amnesiac, .healed:
                continue
            }
        }
        return nil
    }

    /// The first answer to an append in the last step.
    var appendResult: Raft.AppendResult? {
        for (_, message) in sent {
            if case .appendReply(let reply) = message { return reply.result }
        }
        return nil
    }

    /// A peer as the leader sees it.
    func peer(_ id: UInt64) -> Raft.PeerStatus? { node.status.peers.first { $0.id == NodeID(id) } }

    /// The last ticket of the last step.
    var lastTicket: Ticket {
        var result = Ticket(0)
        for effect in effects {
            if case .persist(_, let ticket) = effect { result = ticket }
        }
        return result
    }
}
