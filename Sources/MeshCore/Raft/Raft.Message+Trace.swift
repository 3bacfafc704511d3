extension Raft.Message: Traceable {
    /// Mixes the kind and every field in.
    public func digest(into digest: inout Digest) {
        digest.mix(UInt64(kind.rawValue))
        digest.mix(term)
        switch self {
        case .preVote(let body), .vote(let body): body.mixBody(into: &digest)
        case .preVoteReply(let body), .voteReply(let body): body.mixBody(into: &digest)
        case .append(let body): body.mixBody(into: &digest)
        case .appendReply(let body): body.mixBody(into: &digest)
        case .snapshot(let body): body.mixBody(into: &digest)
        case .snapshotReply(let body): body.mixBody(into: &digest)
        case .forward(let body): body.mixBody(into: &digest)
        case .forwarded(let body): body.mixBody(into: &digest)
        case .timeoutNow(let body): body.mixBody(into: &digest)
        case .readRequest(let body): body.mixBody(into: &digest)
        case .readReply(let body): body.mixBody(into: &digest)
        case .amnesiac(let body): body.mixBody(into: &digest)
        case .healed(let body): body.mixBody(into: &digest)
        }
    }

    /// One line, such as `append term 2 after 4/1 +3 commit 4`.
    public var description: String {
        switch self {
        case .preVote(let body): "preVote \(body.text)"
        case .preVoteReply(let body): "preVoteReply \(body.text)"
        case .vote(let body): "vote \(body.text)"
        case .voteReply(let body): "voteReply \(body.text)"
        case .append(let body): "append \(body.text)"
        case .appendReply(let body): "appendReply \(body.text)"
        case .snapshot(let body): "snapshot \(body.text)"
        case .snapshotReply(let body): "snapshotReply \(body.text)"
        case .forward(let body): "forward \(body.text)"
        case .forwarded(let body): "forwarded \(body.text)"
        case .timeoutNow(let body): "timeoutNow \(body.text)"
        case .readRequest(let body): "readRequest \(body.text)"
        case .readReply(let body): "readReply \(body.text)"
        case .amnesiac(let body): "amnesiac \(body.text)"
        case .healed(let body): "healed \(body.text)"
        }
    }
}

extension Raft.VoteRequest {
    func mixBody(into digest: inout Digest) {
        digest.mix(lastIndex)
        digest.mix(lastTerm)
        digest.mix(campaign)
        digest.mix(isTransfer)
    }

    var text: String { "term \(term) last \(lastIndex)/\(lastTerm)\(isTransfer ? " by transfer" : "")" }
}

extension Raft.VoteReply {
    func mixBody(into digest: inout Digest) {
        digest.mix(isGranted)
        digest.mix(campaign)
    }

    var text: String { "term \(term) \(isGranted ? "granted" : "refused")" }
}

extension Raft.Append {
    func mixBody(into digest: inout Digest) {
        digest.mix(prevIndex)
        digest.mix(prevTerm)
        entries.digest(into: &digest)
        digest.mix(commit)
        digest.mix(round)
        digest.mix(read)
        digest.mix(wantsReply)
        digest.mix(isSleep)
    }

    var text: String {
        "term \(term) after \(prevIndex)/\(prevTerm) +\(entries.count) commit \(commit)\(isSleep ? " sleep" : "")"
    }
}

extension Raft.AppendReply {
    func mixBody(into digest: inout Digest) {
        digest.mix(round)
        digest.mix(read)
        switch result {
        case .accepted(let match):
            digest.mix(0 as UInt64)
            digest.mix(match)
        case .rejected(let prevIndex, let hintIndex, let hintTerm):
            digest.mix(1 as UInt64)
            digest.mix(prevIndex)
            digest.mix(hintIndex)
            digest.mix(hintTerm)
        case .stale:
            digest.mix(2 as UInt64)
        }
    }

    var text: String {
        switch result {
        case .accepted(let match): "term \(term) match \(match)"
        case .rejected(let prevIndex, let hintIndex, let hintTerm):
            "term \(term) rejects \(prevIndex) hint \(hintIndex)/\(hintTerm)"
        case .stale: "term \(term) stale"
        }
    }
}

extension Raft.Snapshot {
    func mixBody(into digest: inout Digest) {
        digest.mix(round)
        digest.mix(index)
        digest.mix(indexTerm)
        configuration.digest(into: &digest)
        digest.mix(size)
        digest.mix(UInt64(checksum))
        digest.mix(offset)
        digest.mix(chunk)
    }

    var text: String {
        let part = chunk.count == size ? "" : "\(offset)+\(chunk.count) of "
        return "term \(term) at \(index)/\(indexTerm) \(part)\(size) bytes"
    }
}

extension Raft.SnapshotReply {
    func mixBody(into digest: inout Digest) {
        digest.mix(round)
        digest.mix(match)
        digest.mix(index)
        digest.mix(received)
    }

    var text: String { "term \(term) match \(match)\(received > 0 ? " has \(received) bytes of \(index)" : "")" }
}

extension Raft.Forward {
    func mixBody(into digest: inout Digest) {
        digest.mix(id)
        digest.mix(sequence)
        digest.mix(commands.count)
        for command in commands { digest.mix(command) }
        change?.digest(into: &digest)
    }

    var text: String {
        if let change { return "term \(term) #\(id) \(change)" }
        return "term \(term) #\(id) +\(commands.count)"
    }
}

extension Raft.Forwarded {
    func mixBody(into digest: inout Digest) {
        digest.mix(id)
        digest.mix(sequence)
        digest.mix(fates.count)
        for fate in fates {
            digest.mix(fate.count)
            switch fate.result {
            case .appended(let index, let term):
                digest.mix(0 as UInt64)
                digest.mix(index)
                digest.mix(term)
            case .rejected(let rejection):
                digest.mix(1 as UInt64)
                rejection.digest(into: &digest)
            }
        }
    }

    var text: String {
        var text = "term \(term) #\(id)"
        for fate in fates {
            switch fate.result {
            case .appended(let index, let appendedTerm): text += " +\(fate.count) at \(index)/\(appendedTerm)"
            case .rejected(let rejection): text += " +\(fate.count) rejected: \(rejection)"
            }
        }
        return text
    }
}
