import Foundation
import MeshCore
import Scenarios
import Simulator

/// `mesh replay --disks`: what the nodes of a run have on their disks at its end, as real files.
enum Disks {
    static func write(_ files: [ScenarioFile], _ request: Replay.Request, to folder: String) throws -> ExitStatus {
        guard files.count == 1, let file = files.first else {
            throw UsageError("--disks takes one scenario file", hint: "name one of the \(files.count) files.")
        }
        guard request.trace == nil else { throw UsageError("--disks and --trace are two calls") }
        let first = file.scenario.seeds[0]
        let seeds = request.seeds ?? Scenario.Seeds([Scenario.SeedRange(first, first)])
        guard seeds.count == 1 else { throw UsageError("--disks takes one seed", hint: "add --seed \(seeds[0])") }
        if let names = try? FileManager.default.contentsOfDirectory(atPath: folder), !names.isEmpty {
            throw UsageError("\(folder): is not empty", hint: "name a folder that is not there yet.")
        }
        var run = Run(file.scenario, seed: seeds[0], until: request.until)
        _ = run.advance()
        var byteCount: UInt64 = 0
        for node in run.simulation.nodes {
            byteCount += try write(run.simulation.disk(of: node), to: "\(folder)/\(node)")
        }
        let report = run.report
        if request.isJSON {
            JSONPrinter.run(file, report)
        } else {
            Printer.seed(report)
            if report.verdict != .held { Printer.failure(file, report, request) }
            Terminal.print(
                "\(Units.counted(run.simulation.nodes.count, "disk", "disks")) with \(Units.grouped(byteCount)) bytes "
                    + "written to \(folder): mesh wal inspect \(folder)/n1")
        }
        return Replay.status(report.verdict)
    }

    /// Writes the files of a disk as the process saw them.
    private static func write(_ disk: ByteDisk, to folder: String) throws -> UInt64 {
        var disk = disk
        disk.settle()
        var sum: UInt64 = 0
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw UsageError("\(folder): cannot be made: \(Files.reason(error))")
        }
        for file in try disk.files() {
            let count = try disk.byteCount(of: file)
            try Files.write(try disk.read(file, at: 0, count: Int(count)), to: "\(folder)/\(file)")
            sum += UInt64(count)
        }
        return sum
    }
}
