import MeshCore
import Scenarios

/// What is said at the end of a campaign, of one process or of many.
struct CampaignOutcome {
    var record: CampaignRecord
    /// Where the folders of the failures are; `nil` when their names say it.
    var folders: String?
    /// How long this process took.
    var wall: Duration
    /// All about a failure, by `key(of:)`.
    var reports: [String: String]
    var wasStopped: Bool
    /// Whether it is made of the records of others.
    var isMerged = false
    /// Whether hardly anything new came any more; `nil` for what several processes saw.
    var isStable: Bool?
    /// How many failures were not made as small as they get, because the time for it was over.
    var cutShort = 0
    var shrinkTime = Duration.zero
    /// Marks that were to be reached and were not, and the file that says so.
    var cold: [MarkFile.Cold] = []
    var marks: String?

    /// A failure and whether the bug base has it.
    struct Finding {
        var failure: TallyRecord.Failure
        var isBase: Bool

        /// Tells it from all others.
        var key: String { (isBase ? "bug-base-" : "") + failure.signature }
    }

    /// All failures, those of the bug base first.
    var findings: [Finding] {
        record.regressions.failures.map { Finding(failure: $0, isBase: true) }
            + record.campaign.failures.map { Finding(failure: $0, isBase: false) }
    }

    /// Whether all that was to be run was: by all shards of a merge, or by this one.
    var isComplete: Bool {
        (isMerged ? record.isComplete : record.parts.allSatisfy(\.isComplete)) && !wasStopped
    }

    var status: ExitStatus {
        if !record.leaks.isEmpty { return .notDeterministic }
        if !record.problems.isEmpty { return .usage }
        if record.campaign.broken + record.regressions.broken > 0 || !cold.isEmpty { return .broken }
        return isMerged && !record.isComplete ? .unknown : .held
    }

    /// Judges the marks, when all was run.
    mutating func judge(_ known: MarkFile?, of path: String?) {
        guard let known, let path else { return }
        marks = path
        if isComplete { cold = known.cold(in: record) }
    }

    func folder(of failure: TallyRecord.Failure) -> String? {
        failure.capsule?.folder.map { name in folders.map { "\($0)/\(name)" } ?? name }
    }

    /// The command that shows a failure again.
    func command(of failure: TallyRecord.Failure) -> String {
        if let folder = folder(of: failure), let capsule = failure.capsule {
            return "mesh replay \(folder)/\(capsule.isFinished && capsule.shrunk != nil ? "shrunk" : "scenario").mesh"
        }
        let explore = record.plan.exploration == "mix" ? "" : " --explore \(record.plan.exploration)"
        if let file = failure.file {
            if record.plan.exploration == FuzzOrder.everyBoundary {
                return "mesh fuzz \(file) --seeds \(failure.seed)+1 --boundaries"
            }
            // A further future of a run is found by exploring it again.
            if record.plan.exploration == "once" { return "mesh replay \(file) --seed \(failure.seed)" }
            return "mesh fuzz \(file) --seeds \(failure.seed)+1\(explore)"
        }
        return "mesh fuzz --profile \(record.plan.profile ?? "all") --seeds \(failure.seed)+1\(explore)"
    }
}
