import Foundation

/// Where text goes: standard output for results, standard error for complaints and progress.
enum Terminal {
    /// Whether standard output is a terminal that wants colours: `NO_COLOR` and `TERM=dumb` say no.
    static let hasColours: Bool = {
        let environment = ProcessInfo.processInfo.environment
        if let value = environment["NO_COLOR"], !value.isEmpty { return false }
        return isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    }()

    /// Whether a progress line can be shown.
    static let showsProgress: Bool =
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    static func print(_ text: String) { write(text + "\n", to: .standardOutput) }

    static func error(_ text: String) { write(text + "\n", to: .standardError) }

    static func write(_ text: String, to handle: FileHandle) { write(Data(text.utf8), to: handle) }

    static func write(_ data: Data, to handle: FileHandle) {
        // A reader that went away (`mesh replay … | head`) ends the command quietly.
        do { try handle.write(contentsOf: data) } catch { exit(ExitStatus.usage.rawValue) }
    }

    static func green(_ text: String) -> String { colour("32", text) }
    static func red(_ text: String) -> String { colour("31;1", text) }
    static func yellow(_ text: String) -> String { colour("33", text) }
    static func faint(_ text: String) -> String { colour("2", text) }
    static func bold(_ text: String) -> String { colour("1", text) }

    private static func colour(_ code: String, _ text: String) -> String {
        hasColours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// A line that says how far a long piece of work is; nothing in the first second, and nothing without a terminal.
actor Progress {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var shown: ContinuousClock.Instant
    private var isShown = false
    private let label: String
    private let total: UInt64
    private let unit: String
    private let hasBar: Bool
    private var done: UInt64 = 0

    init(label: String, total: UInt64, unit: String = "seeds", hasBar: Bool = false) {
        self.label = label
        self.total = total
        self.unit = unit
        self.hasBar = hasBar
        self.start = clock.now
        self.shown = clock.now
    }

    /// Counts one piece as done.
    func finishOne() {
        done += 1
        show("")
    }

    /// Says how many pieces are done by now.
    func reach(_ count: UInt64) {
        done = count
        show("")
    }

    /// Shows how far one long piece is.
    func update(_ detail: String) { show(detail) }

    private func show(_ detail: String) {
        let now = clock.now
        guard Terminal.showsProgress, now - start > .seconds(1), now - shown > .milliseconds(100) else { return }
        shown = now
        isShown = true
        let percent = total == 0 ? 0 : done * 100 / total
        let seconds = (now - start).components.seconds
        let filled = Int(percent / 5)
        let bar =
            hasBar ? "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: 20 - filled))] " : ""
        Terminal.write(
            "\r\u{1B}[K\(label): \(bar)\(done) of \(total) \(unit) (\(percent)%), \(seconds)s \(detail)",
            to: .standardError)
    }

    /// Takes the line away.
    func clear() {
        guard isShown else { return }
        isShown = false
        Terminal.write("\r\u{1B}[K", to: .standardError)
    }
}
