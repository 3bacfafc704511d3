import Foundation
import MeshCore
import Scenarios
import Simulator

/// One call of `mesh fuzz`, from the bug base to the report.
struct FuzzCampaign {
    /// What was run of the bug base, or of the campaign itself.
    private struct Side {
        var plan: FuzzPlan
        var isBase: Bool
        var tally = FuzzTally()
        /// Which places of the plan were run.
        var places = PlaceSet()
        /// Whether the plan came to its end, or to the end of its time.
        var hasEnded = false
        var capsules: [Capsule] = []
        /// Capsules that the process before this one finished, by the names of their signatures.
        var earlier: [String: TallyRecord.CapsuleRecord] = [:]

        init(_ plan: FuzzPlan, isBase: Bool) {
            self.plan = plan
            self.isBase = isBase
        }

        var record: TallyRecord {
            TallyRecord(tally) {
                plan.file(atPlaceInCampaign: $0)
            } capsule: { signature in
                capsules.first { $0.failure.signature == signature }?.record ?? earlier[signature.name]
            }
        }
    }

    let order: FuzzOrder
    private let folder: CampaignFolder?
    private let plan: CampaignRecord.Plan
    private let stop = StopFlag()
    private let start = ContinuousClock.now
    /// The time of the processes before this one.
    private var earlierTime = Duration.zero
    private var base: Side
    private var main: Side
    /// What was new, and the kinds of states that were seen.
    private var stability = Stability()
    private var leaks: [CampaignRecord.Leak] = []
    private var problems: [String] = []
    /// Whether something could not be written, so that nothing more is.
    private var isFolderLost = false
    private var saved = ContinuousClock.now
    /// How long it is between two savings at least; the larger the record, the longer.
    private var saveInterval = Duration.seconds(2)
    /// When no failure is made smaller any more.
    private var shrinkEnd = ContinuousClock.now

    /// The most failures that get a folder of their own.
    static var capsuleLimit: Int { 50 }

    init(_ order: FuzzOrder) throws {
        self.order = order
        let corpus = Corpus()
        problems = corpus.problems
        base = Side(FuzzPlan(regressions: corpus.files), isBase: true)
        main = Side(FuzzPlan(order), isBase: false)
        plan = CampaignRecord.Plan(order, base: corpus.files)
        folder = try order.out.map { try CampaignFolder(taking: $0) }
        guard let out = order.out, let path = order.out.map({ "\($0)/\(CampaignRecord.fileName)" }),
            FileManager.default.fileExists(atPath: path)
        else { return }
        guard order.resumes else { throw Self.isTaken(out, path) }
        let record = try CampaignFolder.read(path)
        try record.checkResumed(by: plan, shard: order.shard.index + 1, path: path)
        try goOn(with: record)
    }

    /// Nobody's record is replaced, nor mixed with the failures of another campaign.
    private static func isTaken(_ folder: String, _ path: String) -> UsageError {
        let known = try? CampaignFolder.read(path)
        let what =
            known.map { "\($0.campaign.runs) runs, \($0.campaign.failures.count) ways to fail" }
            ?? "which cannot be read"
        return UsageError(
            "\(folder): there is the record of a campaign already (\(what))",
            hint: "--resume goes on with it; or give another folder, such as --out \(folder)-2, or remove this one.")
    }

