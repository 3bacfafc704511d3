import MeshCore
import Scenarios
import Simulator

/// Prints results for programs: one JSON object a run, then one a file.
enum JSONPrinter {
    static func run(_ file: ScenarioFile, _ report: Report, cell: [String] = []) {
        var object = JSONObject()
        object.add("file", file.path)
        object.add("title", file.scenario.title.description)
        if !cell.isEmpty { object.add("cell", texts: cell) }
        object.add("seed", report.seed)
        object.add("verdict", report.verdict.text)
        object.add("digest", report.digest.description)
        object.add("events", report.events)
        object.add("end_ns", UInt64(max(report.end.nanoseconds, 0)))
        object.add("expectations", objects: report.outcomes.map { Self.outcome($0) })
        object.add("metrics", object: metrics(report.metrics))
        if !file.scenario.measures.isEmpty {
            var measures = JSONObject()
            for (index, measure) in file.scenario.measures.enumerated() {
                measures.add(measure.metric.description, optional: report.measures[index])
            }
            object.add("measures", object: measures)
        }
        if let violation = report.violation { object.add("violation", object: Self.violation(violation)) }
        Terminal.print(object.text)
    }

    static func file(_ file: ScenarioFile, _ sweep: Sweep, _ verdict: Verdict) {
        var object = JSONObject()
        object.add("file", file.path)
        object.add("verdict", verdict.text)
        object.add("runs", sweep.runCount)
        object.add("held", sweep.heldCount)
        object.add("broken", sweep.brokenCount)
        object.add("unknown", sweep.unknownCount)
        object.add("events", sweep.events)
        object.add("simulated_ns", UInt64(max(sweep.simulated.nanoseconds, 0)))
        object.add("sweep_digest", sweep.digest.description)
        object.add("missed", texts: sweep.missed.map { $0.claim.description })
        Terminal.print(object.text)
    }

    private static func outcome(_ outcome: Outcome) -> JSONObject {
        var object = JSONObject()
        object.add("text", outcome.expectation.claim.description)
        object.add("line", UInt64(outcome.expectation.location.line))
        object.add("occasions", outcome.occasions)
        switch outcome.judgement {
        case .holds: object.add("judgement", "holds")
        case .broken(let violation):
            object.add("judgement", "broken")
            object.add("reason", violation.text)
        case .unknown(let reason):
            object.add("judgement", "unknown")
            object.add("reason", reason)
        }
        return object
    }

    private static func violation(_ violation: Violation) -> JSONObject {
        var object = JSONObject()
        object.add("promise", violation.promise.description)
        object.add("text", violation.text)
        object.add(
            "evidence",
            objects: violation.evidence.map { evidence in
                var object = JSONObject()
                object.add("event", evidence.event)
                object.add("t", UInt64(max(evidence.time.nanoseconds, 0)))
                object.add("node", evidence.node.rawValue == 0 ? "" : evidence.node.description)
                object.add("text", evidence.text)
                return object
            })
        return object
    }

    private static func metrics(_ metrics: Metrics) -> JSONObject {
        var object = JSONObject()
        let counts: [(String, Int64)] = [
            ("elections", metrics.elections), ("leader_changes", metrics.leaderChanges),
            ("transfers", metrics.transfers), ("term", metrics.term), ("commit", metrics.commit),
            ("proposals", metrics.proposals), ("committed", metrics.committed),
            ("snapshots", metrics.snapshots), ("messages", metrics.messages),
            ("lost_messages", metrics.lostMessages), ("bytes", metrics.bytes), ("crashes", metrics.crashes),
            ("restarts", metrics.restarts), ("suspicions", metrics.suspicions),
            ("false_suspicions", metrics.falseSuspicions), ("deaths", metrics.deaths), ("writes", metrics.writes),
            ("storage_faults", metrics.storageFaults), ("withheld_faults", metrics.withheldFaults),
            ("storage_failures", metrics.storageFailures), ("refused_starts", metrics.refusedStarts),
            ("leaderless_ns", metrics.leaderlessTime.nanoseconds),
        ]
        for (name, count) in counts { object.add(name, UInt64(max(count, 0))) }
        let samples: [(String, Samples)] = [
            ("commit_latency_ns", metrics.commitLatency), ("election_time_ns", metrics.electionTime),
            ("detection_time_ns", metrics.detectionTime), ("convergence_time_ns", metrics.convergenceTime),
        ]
        for (name, samples) in samples where samples.count > 0 {
            var inner = JSONObject()
            inner.add("count", UInt64(samples.count))
            inner.add("p50", UInt64(max(samples.statistic(.p50).nanoseconds, 0)))
            inner.add("p99", UInt64(max(samples.statistic(.p99).nanoseconds, 0)))
            inner.add("max", UInt64(max(samples.statistic(.max).nanoseconds, 0)))
            object.add(name, object: inner)
        }
        return object
    }
}

/// A JSON object with its fields in the order in which they were added.
struct JSONObject {
    private var bytes: [UInt8] = []

    /// The object as text.
    var text: String { "{" + String(decoding: bytes, as: UTF8.self) + "}" }

    private mutating func name(_ name: String) {
        if !bytes.isEmpty { bytes.append(44) }
        JSONText.quote(name, into: &bytes)
        bytes.append(58)
    }

    mutating func add(_ name: String, _ value: String) {
        self.name(name)
        JSONText.quote(value, into: &bytes)
    }

    mutating func add(_ name: String, _ value: UInt64) {
        self.name(name)
        bytes += Array(String(value).utf8)
    }

    mutating func add(_ name: String, optional value: Int64?) {
        self.name(name)
        bytes += Array((value.map { String($0) } ?? "null").utf8)
    }

    /// Adds a number that is written out already; `null` when it is empty.
    mutating func add(_ name: String, number: String) {
        self.name(name)
        bytes += Array((number.isEmpty ? "null" : number).utf8)
    }

    mutating func add(_ name: String, flag: Bool) {
        self.name(name)
        bytes += Array((flag ? "true" : "false").utf8)
    }

    mutating func add(_ name: String, object: JSONObject) {
        self.name(name)
        bytes += Array(object.text.utf8)
    }

    mutating func add(_ name: String, objects: [JSONObject]) {
        self.name(name)
        bytes += Array(("[" + objects.map { $0.text }.joined(separator: ",") + "]").utf8)
    }

    mutating func add(_ name: String, texts: [String]) {
        self.name(name)
        bytes.append(91)
        for (index, text) in texts.enumerated() {
            if index > 0 { bytes.append(44) }
            JSONText.quote(text, into: &bytes)
        }
        bytes.append(93)
    }
}
