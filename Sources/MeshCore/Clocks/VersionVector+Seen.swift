extension VersionVector {
    /// What was seen of one origin.
    struct Seen: Hashable, Sendable {
        /// Everything in 1...prefix was seen.
        var prefix: UInt64 = 0
        /// What was seen beyond: sorted, apart from each other and from the prefix by at least one number.
        var ahead: [Run] = []

        /// The prefix and what lies beyond it as one list.
        var runs: [Run] {
            prefix == 0 ? ahead : [Run(1, prefix)] + ahead
        }

        func contains(_ sequence: UInt64) -> Bool {
            guard sequence > 0 else { return false }
            if sequence <= prefix { return true }
            let index = firstRun(endingAtOrAfter: sequence)
            return index < ahead.count && ahead[index].first <= sequence
        }

        mutating func add(_ run: Run, limit: Int) -> Addition {
            guard run.last > prefix else { return .known }
            // What follows directly on the prefix lengthens it, and swallows the runs it reaches.
            if run.first <= prefix + 1 {
                prefix = run.last
                absorb()
                return .fresh
            }
            let start = firstRun(endingAtOrAfter: run.first - 1)
            var end = start
            var first = run.first
            var last = run.last
            while end < ahead.count, last == UInt64.max || ahead[end].first <= last + 1 {
                if ahead[end].first <= run.first && run.last <= ahead[end].last { return .known }
                if ahead[end].first < first { first = ahead[end].first }
                if ahead[end].last > last { last = ahead[end].last }
                end += 1
            }
            if start == end {
                guard ahead.count < limit else { return .refused }
                ahead.insert(Run(first, last), at: start)
            } else {
                ahead.replaceSubrange(start..<end, with: CollectionOfOne(Run(first, last)))
            }
            return .fresh
        }

        /// Moves runs that the prefix has reached into it.
        private mutating func absorb() {
            var reached = 0
            while reached < ahead.count, prefix == UInt64.max || ahead[reached].first <= prefix + 1 {
                if ahead[reached].last > prefix { prefix = ahead[reached].last }
                reached += 1
            }
            ahead.removeFirst(reached)
        }

        /// The first run beyond the prefix whose end is at or after a number.
        private func firstRun(endingAtOrAfter sequence: UInt64) -> Int {
            var low = 0
            var high = ahead.count
            while low < high {
                let middle = (low + high) >> 1
                if ahead[middle].last < sequence { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// What is in `whole` and not in `part`; both sorted and disjoint.
        static func subtract(_ part: [Run], from whole: [Run]) -> [Run] {
            var result: [Run] = []
            var index = 0
            for run in whole {
                var first = run.first
                var isDone = false
                while index < part.count, part[index].last < first { index += 1 }
                var cursor = index
                while !isDone, cursor < part.count, part[cursor].first <= run.last {
                    if part[cursor].first > first { result.append(Run(first, part[cursor].first - 1)) }
                    isDone = part[cursor].last >= run.last
                    if !isDone { first = part[cursor].last + 1 }
                    cursor += 1
                }
                if !isDone { result.append(Run(first, run.last)) }
            }
            return result
        }
    }
}
