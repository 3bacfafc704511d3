import MeshCore

extension Conformance {
    /// A question to the quorum arithmetic: what have these voters committed, or elected.
    ///
    /// `cfg` is the majority that decides, `cfgj` the second one of a joint configuration (`zero` for a joint one whose
    /// second majority is empty). The values belong to the distinct nodes in the order in which they are named; `_`
    /// stands for a node that has said nothing.
    struct QuorumQuestion {
        private var configuration: Raft.Configuration
        private var isJoint = false
        /// The distinct nodes, in the order in which they are named.
        private var nodes: [UInt64] = []
        private var indexes: [UInt64?] = []
        private var votes: [Bool?] = []

        /// Reads a case.
        init(_ test: Case) throws(Scenario.ParseError) {
            let valueKey: Bytes = test.name == "vote" ? "votes" : "idx"
            try test.checkKeys(["cfg", "cfgj", valueKey])
            let incoming = try Self.nodes(test, "cfg")
            var outgoing: [UInt64] = []
            if let argument = test.argument("cfgj") {
                isJoint = true
                if argument.values != ["zero"] { outgoing = try Self.nodes(test, "cfgj") }
            }
            configuration = Raft.Configuration(
                voters: incoming.map { NodeID($0) }, outgoing: outgoing.map { NodeID($0) })
            for node in incoming + outgoing where !nodes.contains(node) { nodes.append(node) }
            let values = test.argument(valueKey)?.values ?? []
            guard values.count == nodes.count else {
                throw test.mistake(
                    "\(nodes.count) nodes and \(values.count) values", at: test.argument(valueKey))
            }
            for value in values { try take(value, test) }
        }

        private static func nodes(_ test: Case, _ key: Bytes) throws(Scenario.ParseError) -> [UInt64] {
            guard let argument = test.argument(key) else { return [] }
            var nodes: [UInt64] = []
            for value in argument.values ?? [] {
                let node = try test.number(value, of: argument)
                guard node > 0 else { throw test.mistake("no node has the number 0", at: argument) }
                nodes.append(node)
            }
            return nodes
        }

        private mutating func take(_ value: Bytes, _ test: Case) throws(Scenario.ParseError) {
            guard test.name == "vote" else {
                guard let argument = test.argument("idx") else { return }
                return indexes.append(value == "_" ? nil : try test.number(value, of: argument))
            }
            switch value {
            case "y": votes.append(true)
            case "n": votes.append(false)
            case "_": votes.append(nil)
            case _: throw test.mistake("a vote is y, n or _", at: test.argument("votes"))
            }
        }

        private func place(of node: UInt64) -> Int? { nodes.firstIndex(of: node) }

        /// How the votes stand.
        var vote: String {
            switch configuration.voteResult({ node in place(of: node.rawValue).flatMap { votes[$0] } }) {
            case .won: "VoteWon"
            case .lost: "VoteLost"
            case .pending: "VotePending"
            }
        }

        /// The highest position that is committed, below a picture of who has reached what.
        var committed: String {
            let index = configuration.committedIndex { node in
                place(of: node.rawValue).flatMap { indexes[$0] }.map { Raft.LogIndex($0) }
            }
            return picture + (index.map { "\($0)" } ?? "∞")
        }
    }
}

extension Conformance.QuorumQuestion {
    /// One line for each node: a bar as long as the number of nodes that are behind it, its position and its number.
    private var picture: String {
        guard !nodes.isEmpty else { return "<empty majority quorum>" }
        let width = nodes.count
        var text = blanks(width) + "    idx\n"
        for node in nodes.sorted() {
            let index = place(of: node).flatMap { indexes[$0] }
            if let index {
                let behind = nodes.indices.filter { (indexes[$0] ?? 0) < index }.count
                for _ in 0..<behind { text += "x" }
                text += ">" + blanks(width - behind)
            } else {
                text += "?" + blanks(width)
            }
            let number = "\(index ?? 0)"
            text += " " + blanks(5 - number.utf8.count) + number + "    (id=" + hexadecimal(node) + ")\n"
        }
        return text
    }

    private func blanks(_ count: Int) -> String {
        var text = ""
        for _ in 0..<max(count, 0) { text += " " }
        return text
    }

    private func hexadecimal(_ number: UInt64) -> String {
        var digits: [UInt8] = []
        var rest = number
        repeat {
            digits.insert(hexadecimalDigit(UInt8(rest & 15)), at: 0)
            rest >>= 4
        } while rest > 0
        return String(decoding: digits, as: UTF8.self)
    }
}
