import MeshCore
import Simulator

/// What clients asked and what they were told, to be judged when the run is over.
///
/// An operation whose client gave up, whose node crashed, or that is under way when the run ends never returned: it may
/// take effect at any later time or never. A refusal is different: Raft promises that a refused attempt was appended
/// nowhere and never will be (``Raft/Output/rejected(id:reason:)``), so a refused operation is left out. A refused
/// operation that takes effect all the same is thereby found, as a value that nobody wrote.
struct ClientHistory: Sendable {
    /// An operation and where it was noticed.
    struct Entry: Sendable {
        var operation: Linearizability.Operation
        var node: NodeID
        var event: UInt64
        var isRefused = false
    }

    private(set) var entries: [Entry] = []

    /// A client turns to a node.
    ///
    /// - Returns: The number of the operation; `nil` if it is about no key.
    mutating func called(
        _ operation: KeyValueStore.Operation, by client: Int, _ occasion: Occasion
    ) -> Int? {
        guard let (key, action) = Self.called(operation) else { return nil }
        let number = UInt64(UInt(bitPattern: client + 1))
        entries.append(
            Entry(
                operation: .init(
                    client: number, key: key, action, called: occasion.time.nanoseconds, returned: nil),
                node: occasion.node, event: occasion.event))
        return entries.count - 1
    }

    private static func called(_ operation: KeyValueStore.Operation) -> (Bytes, Linearizability.Action)? {
        switch operation {
        case .get(let key): (key, .unseenRead)
        case .put(let key, let value): (key, .write(.text(value)))
        case .delete(let key): (key, .delete)
        case .compareAndSwap(let key, let expected, let value):
            (key, .swap(expected: expected.map { .text($0) }, new: .text(value), .unknown))
        case .openSession, .closeSession: nil
        }
    }

    /// A client has its answer.
    mutating func returned(_ number: Int, _ result: KeyValueStore.Result, _ occasion: Occasion) {
        let action = entries[number].operation.action
        entries[number].operation.action = Self.answered(action, result)
        entries[number].operation.returned = occasion.time.nanoseconds
        entries[number].event = occasion.event
    }

    private static func answered(
        _ action: Linearizability.Action, _ result: KeyValueStore.Result
    ) -> Linearizability.Action {
        switch (action, result) {
        case (.unseenRead, .value(let value)): return .read(value.map { .text($0) })
        case (.swap(let expected, let new, _), .done): return .swap(expected: expected, new: new, .succeeded)
        case (.swap(let expected, let new, _), .mismatch(let value)):
            return .swap(expected: expected, new: new, .saw(value.map { .text($0) }))
        case (_, _): return action
        }
    }

    /// A node refused an operation.
    mutating func refused(_ number: Int) { entries[number].isRefused = true }

    /// Judges everything that was recorded.
    ///
    /// - Parameter budget: How often an operation may be tried on a state.
    func judge(budget: UInt64) -> Judgement {
        let recorded = entries.filter { !$0.isRefused }
        guard recorded.contains(where: { $0.operation.returned != nil }) else {
            return .unknown("no client was answered, so there is nothing to judge")
        }
        let result = Linearizability.check(recorded.map { $0.operation }, model: .keyValue, budget: budget)
        switch result.verdict {
        case .holds: return .holds
        case .unknown(let key):
            return .unknown("the budget of \(budget) checks was spent before the history of key \(key) was decided")
        case .broken(let example): return .broken(Self.violation(example, recorded))
        }
    }

    /// How many operations of the order are shown, counted from its end.
    private static var shownCount: Int { 8 }

    private static func violation(_ example: Linearizability.Counterexample, _ recorded: [Entry]) -> Violation {
        let offender = recorded[example.offender]
        let state = example.state.map { "holds \($0)" } ?? "is absent"
        let text =
            "\(example.prefix.count) operations on \(example.key) have a legal order, after which it \(state), and "
            + "nothing explains \"\(offender.operation)\""
        var evidence: [Evidence] = []
        for index in example.prefix.suffix(shownCount) { evidence.append(Self.evidence(recorded[index])) }
        return Violation(LinearizabilityPromises.linearizable, text, evidence: evidence + [Self.evidence(offender)])
    }

    private static func evidence(_ entry: Entry) -> Evidence {
        let called = Instant(nanoseconds: entry.operation.called)
        let time = Instant(nanoseconds: entry.operation.returned ?? entry.operation.called)
        return Evidence(
            event: entry.event, time: time, node: entry.node, "\(entry.operation), called at \(called)")
    }
}
