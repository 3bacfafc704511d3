#if MUTANTS
import MeshCore

/// What the hunts for one bug gave.
struct Catch {
    /// How many seeds each hunt took that caught it.
    var seeds: [UInt64] = []
    /// How long each of these took.
    var times: [Duration] = []
    /// The promises that were broken.
    var promises: [String] = []
    /// Promises that the bug was not expected to break.
    var strange: [String] = []
    /// Lines of the timeline that are left of the scenarios that caught it, and how long shrinking took.
    var lines: [Int] = []
    var shrinking: [Duration] = []
    /// How many hunts did not catch it.
    var misses = 0
    /// How many of them ran out of time before they ran out of seeds.
    var timeouts = 0
}

/// Hunts bugs and counts what it takes to find them.
struct Trial {
    let order: Order
    /// How far each campaign was run, in seeds of each hunt.
    private var reach: [(campaign: Campaign, seeds: [UInt64])] = []

    init(_ order: Order) { self.order = order }

    /// Hunts every bug, then nothing.
    ///
    /// - Returns: Whether every bug was caught and the sound code survived.
    mutating func run() throws -> Bool {
        var isGood = true
        Table.head(isMarkdown: order.isMarkdown)
        for plant in order.plants {
            let result = try hunt(plant)
            let isCaught = result.misses < order.campaigns && result.strange.isEmpty
            Table.row(
                plant, isCaught: isCaught, result, campaigns: order.campaigns, isMarkdown: order.isMarkdown)
            for text in result.strange { say("  another promise than expected: \(text)") }
            if !isCaught { isGood = false }
        }
        if order.hasControl, try !control() { isGood = false }
        return isGood
    }

    /// The seeds of a hunt begin far from those of the others.
    private func firstSeed(_ hunt: Int) -> UInt64 { UInt64(hunt) * 100_000 + 1 }

    private mutating func hunt(_ plant: Plant) throws -> Catch {
        let ground = try plant.campaign.ground()
        var result = Catch()
        unsafe Mutant.planted = plant.mutant
        defer { unsafe Mutant.planted = nil }
        let clock = ContinuousClock()
        for hunt in 0..<order.campaigns {
            let start = clock.now
            var count: UInt64 = 0
            var isFound = false
            while !isFound && count < plant.campaign.seedLimit && clock.now - start < order.timeLimit {
                let seed = firstSeed(hunt) + count
                count += 1
                guard let breach = ground.run(seed: seed) else { continue }
                isFound = true
                if plant.promises.contains(breach.promise) {
                    result.promises.append(breach.promise)
                } else {
                    result.strange.append("seed \(seed) broke \(breach.promise): \(breach.evidence)")
                }
            }
            note(plant.campaign, hunt, count)
            guard isFound else {
                result.misses += 1
                if count < plant.campaign.seedLimit { result.timeouts += 1 }
                continue
            }
            result.seeds.append(count)
            result.times.append(clock.now - start)
            if order.shrinks, case .scenario(let scenario) = ground {
                result.shrink(
                    scenario, seed: firstSeed(hunt) + count - 1, limit: order.shrinkLimit, shows: order.showsShrunk)
            }
        }
        return result
    }

    private mutating func note(_ campaign: Campaign, _ hunt: Int, _ count: UInt64) {
        let place = reach.firstIndex { $0.campaign == campaign } ?? reach.count
        if place == reach.count {
            reach.append((campaign, [UInt64](repeating: 0, count: order.campaigns)))
        }
        reach[place].seeds[hunt] = max(reach[place].seeds[hunt], count)
    }

    /// Runs the sound code over every seed that a bug was hunted on.
    private func control() throws -> Bool {
        var isClean = true
        var total: UInt64 = 0
        let clock = ContinuousClock()
        let start = clock.now
        for entry in reach {
            let ground = try entry.campaign.ground()
            for hunt in 0..<order.campaigns {
                for offset in 0..<entry.seeds[hunt] {
                    let seed = firstSeed(hunt) + offset
                    total += 1
                    guard let breach = ground.run(seed: seed) else { continue }
                    isClean = false
                    say("the sound code, \(entry.campaign), seed \(seed): \(breach.promise): \(breach.evidence)")
                }
            }
        }
        let verdict = isClean ? "broke no promise" : "broke promises"
        say("\nThe sound code \(verdict) in the same \(total) runs (\(Table.text(clock.now - start))).")
        return isClean
    }
}
#endif
