import MeshCore
import Simulator

extension Run {
    /// What clients asked and were told, a map of EDN a line in the manner of Jepsen, in the order of the calls and
    /// answers; `mesh lin check --format edn` reads it.
    ///
    /// - Returns: `nil` when the run keeps no history, as it demands no `always linearizable`.
    /// - Complexity: O(n log n) in the number of operations.
    public var jepsenHistory: [UInt8]? { watcher.clients.history?.edn }
}

extension ClientHistory {
    /// A call, or its end.
    private struct Moment {
        var time: Int64
        var entry: Int
        var type: StaticString
    }

    /// The history as maps of EDN.
    ///
    /// A client that calls again without an answer has given up: the earlier operation ends with `info`.
    var edn: [UInt8] {
        var moments: [Moment] = []
        var open = SortedMap<UInt64, Int>()
        for (place, entry) in entries.enumerated() {
            let operation = entry.operation
            if let earlier = open[operation.client] {
                moments.append(Moment(time: operation.called, entry: earlier, type: "info"))
            }
            open[operation.client] = nil
            moments.append(Moment(time: operation.called, entry: place, type: "invoke"))
            if entry.isRefused {
                moments.append(Moment(time: operation.called, entry: place, type: "fail"))
            } else if let end = operation.returned {
                moments.append(Moment(time: end, entry: place, type: Self.end(of: operation.action)))
            } else {
                open[operation.client] = place
            }
        }
        // The order of calls is kept within an instant, so that each end follows its call.
        let order = moments.indices.sorted { left, right in
            (moments[left].time, left) < (moments[right].time, right)
        }
        var text: [UInt8] = []
        for (index, place) in order.enumerated() {
            text.append(contentsOf: line(moments[place], number: index).utf8)
        }
        return text
    }

    private static func end(of action: Linearizability.Action) -> StaticString {
        if case .swap(expected: _, new: _, .saw) = action { "fail" } else { "ok" }
    }

    private func line(_ moment: Moment, number: Int) -> String {
        let operation = entries[moment.entry].operation
        let isAnswer = moment.type.utf8CodeUnitCount == 2
        let reason =
            if case .swap(expected: _, new: _, .saw) = operation.action, !entries[moment.entry].isRefused {
                ", :error :mismatch"
            } else {
                ""
            }
        let error = moment.type.description.utf8.first == 0x66 ? reason : ""
        return "{:index \(number), :time \(moment.time), :process \(operation.client), :type :\(moment.type), "
            + ":f :\(Self.function(operation.action)), :key \(Self.quoted(operation.key)), "
            + ":value \(Self.value(operation.action, isAnswer: isAnswer))\(error)}\n"
    }

    private static func function(_ action: Linearizability.Action) -> StaticString {
        switch action {
        case .read, .unseenRead: "get"
        case .write: "put"
        case .delete: "delete"
        case .append: "append"
        case .swap: "cas"
        }
    }

    private static func value(_ action: Linearizability.Action, isAnswer: Bool) -> String {
        switch action {
        case .read(let value): isAnswer ? text(value) : "nil"
        case .unseenRead, .delete: "nil"
        case .write(let value), .append(let value): text(value)
        case .swap(let expected, let new, _): "[\(text(expected)) \(text(new))]"
        }
    }

    private static func text(_ value: Linearizability.Value?) -> String {
        switch value {
        case nil: "nil"
        case .text(let bytes): quoted(bytes)
        case .list(let elements): "[" + elements.map { quoted($0) + " " }.reduce("", +) + "]"
        }
    }

    private static func quoted(_ bytes: Bytes) -> String {
        var text: [UInt8] = []
        JSONText.quote("\(bytes)", into: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
