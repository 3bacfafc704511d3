import Glibc
import MeshCore
import MeshRuntime

// Writes to a log until it is killed, or has written enough: the other half of the tests that kill it.
//
//   log-writer FOLDER [--records N] [--group N] [--size N] [--segment N] [--image N] [--sector N] [--compact N]
//              [--overlap 1]
//
// With --overlap the next group is taken while the disk works on the one before.
//
// Prints "found I" with the last position it read back, then "durable I" after each group. Entry I holds the text of I
// and filling, so that whoever reads the log can tell whether each is what it has to be. Ends with 1 and a sentence on
// standard error when the log cannot be opened or stops.

// A file that outgrows the process's limit is an error to be reported, not a signal to die from.
signal(SIGXFSZ, SIG_IGN)

func number(_ name: String, or fallback: UInt64) -> UInt64 {
    guard let place = CommandLine.arguments.firstIndex(of: name), place + 1 < CommandLine.arguments.count else {
        return fallback
    }
    return UInt64(CommandLine.arguments[place + 1]) ?? fallback
}

/// Writes a line at once, in one piece.
func say(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
    let bytes = Array("\(text)\n".utf8)
    _ = unsafe bytes.withUnsafeBytes { buffer in unsafe write(descriptor, buffer.baseAddress, buffer.count) }
}

func complain(_ text: String) -> Never {
    say("log-writer: \(text)", to: STDERR_FILENO)
    exit(1)
}

func payload(_ index: UInt64, _ size: UInt64) -> Raft.Payload {
    var bytes = Array("entry \(index)".utf8)
    // Sizes differ, and now and then an entry is ten times as large as asked for.
    let wanted = index % 97 == 0 ? size * 10 : size / 2 + index * 7 % (size + 1)
    while UInt64(bytes.count) < wanted { bytes.append(UInt8(truncatingIfNeeded: index)) }
    return .command(Bytes(bytes))
}

guard CommandLine.arguments.count > 1 else { complain("needs a folder") }
var settings = Storage.Settings()
settings.segmentBytes = Int(number("--segment", or: 64 << 20))
settings.imageAfterBytes = Int64(number("--image", or: 64 << 20))
settings.sectorBytes = Int(number("--sector", or: 512))
let group = number("--group", or: 4)
let size = number("--size", or: 100)
let compactAfter = number("--compact", or: 1_000)
let last = number("--records", or: .max)
let isOverlapping = number("--overlap", or: 0) > 0

do throws(FileError) {
    var driver = try LogDriver<MeshNode.Stable>(opening: CommandLine.arguments[1], settings: settings)
    var index = driver.log.stable.raft.log.lastIndex.rawValue
    say("found \(index)")
    let term = Raft.Term(1)
    if index == 0 { driver.append(.raft(.hardState(term: term, votedFor: NodeID(1))), Ticket(0)) }
    while index < last {
        for _ in 0..<group where index < last {
            index += 1
            let entry = Raft.Entry(term: term, index: Raft.LogIndex(index), payload: payload(index, size))
            driver.append(.raft(.append(from: entry.index, entries: [entry])), Ticket(index))
            if index % compactAfter == 0 {
                let state = Bytes("everything up to \(index)")
                driver.append(
                    .raft(.snapshot(index: entry.index, term: term, configuration: .init(), state: state)),
                    Ticket(index))
                driver.append(.raft(.compact(upTo: entry.index)), Ticket(index))
            }
        }
        if isOverlapping && !driver.isAtWork {
            try driver.start()
        } else if let ticket = isOverlapping ? try driver.wait() : try driver.commit() {
            say("durable \(ticket.rawValue)")
        }
    }
    if let ticket = try driver.commit() { say("durable \(ticket.rawValue)") }
} catch {
    complain("\(error)")
}
