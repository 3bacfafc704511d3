import Foundation

/// What a benchmark must keep to, from a text file; only figures that a busy machine does not change much.
///
/// One line each, `#` begins a comment:
///
///     allocations 0.5  raft/5 nodes, idle       at most so many allocations an operation
///     speed 0.25  loop/timers, empty machine    at least this fraction of its group's baseline's speed
///
/// The speed compares the fastest samples: a busy machine slows a few samples down, but not all of them.
/// A benchmark without an `allocations` line is an error, and so is a line without a benchmark: neither is forgotten.
struct Thresholds {
    private var allocations: [String: Double] = [:]
    private var speeds: [String: Double] = [:]

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    init(path: String) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Problem(description: "cannot read the thresholds in \(path)")
        }
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(separator: " ")
            if words.isEmpty { continue }
            guard words.count > 2, let limit = Double(words[1]), words[0] == "allocations" || words[0] == "speed"
            else {
                throw Problem(description: "\(path):\(number + 1): expected `allocations` or `speed`, a number, a name")
            }
            let name = words[2...].joined(separator: " ")
            if words[0] == "speed" { speeds[name] = limit } else { allocations[name] = limit }
        }
    }

    /// What breaks its threshold or has none; lines for benchmarks that do not exist.
    func findings(in measurements: [Measurement], all benchmarks: [Benchmark]) -> [String] {
        var findings: [String] = []
        for measurement in measurements {
            let name = measurement.benchmark.name
            let found = measurement.allocationsPerOperation
            if let limit = allocations[name] {
                if found > limit { findings.append("\(name) allocates \(found) times an operation, limit \(limit)") }
            } else {
                findings.append("\(name) has no `allocations` line in the thresholds")
            }
            let group = measurements.filter { $0.benchmark.group == measurement.benchmark.group }
            if let limit = speeds[name], let baseline = group.first(where: { $0.benchmark.isBaseline }) {
                let speed = baseline.minimum / measurement.minimum
                if speed < limit { findings.append("\(name) has \(speed) of its baseline's speed, floor \(limit)") }
            }
            if !measurement.isRepeatable { findings.append("\(name) computed different digests in one process") }
        }
        let names = benchmarks.map(\.name)
        for name in (Array(allocations.keys) + Array(speeds.keys)).sorted() where !names.contains(name) {
            findings.append("the thresholds name \(name), which does not exist")
        }
        return findings
    }
}
