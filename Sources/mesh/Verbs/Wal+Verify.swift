import MeshCore
import MeshRuntime

// `mesh wal verify` and `mesh wal repair`: what a node that starts would make of a log.

extension Wal {
    /// Reads a whole log as a node that starts would, and says what came of it.
    static func verify<Stable: StableState>(
        _ folder: FileDirectory, _ request: Request, as content: Stable.Type
    ) throws -> ExitStatus {
        warnOfHolder(folder)
        do throws(Storage.Failure) {
            let report = try WriteAheadLog<Storage.Unkept<Stable>>.recover(from: folder, settings: request.settings)
                .report
            let isDamaged = report.passedOverCount > 0 || report.leftovers.contains { $0.reason == .brokenImage }
            let verdict = isDamaged ? ("damaged", ExitStatus.broken) : ("whole", ExitStatus.held)
            print(verdict, folder.path, report, nil, request)
            return verdict.1
        } catch {
            let verdict = isDamage(error) ? ("damaged", ExitStatus.broken) : ("unreadable", ExitStatus.usage)
            print(verdict, folder.path, nil, error, request)
            return verdict.1
        }
    }

    /// Whether a log is broken, and not only out of reach for this program.
    private static func isDamage(_ failure: Storage.Failure) -> Bool {
        switch failure {
        case .damaged(_, at: _, .version), .full, .device, .missing: false
        case .damaged: true
        }
    }

    private static func print(
        _ verdict: (text: String, status: ExitStatus), _ path: String, _ report: Storage.RecoveryReport?,
        _ failure: Storage.Failure?, _ request: Request
    ) {
        if request.isJSON { return Terminal.print(object(verdict.text, path, report, failure).text) }
        let mark = verdict.status == .held ? Terminal.green(verdict.text) : Terminal.red(verdict.text)
        guard let report else {
            Terminal.print("\(mark)  \(Terminal.bold(path))  a node would not start from it")
            if let failure {
                Terminal.print("  \(failure)")
                Terminal.print("  \(wayOut(of: failure, path))")
            }
            return
        }
        Terminal.print("\(mark)  \(Terminal.bold(path))  \(summary(of: report))")
        for line in lines(of: report) { Terminal.print("  \(line)") }
    }

    /// What comes back, in a line.
    static func summary(of report: Storage.RecoveryReport) -> String {
        var parts: [String] = []
        if report.imageSequence > 0 {
            parts.append("an image of records 1 to \(report.imageSequence)")
        }
        parts.append(
            "\(Units.counted(Int(report.logRecords), "record", "records")) of "
                + Units.counted(Int(report.segments), "segment", "segments")
        )
        return "recovery reads \(parts.joined(separator: " and ")); the last is record \(report.lastSequence)"
    }

    /// What recovery does beside reading.
    static func lines(of report: Storage.RecoveryReport) -> [String] {
        var lines: [String] = []
        if let cut = report.cut {
            lines.append(
                "cuts \(cut.file) at offset \(cut.offset): a torn write that nobody was told about (rot in the very "
                    + "last batch looks the same)")
        }
        for leftover in report.leftovers { lines.append("removes \(leftover.file): \(leftover.reason)") }
        for place in report.passedOver {
            lines.append("passes over a broken place in \(place.file) at offset \(place.offset): nothing needs it")
        }
        let rest = report.passedOverCount - UInt64(report.passedOver.count)
        if rest > 0 { lines.append("passes over \(rest) more broken places") }
        return lines
    }

    /// What can be done about a log that is refused.
    static func wayOut(of failure: Storage.Failure, _ path: String) -> String {
        guard case .damaged(_, _, let damage) = failure else { return "check the disk and the rights of this user" }
        switch damage {
        case .header: return "\"mesh wal repair --dry-run \(path)\" says whether the header can be proven"
        case .version: return "read it with the version of mesh that wrote it, or a newer one"
        case .record: return "if it is the log of another program, \"--content any\" judges its frames alone"
        case .rot, .gap, .image:
            return
                "what was durable is gone from this disk: restore a backup, or let the node begin anew as a new member"
        }
    }

    private static func object(
        _ verdict: String, _ path: String, _ report: Storage.RecoveryReport?, _ failure: Storage.Failure?
    ) -> JSONObject {
        var object = JSONObject()
        object.add("folder", path)
        object.add("verdict", verdict)
        if let report {
            object.add("image_sequence", report.imageSequence)
            object.add("image_records", report.imageRecords)
            object.add("segments", report.segments)
            object.add("log_records", report.logRecords)
            object.add("last_record", report.lastSequence)
            if let cut = report.cut { object.add("cut", object: Self.object(cut)) }
            object.add(
                "leftovers",
                objects: report.leftovers.map { leftover in
                    var object = JSONObject()
                    object.add("file", leftover.file.description)
                    object.add("reason", leftover.reason.description)
                    return object
                })
            object.add("passed_over", report.passedOverCount)
            object.add("passed_over_places", objects: report.passedOver.map { Self.object($0) })
        }
        if let failure { object.add("failure", failure.description) }
        return object
    }

