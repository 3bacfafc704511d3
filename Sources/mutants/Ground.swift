#if MUTANTS
import MeshCore
import Scenarios
import Simulator

/// Where bugs are hunted: what one seed runs, and which promise it breaks.
enum Ground {
    /// A scenario, under the promises that it names.
    case scenario(Scenario)
    /// The log alone, crashed at every point of a run.
    case log(CrashMatrix.Hazard)
    /// Three nodes of Raft, crashed whenever a disk holds something unsynced.
    case group
    /// The same, with bits that flip on one disk.
    case rottenGroup

    /// A promise that did not hold.
    struct Breach {
        var promise: String
        var evidence: String
    }

    /// Points of the log's matrix for a seed: a whole run of the log has some thousands.
    private static var logPoints: UInt64 { 5_000 }
    /// Points of the group's matrix for a seed, each of which is a second of a group's life.
    private static var groupPoints: UInt64 { 100 }

    /// Runs one seed.
    func run(seed: UInt64) -> Breach? {
        switch self {
        case .scenario(let scenario):
            var run = Run(scenario, seed: seed)
            _ = run.advance()
            return run.report.violation.map { Breach(promise: $0.promise.description, evidence: $0.text) }
        case .log(let hazard):
            var matrix = CrashMatrix(
                seed: seed, limit: Self.logPoints, settings: CrashMatrix.smallSettings, hazard: hazard)
            matrix.run()
            return matrix.failure.map { Breach(promise: Self.promise($0.reason), evidence: $0.description) }
        case .group, .rottenGroup:
            var matrix = ClusterCrashMatrix(seed: seed, limit: Self.groupPoints, rots: self.rots)
            while !matrix.advance() {}
            return matrix.failure.map { Breach(promise: $0.promise, evidence: $0.description) }
        }
    }

    private var rots: Bool {
        if case .rottenGroup = self { return true }
        return false
    }

    private static func promise(_ reason: CrashMatrix.Failure.Reason) -> String {
        switch reason {
        case .lost, .forgetful: "log-durability"
        case .invented: "log-prefix"
        case .refused, .vague: "log-recovery"
        }
    }
}
#endif