    mutating func run() async throws -> ExitStatus {
        stop.raiseOnSignals()
        for problem in problems { Terminal.error("mesh: \(problem)") }
        save()
        if !base.hasEnded { try await carryOut(\.base) }
        if !main.hasEnded { try await carryOut(\.main) }
        let wall = ContinuousClock.now - start
        shrinkEnd = ContinuousClock.now + order.shrinkTime
        finish(\.base)
        finish(\.main)
        save()
        let record = record
        let reports = Dictionary(
            (base.capsules + main.capsules).compactMap { capsule in capsule.text.map { (capsule.key, $0) } },
            uniquingKeysWith: { first, _ in first })
        var outcome = CampaignOutcome(
            record: record, folders: order.out, wall: wall, reports: reports, wasStopped: stop.isRaised)
        outcome.isStable = stability.isReached
        outcome.cutShort = (base.capsules + main.capsules).count { $0.isOutOfTime }
        outcome.shrinkTime = order.shrinkTime
        outcome.judge(order.knownMarks, of: order.marks)
        FuzzPrinter.summary(outcome, isJSON: order.isJSON)
        if order.annotates { FuzzPrinter.annotate(outcome.cold, in: order.marks) }
        if let path = order.junit { try Files.replace(path, with: Array(JUnit.text(outcome).utf8)) }
        if let path = order.marks, order.knownMarks == nil {
            guard outcome.isComplete else {
                throw UsageError("\(path): not rewritten, because the campaign was stopped early")
            }
            try Files.replace(path, with: Array(MarkFile(record).text.utf8))
        }
        return outcome.status
    }

    /// What is known so far.
    private var record: CampaignRecord {
        let (seconds, attoseconds) = (earlierTime + (ContinuousClock.now - start)).components
        return CampaignRecord(
            build: Build.fingerprint, plan: plan,
            parts: [
                CampaignRecord.Part(shard: order.shard.index + 1, places: main.places, isComplete: main.hasEnded)
            ], milliseconds: UInt64(seconds * 1_000 + attoseconds / 1_000_000_000_000_000), campaign: main.record,
            regressions: base.record, states: CampaignRecord.States(stability.states),
            news: CampaignRecord.News(stability.memory), leaks: leaks, problems: problems)
    }

    /// Takes over what an earlier process found; failures it did not finish are run again, to be finished by this one.
    private mutating func goOn(with record: CampaignRecord) throws {
        guard let part = record.parts.first, let tally = record.campaign.tally else { return }
        guard let states = record.states.set, let news = record.news,
            let stability = Stability(news.memory, states: states)
        else { throw UsageError("the record does not say what was new in its runs", hint: "leave --resume out.") }
        self.stability = stability
        earlierTime = .milliseconds(Int64(record.milliseconds))
        leaks = record.leaks
        main.tally = tally
        main.places = part.places
        main.hasEnded = part.isComplete
        try takeOver(record.campaign, \.main)
        guard record.regressions.runs == base.plan.count, let known = record.regressions.tally else { return }
        base.tally = known
        base.places = PlaceSet(below: known.runs)
        base.hasEnded = true
        try takeOver(record.regressions, \.base)
    }

    private mutating func takeOver(_ record: TallyRecord, _ side: WritableKeyPath<FuzzCampaign, Side>) throws {
        for known in record.failures {
            guard let capsule = known.capsule else { continue }
            guard !capsule.isFinished else {
                self[keyPath: side].earlier[known.signature] = capsule
                continue
            }
            let plan = self[keyPath: side].plan
            let job = try plan.job((known.place - plan.shard.index) / plan.shard.of)
            var exploration = Exploration(
                job.scenario, seed: job.seed, kind: job.kind, futures: ExplorationPlan.futures)
            while !exploration.advance(events: 1_000_000) {}
            let futures = exploration.futures
            guard let failure = self[keyPath: side].tally.failures.first(where: { $0.signature == known.id }),
                let index = futures.firstIndex(where: { FailureSignature($0.report) == known.id })
            else { continue }
            var again = job
            if index > 0 { again.scenario = futures[index].scenario }
            self[keyPath: side].capsules.append(
                Capsule(failure, again, futures[index].report, order, isBase: self[keyPath: side].isBase))
        }
    }

