import Foundation
import MeshCore

// What it costs to reconcile two sets of n entries that differ by d, half on each side.
//
//   swift run -c release --package-path Benchmarks reconcile [--million] [--ranges]
//
// symbols B   12 bytes for each coded symbol until all is decoded, sent one at a time: what RIBLT's figures count
// compare B   every byte that two gossip nodes send to find out and to ask, frames included; not the entries themselves
// trips       half the messages that follow each other, the entries' included
// cold, warm  CPU of both nodes for the whole exchange, entries included: the first, and one after it

let arguments = CommandLine.arguments.dropFirst()
let isByRanges = arguments.contains("--ranges")
let sizes = arguments.contains("--million") ? [1_000, 100_000, 1_000_000] : [1_000, 100_000]

func milliseconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) * 1_000 }

func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

/// Symbols until a difference is decoded, the median of some seeds.
func symbols(_ count: Int, _ differences: Int) -> Int {
    let shared = (0..<count).map { Random(seed: 1).bits(.init(1), UInt64($0)) }
    var base = Reconciliation.Sketch(salt: 7)
    base.extend(to: differences * 2 + 24) { show in shared.forEach(show) }
    let needed = (0..<9).map { turn in
        var (mine, theirs) = (base, base)
        for number in 0..<differences {
            let id = Random(seed: UInt64(turn + 2)).bits(.init(2), UInt64(number))
            if number % 2 == 0 { theirs.insert(id) } else { mine.insert(id) }
        }
        var decoder = Reconciliation.Decoder(salt: 7)
        while !decoder.isDecoded, decoder.count < base.count {
            decoder.add([theirs.symbols[decoder.count]], minus: mine)
        }
        return decoder.isDecoded ? decoder.count : Int.max
    }
    return needed.sorted()[4]
}

let today = Instant(nanoseconds: 1_700_000_000_000_000_000)

func entry(_ number: Int) -> Gossip.Entry {
    let bits = Random(seed: 9).bits(.init(1), UInt64(number))
    return Gossip.Entry(
        key: Bytes("key:\(hexadecimal(bits))"), value: Bytes("some value \(number)"),
        version: .init(stamp: Gossip.Stamp(milliseconds: 1_699_999_000_000 + bits % 1_000_000), origin: NodeID(3)))
}

func node(_ id: UInt64, _ stable: Gossip.Stable) -> Gossip.Node {
    var settings = Gossip.Settings()
    settings.pushesOnSet = false
    if isByRanges { settings.maxSymbols = 0 }
    var node = Gossip.Node(
        id: NodeID(id), peers: [NodeID(3 - id)], settings: settings, random: Random(seed: id))
    node.restore(stable)
    return node
}

func step(_ node: inout Gossip.Node, _ input: consuming Input<Gossip.Node>) -> [Gossip.Message] {
    var outbox = Outbox<Effect<Gossip.Node>>()
    node.step(input, at: today, into: &outbox)
    var messages: [Gossip.Message] = []
    outbox.drain { effect in if case .send(let message, to: _) = effect { messages.append(message) } }
    return messages
}

/// Lets the first node compare with the second until both are silent.
func exchange(_ first: inout Gossip.Node, _ second: inout Gossip.Node) -> (bytes: Int, turns: Int, cpu: Double) {
    var (bytes, turns) = (0, 0)
    let start = milliseconds()
    var toSecond = step(&first, .timer(.round))
    // A comparison by ranges is over when nothing more came for a round.
    if toSecond.isEmpty { toSecond = step(&first, .timer(.round)) }
    var toFirst: [Gossip.Message] = []
    while !(toSecond.isEmpty && toFirst.isEmpty) {
        turns += 1
        for message in toSecond + toFirst {
            switch message {
            case .entries, .push: break
            case .digest, .summary, .symbols, .more, .want: bytes += message.byteCount
            }
        }
        let answers = toFirst.flatMap { step(&first, .receive($0, from: NodeID(2))) }
        toFirst = toSecond.flatMap { step(&second, .receive($0, from: NodeID(1))) }
        toSecond = answers
    }
    return (bytes, turns, milliseconds() - start)
}

print("        n      d  symbols B  compare B  trips   cold ms   warm ms")
for size in sizes {
    var stable = Gossip.Stable()
    for number in 0..<size { stable.apply(.put(entry(number))) }
    let base = (node(1, stable), node(2, stable))
    for differences in [0, 1, 10, 100, 1_000] {
        let needed = differences == 0 ? 0 : symbols(size, differences) * 12
        var pair = base
        func differ(_ offset: Int) {
            for number in 0..<differences {
                let message = Gossip.Message.entries([entry(size + offset + number)])
                if number % 2 == 0 {
                    _ = step(&pair.0, .receive(message, from: NodeID(9)))
                } else {
                    _ = step(&pair.1, .receive(message, from: NodeID(9)))
                }
            }
        }
        differ(0)
        let cold = exchange(&pair.0, &pair.1)
        guard pair.0.stateHash == pair.1.stateHash else { fatalError("the states are not equal") }
        // Once more with other differences: sketches are as long as they have to be, and what to ask for is learned.
        differ(2_000)
        let warm = exchange(&pair.0, &pair.1)
        guard pair.0.stateHash == pair.1.stateHash else { fatalError("the states are not equal") }
        print(
            pad("\(size)", 9), pad("\(differences)", 6), pad("\(needed)", 10),
            pad("\(cold.bytes)", 10), pad("\((cold.turns + 1) / 2)", 6), pad(String(format: "%.2f", cold.cpu), 9),
            pad(String(format: "%.2f", warm.cpu), 9))
    }
    // What keeping everything in step costs a write.
    var one = base.0
    let start = milliseconds()
    for number in 0..<20_000 { _ = step(&one, .receive(.entries([entry(3 * size + number)]), from: NodeID(9))) }
    print(pad("\(size)", 9), "  upkeep of a write: \(String(format: "%.2f", (milliseconds() - start) / 20)) us")
}
