import MeshCore
import Simulator

/// Brings together what clients called and what they learned.
struct HistoryBook {
    private typealias Action = Linearizability.Action
    private typealias Value = Linearizability.Value

    private let format: Histories.Format
    private let model: Linearizability.Model
    private var history = Histories.History()
    private var time: Int64 = 0
    /// The operation each process has under way.
    private var open = SortedMap<Bytes, Open>()
    private var processes = SortedMap<Bytes, UInt64>()
    /// Whether an operation is known to have had no effect, by its position.
    private var isVoid: [Bool] = []

    private struct Open: Sendable {
        var index: Int
        var call: HistoryEvent
    }

    init(_ format: Histories.Format, _ model: Linearizability.Model) {
        self.format = format
        self.model = model
        if format == .porcupineKV { history.initial = .text("") }
        if model == .listAppend { history.initial = .list([]) }
    }

    /// The history without what had no effect.
    consuming func finish() -> Histories.History {
        var result = Histories.History()
        result.initial = history.initial
        for index in 0..<history.operations.count where !isVoid[index] {
            result.operations.append(history.operations[index])
            result.calls.append(history.calls[index])
            result.returns.append(history.returns[index])
        }
        return result
    }

    /// Takes the next line.
    mutating func add(_ event: HistoryEvent) throws(Scenario.ParseError) {
        time += 1
        switch event.kind {
        case .call: try call(event)
        case .done, .failed, .lost: try complete(event)
        }
    }

    private mutating func call(_ event: HistoryEvent) throws(Scenario.ParseError) {
        if let before = open[event.process] {
            throw event.mistake(
                "process \(event.process) calls again before its operation of line \(before.call.location.line) has "
                    + "ended; one whose outcome is unknown ends with info")
        }
        let request = try Request(event, model)
        let number = UInt64(UInt(bitPattern: processes.count))
        let client = processes[event.process] ?? Self.number(event.process) ?? number
        processes[event.process] = client
        open[event.process] = Open(index: history.operations.count, call: event)
        history.operations.append(
            Linearizability.Operation(
                client: client, key: request.key, request.action, called: time, returned: nil))
        history.calls.append(event.location)
        history.returns.append(nil)
        isVoid.append(false)
    }

    private static func number(_ text: Bytes) -> UInt64? {
        var number: UInt64 = 0
        guard !text.isEmpty, text.count < 19 else { return nil }
        for byte in text.storage {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + UInt64(byte - 0x30)
        }
        return number
    }

    private mutating func complete(_ event: HistoryEvent) throws(Scenario.ParseError) {
        guard let operation = open.removeValue(forKey: event.process) else {
            // Jepsen also notes what happened to a process that has nothing under way.
            if event.kind == .lost { return }
            throw event.mistake("process \(event.process) has called nothing that could end here")
        }
        guard event.function == operation.call.function else {
            throw event.mistake(
                "process \(event.process) called \(operation.call.function) in line \(operation.call.location.line), "
                    + "not \(event.function)")
        }
        let index = operation.index
        switch event.kind {
        case .call, .lost: return
        case .done:
            let answer = try Request(event, model, answers: operation.call)
            if answer.key != history.operations[index].key {
                throw event.mistake(
                    "the key differs from the one that was called, \(history.operations[index].key)")
            }
            history.operations[index].action = Self.answered(history.operations[index].action, answer.action)
        case .failed:
            guard case .swap(let expected, let new, _) = history.operations[index].action, sawAnother(event) else {
                isVoid[index] = true
                return
            }
            history.operations[index].action = .swap(expected: expected, new: new, .failed)
        }
        history.operations[index].returned = time
        history.returns[index] = event.location
    }

    /// The action that was called, with the answer.
    private static func answered(_ called: Action, _ answer: Action) -> Action {
        switch (called, answer) {
        case (_, .read(let value)): return .read(value)
        case (.swap(let expected, let new, _), _): return .swap(expected: expected, new: new, .succeeded)
        case (_, _): return called
        }
    }

