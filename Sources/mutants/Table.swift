#if MUTANTS
import MeshCore

/// Writes the table of bugs.
enum Table {
    private static let titles = [
        "bug", "seen in", "campaign", "result", "seeds", "time", "lines", "shrunk in", "promise",
    ]
    private static let widths = [28, 40, 12, 18, 6, 9, 6, 10, 0]

    static func head(isMarkdown: Bool) {
        if isMarkdown {
            say("| " + titles.joined(separator: " | ") + " |")
            say("|" + titles.map { _ in "---|" }.joined())
        } else {
            line(titles)
        }
    }

    static func row(_ plant: Plant, isCaught: Bool, _ found: Catch, campaigns: Int, isMarkdown: Bool) {
        let (seeds, times) = (found.seeds, found.times)
        var result = isCaught ? "caught \(seeds.count)/\(campaigns)" : "MISSED \(found.misses)/\(campaigns)"
        if found.timeouts > 0 { result += " (time)" }
        let middle = median(seeds).map { "\($0)" } ?? ""
        let time = median(times).map { text($0) } ?? ""
        let lines = median(found.lines).map { "\($0)" } ?? ""
        let shrinking = median(found.shrinking).map { text($0) } ?? ""
        var kinds: [String] = []
        for promise in found.promises where !kinds.contains(promise) { kinds.append(promise) }
        let cells = [
            "\(plant.mutant)", plant.seenIn, "\(plant.campaign)", result, middle, time, lines, shrinking,
            kinds.joined(separator: ", "),
        ]
        if isMarkdown {
            say("| " + cells.joined(separator: " | ") + " |")
        } else {
            line(cells)
        }
    }

    private static func median<Value: Comparable>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }

    private static func line(_ cells: [String]) {
        var line = ""
        for (cell, width) in zip(cells, widths) {
            line += cell + String(repeating: " ", count: max(width - cell.count, 1))
        }
        say(line)
    }

    /// A length of wall time in milliseconds or seconds.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 1_000 { return "\(Int(milliseconds.rounded())) ms" }
        return "\((milliseconds / 100).rounded() / 10) s"
    }
}
#endif
