import Foundation

/// A line of a trace in etcd's form, read strictly: every field that its event has, of its type, and no other.
struct EtcdTraceLine: Equatable {
    struct Message: Equatable, Hashable {
        var type: String
        var term: Int
        var from: String
        var to: String
        var entries: Int
        var logTerm: Int
        var index: Int
        var commit: Int
        var reject: Bool
        var rejectHint: Int
    }

    var stamp: String
    var name: String
    var node: String
    var term: Int
    var vote: String
    var commit: Int
    var role: String
    var log: Int
    var voters: [String]
    var outgoing: [String]
    var message: Message?
    var changes: [[String: String]]?
    var newVoters: [String]?

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    private struct Fields {
        var object: [String: Any]

        init(_ value: Any?, _ keys: Set<String>, optional: Set<String> = []) throws {
            guard let object = value as? [String: Any] else { throw Malformed(description: "no object") }
            let missing = keys.subtracting(object.keys)
            let strange = Set(object.keys).subtracting(keys).subtracting(optional)
            guard missing.isEmpty, strange.isEmpty else {
                throw Malformed(description: "missing \(missing.sorted()), strange \(strange.sorted())")
            }
            self.object = object
        }

        func read<Value>(_ key: String, as type: Value.Type = Value.self) throws -> Value {
            guard let value = object[key] as? Value else { throw Malformed(description: "\(key) has another type") }
            return value
        }

        func node(_ key: String) throws -> String {
            let text: String = try read(key)
            guard UInt64(text) != nil else { throw Malformed(description: "\(key) is no decimal number in quotes") }
            return text
        }
    }

    init(_ text: Substring) throws {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let line = try Fields(value, ["level", "ts", "caller", "msg", "tag", "event"])
        guard try line.read("tag") == "trace" else { throw Malformed(description: "no trace line") }
        stamp = String(text.split(separator: ",")[1])
        let event = try Fields(
            line.object["event"], ["name", "nid", "state", "role", "log", "conf"], optional: ["msg", "prop"])
        name = try event.read("name")
        node = try event.node("nid")
        let state = try Fields(event.object["state"], ["term", "vote", "commit"])
        term = try state.read("term")
        vote = try state.node("vote")
        commit = try state.read("commit")
        role = try event.read("role")
        guard ["StateFollower", "StateCandidate", "StateLeader"].contains(role) else {
            throw Malformed(description: "no role \(role)")
        }
        log = try event.read("log")
        let sets: [[String]] = try event.read("conf")
        guard sets.count == 2 else { throw Malformed(description: "conf has two sets") }
        voters = sets[0]
        outgoing = sets[1]
        let isMessage = name.hasPrefix("Send") || name.hasPrefix("Receive")
        guard isMessage == (event.object["msg"] != nil) else { throw Malformed(description: "\(name) and msg") }
        if isMessage {
            message = try Self.message(event.object["msg"], name)
            // Foundation takes 0 and 1 for Booleans too.
            guard text.contains("\"reject\":\(message?.reject == true)") else {
                throw Malformed(description: "reject is no Boolean")
            }
        }
        try readProperties(event.object["prop"])
    }

    private static func message(_ value: Any?, _ name: String) throws -> Message {
        let fields = try Fields(
            value,
            [
                "type", "term", "from", "to", "entries", "logTerm", "index", "commit", "vote", "reject", "rejectHint",
            ])
        let type: String = try fields.read("type")
        let families = [
            "MsgApp": "AppendEntriesRequest", "MsgSnap": "AppendEntriesRequest", "MsgAppResp": "AppendEntriesResponse",
            "MsgVote": "RequestVoteRequest", "MsgVoteResp": "RequestVoteResponse",
        ]
        guard let family = families[type], name.hasSuffix(family) else {
            throw Malformed(description: "\(name) of \(type)")
        }
        _ = try fields.node("vote")
        return Message(
            type: type, term: try fields.read("term"), from: try fields.node("from"), to: try fields.node("to"),
            entries: try fields.read("entries"), logTerm: try fields.read("logTerm"), index: try fields.read("index"),
            commit: try fields.read("commit"), reject: try fields.read("reject"),
            rejectHint: try fields.read("rejectHint"))
    }

    private mutating func readProperties(_ value: Any?) throws {
        let plain: Set = [
            "InitState", "BecomeFollower", "BecomeCandidate", "BecomeLeader", "Commit", "Replicate", "Ready",
        ]
        switch name {
        case "SendAppendEntriesRequest" where message?.type == "MsgApp":
            let fields = try Fields(value, ["match", "next"])
            _ = try (fields.read("match", as: Int.self), fields.read("next", as: Int.self))
        case "ChangeConf":
            let fields = try Fields(Fields(value, ["cc"]).object["cc"], ["changes"])
            let list: [[String: String]] = try fields.read("changes")
            for change in list where !["AddNewServer", "RemoveServer", "AddLearner"].contains(change["action"] ?? "") {
                throw Malformed(description: "no action \(change)")
            }
            changes = list
        case "ApplyConfChange":
            newVoters = try Fields(Fields(value, ["cc"]).object["cc"], ["newconf"]).read("newconf")
        default:
            guard value == nil else { throw Malformed(description: "\(name) has no prop") }
            guard message != nil || plain.contains(name) else { throw Malformed(description: "no event \(name)") }
        }
    }

