import MeshCore

/// Finds the known word that is nearest to an unknown one.
///
/// A word counts as near when a third of its letters, at least one, have to be changed; upper and lower case count as
/// the same letter. Of several nearest the first wins.
///
/// - Complexity: O(candidates times length²); words longer than 32 bytes have no neighbours.
func nearest(to word: [UInt8], among candidates: [Bytes]) -> Bytes? {
    guard word.count <= 32, !word.isEmpty else { return nil }
    var best: Bytes?
    var bestDistance = Int.max
    for candidate in candidates {
        let longer = candidate.count > word.count ? candidate.count : word.count
        let shorter = candidate.count > word.count ? word.count : candidate.count
        let allowed = longer < 6 ? 1 : longer / 3
        guard longer - shorter <= allowed, candidate.count <= 32 else { continue }
        guard commonLetters(word, candidate.storage) >= longer - allowed else { continue }
        let distance = editDistance(word, candidate.storage)
        if distance <= allowed, distance < bestDistance, distance < shorter {
            best = candidate
            bestDistance = distance
        }
    }
    return best
}

/// Counts how many letters two words share at most, with one bit for each letter: a bound on how near they can be.
private func commonLetters(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var letters: UInt64 = 0
    for byte in right { letters |= 1 << UInt64(lowercased(byte) & 63) }
    var common = 0
    for byte in left where letters & (1 << UInt64(lowercased(byte) & 63)) != 0 { common += 1 }
    return common
}

/// Counts the insertions, deletions, replacements and swaps of neighbours that turn one word into another.
///
/// Source: "optimal string alignment", Damerau, CACM 7(3), 1964.
///
/// - Complexity: O(product of the lengths).
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = [Int](repeating: 0, count: right.count + 1)
    for column in 0..<right.count { previous[column + 1] = column + 1 }
    var beforePrevious = previous
    var current = previous
    for row in 0..<left.count {
        current[0] = row + 1
        for column in 0..<right.count {
            let isSame = lowercased(left[row]) == lowercased(right[column])
            var cost = previous[column] + (isSame ? 0 : 1)
            cost = min(cost, min(previous[column + 1], current[column]) + 1)
            if row > 0, column > 0, lowercased(left[row]) == lowercased(right[column - 1]),
                lowercased(left[row - 1]) == lowercased(right[column])
            {
                cost = min(cost, beforePrevious[column - 1] + 1)
            }
            current[column + 1] = cost
        }
        swap(&beforePrevious, &previous)
        swap(&previous, &current)
    }
    return previous[right.count]
}

/// The small letter of an ASCII capital; anything else as it is.
private func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
