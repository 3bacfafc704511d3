import Foundation
import MeshCore
import Scenarios
import Testing

/// Damages scenario texts the way people, editors and cables do.
struct Vandal {
    private var dealer: Dealer
    private let lines: [[UInt8]]

    init(seed: UInt64, corpus: [[UInt8]]) {
        dealer = Dealer(seed: seed)
        lines = corpus
    }

    /// A few lines of the corpus behind a head that is right, with up to eight things wrong.
    mutating func text() -> [UInt8] {
        var text = Array("scenario \"t\"\ncluster nodes 5 run mesh\n".utf8)
        for _ in 0..<(1 + dealer.number(6)) { text += dealer.pick(lines) + [0x0a] }
        for _ in 0..<dealer.number(8) { damage(&text) }
        return text
    }

    private mutating func damage(_ text: inout [UInt8]) {
        guard !text.isEmpty else { return }
        let place = dealer.number(text.count)
        switch dealer.number(9) {
        case 0: text[place] = UInt8(truncatingIfNeeded: dealer.bits())
        case 1: text.remove(at: place)
        case 2: text.insert(UInt8(truncatingIfNeeded: dealer.bits()), at: place)
        case 3: text.insert(contentsOf: Array(dealer.pick(Self.tokens).utf8), at: place)
        case 4: text.removeSubrange(place..<min(text.count, place + 1 + dealer.number(20)))
        case 5: text += text[place..<min(text.count, place + 1 + dealer.number(40))]
        case 6: text.swapAt(place, dealer.number(text.count))
        case 7: text = Array(text[..<place])
        default: text.insert(contentsOf: dealer.pick(lines), at: place)
        }
    }

    private static let tokens = [
        "..", "->", "<->", "{", "}", "|", "\"", "\\", "~", "<=", " all but ", " random ", " of ", " for ",
        " time until ",
        "99999999999999999999", "-", "0x", "1e9", "%", "ms", "s", " n0 ", " n18446744073709551616 ", "é", "\r\n", "\t",
        "\u{feff}", "\u{202e}", " 5% ", " 3s ", " when ", " always ", " : ", "#", "\u{0}", "0.000000000000000000001s",
    ]
}

@Suite("No text makes the parser trap")
struct FuzzTests {
    /// The lines of all scenario files.
    static let corpus: [[UInt8]] = {
        var lines: [[UInt8]] = []
        for name in ScenarioFiles.names {
            for line in ((try? ScenarioFiles.bytes(name)) ?? []).split(separator: 0x0a) { lines.append(Array(line)) }
        }
        return lines
    }()

    @Test(
        "two hundred thousand damaged texts give a scenario or an error with a place",
        arguments: 0..<20 as Range<UInt64>)
    func damaged(block: UInt64) {
        var vandal = Vandal(seed: block, corpus: Self.corpus)
        var accepted = 0
        for count in 0..<10_000 {
            let source = vandal.text()
            do {
                let scenario = try Scenario.parse(source)
                accepted += 1
                let again = try Scenario.parse(scenario.text)
                if again != scenario { Issue.record("what was read is written differently: \(scenario)") }
            } catch {
                checkPlaces(error, source, renders: count % 16 == 0)
            }
        }
        #expect(accepted > 100)
        #expect(accepted < 9_900)
    }

    /// Every mistake lies inside the file and can be shown.
    private func checkPlaces(_ failure: Scenario.ParseFailure, _ source: [UInt8], renders: Bool) {
        var lengths = [0]
        for byte in source {
            if byte == 0x0a { lengths.append(0) } else { lengths[lengths.count - 1] += 1 }
        }
        #expect(!failure.errors.isEmpty && failure.errors.count <= Scenario.ParseFailure.limit)
        for error in failure.errors {
            let line = error.location.line
            guard line >= 1, line <= lengths.count, error.length >= 1, error.location.column >= 1,
                error.location.column <= lengths[line - 1] + 1
            else {
                Issue.record("\(line):\(error.location.column) lies outside of the file: \(error.message)")
                return
            }
            if renders, error.render(source: source, file: "f").isEmpty { Issue.record("an error without a text") }
        }
    }
}
