import MeshCore

/// Groups whose program is a store with client sessions instead of a list of commands.
extension Conformance.Group {
    /// An entry as the transcript writes it: a store's commands by what they ask for.
    func text(_ entry: Raft.Entry) -> String {
        guard case .command(let command) = entry.payload, hosts.contains(where: { $0.store != nil }) else {
            return entry.description
        }
        var reader = WireReader(command.storage)
        guard let request = try? KeyValueStore.Request(from: &reader), reader.remaining == 0 else {
            return entry.description
        }
        return "\(entry.index)/\(entry.term) \(Self.text(request))"
    }

    /// A request as the transcript writes it.
    static func text(_ request: KeyValueStore.Request) -> String {
        let text =
            switch request.operation {
            case .put(let key, let value): "put \(key)=\(value)"
            case .get(let key): "get \(key)"
            case .compareAndSwap(let key, let expected, let value):
                "swap \(key) \(expected?.description ?? "absent")->\(value)"
            case .delete(let key): "delete \(key)"
            case .openSession: "open a session"
            case .closeSession(let session): "close session \(session)"
            }
        guard let stamp = request.stamp else { return "#\(request.id) \(text)" }
        return "#\(request.id) \(text), session \(stamp.session) number \(stamp.sequence)"
            + (stamp.answeredUpTo > 0 ? " answered \(stamp.answeredUpTo)" : "")
    }

    /// Writes what a store made of a command.
    mutating func noteAnswer(_ answer: KeyValueStore.Answer?) {
        guard let answer else { return }
        noteEffect("  #\(answer.request) \(answer.result)\(answer.isRepeat ? " (as before)" : "")")
    }

    /// Shows the keys that a script has named and the sessions that are open.
    mutating func showStore(_ position: Int, _ store: KeyValueStore) {
        var text = ""
        for key in keys {
            guard let value = store.value(of: key) else { continue }
            text += " \(key)=\(value)"
        }
        var sessions = ""
        var number: UInt64 = 0
        while number < store.sessions.openedCount {
            number += 1
            if store.sessions.contains(number) { sessions += " \(number)" }
        }
        note(
            "\(hosts[position].id) holds\(text.isEmpty ? " nothing" : text),"
                + " sessions\(sessions.isEmpty ? " none" : sessions)")
    }
}

extension Conformance.GroupScript {
    /// Proposes what a client asks of the store.
    mutating func ask(_ test: Conformance.Case, _ position: Int) throws(Scenario.ParseError) {
        guard group.hosts[position].store != nil else {
            throw test.mistake("\(group.hosts[position].id) has no store: add-nodes 3 program=store")
        }
        let id = nextID(1)
        let request = KeyValueStore.Request(id: id, try operation(test), in: try test.stamp())
        group.note("\(group.hosts[position].id) ask \(Conformance.Group.text(request))")
        group.step(position, .command(.propose(request.command, id: id)))
    }

    private mutating func operation(_ test: Conformance.Case) throws(Scenario.ParseError) -> KeyValueStore.Operation {
        let words = test.arguments.dropFirst().filter { $0.values == nil }.map { $0.key }
        let known = "say what is asked: put k v, get k, delete k, swap k old new, open, or close 1"
        guard let word = words.first else { throw test.mistake(known) }
        let values = Array(words.dropFirst())
        if let key = values.first, word != "close", !group.keys.contains(key) {
            group.keys.append(key)
            group.keys.sort()
        }
        switch (word, values.count) {
        case ("open", 0): return .openSession
        case ("close", 1): return .closeSession(try test.number(values[0], of: Conformance.Argument(values[0])))
        case ("get", 1): return .get(key: values[0])
        case ("delete", 1): return .delete(key: values[0])
        case ("put", 2): return .put(key: values[0], value: values[1])
        case ("swap", 3):
            return .compareAndSwap(
                key: values[0], expected: values[1] == "absent" ? nil : values[1], value: values[2])
        case _: throw test.mistake(known)
        }
    }
}

extension Conformance.Case {
    /// The place in a session that `session=1 number=2 answered=1` names; `nil` without a session.
    fileprivate func stamp() throws(Scenario.ParseError) -> Sessions.Stamp? {
        guard let session = try count("session") else { return nil }
        guard let number = try count("number") else { throw mistake("say the client's number: session=1 number=1") }
        return Sessions.Stamp(
            session: UInt64(UInt(session)), sequence: UInt64(UInt(number)),
            answeredUpTo: UInt64(UInt(try count("answered") ?? 0)))
    }

    /// The store that is to be the nodes' program; `nil` for a list of commands.
    func store() throws(Scenario.ParseError) -> KeyValueStore? {
        let limit = try count("sessions")
        guard let argument = argument("program") else {
            if limit != nil { throw mistake("sessions are for a store: program=store sessions=2") }
            return nil
        }
        switch argument.values?.first {
        case "store": return KeyValueStore(sessionLimit: limit ?? Sessions.usualLimit)
        case "list": return nil
        case _: throw mistake("a program is a list or a store", at: argument)
        }
    }
}