    /// Whether a failed compare-and-swap failed because the key held something else, and not for another reason.
    private func sawAnother(_ event: HistoryEvent) -> Bool {
        switch format {
        case .jepsenEtcd: event.error == nil
        case .edn, .jsonl, .porcupineKV: event.error?.word == "mismatch"
        }
    }
}

/// What a line asks for, or answers.
private struct Request {
    var key = Bytes()
    var action: Linearizability.Action

    /// Reads the key, the function and the value of a line.
    init(
        _ event: HistoryEvent, _ model: Linearizability.Model, answers call: HistoryEvent? = nil
    ) throws(Scenario.ParseError) {
        var function = event.function
        var key = event.key
        var value = event.value
        if model == .listAppend, function == "txn" {
            (function, key, value) = try Self.single(event)
        } else if key == nil, model != .register {
            guard let pair = value.elements, pair.count == 2 else {
                throw value.mistake("this model needs a key: in a field of its own, or a value that is [key value]")
            }
            key = pair[0]
            value = pair[1]
        }
        if let key { self.key = key.canonical }
        self.action = .unseenRead
        self.action = try Self.action(function, value, event, model, isAnswer: call != nil)
    }

    /// The only operation of a transaction.
    private static func single(
        _ event: HistoryEvent
    ) throws(Scenario.ParseError) -> (function: Bytes, key: Datum?, value: Datum) {
        guard let operations = event.value.elements else { throw event.value.mistake("a transaction is a list") }
        guard operations.count == 1, let parts = operations[0].elements, parts.count == 3, let name = parts[0].word
        else {
            throw event.value.mistake(
                "only transactions of one operation, such as [[:append 1 2]], can be judged: an order of several would "
                    + "be a question of serializability")
        }
        return (name, parts[1], parts[2])
    }

    private static func action(
        _ function: Bytes, _ value: Datum, _ event: HistoryEvent, _ model: Linearizability.Model, isAnswer: Bool
    ) throws(Scenario.ParseError) -> Linearizability.Action {
        switch function {
        case "read", "get", "r": return isAnswer ? .read(try Self.value(value, model)) : .unseenRead
        case "write" where model != .listAppend, "put" where model == .keyValue:
            return .write(try present(value, model))
        case "append" where model != .register: return .append(try appended(value, model))
        case "delete" where model == .keyValue: return .delete
        case "cas" where model != .listAppend:
            guard let pair = value.elements, pair.count == 2 else {
                throw value.mistake("a cas takes two values: [expected new]")
            }
            return .swap(expected: try Self.value(pair[0], model), new: try present(pair[1], model), .unknown)
        case _:
            let known: StaticString
            switch model {
            case .register: known = "read, write and cas"
            case .keyValue: known = "get, put, append, cas and delete"
            case .listAppend: known = "read, append and txn"
            }
            throw event.mistake("this model has no operation \"\(function)\"; it has \(known)")
        }
    }

    /// A value that may be absent.
    private static func value(
        _ datum: Datum, _ model: Linearizability.Model
    ) throws(Scenario.ParseError) -> Linearizability.Value? {
        if datum.isNull { return nil }
        guard model == .listAppend else { return .text(datum.canonical) }
        guard let elements = datum.elements else { throw datum.mistake("a read of a list answers with a list") }
        return .list(elements.map { $0.canonical })
    }

    private static func present(
        _ datum: Datum, _ model: Linearizability.Model
    ) throws(Scenario.ParseError) -> Linearizability.Value {
        guard let value = try value(datum, model) else { throw datum.mistake("nothing cannot be written") }
        return value
    }

    private static func appended(
        _ datum: Datum, _ model: Linearizability.Model
    ) throws(Scenario.ParseError) -> Linearizability.Value {
        if datum.isNull { throw datum.mistake("nothing cannot be appended") }
        return model == .listAppend ? .list([datum.canonical]) : .text(datum.canonical)
    }
}
