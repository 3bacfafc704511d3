import Foundation
import MeshCore
import MeshTestKit

// Decodes damaged messages: real ones of all protocols, taken from a simulated run, with bits flipped, bytes cut out,
// doubled, spliced and invented, half of them under a checksum that fits. Every message must give a value or a typed
// error; a value must encode to bytes that decode to it again. Ends with 0, or traps and shows the last seed.

/// Damages a frame in one to four ways.
func mutate(_ frames: [[UInt8]], _ random: Random, _ round: UInt64) -> [UInt8] {
    func draw(_ question: UInt64, below bound: Int) -> Int {
        Int(Random.number(below: UInt64(max(bound, 1)), from: random.bits(.init(0x7001), round, question)))
    }
    var frame = frames[draw(0, below: frames.count)]
    let hasFittingChecksum = draw(1, below: 2) == 0
    if hasFittingChecksum { frame.removeLast(4) }
    for step in 0...draw(2, below: 4) {
        let base = UInt64(step) * 8 + 10
        let place = draw(base + 1, below: frame.count)
        switch draw(base, below: 7) {
        case 0 where !frame.isEmpty: frame[place] ^= 1 << UInt8(draw(base + 2, below: 8))
        case 1 where !frame.isEmpty: frame[place] = UInt8(draw(base + 2, below: 256))
        case 2 where !frame.isEmpty:
            frame.removeSubrange(place..<min(place + 1 + draw(base + 2, below: 8), frame.count))
        case 3: frame.insert(UInt8(draw(base + 2, below: 256)), at: place)
        case 4: frame.replaceSubrange(place..<frame.count, with: frames[draw(base + 2, below: frames.count)])
        case 5: frame.insert(contentsOf: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], at: place)
        case _: frame.insert(contentsOf: frame[place...], at: place)
        }
        if frame.count > 1 << 16 { frame.removeLast(frame.count - (1 << 16)) }
    }
    if hasFittingChecksum {
        let checksum = Checksum.crc32c(frame)
        for shift in 0..<4 as Range<UInt32> { frame.append(UInt8(truncatingIfNeeded: checksum >> (shift * 8))) }
    }
    return frame
}

/// The most memory this process has had, in KiB.
func peakKiB() -> Int {
    // The line reads "VmHWM:     1234 kB".
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
}

func value(_ name: String, or fallback: UInt64) -> UInt64 {
    guard let place = CommandLine.arguments.firstIndex(of: name), place + 1 < CommandLine.arguments.count else {
        return fallback
    }
    guard let number = UInt64(CommandLine.arguments[place + 1]) else {
        print("\(name) takes a whole number, not \(CommandLine.arguments[place + 1])")
        exit(2)
    }
    return number
}

let count = value("--count", or: 1_000_000)
let seed = value("--seed", or: 1)
let memoryLimitKiB = 64 * 1_024
let corpus = MessageCorpus(seed: seed)
print("\(corpus.frames.count) messages of all \(corpus.counts.count) kinds, seed \(seed)")
guard corpus.missing.isEmpty else {
    print("no message of these kinds came up to be damaged: \(corpus.missing.joined(separator: " "))")
    exit(1)
}
let random = Random(seed: seed)
let before = peakKiB()
var values: UInt64 = 0
var digest = Digest()
for round in 0..<count {
    let frame = mutate(corpus.frames, random, round)
    if let message = try? Frame.decode(frame, as: MeshNode.Message.self) {
        values += 1
        message.digest(into: &digest)
        let again = try? Frame.decode(Frame.encode(message), as: MeshNode.Message.self)
        guard again == message else {
            print("round \(round): a decoded message does not survive its own encoding: \(message)")
            exit(1)
        }
    }
    if round % 1_000_000 == 999_999, isatty(STDERR_FILENO) == 1 {
        FileHandle.standardError.write(Data("\r\(round + 1) of \(count)".utf8))
    }
}
let grown = peakKiB() - before
print("\(count) damaged messages: \(values) were messages, \(count - values) refused, none trapped;")
print("memory grew by \(grown) KiB (limit \(memoryLimitKiB)), digest \(digest)")
exit(grown > memoryLimitKiB ? 1 : 0)