    private mutating func carryOut(_ side: WritableKeyPath<FuzzCampaign, Side>) async throws {
        let plan = self[keyPath: side].plan
        let isBase = self[keyPath: side].isBase
        let time = isBase ? nil : order.time.map { max($0 - earlierTime, .zero) }
        var line = FuzzLine(label: isBase ? "bug base" : "fuzz", total: plan.count, time: time)
        var state = self
        let enough = StopFlag()
        let untilStable = order.untilStable && !isBase
        let isWhole = try await FuzzCrew.run(
            plan, without: self[keyPath: side].places, jobs: order.jobs, deadline: time.map { start + $0 }, stop: stop,
            enough: enough, keepsGaps: !untilStable
        ) { place, result in
            // What was under way when nothing new came any more is not counted, however many jobs there are.
            guard !enough.isRaised else { return }
            if !isBase {
                state.stability.add(result.report)
                for future in result.futures { state.stability.add(future.report) }
                if untilStable && state.stability.isReached { enough.raise() }
            }
            if state.note(result, at: place, side) { line.clear() }
            line.show(state[keyPath: side].tally, states: state.stability.states.count)
        }
        line.clear()
        self = state
        self[keyPath: side].hasEnded = isWhole
    }

    /// Takes in what a run gave.
    ///
    /// - Returns: Whether something was said on the terminal.
    private mutating func note(
        _ result: FuzzCrew.Result, at place: UInt64, _ side: WritableKeyPath<FuzzCampaign, Side>
    ) -> Bool {
        let inCampaign = self[keyPath: side].plan.placeInCampaign(place)
        self[keyPath: side].tally.add(result.report, place: inCampaign, isVerified: result.isVerified)
        self[keyPath: side].places.insert(place)
        if let text = result.difference {
            leaks.append(CampaignRecord.Leak(seed: result.job.seed, file: result.job.path, text: text))
        }
        let wasLost = isFolderLost
        if result.report.verdict == .broken { keep(result.report, result.job, inCampaign, side) }
        for (index, future) in result.futures.enumerated() {
            self[keyPath: side].tally.add(future.report, place: inCampaign, future: UInt64(index) + 1)
            var job = result.job
            job.scenario = future.scenario
            if future.report.verdict == .broken { keep(future.report, job, inCampaign, side) }
        }
        if ContinuousClock.now - saved > saveInterval { save() }
        return isFolderLost != wasLost
    }

    /// Begins a capsule when no run at an earlier place failed like this.
    private mutating func keep(
        _ report: Report, _ job: FuzzPlan.Job, _ place: UInt64, _ side: WritableKeyPath<FuzzCampaign, Side>
    ) {
        let failures = self[keyPath: side].tally.failures
        guard let signature = FailureSignature(report),
            let failure = failures.first(where: { $0.place == place && $0.signature == signature })
        else { return }
        let known = self[keyPath: side].capsules.firstIndex { $0.failure.signature == signature }
        if let known {
            guard self[keyPath: side].capsules[known].failure.place != place else { return }
        } else {
            let count = base.capsules.count + base.earlier.count + main.capsules.count + main.earlier.count
            guard count < Self.capsuleLimit else { return }
        }
        var capsule = Capsule(failure, job, report, order, isBase: self[keyPath: side].isBase)
        if isFolderLost {
            capsule.loseFolder()
        } else {
            do { try capsule.begin() } catch { loseFolder(error) }
        }
        if let known {
            self[keyPath: side].capsules[known] = capsule
        } else {
            self[keyPath: side].capsules.append(capsule)
        }
        save()
    }

    /// Makes every failure small, writes all about it and shows it.
    private mutating func finish(_ side: WritableKeyPath<FuzzCampaign, Side>) {
        let failures = self[keyPath: side].tally.failures
        for index in self[keyPath: side].capsules.indices {
            var capsule = self[keyPath: side].capsules[index]
            if let failure = failures.first(where: { $0.signature == capsule.failure.signature }) {
                capsule.failure.count = failure.count
            }
            if isFolderLost { capsule.loseFolder() }
            // Each has its share of the time that is left.
            let waiting = (base.capsules + main.capsules).count { !$0.wasTried }
            let time = max((shrinkEnd - ContinuousClock.now) / max(waiting, 1), .zero)
            do {
                try capsule.finish(budget: order.shrinkBudget, time: time, stop: stop, isTold: order.junit != nil)
            } catch {
                loseFolder(error)
                capsule.loseFolder()
            }
            self[keyPath: side].capsules[index] = capsule
            FuzzPrinter.failure(capsule, order)
            save()
        }
    }

