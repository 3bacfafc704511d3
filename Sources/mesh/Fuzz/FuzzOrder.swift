import Foundation
import MeshCore
import Scenarios

/// What a call of `mesh fuzz` asks for.
struct FuzzOrder: Sendable {
    /// The first seed.
    var first: UInt64 = 1
    /// How many runs; `nil` while the time lasts.
    var count: UInt64?
    var time: Duration?
    var jobs: Int
    var profile = FuzzProfile.all
    /// Files to run instead of drawn worlds.
    var files: [ScenarioFile] = []
    var out: String?
    var shard: (index: UInt64, of: UInt64) = (0, 1)
    /// Whether the record in `out` is gone on with.
    var resumes: Bool
    /// The file of known marks.
    var marks: String?
    /// What it says; `nil` when it is to be written.
    var knownMarks: MarkFile?
    var junit: String?
    var isJSON: Bool
    /// Which seeds are explored how.
    var exploration = ExplorationPlan.mix
    var explorationName = "mix"
    /// The crashes at every sync, when these are what is run.
    var boundaries: BoundaryPlan?
    /// Whether the campaign ends when it sees nothing new.
    var untilStable: Bool
    /// How many runs one shrinking may take; 0 for none.
    var shrinkBudget: UInt64
    /// How long all shrinking together may take.
    var shrinkTime: Duration
    /// Whether findings are written as annotations of a CI.
    var annotates: Bool

    /// How many runs there are when the call says neither which seeds nor how long.
    static let defaultCount: UInt64 = 1_000

    init(_ arguments: Arguments) throws {
        time = try arguments.value("--time").map { try Self.duration($0, of: "--time") }
        if let text = arguments.value("--seeds") {
            (first, count) = try Self.seeds(text)
        }
        if count == nil && time == nil && !arguments.has("--until-stable") { count = Self.defaultCount }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        jobs = try arguments.value("--jobs").map { try Values.count($0, of: "--jobs") } ?? cores
        if let name = arguments.value("--profile") { profile = try Self.profile(name) }
        if let name = arguments.value("--explore") {
            exploration = try Self.exploration(name)
            explorationName = name
        }
        out = arguments.value("--out")
        if let text = arguments.value("--shard") { shard = try Self.shard(text) }
        resumes = arguments.has("--resume")
        if resumes, out == nil {
            throw UsageError("--resume goes on with the record in a folder", hint: "name it with --out FOLDER.")
        }
        junit = arguments.value("--junit")
        isJSON = arguments.has("--json")
        untilStable = arguments.has("--until-stable")
        let budget = arguments.value("--shrink-budget")
        shrinkBudget = try budget.map { UInt64(try Values.count($0, of: "--shrink-budget", minimum: 0)) } ?? 2_000
        shrinkTime =
            try arguments.value("--shrink-time").map { try Self.duration($0, of: "--shrink-time") }
            ?? .seconds(120)
        annotates = ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true"
        try readMarks(arguments)
        guard !arguments.operands.isEmpty else {
            guard !arguments.has("--boundaries") else {
                throw UsageError("--boundaries crashes one scenario at every sync", hint: "mesh fuzz FILE --boundaries")
            }
            return
        }
        guard arguments.value("--profile") == nil else {
            throw UsageError("--profile is for drawn worlds", hint: "leave the scenario files out, or the profile.")
        }
        files = try Files.find(arguments.operands).map { try Files.read($0) }
        if arguments.has("--boundaries") { try readBoundaries(arguments) }
    }

    /// One scenario, and its own first seed unless the call says others.
    private mutating func readBoundaries(_ arguments: Arguments) throws {
        guard files.count == 1, let file = files.first, arguments.value("--explore") == nil else {
            throw UsageError("--boundaries crashes one scenario at every sync", hint: "mesh fuzz FILE --boundaries")
        }
        let (first, seeds) = try arguments.value("--seeds").map { try Self.seeds($0) } ?? (file.scenario.seeds[0], 1)
        self.first = first
        boundaries = try BoundaryPlan(file, first: first, seeds: seeds ?? 1)
        count = boundaries?.count
        exploration = .all(.once)
        explorationName = Self.everyBoundary
    }