    /// Whether the other project's model passes this line over: an answer to somebody else, or news of following.
    var isPassing: Bool {
        if name == "BecomeFollower" { return true }
        return ["MsgAppResp", "MsgVoteResp"].contains(message?.type) && name.hasPrefix("Send")
            && message?.from != message?.to
    }

    /// Reads every line.
    static func parse(_ bytes: [UInt8]) throws -> [EtcdTraceLine] {
        try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { try EtcdTraceLine($0) }
    }
}

/// Raft as the trace validation of etcd-io/raft models it, as far as a group without changes of its configuration and
/// without snapshots goes: each line must be a step that the model can take, and leave the state that the line shows.
struct EtcdTraceModel {
    struct Node {
        var term = 0
        var vote = "0"
        var role = "StateFollower"
        var commit = 0
        var log: [Int] = []
        var granted: Set<String> = []
        var match: [String: Int] = [:]
        /// What it has to answer, and has not sent yet.
        var replies: [EtcdTraceLine.Message] = []
    }

    /// A message with the terms of its entries, which no line shows.
    private struct Letter: Equatable {
        var message: EtcdTraceLine.Message
        var terms: [Int]
    }

    struct Refusal: Error, CustomStringConvertible {
        var line: Int
        var reason: String
        var description: String { "line \(line): \(reason)" }
    }

    private(set) var nodes: [String: Node] = [:]
    private var pending: [String: [Letter]] = [:]
    private var messages: [Letter] = []
    private var number = 0
    private var previous: [String: EtcdTraceLine] = [:]

    /// Takes every line, or says which one it cannot take.
    mutating func take(_ lines: [EtcdTraceLine]) throws {
        for line in lines {
            number += 1
            try take(line)
            previous[line.node] = line
        }
    }

    private func refuse(_ reason: String) -> Refusal { Refusal(line: number, reason: reason) }

    private func demand(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
        if !condition { throw refuse(reason()) }
    }

    private mutating func take(_ line: EtcdTraceLine) throws {
        var node = nodes[line.node] ?? Node()
        if line.name == "InitState" {
            node = Node(term: line.term, vote: line.vote, commit: line.commit, log: Array(node.log.prefix(line.log)))
            try demand(node.log.count == line.log, "a log from nowhere")
            pending[line.node] = []
        } else {
            try demand(nodes[line.node] != nil, "\(line.node) has not started")
        }
        let isReceive = line.name.hasPrefix("Receive")
        if isReceive { try compare(line, node) }
        try act(line, &node)
        if !isReceive && line.name != "Replicate" { try compare(line, node) }
        nodes[line.node] = node
    }

    private func compare(_ line: EtcdTraceLine, _ node: Node) throws {
        try demand(line.term == node.term, "\(line.name) in term \(line.term), not \(node.term)")
        try demand(line.vote == node.vote, "\(line.name) with vote \(line.vote), not \(node.vote)")
        try demand(line.role == node.role, "\(line.name) as \(line.role), not \(node.role)")
        // These lines stand in the middle of a step that the model takes at once when the message is received.
        if line.isPassing {
            return try demand(line.commit <= node.commit, "\(line.name) with a commit that is not there yet")
        }
        try demand(line.commit == node.commit, "\(line.name) with commit \(line.commit), not \(node.commit)")
        try demand(line.log == node.log.count, "\(line.name) with log \(line.log), not \(node.log.count)")
    }

    private mutating func act(_ line: EtcdTraceLine, _ node: inout Node) throws {
        switch line.name {
        case "InitState": break
        case "BecomeCandidate":
            try demand(node.role != "StateLeader", "a leader campaigns")
            node.term += 1
            node.vote = line.node
            node.role = "StateCandidate"
            node.granted = []
        case "BecomeLeader":
            try demand(node.role == "StateCandidate", "no candidate becomes leader")
            try demand(node.granted.count * 2 > line.voters.count, "a leader with \(node.granted.count) votes")
            node.role = "StateLeader"
            node.match = [line.node: node.log.count]
        case "BecomeFollower":
            let isCalled = previous[line.node]?.name.hasPrefix("Receive") == true && node.role == "StateFollower"
            try demand(isCalled || node.role != "StateFollower", "a follower becomes follower for nothing")
            node.role = "StateFollower"
        case "Replicate":
            try demand(node.role == "StateLeader" && line.role == node.role, "no leader appends")
            node.log.append(node.term)
        case "Commit":
            try demand(node.role == "StateLeader", "no leader commits by counting")
            node.commit = max(node.commit, agreed(node, line.voters))
        case "Ready":
            messages += pending[line.node] ?? []
            pending[line.node] = []
        default:
            guard let message = line.message else { throw refuse("no message") }
            if line.name.hasPrefix("Send") { try send(message, line, &node) } else { try receive(message, line, &node) }
        }
    }