    private static func object(_ place: Storage.RecoveryReport.Place) -> JSONObject {
        var object = JSONObject()
        object.add("file", place.file.description)
        object.add("offset", UInt64(place.offset))
        return object
    }
}

// MARK: - Repair

extension Wal {
    static func repair<Stable: StableState>(
        _ path: String, _ request: Request, as content: Stable.Type
    ) throws -> ExitStatus {
        var folder = try folder(path)
        if request.isDryRun {
            warnOfHolder(folder)
        } else {
            do { folder = try FileDirectory.holding(path) } catch { throw UsageError(error.description) }
        }
        let plan: Storage.RepairPlan
        do {
            plan = try WriteAheadLog<Storage.Unkept<Stable>>.repairPlan(for: folder, settings: request.settings)
        } catch {
            throw UsageError("\(path): \(error)", hint: wayOut(of: error, path))
        }
        var aside: String?
        if !request.isDryRun, plan.refusal == nil {
            do { aside = try folder.carryOut(plan) } catch { throw UsageError(error.description) }
        }
        show(plan, aside, try files(of: folder), path, request)
        return plan.refusal == nil ? .held : .broken
    }

    private static func show(
        _ plan: Storage.RepairPlan, _ aside: String?, _ files: [Storage.File], _ path: String, _ request: Request
    ) {
        if request.isJSON { return Terminal.print(object(plan, aside, path).text) }
        let would = request.isDryRun ? "would " : ""
        for step in plan.steps { Terminal.print("\(would)\(text(of: step, aside))") }
        let kept = files.count - Set(plan.steps.map(\.file)).intersection(files).count
        if let refusal = plan.refusal {
            Terminal.print("\(Terminal.red("not repaired"))  \(Terminal.bold(path))  nothing was changed")
            Terminal.print("  \(refusal)")
            Terminal.print("  \(wayOut(of: refusal, path))")
        } else if let report = plan.report {
            let mark = plan.steps.isEmpty ? "nothing to do" : request.isDryRun ? "can be repaired" : "repaired"
            Terminal.print("\(Terminal.green(mark))  \(Terminal.bold(path))  \(summary(of: report))")
            Terminal.print("  kept as it is: \(Units.counted(kept, "file", "files"))")
            if let aside { Terminal.print("  what was moved or cut is in \(path)/\(aside)") }
            if report.passedOverCount > 0 {
                Terminal.print("  broken places that nothing needs stay: \(report.passedOverCount)")
            }
        }
    }

    private static func text(of step: Storage.RepairPlan.Step, _ aside: String?) -> String {
        let place = aside.map { "to \($0)" } ?? "aside"
        switch step {
        case .moveAside(let file, let reason): return "move \(file) \(place): \(reason)"
        case .cut(let file, at: let offset, byteCount: let count):
            return
                "cut \(file) at offset \(offset), \(Units.grouped(UInt64(count))) bytes: a torn write that nobody was "
                + "told about"
        case .writeHeader(let file, let header):
            return "write the header of \(file) anew: its first record is \(header.sequence), whole, and nothing but "
                + "zeros stands before it"
        }
    }

    private static func object(_ plan: Storage.RepairPlan, _ aside: String?, _ path: String) -> JSONObject {
        var object = JSONObject()
        object.add("folder", path)
        object.add(
            "verdict", plan.refusal == nil ? (plan.steps.isEmpty ? "nothing to do" : "repaired") : "not repaired")
        object.add(
            "steps",
            objects: plan.steps.map { step in
                var object = JSONObject()
                object.add("file", step.file.description)
                switch step {
                case .moveAside(_, let reason):
                    object.add("do", "move aside")
                    object.add("reason", reason.description)
                case .cut(_, at: let offset, byteCount: let count):
                    object.add("do", "cut")
                    object.add("offset", UInt64(offset))
                    object.add("bytes", UInt64(count))
                case .writeHeader(_, let header):
                    object.add("do", "write header")
                    object.add("sequence", header.sequence)
                }
                return object
            })
        if let aside { object.add("aside", "\(path)/\(aside)") }
        if let report = plan.report { object.add("last_record", report.lastSequence) }
        if let refusal = plan.refusal { object.add("failure", refusal.description) }
        return object
    }
}
