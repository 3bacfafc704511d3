#if MUTANTS
import Foundation
import Scenarios

// Plants every known bug in turn and runs the campaign that is to catch it, then runs the same campaigns over the same
// seeds on the sound code. Prints a table; ends with 0 when every bug was caught by a promise that it may break and the
// sound code broke none, with 1 otherwise, with 2 when an argument is wrong.

do {
    let order = try Order(CommandLine.arguments.dropFirst())
    if let profile = order.worlds {
        try Worlds(order: order, profile: profile, eventLimit: order.eventLimit).run()
        exit(0)
    }
    var trial = Trial(order)
    exit(try trial.run() ? 0 : 1)
} catch let error as OrderError {
    say("mutants: \(error.text)")
    exit(2)
} catch let error as Scenario.ParseFailure {
    say("a world is wrong: \(error)")
    exit(2)
} catch let error as Scenario.ParseError {
    say("a campaign is wrong: \(error)")
    exit(2)
}
#else
print("mutants: built without the trait Mutants; run scripts/mutants")
#endif
