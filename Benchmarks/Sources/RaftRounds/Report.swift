import Foundation

extension RaftRounds {
    /// Reads the options of the etcd driver, runs, and prints the line it prints.
    ///
    /// - Parameter allocationCount: How many allocations there were so far, if they are counted.
    public static func main(_ arguments: [String], allocationCount: (() -> UInt64)? = nil) {
        var mode = Mode.batch
        var entries = 1_000_000
        var replicas = 3
        var batch = 64
        var rest = arguments[...]
        while let option = rest.popFirst() {
            let value = rest.popFirst() ?? ""
            switch option {
            case "-mode":
                guard let known = Mode(rawValue: value) else { fail("no mode \(value): one, each or batch") }
                mode = known
            case "-entries": entries = number(value)
            case "-replicas": replicas = number(value)
            case "-batch": batch = number(value)
            default: fail("unknown option \(option): -mode, -entries, -replicas and -batch are known")
            }
        }
        var rounds = RaftRounds(replicas: replicas, batch: batch)
        rounds.run(20_000, mode)
        let before = (rounds.proposed, rounds.messages, allocationCount?() ?? 0, usage())
        let start = now()
        rounds.run(entries, mode)
        let nanoseconds = now() - start
        let after = usage()
        let allocations = allocationCount.map { Double($0() - before.2) }
        let done = Double(rounds.proposed - before.0)
        let hash = rounds.finish()
        let words = [
            "entries_per_second=\(String(format: "%.0f", done / nanoseconds * 1e9))",
            "ns_per_entry=\(String(format: "%.1f", nanoseconds / done))",
            "cpu_ns_per_entry=\(String(format: "%.1f", (after.cpu - before.3.cpu) / done))",
            "allocations_per_entry=\(allocations.map { String(format: "%.3f", $0 / done) } ?? "-")",
            "messages_per_entry=\(String(format: "%.3f", Double(rounds.messages - before.1) / done))",
            "rss_kib=\(after.kibibytes)",
            "hash=\(String(format: "%016llx", hash))",
        ]
        print(words.joined(separator: " "))
    }

    private static func number(_ text: String) -> Int {
        guard let number = Int(text), number > 0 else { fail("\(text) is no positive number") }
        return number
    }

    private static func fail(_ text: String) -> Never {
        FileHandle.standardError.write(Data("raft-rounds: \(text)\n".utf8))
        exit(2)
    }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    /// The processor time of this process in nanoseconds, and the most memory it had.
    private static func usage() -> (cpu: Double, kibibytes: Int) {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        let microseconds = Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
        return (seconds * 1e9 + microseconds * 1e3, usage.ru_maxrss)
    }
}
