import Foundation
import LogFuzz
import MeshCore

// Reads damaged logs: real ones, taken from the disks of a simulated group, with bits flipped, sectors lost or
// misplaced, files cut, exchanged, renamed and removed, half of them with checksums that fit again. Every one must come
// back or be refused; see LogFuzz. Ends with 0, or traps and shows the last round.
//
//   fuzz-wal [--count N] [--seed S] [--first ROUND]     N damaged logs (1,000,000)
//   fuzz-wal --corpus FOLDER                            every file of a folder, as libFuzzer keeps them
//   fuzz-wal --write FOLDER                             writes the seeds there
// `scripts/fuzz-wal` does the same with libFuzzer.

func value(_ name: String) -> String? {
    guard let place = CommandLine.arguments.firstIndex(of: name) else { return nil }
    guard place + 1 < CommandLine.arguments.count else {
        print("\(name) needs a value")
        exit(2)
    }
    return CommandLine.arguments[place + 1]
}

func number(_ name: String, or fallback: UInt64) -> UInt64 {
    guard let text = value(name) else { return fallback }
    guard let number = UInt64(text) else {
        print("\(name) takes a whole number, not \(text)")
        exit(2)
    }
    return number
}

/// The most memory this process has had, in KiB.
func peakKiB() -> Int {
    // The line reads "VmHWM:     1234 kB".
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
}

let seed = number("--seed", or: 1)
let seeds = LogFuzz.seeds(seed: seed)
if let folder = value("--write") {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (place, seed) in seeds.enumerated() {
        try Data(seed.input).write(to: URL(fileURLWithPath: "\(folder)/seed-\(place < 10 ? "0" : "")\(place)"))
    }
    print("\(seeds.count) seeds written to \(folder)")
    exit(0)
}
if let folder = value("--corpus") {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    for name in names {
        let input = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
        if let broken = LogFuzz.brokenPromise(of: Folder(input: input)) {
            print("\(folder)/\(name): \(broken)")
            exit(1)
        }
    }
    print("\(names.count) inputs of \(folder): every promise held")
    exit(names.isEmpty ? 1 : 0)
}

let count = number("--count", or: 1_000_000)
let first = number("--first", or: 0)
let memoryLimitKiB = 64 * 1_024
let random = Random(seed: seed)
let bytes = seeds.reduce(0) { sum, folder in sum + folder.entries.reduce(0) { $0 + $1.bytes.count } }
print("\(seeds.count) logs of \(bytes / max(seeds.count, 1)) bytes on average, seed \(seed)")
let before = peakKiB()
var returned: UInt64 = 0
for round in first..<first + count {
    let folder = LogFuzz.damaged(seeds, random, round)
    if let broken = LogFuzz.brokenPromise(of: folder) {
        print("round \(round) (--first \(round) --count 1): \(broken)")
        let path = "fuzz-wal-\(seed)-\(round).input"
        try Data(folder.input).write(to: URL(fileURLWithPath: path))
        print("written to \(path); fuzz-wal --corpus reads it again")
        exit(1)
    }
    if (try? WriteAheadLog<Storage.Unread>.recover(from: folder, settings: LogFuzz.settings)) != nil { returned += 1 }
    if round % 100_000 == 99_999, isatty(STDERR_FILENO) == 1 {
        FileHandle.standardError.write(Data("\r\(round + 1 - first) of \(count)".utf8))
    }
}
let grown = peakKiB() - before
print("\(count) damaged logs: \(returned) came back, \(count - returned) refused, every promise held, none trapped;")
print("memory grew by \(grown) KiB (limit \(memoryLimitKiB))")
exit(grown > memoryLimitKiB ? 1 : 0)