    /// How a record names such a campaign.
    static let everyBoundary = "every boundary"

    /// The known marks bring their profile and seeds along, unless the call says others.
    private mutating func readMarks(_ arguments: Arguments) throws {
        marks = arguments.value("--marks")
        let updates = arguments.has("--update-marks")
        guard let path = marks else {
            if updates { throw UsageError("--update-marks rewrites a file", hint: "name it with --marks FILE.") }
            return
        }
        guard arguments.operands.isEmpty else {
            throw UsageError("--marks is for drawn worlds", hint: "leave the scenario files out.")
        }
        if updates, !FileManager.default.fileExists(atPath: path) { return }
        let known = try MarkFile(path: path)
        let profile = try Self.profile(known.profile)
        if arguments.value("--profile") == nil { self.profile = profile }
        if arguments.value("--seeds") == nil, time == nil { (first, count) = (known.first, known.count) }
        guard !updates else { return }
        guard self.profile == profile else {
            throw UsageError(
                "\(path) holds the marks of profile \(known.profile), not of \(self.profile.name)",
                hint: "leave --profile out, or name the file of that profile.")
        }
        knownMarks = known
    }

    /// `A..B`, `A+COUNT`, or `A` alone; the first may be a commit hash.
    static func seeds(_ text: String) throws -> (first: UInt64, count: UInt64?) {
        if let range = text.range(of: "..") {
            let first = try seed(String(text[..<range.lowerBound]))
            guard let last = UInt64(text[range.upperBound...]), last >= first else {
                throw UsageError("\"\(text)\" are no seeds", hint: "write --seeds 1..1000, 7+1000 or HASH+1000")
            }
            return (first, last - first + 1)
        }
        if let plus = text.firstIndex(of: "+") {
            let first = try seed(String(text[..<plus]))
            guard let count = UInt64(text[text.index(after: plus)...]), count > 0 else {
                throw UsageError("\"\(text)\" are no seeds", hint: "write --seeds 7+1000 or HASH+1000")
            }
            return (first, count)
        }
        return (try seed(text), nil)
    }

    /// A number, or the first twelve digits of a commit hash.
    private static func seed(_ text: String) throws -> UInt64 {
        if let number = UInt64(text), text.count <= 15 { return number }
        if text.count >= 7, text.count <= 64, let number = UInt64(text.prefix(12), radix: 16) { return number }
        throw UsageError(
            "\"\(text)\" is no seed", hint: "write a number of at most 15 digits, or a commit hash: --seeds HASH+1000")
    }

    private static func duration(_ text: String, of option: String) throws -> Duration {
        let length = try Values.instant(text) - Instant.zero
        guard length > .zero else { throw UsageError("\(option) takes a length of time above 0") }
        return .nanoseconds(length.nanoseconds)
    }

    private static func profile(_ name: String) throws -> FuzzProfile {
        let names = FuzzProfile.allCases.map(\.name)
        guard let place = names.firstIndex(of: name) else {
            throw UsageError(
                "there is no profile \"\(name)\"",
                hint: Suggestion.text(for: name, among: names) ?? "known are \(names.joined(separator: ", ")).")
        }
        return FuzzProfile.allCases[place]
    }

    private static func exploration(_ name: String) throws -> ExplorationPlan {
        if name == "mix" { return .mix }
        if let kind = ExplorationKind.allCases.first(where: { $0.name == name }) { return .all(kind) }
        let names = ExplorationKind.allCases.map { $0.name } + ["mix"]
        throw UsageError(
            "there is no way to explore called \"\(name)\"",
            hint: Suggestion.text(for: name, among: names) ?? "known are \(names.joined(separator: ", ")).")
    }