    /// The highest position of the leader's own term that a majority holds.
    private func agreed(_ node: Node, _ voters: [String]) -> Int {
        let sorted = voters.map { node.match[$0] ?? 0 }.sorted(by: >)
        let index = sorted[voters.count / 2]
        return index > 0 && node.log[index - 1] == node.term ? index : node.commit
    }

    private mutating func send(_ message: EtcdTraceLine.Message, _ line: EtcdTraceLine, _ node: inout Node) throws {
        try demand(message.from == line.node && message.term == node.term, "a message in somebody else's name")
        var terms: [Int] = []
        switch message.type {
        case "MsgVote":
            try demand(node.role == "StateCandidate", "no candidate asks for votes")
            try demand(message.index == node.log.count && message.logTerm == node.log.last ?? 0, "another log")
        case "MsgVoteResp" where message.to == line.node:
            try demand(node.role == "StateCandidate" && !message.reject, "a vote for itself without a campaign")
        case "MsgApp":
            try demand(node.role == "StateLeader", "no leader sends entries")
            let last = message.index + message.entries
            try demand(last <= node.log.count, "entries that are not there")
            let term = message.index == 0 ? 0 : node.log[message.index - 1]
            try demand(message.logTerm == term, "another term before the entries")
            try demand(message.commit == min(node.commit, last), "commit \(message.commit)")
            terms = Array(node.log[message.index..<last])
        case "MsgAppResp" where message.to == line.node:
            try demand(message.index == node.log.count, "an acknowledgement of something else")
        default:
            guard let place = node.replies.firstIndex(where: { Self.isSame($0, message) }) else {
                throw refuse("an answer to nothing: \(message)")
            }
            node.replies.remove(at: place)
        }
        pending[line.node, default: []].append(Letter(message: message, terms: terms))
    }

    /// Whether two answers are one; where a refusal points is no part of it.
    private static func isSame(_ left: EtcdTraceLine.Message, _ right: EtcdTraceLine.Message) -> Bool {
        left.type == right.type && left.from == right.from && left.to == right.to && left.term == right.term
            && left.reject == right.reject && (left.reject || left.index == right.index)
    }

    private mutating func receive(
        _ message: EtcdTraceLine.Message, _ line: EtcdTraceLine, _ node: inout Node
    ) throws {
        try demand(message.to == line.node, "a message for somebody else")
        guard let place = messages.firstIndex(where: { $0.message == message }) else {
            throw refuse("a message that nobody sent: \(message)")
        }
        let letter = messages.remove(at: place)
        if message.term > node.term {
            node.term = message.term
            node.vote = "0"
            node.role = "StateFollower"
        }
        switch message.type {
        case "MsgVote":
            let isUpToDate =
                message.logTerm > node.log.last ?? 0
                || (message.logTerm == node.log.last ?? 0 && message.index >= node.log.count)
            let isGranted = message.term == node.term && isUpToDate && ["0", message.from].contains(node.vote)
            if isGranted { node.vote = message.from }
            reply("MsgVoteResp", to: message.from, isRejected: !isGranted, index: 0, line, &node)
        case "MsgVoteResp":
            if message.term == node.term, !message.reject { node.granted.insert(message.from) }
        case "MsgApp": try takeEntries(letter.terms, message, line, &node)
        default:
            if message.term == node.term, !message.reject {
                node.match[message.from] = max(node.match[message.from] ?? 0, message.index)
            }
        }
    }

    private func takeEntries(
        _ terms: [Int], _ message: EtcdTraceLine.Message, _ line: EtcdTraceLine, _ node: inout Node
    ) throws {
        guard message.term == node.term else {
            return reply("MsgAppResp", to: message.from, isRejected: true, index: 0, line, &node)
        }
        try demand(node.role != "StateLeader", "a second leader")
        node.role = "StateFollower"
        let isKnown =
            message.index == 0 || (message.index <= node.log.count && node.log[message.index - 1] == message.logTerm)
        guard isKnown else { return reply("MsgAppResp", to: message.from, isRejected: true, index: 0, line, &node) }
        // etcd drops what such a message holds behind its commit index; ours takes it (docs/traces.md).
        let last = message.index + terms.count
        guard last > node.commit || message.index >= node.commit else {
            return reply("MsgAppResp", to: message.from, isRejected: false, index: node.commit, line, &node)
        }
        for (offset, term) in terms.enumerated() {
            let place = message.index + offset
            if place < node.log.count, node.log[place] != term { node.log.removeSubrange(place...) }
            if place == node.log.count { node.log.append(term) }
        }
        node.commit = max(node.commit, min(message.commit, last))
        reply("MsgAppResp", to: message.from, isRejected: false, index: last, line, &node)
    }

    private func reply(
        _ type: String, to peer: String, isRejected: Bool, index: Int, _ line: EtcdTraceLine, _ node: inout Node
    ) {
        node.replies.append(
            EtcdTraceLine.Message(
                type: type, term: node.term, from: line.node, to: peer, entries: 0, logTerm: 0, index: index,
                commit: 0, reject: isRejected, rejectHint: 0))
    }
}
