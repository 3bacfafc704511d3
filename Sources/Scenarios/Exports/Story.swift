public import MeshCore

extension Exports {
    /// What happened in a run: events at nodes, and messages between them.
    public struct Story: Sendable {
        /// The names of the nodes, in the order of their numbers.
        public private(set) var nodes: [Bytes] = []
        /// What happened, in order.
        public private(set) var events: [Event] = []
        /// What was sent, in the order of sending.
        public private(set) var messages: [Message] = []

        /// Something that happened at a node.
        public struct Event: Sendable {
            /// The line of the trace.
            public var record: Record
            /// Where its node stands in ``Story/nodes``; `nil` for the run as a whole.
            public var node: Int?
            /// Which of ``Story/messages`` it takes or loses.
            public var message: Int?
            /// Whether the message is lost here.
            public var isLoss: Bool
            /// Which of ``Story/messages`` it sends.
            public var sent: Range<Int>
        }

        /// A message.
        public struct Message: Sendable {
            /// Who sent it.
            public var from: Int
            /// To whom.
            public var to: Int
            /// Its content.
            public var text: Bytes
            /// The event that sent it; `nil` when it lies before what is shown.
            public var sending: Int?
            /// The events that took it: none, one, or more when the network doubled it.
            public var takings: [Int] = []
            /// The event that lost it.
            public var loss: Int?
        }

        /// Puts the lines of a trace together.
        ///
        /// A message that arrives is the latest one with its content that had left its sender by then. One that is lost
        /// is the latest one to that node that nobody has taken; a trace does not say more. What was sent before the
        /// first line has no sender here.
        ///
        /// - Complexity: O(lines, plus the messages under way on a link for each that arrives).
        public init(_ records: [Record]) {
            nodes = Self.nodes(of: records)
            var links = [[Int]](repeating: [], count: nodes.count * nodes.count)
            for record in records {
                var event = Event(record: record, node: place(of: record.node), isLoss: false, sent: 0..<0)
                switch record.content {
                case .step(let step): add(step, to: &event, &links)
                case .note(let text, let cause): add(text, by: cause, to: &event, links)
                }
                events.append(event)
            }
        }

        private static func nodes(of records: [Record]) -> [Bytes] {
            var numbers = SortedMap<UInt64, Bytes>()
            func add(_ name: Bytes) {
                if let number = number(of: name), number > 0 { numbers[number] = name }
            }
            for record in records {
                add(record.node)
                guard case .step(let step) = record.content else { continue }
                if let sender = step.sender { add(sender) }
                for effect in step.effects { if let send = Send(effect) { add(send.peer) } }
            }
            return numbers.values
        }

        /// The number in a node's name, such as 3 in `n3`.
        private static func number(of name: Bytes) -> UInt64? {
            guard name.count > 1, name.count < 20, name[0] == 0x6e else { return nil }
            var value: UInt64 = 0
            for byte in name.slice.dropFirst() {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value &* 10 &+ UInt64(byte - 48)
            }
            return value
        }

        private func place(of name: Bytes) -> Int? { nodes.firstIndex(of: name) }
    }
}

// MARK: - Messages

extension Exports.Story {
    /// The effect of sending.
    private struct Send {
        var peer: Bytes
        var text: Bytes

        /// Reads `send n2 CONTENT`; `nil` for every other effect.
        init?(_ effect: Bytes) {
            guard effect.hasPrefix("send ") else { return nil }
            var end = 5
            while end < effect.count, effect[end] != 0x20 { end += 1 }
            peer = effect.part(5..<end)
            text = effect.part(min(end + 1, effect.count)..<effect.count)
        }
    }

