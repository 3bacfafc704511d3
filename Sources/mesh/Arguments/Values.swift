import MeshCore
import Scenarios

/// Reads the values of options.
enum Values {
    /// Seeds: `7`, `1..20` or `1,5,9..12`.
    static func seeds(_ text: String) throws -> Scenario.Seeds {
        var ranges: [Scenario.SeedRange] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            let numbers = bounds.filter { !$0.isEmpty }.map { UInt64($0) }
            let isRange = bounds.count == 3 && bounds[1].isEmpty && numbers.count == 2
            guard bounds.count == 1 || isRange, let first = numbers.first ?? nil, let last = numbers.last ?? nil else {
                throw UsageError("\"\(text)\" is no seed", hint: "write --seed 7, --seed 1..20 or --seed 1,5,9..12")
            }
            guard first <= last else {
                throw UsageError("the seeds \(part) run backwards", hint: "write --seed \(last)..\(first)")
            }
            guard last - first < 1_000_000 else { throw UsageError("\(part) is more than a million seeds") }
            ranges.append(Scenario.SeedRange(first, last))
        }
        return Scenario.Seeds(ranges)
    }

    /// One seed: `7`.
    static func seed(_ text: String) throws -> UInt64 {
        let seeds = try seeds(text)
        guard seeds.count == 1 else { throw UsageError("this takes one seed", hint: "write --seed \(seeds[0])") }
        return seeds[0]
    }

    /// A length of time with its unit: `500ms`, `2s`, `1.5s`, `3min`.
    static func instant(_ text: String) throws -> Instant {
        let hint = "write a number with its unit, such as 500ms, 2s or 3min"
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let units: [String: Int64] = [
            "ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "min": 60_000_000_000, "h": 3_600_000_000_000,
        ]
        let unit = String(text.dropFirst(digits.count))
        guard let scale = units[unit] else {
            let what = unit.isEmpty ? "\"\(text)\" has no unit" : "\"\(unit)\" is no unit of time"
            throw UsageError(what, hint: hint)
        }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole < Int64.max / scale / 2 else {
            throw UsageError("\"\(text)\" is no length of time", hint: hint)
        }
        var nanoseconds = whole * scale
        if parts.count == 2 {
            guard let fraction = Int64(parts[1].prefix(9)), fraction >= 0 else {
                throw UsageError("\"\(text)\" is no length of time", hint: hint)
            }
            var place: Int64 = 1
            for _ in parts[1].prefix(9) { place *= 10 }
            nanoseconds += scale / place * fraction + scale % place * fraction / place
        }
        return Instant(nanoseconds: nanoseconds)
    }

    /// A whole number of at least `minimum`.
    static func count(_ text: String, of option: String, minimum: Int = 1) throws -> Int {
        guard let count = Int(text), count >= minimum else {
            throw UsageError("\(option) takes a whole number of at least \(minimum), not \"\(text)\"")
        }
        return count
    }
}
