import Foundation
import MeshCore

/// Prints measurements for people or for programs.
enum Report {
    static var header: String {
        let columns = [
            pad("benchmark", 36), fit("min ns", 10), fit("median ns", 10), fit("allocs", 8), fit("vs base", 8),
        ]
        return columns.joined(separator: " ") + "  digest"
    }

    static func line(_ measurement: Measurement, baseline: Measurement?) -> String {
        var ratio = ""
        if let baseline, baseline.benchmark.name != measurement.benchmark.name {
            ratio = String(format: "%.2fx", baseline.median / measurement.median)
        }
        var line =
            "\(pad(measurement.benchmark.name, 36)) \(fit(number(measurement.minimum), 10))"
            + " \(fit(number(measurement.median), 10)) \(fit(number(measurement.allocationsPerOperation), 8))"
            + " \(fit(ratio, 8))  \(measurement.digest)  per \(measurement.benchmark.operation)"
        if measurement.simulated > .zero {
            line += ", \(Int(1e9 / measurement.median)) events/s, \(Int(measurement.simulatedSpeed)) simulated s/s"
        }
        for index in 0..<measurement.figures.count {
            line += ", \(measurement.figures.values[index]) \(measurement.figures.keys[index])"
        }
        return line
    }

    static func json(_ measurement: Measurement, baseline: Measurement?) -> String {
        var fields = [
            "\"name\":\"\(measurement.benchmark.name)\"",
            "\"operation\":\"\(measurement.benchmark.operation)\"",
            "\"operations\":\(measurement.operations)",
            "\"minimumNanoseconds\":\(number(measurement.minimum))",
            "\"medianNanoseconds\":\(number(measurement.median))",
            "\"allocations\":\(number(measurement.allocationsPerOperation))",
            "\"digest\":\"\(measurement.digest)\"",
        ]
        if let baseline, baseline.benchmark.name != measurement.benchmark.name {
            fields.append("\"speedAgainstBaseline\":\(String(format: "%.3f", baseline.median / measurement.median))")
        }
        if measurement.simulated > .zero {
            fields.append("\"eventsPerSecond\":\(Int(1e9 / measurement.median))")
            fields.append("\"simulatedSecondsPerSecond\":\(Int(measurement.simulatedSpeed))")
        }
        for index in 0..<measurement.figures.count {
            fields.append("\"\(measurement.figures.keys[index])\":\(measurement.figures.values[index])")
        }
        return "{\(fields.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if value == 0 { return "0" }
        return String(format: value < 0.01 ? "%.5f" : value < 10_000 ? "%.2f" : "%.0f", value)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    private static func fit(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}
