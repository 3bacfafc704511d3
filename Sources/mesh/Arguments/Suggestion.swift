/// Finds what somebody may have meant.
enum Suggestion {
    /// "did you mean …?", when a word is near enough to another.
    static func text(for word: String, among words: [String]) -> String? {
        let near = words.map { (word: $0, distance: distance(Array(word), Array($0))) }
        guard let best = near.min(by: { $0.distance < $1.distance }), best.distance * 2 <= max(word.count, 3) else {
            return nil
        }
        return "did you mean \"\(best.word)\"?"
    }

    /// How many letters have to be changed, added, dropped or swapped with a neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for (i, a) in left.enumerated() {
            var row = [i + 1]
            for (j, b) in right.enumerated() {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
