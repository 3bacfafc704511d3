public import MeshCore

/// Judges whether every acknowledged command counted once, and none that nobody asked for.
///
/// A request is known by its number, which a client keeps when it asks again. What nodes say they have applied is
/// compared across all nodes and starts: a request takes effect at one position of the log or at none, with one result;
/// a client is told that result; and whoever asked is known. Reads and the opening of sessions may be repeated freely.
public struct ExactlyOnceChecker: Sendable {
    /// What was found, at most 20 violations.
    public private(set) var violations: [Violation] = []
    /// The requests that took effect, by the upper and the lower half of their numbers.
    private var effects = SortedMap<UInt64, SortedMap<UInt64, Effect>>()
    /// The requests that were asked for, likewise.
    private var asked = SortedMap<UInt64, SortedMap<UInt64, Occasion>>()

    private struct Effect: Sendable {
        var index: Raft.LogIndex
        var result: KeyValueStore.Result
        var occasion: Occasion
    }

    /// Creates a checker that has seen nothing.
    public init() {}

    /// A client asks for something, for the first time or again.
    ///
    /// - Complexity: O(log clients + log requests of the client), as all of this type.
    public mutating func asked(_ request: UInt64, _ occasion: Occasion) {
        if asked[request >> 32]?[request & 0xffff_ffff] == nil {
            asked[request >> 32, default: SortedMap()][request & 0xffff_ffff] = occasion
        }
    }

    /// A node has applied a request, or says that it had before.
    public mutating func applied(
        _ request: UInt64, at index: Raft.LogIndex, _ result: KeyValueStore.Result, isRepeat: Bool,
        _ occasion: Occasion
    ) {
        switch result {
        case .value, .session, .refused: return
        case .done, .mismatch: break
        }
        let known = effects[request >> 32]?[request & 0xffff_ffff]
        if let known {
            compare(known, request, index, result, isRepeat, occasion)
        } else if isRepeat {
            breaks(
                "request \(request) is answered as a repetition at \(index) and has never taken effect",
                [occasion.evidence("answers \"\(result)\"")])
        } else {
            if request >> 32 > 0, asked[request >> 32]?[request & 0xffff_ffff] == nil {
                breaks(
                    "request \(request) takes effect at \(index), and no client has asked for it",
                    [occasion.evidence("applies it")])
            }
            let effect = Effect(index: index, result: result, occasion: occasion)
            effects[request >> 32, default: SortedMap()][request & 0xffff_ffff] = effect
        }
    }

    private mutating func compare(
        _ known: Effect, _ request: UInt64, _ index: Raft.LogIndex, _ result: KeyValueStore.Result, _ isRepeat: Bool,
        _ occasion: Occasion
    ) {
        if !isRepeat && known.index != index {
            breaks(
                "request \(request) takes effect twice, at positions \(known.index) and \(index)",
                [known.occasion.evidence("applies it first"), occasion.evidence("applies it again")])
        } else if known.result != result {
            breaks(
                "request \(request) has two results, \"\(known.result)\" and \"\(result)\"",
                [known.occasion.evidence("at \(known.index)"), occasion.evidence("at \(index)")])
        }
    }

    /// A client is told what became of its request.
    public mutating func acknowledged(_ request: UInt64, _ result: KeyValueStore.Result, _ occasion: Occasion) {
        switch result {
        case .value, .session, .refused: return
        case .done, .mismatch: break
        }
        guard let known = effects[request >> 32]?[request & 0xffff_ffff] else {
            return breaks(
                "request \(request) is acknowledged and has never taken effect", [occasion.evidence("tells its client")]
            )
        }
        if known.result != result {
            breaks(
                "request \(request) had the result \"\(known.result)\", its client was told \"\(result)\"",
                [known.occasion.evidence("applies it"), occasion.evidence("tells its client")])
        }
    }

    private mutating func breaks(_ text: String, _ evidence: [Evidence]) {
        guard violations.count < 20 else { return }
        violations.append(Violation(ExactlyOncePromises.exactlyOnce, text, evidence: evidence))
    }
}

/// The promise that ``ExactlyOnceChecker`` judges.
public enum ExactlyOncePromises {
    /// A command counts once, however often its client had to ask.
    public static var exactlyOnce: Promise {
        Promise("exactly-once", "every acknowledged command takes effect once, and none that nobody asked for")
    }
}
