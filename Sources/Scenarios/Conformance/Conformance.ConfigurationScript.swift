import MeshCore

extension Conformance {
    /// Changes of one configuration, and who is tracked since when.
    ///
    /// `simple`, `enter-joint [autoleave=true|false]` and `leave-joint` change a configuration that is empty at first.
    /// The input says how: `v4` makes node 4 a voter, `l4` a learner, `r4` takes it out, `u4` changes nothing.
    ///
    /// A leader's log is one entry longer after each command, whether it succeeded or not; a node is probed from the
    /// end of the log as it was when the node was added.
    struct ConfigurationScript {
        private var configuration = Raft.Configuration()
        /// The next entry for each member.
        private var next = SortedMap<NodeID, UInt64>()
        private var lastIndex: UInt64 = 0

        /// Carries a command out and shows the configuration, or why it cannot be so.
        mutating func run(_ test: Case) throws(Scenario.ParseError) -> String {
            defer { lastIndex += 1 }
            let changes = try Self.changes(in: test)
            let changed: Raft.Configuration
            do throws(Raft.ConfigurationError) {
                switch test.name {
                case "simple":
                    changed = try configuration.simple(changes)
                case "enter-joint":
                    let isLeaving = Self.leavesAutomatically(test)
                    changed = try configuration.enterJoint(leavesAutomatically: isLeaving, changes)
                case _:
                    guard changes.isEmpty else { return "this command takes no input" }
                    changed = try configuration.leaveJoint()
                }
            } catch {
                return error.description
            }
            track(changed, changes)
            configuration = changed
            return text
        }

        private static func leavesAutomatically(_ test: Case) -> Bool {
            test.argument("autoleave")?.values == ["true"]
        }

        private static func changes(in test: Case) throws(Scenario.ParseError) -> [Raft.Change] {
            try test.checkKeys(test.name == "enter-joint" ? ["autoleave"] : [])
            if let argument = test.argument("autoleave"), argument.values != ["true"], argument.values != ["false"] {
                throw test.mistake("autoleave is true or false", at: argument)
            }
            var changes: [Raft.Change] = []
            for word in test.inputWords {
                guard let node = number(word.storage.dropFirst()) else {
                    throw test.mistake("\"\(word)\" is no change: write v4, l4, r4 or u4")
                }
                switch word.storage[0] {
                case 0x76: changes.append(.addVoter(node))
                case 0x6c: changes.append(.addLearner(node))
                case 0x72: changes.append(.remove(node))
                case 0x75: changes.append(.update(node))
                case _: throw test.mistake("\"\(word)\" is no change: write v4, l4, r4 or u4")
                }
            }
            return changes
        }

        private static func number(_ digits: ArraySlice<UInt8>) -> NodeID? {
            var number: UInt64 = 0
            guard !digits.isEmpty, digits.count < 19 else { return nil }
            for digit in digits {
                guard digit >= 0x30, digit <= 0x39 else { return nil }
                number = number * 10 + UInt64(digit - 0x30)
            }
            return NodeID(number)
        }

        /// Tracks new members from the end of the log on; one that is taken out and put in again is new.
        private mutating func track(_ changed: Raft.Configuration, _ changes: [Raft.Change]) {
            var tracked = SortedMap<NodeID, UInt64>()
            for member in changed.members {
                let isAnew =
                    !member.duties.contains(.outgoing)
                    && changes.contains { change in
                        if case .remove(let node) = change { node == member.id } else { false }
                    }
                tracked[member.id] = (isAnew ? nil : next[member.id]) ?? max(lastIndex, 1)
            }
            next = tracked
        }
    }
}

extension Conformance.ConfigurationScript {
    /// The sets that are not empty, then a line for each member.
    private var text: String {
        var text = "voters=" + list(configuration.voters)
        if configuration.isJoint { text += "&&" + list(configuration.outgoing) }
        if !configuration.learners.isEmpty { text += " learners=" + list(configuration.learners) }
        if !configuration.learnersNext.isEmpty { text += " learners_next=" + list(configuration.learnersNext) }
        if configuration.leavesAutomatically { text += " autoleave" }
        text += "\n"
        for member in configuration.members {
            text += "\(member.id.rawValue): StateProbe match=0 next=\(next[member.id] ?? 1)"
            text += member.duties.contains(.learner) ? " learner\n" : "\n"
        }
        return text
    }

    private func list(_ nodes: [NodeID]) -> String {
        var text = "("
        for (position, node) in nodes.enumerated() { text += (position > 0 ? " " : "") + "\(node.rawValue)" }
        return text + ")"
    }
}

extension Conformance.Case {
    /// The words of the input.
    var inputWords: [Bytes] {
        var words: [Bytes] = []
        var word: [UInt8] = []
        for byte in input.storage + [0x20] {
            if byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
                if !word.isEmpty { words.append(Bytes(word)) }
                word = []
            } else {
                word.append(byte)
            }
        }
        return words
    }
}
