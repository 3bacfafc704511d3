import MeshCore

extension Linearizability {
    /// Judges a history, every key on its own: a history is linearizable exactly when each of its keys is.
    ///
    /// Keys with few operations come first, and what they leave of the budget goes to the others.
    ///
    /// - Parameters:
    ///   - history: The operations, in any order.
    ///   - model: What they act on.
    ///   - initial: What every key holds at first; `nil` when it is absent.
    ///   - budget: How often an operation may be tried on a state, over all keys.
    /// - Returns: `broken` as soon as one key is; `unknown` only when the budget was spent and no key is known to be
    ///   broken.
    /// - Complexity: O(n log n) and, for each key, linear in the operations for a fixed concurrency; exponential in the
    ///   concurrency and in the number of operations that never returned, which is what the budget is for.
    public static func check(
        _ history: [Operation], model: Model, initial: Value? = nil, budget: UInt64
    ) -> Result {
        var keys = SortedMap<Bytes, [Int]>()
        for index in 0..<history.count { keys[history[index].key, default: []].append(index) }
        var order = Array(0..<keys.count)
        order.sort { left, right in
            let sizes = (keys.values[left].count, keys.values[right].count)
            return sizes.0 == sizes.1 ? left < right : sizes.0 < sizes.1
        }
        var result = Result(verdict: .holds, steps: 0, keyCount: keys.count)
        for (place, index) in order.enumerated() {
            let share = (budget - min(budget, result.steps)) / UInt64(UInt(bitPattern: order.count - place))
            let partition = Partition(keys.keys[index], keys.values[index], history, initial: initial, model)
            var search = Search(partition, budget: share)
            let outcome = search.run()
            result.steps += search.tried
            switch outcome {
            case .found: break
            case .outOfBudget: if result.verdict == .holds { result.verdict = .unknown(key: partition.key) }
            case .exhausted:
                result.verdict = .broken(counterexample(search, history, initial, model))
                return result
            }
        }
        return result
    }

    private static func counterexample(
        _ search: Search, _ history: [Operation], _ initial: Value?, _ model: Model
    ) -> Counterexample {
        let prefix = search.longest
        var state = initial
        for index in prefix { state = model.state(after: history[index].knownAction, on: state) }
        return Counterexample(key: search.partition.key, prefix: prefix, state: state, offender: search.offender)
    }
}