    private mutating func add(_ step: Exports.Step, to event: inout Event, _ links: inout [[Int]]) {
        let index = events.count
        if let node = event.node, let sender = step.sender.flatMap({ place(of: $0) }) {
            let limit = step.cause ?? event.record.event
            if let message = latest(on: links[sender * nodes.count + node], upTo: limit, { $0.text == step.what }) {
                messages[message].takings.append(index)
                event.message = message
            }
        }
        let first = messages.count
        for effect in step.effects {
            guard let send = Send(effect), let from = event.node, let to = place(of: send.peer) else { continue }
            links[from * nodes.count + to].append(messages.count)
            messages.append(Message(from: from, to: to, text: send.text, sending: index))
        }
        event.sent = first..<messages.count
    }

    /// Finds the message that a note says is lost.
    private mutating func add(_ note: Bytes, by cause: UInt64?, to event: inout Event, _ links: [[Int]]) {
        let prefix: Bytes = "message to "
        guard let from = event.node, let cause, note.hasPrefix(prefix) else { return }
        var end = prefix.count
        while end < note.count, note[end] != 0x20 { end += 1 }
        guard let to = place(of: note.part(prefix.count..<end)) else { return }
        let link = links[from * nodes.count + to]
        guard let message = latest(on: link, upTo: cause, { $0.takings.isEmpty && $0.loss == nil }) else { return }
        messages[message].loss = events.count
        event.message = message
        event.isLoss = true
    }

    private func latest(on link: [Int], upTo event: UInt64, _ fits: (Message) -> Bool) -> Int? {
        for message in link.reversed() {
            guard let sending = messages[message].sending, events[sending].record.event <= event else { continue }
            if fits(messages[message]) { return message }
        }
        return nil
    }

    /// The same story from one time to another, both included: all nodes, the events of that time, and their messages.
    ///
    /// - Complexity: O(events + messages).
    public func window(from first: Instant, to last: Instant) -> Exports.Story {
        var part = self
        var places = [Int?](repeating: nil, count: events.count)
        part.events = []
        for (index, event) in events.enumerated() where event.record.time >= first && event.record.time <= last {
            places[index] = part.events.count
            part.events.append(event)
        }
        var names = [Int?](repeating: nil, count: messages.count)
        part.messages = []
        for (index, message) in messages.enumerated() {
            var kept = message
            kept.sending = message.sending.flatMap { places[$0] }
            kept.takings = message.takings.compactMap { places[$0] }
            kept.loss = message.loss.flatMap { places[$0] }
            if kept.sending == nil && kept.takings.isEmpty && kept.loss == nil { continue }
            names[index] = part.messages.count
            part.messages.append(kept)
        }
        for index in part.events.indices {
            part.events[index].message = part.events[index].message.flatMap { names[$0] }
            let sent = part.events[index].sent
            // All messages of an event that is kept are kept, and stay together.
            if let start = sent.first.flatMap({ names[$0] }) { part.events[index].sent = start..<start + sent.count }
        }
        return part
    }
}

// MARK: - What is told of an event

extension Exports.Story.Event {
    /// The name of a step's node, and what it took, in a few words.
    var headline: Bytes {
        switch record.content {
        case .note(let text, cause: _): return text
        case .step(let step):
            if let sender = step.sender { return Bytes(sender.storage + Bytes(": ").storage + step.what.storage) }
            if step.what.isEmpty { return step.input }
            return Bytes(step.input.storage + [0x20] + step.what.storage)
        }
    }

    /// What a node says and writes in a step: outputs and records, without the word in front.
    var remarks: [Bytes] {
        guard case .step(let step) = record.content else { return [] }
        var remarks: [Bytes] = []
        for effect in step.effects {
            if effect.hasPrefix("output ") { remarks.append(effect.part(7..<effect.count)) }
            if effect.hasPrefix("persist ") { remarks.append(effect) }
        }
        return remarks
    }

    /// Whether nobody would miss it: a timer that does nothing but wind itself up, a write that is done.
    var isQuiet: Bool {
        guard case .step(let step) = record.content, step.sender == nil else { return false }
        guard step.input == "timer" || step.input == "persisted" else { return false }
        return sent.isEmpty && remarks.isEmpty
    }
}
