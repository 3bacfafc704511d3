import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh replay --verify`: the same seeds in another process must give the same digests.
///
/// Another process has other hash seeds, other addresses and another start time, so whatever leaks from them into a run
/// shows here.
enum Verification {
    static func run(_ files: [ScenarioFile], _ request: Replay.Request) async throws -> ExitStatus {
        var worst = ExitStatus.held
        for file in files {
            let seeds = request.seeds ?? file.scenario.seeds
            let unit = file.scenario.variations.isEmpty ? "seeds" : "runs"
            var runs: [Fingerprint] = []
            // A file that varies something is as many scenarios as its table has cells; both sides walk them in order.
            for cell in file.scenario.cells {
                await Crew.run(cell.scenario, seeds, request, label: file.path) { report in
                    runs.append(Fingerprint(seed: report.seed, digest: report.digest.description))
                    worst = Replay.worse(worst, Replay.status(report.verdict))
                }
            }
            let others = try otherRuns(file, request)
            let shared = zip(runs, others).prefix { $0 == $1 }.count
            guard shared < max(runs.count, others.count) else {
                Terminal.print("\(Terminal.green("same")) \(file.path): \(runs.count) \(unit), two processes")
                continue
            }
            let seed = (shared < runs.count ? runs[shared] : others[shared]).seed
            worst = .notDeterministic
            Terminal.print("\(Terminal.red("not deterministic")) \(file.path): seed \(seed)")
            if file.scenario.variations.isEmpty {
                Terminal.print(try firstDifference(file, seed, request))
            } else {
                Terminal.print("  in cell \(UInt64(shared) / max(seeds.count, 1) + 1) of its table")
            }
        }
        return worst
    }

    /// A run in a word.
    private struct Fingerprint: Equatable {
        var seed: UInt64
        var digest: String
    }

    /// What another process of this program gets, in the same order.
    private static func otherRuns(_ file: ScenarioFile, _ request: Replay.Request) throws -> [Fingerprint] {
        let output = try call(file, request, ["--json"])
        return output.split(separator: 10).compactMap { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            guard let seed = object?["seed"] as? NSNumber, let digest = object?["digest"] as? String else { return nil }
            return Fingerprint(seed: seed.uint64Value, digest: digest)
        }
    }

    /// Runs both sides again with a trace and compares line by line.
    private static func firstDifference(
        _ file: ScenarioFile, _ seed: UInt64, _ request: Replay.Request
    ) throws -> String {
        var run = Run(file.scenario, seed: seed, trace: .jsonLines, until: request.until)
        _ = run.advance()
        var narrowed = request
        narrowed.seeds = Scenario.Seeds([Scenario.SeedRange(seed, seed)])
        let theirs = try call(file, narrowed, ["--trace", "-"])
        guard let difference = TraceDifference.first(run.takeTrace(), theirs) else {
            return "  the traces of a second pair of runs are equal: the difference comes and goes"
        }
        return """
              the first event that differs is line \(difference.line) of the trace
                here   \(difference.left)
                there  \(difference.right)
            """
    }

    private static func call(_ file: ScenarioFile, _ request: Replay.Request, _ options: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        if !FileManager.default.fileExists(atPath: "/proc/self/exe") {
            process.executableURL = Bundle.main.executableURL
        }
        var arguments = ["replay", file.path] + options
        if let seeds = request.seeds {
            let texts = seeds.ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)..\($0.last)" }
            arguments += ["--seed", texts.joined(separator: ",")]
        }
        if let until = request.until { arguments += ["--until", "\(until.nanoseconds)ns"] }
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch { throw UsageError("the second process cannot be started: \(error)") }
        let output = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return output
    }
}
