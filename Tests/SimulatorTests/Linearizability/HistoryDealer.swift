import MeshCore
import MeshTestKit
import Simulator

typealias Lin = Linearizability

/// Finds an order of a small history by trying all of them: what the real search is compared with.
enum EveryOrder {
    /// Whether some order explains the history of one key.
    static func exists(_ history: [Lin.Operation], _ model: Lin.Model, initial: Lin.Value? = nil) -> Bool {
        follow(history, initial ?? (model == .listAppend ? .list([]) : nil))
    }

    private static func follow(_ left: [Lin.Operation], _ state: Lin.Value?) -> Bool {
        if left.allSatisfy({ $0.returned == nil }) { return true }
        let first = left.compactMap { $0.returned }.min() ?? Int64.max
        for (index, operation) in left.enumerated() where operation.called <= first {
            guard let after = apply(operation, state) else { continue }
            var rest = left
            rest.remove(at: index)
            if follow(rest, after.value) { return true }
        }
        return false
    }

    /// The value after an operation; `nil` when its answer does not fit.
    private static func apply(_ operation: Lin.Operation, _ state: Lin.Value?) -> (value: Lin.Value?, Void)? {
        let isOpen = operation.returned == nil
        switch operation.action {
        case .read(let seen):
            let wanted: Lin.Value? = seen ?? (isList(state) ? .list([]) : nil)
            return isOpen || wanted == state ? (state, ()) : nil
        case .unseenRead: return (state, ())
        case .write(let value): return (value, ())
        case .delete: return (nil, ())
        case .append(let value): return (Dealer.append(value, to: state), ())
        case .swap(let expected, let new, let outcome):
            let fits = state == expected
            if isOpen { return (fits ? new : state, ()) }
            switch outcome {
            case .succeeded: return fits ? (new, ()) : nil
            case .failed: return fits ? nil : (state, ())
            case .saw(let seen): return !fits && state == seen ? (state, ()) : nil
            case .unknown: return (fits ? new : state, ())
            }
        }
    }

    private static func isList(_ state: Lin.Value?) -> Bool {
        if case .list? = state { true } else { false }
    }
}

/// Deals small random histories: operations that really ran in some order, with an answer falsified now and then.
struct Dealer {
    var dice: Dice
    let model: Lin.Model

    init(seed: UInt64, _ model: Lin.Model) {
        self.dice = Dice(seed: seed)
        self.model = model
    }

    static func append(_ value: Lin.Value, to state: Lin.Value?) -> Lin.Value {
        switch (state, value) {
        case (.text(let old), .text(let new)): .text(Bytes(old.storage + new.storage))
        case (.list(let old), .list(let new)): .list(old + new)
        case _: value
        }
    }

    private mutating func pick(_ bound: Int) -> Int { dice.number(below: bound) }

    private mutating func value() -> Lin.Value {
        let texts: [Bytes] = ["a", "b", "ab", ""]
        switch model {
        case .register: return .text(texts[pick(2)])
        case .keyValue: return .text(texts[pick(4)])
        case .listAppend: return .list([texts[pick(2)]])
        }
    }

    /// A history of one key.
    mutating func history(count: Int) -> [Lin.Operation] {
        var operations: [(point: Int64, operation: Lin.Operation)] = []
        for client in 0..<count {
            let called = Int64(pick(count * 4))
            let point = called + Int64(pick(6))
            let returned: Int64? = pick(4) == 0 ? nil : point + Int64(pick(6))
            operations.append(
                (point, Lin.Operation(client: UInt64(client), key: "x", action(), called: called, returned: returned)))
        }
        operations.sort { $0.point < $1.point }
        var state: Lin.Value? = model == .listAppend ? .list([]) : nil
        for index in operations.indices {
            let happens = operations[index].operation.returned != nil || pick(2) == 0
            if happens { perform(&operations[index].operation.action, &state) }
        }
        if pick(2) == 0 {
            let victim = pick(count)
            operations[victim].operation.action = falsified(operations[victim].operation.action)
        }
        return operations.map { $0.operation }
    }

    private mutating func action() -> Lin.Action {
        switch model {
        case .register:
            switch pick(3) {
            case 0: .read(nil)
            case 1: .write(value())
            case _: .swap(expected: value(), new: value(), .unknown)
            }
        case .keyValue:
            switch pick(7) {
            case 0, 1: .read(nil)
            case 2: .write(value())
            case 3: .delete
            case 4: .swap(expected: pick(2) == 0 ? nil : value(), new: value(), .unknown)
            case _: .append(value())
            }
        case .listAppend: pick(2) == 0 ? .read(nil) : .append(value())
        }
    }

    private mutating func perform(_ action: inout Lin.Action, _ state: inout Lin.Value?) {
        switch action {
        case .read, .unseenRead: action = pick(8) == 0 ? .unseenRead : .read(state)
        case .write(let value): state = value
        case .delete: state = nil
        case .append(let value): state = Dealer.append(value, to: state)
        case .swap(let expected, let new, _):
            if state == expected {
                state = new
                action = .swap(expected: expected, new: new, .succeeded)
            } else {
                action = .swap(expected: expected, new: new, pick(2) == 0 ? .failed : .saw(state))
            }
        }
    }

    private mutating func falsified(_ action: Lin.Action) -> Lin.Action {
        switch action {
        case .read: .read(value())
        case .swap(let expected, let new, .succeeded): .swap(expected: expected, new: new, .failed)
        case .swap(let expected, let new, _): .swap(expected: expected, new: new, .succeeded)
        case .write, .append: action
        case .delete, .unseenRead: .read(nil)
        }
    }
}