    private static func shard(_ text: String) throws -> (UInt64, UInt64) {
        if text == "auto" { return try ShardVariables.shard(ProcessInfo.processInfo.environment) }
        let parts = text.split(separator: "/").compactMap { UInt64($0) }
        guard parts.count == 2, parts[0] >= 1, parts[0] <= parts[1], parts[1] <= ShardVariables.most else {
            throw UsageError(
                "\"\(text)\" is no shard", hint: "write --shard 1/8 for the first of eight, or --shard auto")
        }
        return (parts[0] - 1, parts[1])
    }
}

/// The runs of a campaign: which scenario and which seed stands at which place.
struct FuzzPlan: Sendable {
    /// One run.
    struct Job: Sendable {
        var scenario: Scenario
        var seed: UInt64
        /// The file it is from; `nil` for a drawn world.
        var path: String?
        /// How its futures are explored.
        var kind = ExplorationKind.once
        /// Whether it is the file with a crash at a sync.
        var isBoundary = false
    }

    /// How a place becomes a run.
    enum Source: Sendable {
        /// A world drawn for each seed.
        case drawn(FuzzProfile)
        /// Each file in turn, then all with the next seed.
        case files([ScenarioFile])
        /// Each file with its own seeds.
        case regressions([ScenarioFile])
        /// A crash at every sync of a file.
        case boundaries(BoundaryPlan)
    }

    var source: Source
    var first: UInt64
    /// How many places there are; `nil` when there is no end.
    var count: UInt64?
    var shard: (index: UInt64, of: UInt64)
    private var exploration = ExplorationPlan.all(.once)

    init(_ order: FuzzOrder) {
        exploration = order.exploration
        source =
            order.boundaries.map { .boundaries($0) }
            ?? (order.files.isEmpty ? .drawn(order.profile) : .files(order.files))
        first = order.first
        shard = order.shard
        // Each shard takes every so-many-th run.
        let perSeed = UInt64(max(order.files.count, 1))
        count = order.count.map { count in
            let all = count &* perSeed
            return all > shard.index ? (all - shard.index - 1) / shard.of + 1 : 0
        }
    }

    /// The bug base, which is run first.
    init(regressions files: [ScenarioFile]) {
        source = .regressions(files)
        first = 0
        shard = (0, 1)
        count = files.reduce(0) { $0 + $1.scenario.seeds.count }
    }

    /// The run at a place of this shard.
    func job(_ place: UInt64) throws -> Job {
        let place = placeInCampaign(place)
        switch source {
        case .drawn(let profile):
            let seed = first &+ place
            return Job(
                scenario: try Scenario.fuzzed(seed: seed, profile: profile), seed: seed,
                kind: exploration.kind(ofSeed: seed))
        case .files(let files):
            let file = files[Int(place % UInt64(files.count))]
            let seed = first &+ place / UInt64(files.count)
            return Job(
                scenario: file.scenario, seed: seed, path: file.path, kind: exploration.kind(ofSeed: seed))
        case .regressions(let files):
            var rest = place
            for file in files {
                let seeds = file.scenario.seeds
                if rest < seeds.count { return Job(scenario: file.scenario, seed: seeds[rest], path: file.path) }
                rest -= seeds.count
            }
            throw UsageError("the bug base has no run \(place)")
        case .boundaries(let plan): return try plan.job(place)
        }
    }

    /// Where in the whole campaign a place of this shard stands.
    func placeInCampaign(_ place: UInt64) -> UInt64 { place * shard.of + shard.index }

    /// The file that is run at a place of the whole campaign; `nil` for a drawn world.
    func file(atPlaceInCampaign place: UInt64) -> String? {
        switch source {
        case .drawn: return nil
        case .boundaries(let plan): return plan.file.path
        case .files(let files): return files[Int(place % UInt64(files.count))].path
        case .regressions(let files):
            var rest = place
            for file in files {
                let count = file.scenario.seeds.count
                if rest < count { return file.path }
                rest -= count
            }
            return nil
        }
    }

    /// Whether the run at a place is run twice: one of twenty, whoever runs it.
    func isVerified(_ place: UInt64) -> Bool { placeInCampaign(place) % 20 == 0 }
}
