import Foundation

/// What the command line asks for.
struct Options {
    var samples = 11
    var scale = 1
    var isJSON = false
    var isListing = false
    var filter = ""
    var thresholds: Thresholds?

    static let usage = """
        Measures time and allocations per operation, with a digest of what was computed.

          bench [--quick] [--json] [--filter TEXT] [--samples N] [--check FILE] [--list]

          --quick        a twentieth of the operations and 3 samples: whether it works, not how fast it is
          --json         one JSON object a line
          --filter TEXT  only benchmarks whose name contains TEXT
          --samples N    samples of each, 11 unless said otherwise
          --check FILE   fail when a benchmark allocates more than FILE allows, or FILE does not know it
          --list         the names, and nothing else
        """

    init(_ arguments: [String]) {
        var rest = arguments[...]
        func value(of option: String) -> String {
            guard let value = rest.popFirst() else { Options.fail("\(option) needs a value") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--quick":
                samples = 3
                scale = 20
            case "--json": isJSON = true
            case "--list": isListing = true
            case "--filter": filter = value(of: argument)
            case "--samples":
                guard let count = Int(value(of: argument)), count > 0 else {
                    Options.fail("--samples needs a positive number")
                }
                samples = count
            case "--check":
                do {
                    thresholds = try Thresholds(path: value(of: argument))
                } catch {
                    Options.fail("\(error)")
                }
            case "--help", "-h":
                print(Options.usage)
                exit(0)
            default: Options.fail("unknown option \(argument)\n\n\(Options.usage)")
            }
        }
    }

    /// Ends the program: the arguments are wrong.
    static func fail(_ text: String) -> Never {
        complain(text)
        exit(2)
    }

    /// Says something on standard error.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
    }
}
