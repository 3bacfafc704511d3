import Foundation

/// What can be printed, written and drawn.
protocol BenchReport {
    /// The table for people.
    var text: String { get }
    /// The table for spreadsheets: one line of heads, one line a row.
    var csv: String { get }
    /// The table for programs: one object.
    var json: String { get }
    /// The picture; `nil` when there is nothing to draw.
    var plot: Plot? { get }
}

/// Where the results of `mesh bench` go.
struct BenchSinks {
    private let csv: String?
    private let json: String?
    private let plot: String?

    /// Looks before the long work whether the files can be written after it.
    init(_ arguments: Arguments) throws {
        csv = arguments.value("--csv")
        json = arguments.value("--json")
        plot = arguments.value("--plot")
        let options = [("--csv", csv), ("--json", json), ("--plot", plot)]
        for (option, path) in options {
            guard let path, path != "-" else { continue }
            try Self.check(path, option)
        }
        guard options.filter({ $0.1 == "-" }).count <= 1 else {
            throw UsageError("only one of --csv, --json and --plot can go to standard output")
        }
    }

    private static func check(_ path: String, _ option: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        var isFolder: ObjCBool = false
        if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            throw UsageError("\(option): \(path) is a folder", hint: "name a file in it")
        }
        let place = folder.isEmpty ? "." : folder
        guard FileManager.default.isWritableFile(atPath: place) else {
            throw UsageError("\(option): \(path): there is no folder \(place) that can be written to")
        }
    }

    /// Prints the table, unless something else goes to standard output, and writes the files.
    func write(_ report: some BenchReport) throws {
        if ![csv, json, plot].contains("-") { Terminal.write(report.text, to: .standardOutput) }
        if let csv { try Files.write(Array(report.csv.utf8), to: csv) }
        if let json { try Files.write(Array((report.json + "\n").utf8), to: json) }
        guard let path = plot else { return }
        guard let plot = report.plot else {
            throw UsageError("--plot: there is nothing to draw", hint: "a picture needs a row with a number")
        }
        try Files.write(Array(plot.svg.utf8), to: path)
    }
}

/// Writes numbers of tables.
enum Figures {
    /// With so many digits behind the point.
    static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    /// With about three digits, thousands set apart; `-` for none.
    static func short(_ value: Double?) -> String {
        guard let value else { return "-" }
        let magnitude = abs(value)
        if magnitude >= 1_000 { return Units.grouped(UInt64(value.rounded())) }
        return fixed(value, magnitude >= 100 ? 0 : (magnitude >= 10 ? 1 : 2))
    }

    /// A number of a file for programs; empty for none.
    static func plain(_ value: Double?, _ digits: Int = 4) -> String {
        guard let value else { return "" }
        var text = fixed(value, digits)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }

    /// A cell of a CSV file, in quotes where it needs them (RFC 4180).
    static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// Lines with aligned columns; the first so many columns stand at the left.
    static func table(_ heads: [String], _ rows: [[String]], left: Int = 0) -> String {
        let widths = heads.indices.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
        var text = ""
        for (index, row) in ([heads] + rows).enumerated() {
            let cells = row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column < left ? row[column] + space : space + row[column]
            }
            var line = "  " + cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            text += (index == 0 ? Terminal.bold(line) : line) + "\n"
        }
        return text
    }
}
