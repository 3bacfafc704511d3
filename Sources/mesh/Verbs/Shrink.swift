import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh shrink`: the smallest scenario that fails in the same way.
enum Shrink {
    static let verb = Verb(
        name: "shrink",
        summary: "make a failing scenario as small as it gets",
        operands: "FILE",
        options: [
            Option(
                name: "--seed", value: "N", summary: "the seed that fails (default: the first of the file that does)"),
            Option(name: "-o", value: "OUT.mesh", summary: "where the result goes (default: standard output)"),
            Option(
                name: "--budget", value: "N|T",
                summary: "stop after so many runs, or after a time such as 30s (default: 2000 runs)"),
        ],
        details: """
            Takes away lines of the timeline, nodes, settings, network, disks and clients, and rounds what is left, as
            long as the same promise breaks in the same shape. What antagonists and reactions did becomes exact lines.
            The result is a scenario in the same language that fails when it is replayed. The same call with a budget
            in runs gives the same result everywhere. A folder that mesh fuzz wrote stands for its scenario.mesh.
            Exit status: 0 the result is written, 2 a file or an argument is wrong, 3 nothing fails.
            """,
        examples: [
            ("mesh shrink failing.mesh --seed 7", "print the smallest scenario found"),
            ("mesh shrink failing.mesh -o small.mesh --budget 30s", "write it to a file, within half a minute"),
        ],
        run: { try run($0) })

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard arguments.operands.count == 1, let path = arguments.operands.first else {
            throw UsageError("\"mesh shrink\" takes one scenario file")
        }
        let (runs, time) = try budget(arguments.value("--budget"))
        let file = try Files.read(scenarioPath(path))
        let seeds = try arguments.value("--seed").map { try Values.seeds($0) } ?? file.scenario.seeds
        var watch = ShrinkWatch(label: file.path, limit: time)
        for index in 0..<seeds.count {
            guard let shrunk = file.scenario.shrunk(seed: seeds[index], budget: runs, observing: &watch) else {
                continue
            }
            watch.clear()
            try write(shrunk, of: file, seed: seeds[index], to: arguments.value("-o"))
            return .held
        }
        watch.clear()
        let which = seeds.count == 1 ? "seed \(seeds[0])" : "any of the \(seeds.count) seeds"
        Terminal.error("\(file.path) breaks no promise with \(which): there is nothing to shrink")
        return .unknown
    }

    /// A capsule stands for its scenario.
    private static func scenarioPath(_ path: String) -> String {
        let inside = path + (path.hasSuffix("/") ? "" : "/") + "scenario.mesh"
        return FileManager.default.fileExists(atPath: inside) ? inside : path
    }

    /// A number of runs, or a length of time.
    private static func budget(_ text: String?) throws -> (runs: UInt64, time: Duration?) {
        guard let text else { return (2_000, nil) }
        if let runs = UInt64(text), runs > 0 { return (runs, nil) }
        let time = try Values.instant(text) - Instant.zero
        return (UInt64.max, .nanoseconds(time.nanoseconds))
    }

    private static func write(_ shrunk: Shrunk, of file: ScenarioFile, seed: UInt64, to path: String?) throws {
        let text = shrunk.text(from: file.scenario, seed: seed)
        try Files.write(Array(text.utf8), to: path ?? "-")
        Terminal.error(
            "\(shrunk.signature.promise): "
                + "\(file.scenario.timeline.count) -> \(shrunk.scenario.timeline.count) lines of the timeline, "
                + "\(file.scenario.drawn(seed: seed).cluster.nodeCount) -> "
                + "\(shrunk.scenario.cluster.nodeCount) nodes, \(shrunk.runs) runs"
                + (shrunk.isMinimal ? "" : " (the budget was spent)"))
        if let path { Terminal.error("reproduce: mesh replay \(path)") }
    }
}

extension Shrunk {
    /// The scenario as a file that says what it is.
    func text(from original: Scenario, seed: UInt64) -> String {
        var scenario = scenario
        scenario.title = original.title
        scenario.about = Bytes("Shrunk from seed \(seed): \(report.violation?.text ?? signature.description)")
        return scenario.description
    }
}

/// Shows how far a shrinking is, and ends it when its time is over.
struct ShrinkWatch: ShrinkObserver {
    var label: String
    var limit: Duration?
    private let clock = ContinuousClock()
    private let start = ContinuousClock().now
    private var shown = ContinuousClock().now
    private var isShown = false
    private let stop: StopFlag?

    init(label: String, limit: Duration?, stop: StopFlag? = nil) {
        self.label = label
        self.limit = limit
        self.stop = stop
    }

    var wantsStop: Bool { stop?.isRaised == true || isOutOfTime }

    /// Whether its time is over.
    var isOutOfTime: Bool { limit.map { clock.now - start >= $0 } ?? false }

    mutating func didTry(_ progress: ShrinkProgress) {
        guard Terminal.showsProgress, clock.now - start > .seconds(1), clock.now - shown > .milliseconds(100) else {
            return
        }
        shown = clock.now
        isShown = true
        Terminal.write(
            "\r\u{1B}[K\(label): \(progress.pass), \(progress.runs) runs, "
                + "\(progress.statements) lines of the timeline, \(progress.nodes) nodes, \(progress.bytes) bytes",
            to: .standardError)
    }

    /// Takes the line away.
    mutating func clear() {
        guard isShown else { return }
        isShown = false
        Terminal.write("\r\u{1B}[K", to: .standardError)
    }
}
