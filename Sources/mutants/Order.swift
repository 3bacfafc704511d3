#if MUTANTS
import MeshCore
import Scenarios

/// Why a call is refused.
struct OrderError: Error {
    var text: String
}

/// What a call asks for.
struct Order {
    /// How many times each bug is hunted, each time over other seeds.
    var campaigns = 5
    /// How long one hunt may take; two minutes are a hundred times what the slowest needs.
    var timeLimit = Duration.seconds(120)
    /// The bugs to plant.
    var plants = Plant.all
    /// Whether the table is written in Markdown.
    var isMarkdown = false
    /// Whether the sound code is run as well.
    var hasControl = true
    /// Whether what was caught is made small.
    var shrinks = true
    /// The worlds to hunt in instead of the campaigns, in every way to explore them.
    var worlds: FuzzProfile?
    /// After how many events a hunt in worlds gives up.
    var eventLimit: UInt64 = 20_000_000
    /// How long one shrinking may take.
    var shrinkLimit = Duration.seconds(30)
    /// Which of so many parts of the bugs is hunted, from 0.
    private var part = (index: 0, of: 1)
    /// Whether the small scenarios are shown.
    var showsShrunk = false

    init(_ arguments: ArraySlice<String>) throws(OrderError) {
        var rest = arguments
        var names: [String] = []
        while let word = rest.popFirst() {
            switch word {
            case "--quick":
                campaigns = 1
                shrinkLimit = .seconds(5)
            case "--part":
                let numbers = (rest.popFirst() ?? "").split(separator: "/").compactMap { Int($0) }
                guard numbers.count == 2, numbers[0] >= 1, numbers[0] <= numbers[1] else {
                    throw OrderError(text: "--part needs something like 1/2")
                }
                part = (numbers[0] - 1, numbers[1])
            case "--markdown": isMarkdown = true
            case "--no-control": hasControl = false
            case "--no-shrinking": shrinks = false
            case "--show": showsShrunk = true
            case "--campaigns":
                guard let text = rest.popFirst(), let count = Int(text), count > 0 else {
                    throw OrderError(text: "--campaigns needs a number above 0")
                }
                campaigns = count
            case "--time-limit":
                guard let text = rest.popFirst(), let seconds = Int(text), seconds > 0 else {
                    throw OrderError(text: "--time-limit needs a number of seconds above 0")
                }
                timeLimit = .seconds(seconds)
            case "--worlds":
                let name = rest.popFirst()
                guard let profile = FuzzProfile.allCases.first(where: { $0.name == name }) else {
                    throw OrderError(text: "--worlds needs the name of a profile")
                }
                worlds = profile
            case "--events":
                guard let text = rest.popFirst(), let count = UInt64(text), count > 0 else {
                    throw OrderError(text: "--events needs a number above 0")
                }
                eventLimit = count
            case "--only":
                guard let name = rest.popFirst() else { throw OrderError(text: "--only needs the name of a bug") }
                names.append(name)
            case _:
                let known =
                    "--quick --part I/N --campaigns N --only BUG --time-limit SECONDS --markdown --no-control "
                    + "--no-shrinking --show --worlds PROFILE --events N"
                throw OrderError(text: "unknown option \(word); known: \(known)")
            }
        }
        guard !names.isEmpty else {
            plants = plants.indices.filter { $0 % part.of == part.index }.map { plants[$0] }
            return
        }
        plants = plants.filter { names.contains("\($0.mutant)") }
        guard !plants.isEmpty else { throw OrderError(text: "no bug is called \(names.joined(separator: " or "))") }
    }
}
#endif
