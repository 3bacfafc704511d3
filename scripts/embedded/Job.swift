import MeshCore
import Scenarios

/// Runs a scenario under a range of seeds.
///
/// - Parameter input: A line `A..B`, the seeds, and then the scenario's text.
/// - Returns: A line for each seed (of each cell, when something varies): `seed N VERDICT DIGEST EVENTS`.
func answer(to input: [UInt8]) -> String {
    guard let newline = input.firstIndex(of: UInt8(ascii: "\n")), let seeds = range(input[..<newline]) else {
        return "the first line must be a range of seeds, such as 1..3\n"
    }
    guard let scenario = try? Scenario.parse(Array(input[(newline + 1)...])) else {
        return "the text is no scenario\n"
    }
    var lines = ""
    for cell in scenario.cells {
        for seed in seeds {
            var run = Run(cell.scenario, seed: seed)
            while !run.advance() {}
            let report = run.report
            lines += "seed \(seed) \(report.verdict.text) \(report.digest) \(report.events)\n"
        }
    }
    return lines
}

/// Reads `A..B`.
private func range(_ text: ArraySlice<UInt8>) -> ClosedRange<UInt64>? {
    let parts = text.split(separator: UInt8(ascii: "."))
    guard parts.count == 2, let first = number(parts[0]), let last = number(parts[1]), first <= last else { return nil }
    return first...last
}

/// Reads a number of at most 18 digits.
private func number(_ text: ArraySlice<UInt8>) -> UInt64? {
    guard text.count <= 18, text.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return text.reduce(0 as UInt64) { $0 * 10 + UInt64($1 - 48) }
}