    /// Writes the record.
    private mutating func save() {
        guard let folder, !isFolderLost else { return }
        let begin = ContinuousClock.now
        do { try folder.save(record) } catch { loseFolder(error) }
        saved = .now
        // A twentieth of the time may go into it.
        saveInterval = max(.seconds(2), (saved - begin) * 20)
    }

    /// Ends the campaign when something cannot be written, with all that is known on the terminal.
    private mutating func loseFolder(_ error: any Error) {
        let text = (error as? UsageError)?.message ?? "\(error)"
        Terminal.error("mesh: \(text)")
        Terminal.error("the campaign ends here, and what it found follows; --resume goes on when there is room.")
        problems.append(text)
        isFolderLost = true
        stop.raise()
    }
}

/// The scenarios of bugs that were found before, when the present folder has them.
struct Corpus {
    private(set) var files: [ScenarioFile] = []
    /// Those that could not be read, and why.
    private(set) var problems: [String] = []

    init() {
        let folder = "scenarios/regressions"
        guard FileManager.default.fileExists(atPath: folder) else { return }
        do { _ = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            problems.append("the bug base \(folder) cannot be read: \(Files.reason(error)); it was not replayed")
            return
        }
        for path in (try? Files.find([folder])) ?? [] {
            do { files.append(try Files.read(path)) } catch let error as ScenarioError {
                problems.append("a scenario of the bug base is wrong and was not replayed:\n\(error.text)")
            } catch {
                let text = (error as? UsageError)?.message ?? "\(path): \(error)"
                problems.append("a scenario of the bug base was not replayed: \(text)")
            }
        }
    }
}

extension CampaignRecord.Plan {
    init(_ order: FuzzOrder, base: [ScenarioFile]) {
        func named(_ file: ScenarioFile) -> String {
            var digest = Digest()
            digest.mix(Bytes(file.scenario.description))
            return "\(file.path) \(digest)"
        }
        profile = order.files.isEmpty ? order.profile.name : nil
        files = order.files.map(named)
        regressions = base.map(named)
        exploration = order.explorationName
        firstSeed = order.first
        runs = order.count.map { $0 &* UInt64(max(order.files.count, 1)) }
        shards = order.shard.of
    }

    /// In what two plans differ, in words; `nil` when they are one.
    func difference(from other: Self) -> String? {
        if profile != other.profile { return "profile \(profile ?? "none") and \(other.profile ?? "none")" }
        if files != other.files { return "different files, or the same with different content" }
        if regressions != other.regressions { return "different bug bases (scenarios/regressions)" }
        if exploration != other.exploration { return "--explore \(exploration) and \(other.exploration)" }
        if firstSeed != other.firstSeed { return "first seeds \(firstSeed) and \(other.firstSeed)" }
        func text(_ runs: UInt64?) -> String { runs.map { "\($0) runs" } ?? "as many runs as the time allows" }
        if runs != other.runs { return "\(text(runs)) and \(text(other.runs))" }
        if shards != other.shards { return "parts of \(shards) shards and of \(other.shards)" }
        return nil
    }
}

extension CampaignRecord {
    /// Checks that a call goes on with what this record began.
    ///
    /// - Throws: `UsageError` when it does not.
    fileprivate func checkResumed(by plan: Plan, shard: UInt64, path: String) throws {
        let hint = "give another --out, or leave --resume out to start anew."
        if let difference = self.plan.difference(from: plan) {
            throw UsageError("\(path): this record is of another campaign: \(difference)", hint: hint)
        }
        guard parts.count == 1, let part = parts.first, part.shard == shard else {
            throw UsageError("\(path): this record is of another shard, or of several", hint: hint)
        }
        guard build == Build.fingerprint else {
            throw UsageError("\(path): this record was written by another build of mesh", hint: hint)
        }
    }
}
