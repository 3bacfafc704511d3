import Foundation
import MeshCore
import Scenarios

/// `mesh fuzz merge`: what the parts of a campaign found together.
enum FuzzMerge {
    /// A record and the folder that it lies in.
    private struct Source {
        var folder: String
        var record: CampaignRecord
    }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        for option in ["--seeds", "--time", "--jobs", "--profile", "--shard", "--shrink-budget", "--shrink-time"] {
            guard arguments.value(option) == nil else { throw UsageError("\"mesh fuzz merge\" takes no \(option)") }
        }
        for option in ["--resume", "--effective", "--update-marks", "--boundaries"] where arguments.has(option) {
            throw UsageError("\"mesh fuzz merge\" takes no \(option)")
        }
        let out = arguments.value("--out")
        let paths = try records(Array(arguments.operands.dropFirst()), without: out)
        let all = try paths.map { path in
            Source(
                folder: (path as NSString).deletingLastPathComponent, record: try CampaignFolder.read(path))
        }
        try check(all, anyBuild: arguments.has("--any-build"))
        let (sources, notes) = try distinct(all)
        var record = try sum(sources)
        let folder = try out.map { try CampaignFolder(taking: $0) }
        try take(&record, sources, into: out)
        try folder?.save(record)
        let isJSON = arguments.has("--json")
        var outcome = CampaignOutcome(
            record: record, folders: out, wall: .milliseconds(Int64(record.milliseconds)), reports: [:],
            wasStopped: false, isMerged: true)
        for finding in outcome.findings {
            guard let folder = outcome.folder(of: finding.failure) else { continue }
            outcome.reports[finding.key] = try? String(contentsOfFile: folder + "/report.txt", encoding: .utf8)
        }
        let marks = arguments.value("--marks")
        let known = try marks.map { try MarkFile(path: $0) }
        if let known, let marks, known.profile != record.plan.profile {
            throw UsageError("\(marks) holds the marks of profile \(known.profile), which was not run")
        }
        outcome.judge(known, of: marks)
        for note in notes { Terminal.error(note) }
        if !isJSON { tell(outcome) }
        FuzzPrinter.summary(outcome, isJSON: isJSON)
        if let path = arguments.value("--junit") { try Files.replace(path, with: Array(JUnit.text(outcome).utf8)) }
        return outcome.status
    }

    /// The records behind operands: a file is itself, a folder stands for its record or for all below it.
    private static func records(_ operands: [String], without out: String?) throws -> [String] {
        guard !operands.isEmpty else {
            throw UsageError("\"mesh fuzz merge\" wants folders that \"mesh fuzz --out\" wrote")
        }
        let skipped = out.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        var paths: [String] = []
        for operand in operands {
            let folder = operand.count > 1 && operand.hasSuffix("/") ? String(operand.dropLast()) : operand
            let own = "\(folder)/\(CampaignRecord.fileName)"
            if FileManager.default.fileExists(atPath: own) {
                paths.append(own)
                continue
            }
            do {
                paths += try Files.find([folder], suffix: "/" + CampaignRecord.fileName)
            } catch let error as UsageError {
                throw UsageError(
                    error.message.hasSuffix("file")
                        ? "\(operand): there is no \(CampaignRecord.fileName) here, nor below" : error.message,
                    hint: "leave it out: the merge names the shards that are missing.")
            }
        }
        var known: [String] = []
        return paths.filter { path in
            let place = URL(fileURLWithPath: path).standardizedFileURL.path
            guard !known.contains(place), (place as NSString).deletingLastPathComponent != skipped else { return false }
            known.append(place)
            return true
        }
    }

    /// Checks that the records are parts of one campaign.
    private static func check(_ sources: [Source], anyBuild: Bool) throws {
        guard let first = sources.first else { throw UsageError("there is nothing to merge but the result itself") }
        for source in sources.dropFirst() {
            if let difference = first.record.plan.difference(from: source.record.plan) {
                throw UsageError(
                    "\(first.folder) and \(source.folder) are no parts of one campaign: \(difference)",
                    hint: "merge those that were started with the same seeds and files.")
            }
            guard anyBuild || first.record.build == source.record.build else {
                throw UsageError(
                    "\(first.folder) and \(source.folder) were run by different builds of mesh",
                    hint: "run one of them again; --any-build merges them all the same.")
            }
        }
    }

    /// The records without those whose runs another one has as well.
    ///
    /// A shard that was tried again leaves a record of fewer runs, and one of all: the second stands for both.
    ///
    /// - Throws: `UsageError` when two have runs in common, and neither has all of the other's.
    private static func distinct(_ all: [Source]) throws -> (sources: [Source], notes: [String]) {
        func count(_ source: Source) -> UInt64 { source.record.parts.reduce(0) { $0 + $1.places.count } }
        var kept: [Source] = []
        var notes: [String] = []
        next: for source in all.sorted(by: { count($0) > count($1) }) {
            for other in kept {
                let common = source.record.common(other.record)
                let isInside = common == count(source)
                if common == 0, !(isInside && source.record.hasShards(of: other.record)) { continue }
                guard isInside else {
                    throw UsageError(
                        "\(source.folder) and \(other.folder) would be counted twice: "
                            + "they have \(common) runs in common, and each has others",
                        hint: "leave one of them out, and run that shard again with --resume to fill the gap.")
                }
                let isSame = common == count(other)
                if isSame, source.record.campaign.digest != other.record.campaign.digest {
                    throw UsageError(
                        "\(source.folder) and \(other.folder) have the same runs with different results",
                        hint: "a run was not deterministic, or one of the records was changed by hand.")
                }
                notes.append(
                    "\(source.folder): left out, \(other.folder) has all of its \(common) runs")
                continue next
            }
            kept.append(source)
        }
        return (kept.sorted { ($0.record.parts.first?.shard ?? 0) < ($1.record.parts.first?.shard ?? 0) }, notes)
    }

    private static func sum(_ sources: [Source]) throws -> CampaignRecord {
        var record = sources[0].record
        var campaign = FuzzTally()
        var states = StateSet()
        record.parts = []
        record.news = nil
        record.milliseconds = 0
        record.leaks = []
        record.problems = []
        var base = record.regressions
        for source in sources {
            if let tally = source.record.campaign.tally { campaign.add(tally) }
            if let more = source.record.states.set { states.formUnion(more) }
            record.milliseconds += source.record.milliseconds
            record.leaks += source.record.leaks.filter { !record.leaks.contains($0) }
            record.problems += source.record.problems.map { "\(source.folder): \($0)" }
            for part in source.record.parts { record.add(part) }
            let other = source.record.regressions
            guard other.runs != base.runs || other.digest == base.digest else {
                throw UsageError(
                    "\(sources[0].folder) and \(source.folder) replayed the bug base with different results",
                    hint: "a run was not deterministic, or one of the records was changed by hand.")
            }
            if other.runs > base.runs { base = other }
        }
        record.regressions = base
        record.parts.sort { $0.shard < $1.shard }
        record.states = CampaignRecord.States(states)
        record.campaign = TallyRecord(campaign, file: { _ in nil }, capsule: { _ in nil })
        return record
    }

    /// Gives each failure its file and its folder, and copies the folders when there is where to.
    private static func take(_ record: inout CampaignRecord, _ sources: [Source], into out: String?) throws {
        for isBase in [true, false] {
            let side: WritableKeyPath<CampaignRecord, TallyRecord> = isBase ? \.regressions : \.campaign
            for index in record[keyPath: side].failures.indices {
                let failure = record[keyPath: side].failures[index]
                var best: (source: Source, failure: TallyRecord.Failure)?
                for source in sources {
                    for known in source.record[keyPath: side].failures where known.id == failure.id {
                        // The first run's own capsule, or else any; a finished one rather than another.
                        if known.place == failure.place { record[keyPath: side].failures[index].file = known.file }
                        guard let capsule = known.capsule else { continue }
                        let rank = (capsule.isFinished ? 2 : 0) + (known.place == failure.place ? 1 : 0)
                        let old = best.map {
                            ($0.failure.capsule?.isFinished == true ? 2 : 0)
                                + ($0.failure.place == failure.place ? 1 : 0)
                        }
                        if rank > old ?? -1 { best = (source, known) }
                    }
                }
                guard let best, var capsule = best.failure.capsule else { continue }
                if let name = capsule.folder {
                    let old = "\(best.source.folder)/\(name)"
                    if let out {
                        try copy(old, to: "\(out)/\(name)")
                    } else {
                        capsule.folder = old
                    }
                }
                record[keyPath: side].failures[index].capsule = capsule
            }
        }
    }

    /// Copies the folder of a failure; its report names the new place.
    private static func copy(_ old: String, to new: String) throws {
        let files = FileManager.default
        do {
            try files.createDirectory(atPath: new, withIntermediateDirectories: true)
            for name in try files.contentsOfDirectory(atPath: old).sorted() where !name.hasSuffix(".new") {
                var bytes = try Files.bytes("\(old)/\(name)")
                if name == "report.txt" {
                    let text = String(decoding: bytes, as: UTF8.self)
                    bytes = Array(
                        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                            guard line.hasPrefix("Reproduce: "), let file = line.split(separator: "/").last else {
                                return String(line)
                            }
                            return "Reproduce: mesh replay \(new)/\(file)"
                        }.joined(separator: "\n").utf8)
                }
                try Files.replace("\(new)/\(name)", with: bytes)
            }
        } catch let error as UsageError { throw error } catch {
            throw UsageError("\(old): cannot be copied to \(new): \(Files.reason(error))")
        }
    }

    private static func tell(_ outcome: CampaignOutcome) {
        for finding in outcome.findings where finding.failure.capsule != nil {
            let failure = finding.failure
            let from = failure.file.map { "\($0), " } ?? ""
            Terminal.print(
                "\(Terminal.red("FAILED")) \(Terminal.bold(failure.promise))  "
                    + "(\(from)seed \(failure.seed), \(failure.runs) runs)")
            Terminal.print("  \(failure.text)")
            if let shrunk = failure.capsule?.shrunk {
                Terminal.print("  shrunk to \(shrunk.lines) events, \(shrunk.nodes) nodes")
            }
            Terminal.print("  reproduce with: \(Terminal.bold(outcome.command(of: failure)))")
        }
        let record = outcome.record
        Terminal.print("merged: \(record.parts.count) of \(record.plan.shards) shards")
        for text in record.missing { Terminal.print("  \(Terminal.yellow("missing")): \(text)") }
    }
}

extension CampaignRecord {
    /// How many runs two records have in common.
    fileprivate func common(_ other: CampaignRecord) -> UInt64 {
        var count: UInt64 = 0
        for part in parts {
            for theirs in other.parts where theirs.shard == part.shard {
                count += part.places.intersection(theirs.places).count
            }
        }
        return count
    }

    /// Whether every shard of this record is in another.
    fileprivate func hasShards(of other: CampaignRecord) -> Bool {
        parts.allSatisfy { part in other.parts.contains { $0.shard == part.shard } }
    }

    /// Adds the runs of another part, which are none of those that are here.
    fileprivate mutating func add(_ part: Part) {
        guard let index = parts.firstIndex(where: { $0.shard == part.shard }) else { return parts.append(part) }
        parts[index].places = parts[index].places.union(part.places)
        parts[index].isComplete = parts[index].isComplete || part.isComplete
    }
}
