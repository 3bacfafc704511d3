import Glibc
import MeshCore

/// Times of one contender with one size and group.
struct Series {
    /// How long each group took until it was durable, in nanoseconds.
    var latencies: [Int64] = []
    /// Processor time of the whole process while it was at work.
    var processor: Int64 = 0
    /// Records a second of each round.
    var rates: [Double] = []

    /// Measures a round.
    mutating func measure(_ contender: any Contender, _ records: [Bytes], commits: Int) {
        let processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
        var starts: [Int64] = [nanoseconds(CLOCK_MONOTONIC)]
        for place in 0..<commits {
            contender.commit(records)
            let now = nanoseconds(CLOCK_MONOTONIC)
            starts.append(now)
            if place >= contender.lag { latencies.append(now - starts[place - contender.lag]) }
        }
        contender.drain()
        let end = nanoseconds(CLOCK_MONOTONIC)
        for place in (commits - contender.lag)..<commits { latencies.append(end - starts[place]) }
        self.processor += nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - processor
        rates.append(Double(commits * records.count) * 1e9 / Double(end - starts[0]))
    }

    func percentile(_ share: Double) -> Double {
        let sorted = latencies.sorted()
        guard !sorted.isEmpty else { return 0 }
        return Double(sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]) / 1_000
    }

    var median: Double { rates.sorted()[rates.count / 2] }
}

func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// What is written in one series: how large the records are, and how many become durable together.
struct Case: Equatable {
    var size: Int
    var group: Int
}

/// Measures all contenders in turns, so that whatever else the machine does hits all of them.
enum Throughput {
    static func run(_ folder: String, rounds: Int, commits: Int, only: Case?, isJSON: Bool) {
        if !isJSON {
            print(
                " bytes group contender          records/s     MB/s   p50 us   p99 us  cpu us/rec  of bare"
                    + "  slowest..fastest round"
            )
        }
        for size in [128, 4_096] {
            for group in [1, 16, 256] where only == nil || only == Case(size: size, group: group) {
                measure(folder, size: size, group: group, rounds: rounds, commits: commits, isJSON: isJSON)
            }
        }
    }

    private static func measure(
        _ folder: String, size: Int, group: Int, rounds: Int, commits: Int, isJSON: Bool
    ) {
        let place = "\(folder)/\(size)-\(group)"
        guard unsafe mkdir(place, 0o755) == 0 else { fail("\(place): cannot be made; name a folder that is empty") }
        let contenders: [any Contender] = [
            BareLoop("\(place)/bare", isReusing: false), BareLoop("\(place)/reused", isReusing: true),
            OurLog("\(place)/mesh", isOverlapping: false), OurLog("\(place)/overlapped", isOverlapping: true),
            SQLite("\(place)/sqlite"),
        ]
        var series = [Series](repeating: Series(), count: contenders.count)
        // One record a place of the group; their content does not matter to anybody.
        let records = (0..<group).map { place in
            Bytes((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ place) })
        }
        for contender in contenders {
            for _ in 0..<3 { contender.commit(records) }
            contender.drain()
        }
        for round in 0..<rounds {
            for turn in contenders.indices {
                let index = (turn + round) % contenders.count
                series[index].measure(contenders[index], records, commits: commits)
            }
        }
        for (contender, times) in zip(contenders, series) {
            report(contender.name, times, bare: series[0], size, group, records: rounds * commits * group, isJSON)
        }
    }

    private static func report(
        _ name: String, _ times: Series, bare: Series, _ size: Int, _ group: Int, records: Int, _ isJSON: Bool
    ) {
        let rate = times.median
        let megabytes = rate * Double(size) / 1e6
        let processor = Double(times.processor) / 1_000 / Double(records)
        let ratio = rate / bare.median
        if isJSON {
            print(
                "{\"bytes\":\(size),\"group\":\(group),\"contender\":\"\(name)\",\"records_per_second\":\(Int(rate)),"
                    + "\"megabytes_per_second\":\(fixed(megabytes, 2)),\"p50_us\":\(fixed(times.percentile(0.5), 1)),"
                    + "\"p99_us\":\(fixed(times.percentile(0.99), 1)),\"cpu_us_per_record\":\(fixed(processor, 2)),"
                    + "\"of_bare\":\(fixed(ratio, 3))}")
            return
        }
        let columns = [
            pad("\(size)", 6), pad("\(group)", 5), " " + name + String(repeating: " ", count: max(0, 16 - name.count)),
            pad("\(Int(rate))", 11), pad(fixed(megabytes, 2), 8), pad(fixed(times.percentile(0.5), 0), 8),
            pad(fixed(times.percentile(0.99), 0), 8), pad(fixed(processor, 2), 11), pad(fixed(ratio, 2), 8),
            "  \(Int(times.rates.min() ?? 0))..\(Int(times.rates.max() ?? 0))",
        ]
        print(columns.joined(separator: " "))
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int64((value * scale).rounded())
        guard digits > 0 else { return "\(rounded)" }
        let fraction = String(rounded.magnitude % UInt64(scale))
        return "\(rounded / Int64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
