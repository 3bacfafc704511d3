import MeshCore

extension LogFuzz {
    /// Reads a folder in every way there is, and says which promise of the log it breaks; `nil` when all hold.
    ///
    /// Whatever stands in the files: the log comes back or is refused, in bounded time, and never traps. A survey
    /// accounts for every byte. What is repaired is whole, and holds what recovery had found. A log that came back goes
    /// on.
    public static func brokenPromise(of folder: Folder) -> String? {
        for file in (try? folder.files()) ?? [] {
            if let broken = surveyed(file, in: folder) { return broken }
        }
        let recovered = try? WriteAheadLog<MeshNode.Stable>.recover(from: folder, settings: settings)
        let unkept = try? WriteAheadLog<Storage.Unkept<MeshNode.Stable>>.recover(from: folder, settings: settings)
        guard recovered?.report == unkept?.report else { return "two readings of one log differ" }
        guard let plan = try? WriteAheadLog<MeshNode.Stable>.repairPlan(for: folder, settings: settings) else {
            return "memory cannot be read"
        }
        if (plan.refusal == nil) != (plan.report != nil) { return "a plan neither refuses nor says what comes back" }
        if let recovered {
            guard plan.report == recovered.report else { return "the plan found something else than recovery" }
            if let broken = goesOn(recovered, folder) { return broken }
        }
        return plan.refusal == nil ? repaired(plan, folder) : nil
    }

    /// Walks a file and adds up what was found.
    private static func surveyed(_ file: Storage.File, in folder: Folder) -> String? {
        guard var survey = try? Storage.Survey(file, in: folder, settings: settings) else { return nil }
        var end = survey.sectorBytes
        var count: Int64 = 0
        while let finding = (try? survey.next()) ?? nil {
            count += 1
            if count > survey.byteCount / 8 + 4 { return "a survey does not end" }
            let span: (start: Int64, end: Int64)
            switch finding {
            case .header, .badHeader: continue
            case .frame(let header, _, at: let offset): span = (offset, offset + Int64(header.byteCount))
            case .broken(at: let offset, byteCount: let length), .free(at: let offset, byteCount: let length):
                span = (offset, offset + length)
            }
            // Between two batches stand zeros, less than a sector.
            if span.start < end || span.start - end >= survey.sectorBytes || span.end <= span.start {
                return "a survey of \(file) leaves a gap or overlaps at \(span.start)"
            }
            end = span.end
        }
        return end > max(survey.byteCount, survey.sectorBytes) ? "a survey of \(file) ends behind the file" : nil
    }

    /// A log that came back takes another record, and comes back with it.
    private static func goesOn(
        _ recovered: WriteAheadLog<MeshNode.Stable>.Recovered, _ folder: Folder
    ) -> String? {
        var folder = folder
        var log = recovered.log
        do {
            while let operation = log.nextOperation(in: .log) {
                try folder.perform(operation)
                _ = log.completed(.log)
            }
            log.append(.raft(.hardState(term: Raft.Term(1 << 40), votedFor: nil)), Ticket(1))
            for lane in Storage.Lane.allCases {
                while let operation = log.nextOperation(in: lane) {
                    try folder.perform(operation)
                    _ = log.completed(lane)
                }
            }
            let again = try WriteAheadLog<MeshNode.Stable>.recover(from: folder, settings: settings)
            guard again.report.lastSequence == recovered.report.lastSequence + 1, again.report.cut == nil else {
                return "a log that went on comes back otherwise"
            }
            return nil
        } catch {
            return "a log that came back does not come back twice: \(error)"
        }
    }

    /// What was repaired is whole and holds the same.
    ///
    /// Putting one file aside can make another one superfluous, but that comes to an end.
    private static func repaired(_ plan: Storage.RepairPlan, _ folder: Folder) -> String? {
        var folder = folder
        var next = plan
        do {
            for _ in 0...folder.entries.count {
                try folder.carryOut(next)
                next = try WriteAheadLog<MeshNode.Stable>.repairPlan(for: folder, settings: settings)
                guard next.refusal == nil else { return "what was repaired is refused: \(plan.steps)" }
                guard next.report?.lastSequence == plan.report?.lastSequence else {
                    return "a repair lost records: \(plan.steps)"
                }
                if next.steps.isEmpty { return nil }
            }
            return "a repair does not end: \(plan.steps), then \(next.steps)"
        } catch {
            return "what was repaired cannot be read: \(error)"
        }
    }
}
