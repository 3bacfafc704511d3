import MeshCore

extension Scenario {
    /// A world drawn from a seed: how many nodes, what they run and with which settings, the network, the disks, what
    /// clients do and what goes wrong.
    ///
    /// The result is a scenario without anything left to draw but what its antagonists do in the run; run it with the
    /// same seed. Half of the worlds end with a quiet time in which the protocols have to recover, sometimes without a
    /// minority that stays down; the other half is harsher and must only stay safe.
    ///
    /// Source: swarm testing, Groce et al., ISSTA 2012: leaving some faults out altogether finds more than all at once.
    ///
    /// - Throws: What is wrong with the drawn text; the tests see to it that nothing ever is.
    /// - Complexity: O(length of the text).
    public static func fuzzed(seed: UInt64, profile: FuzzProfile) throws(ParseFailure) -> Scenario {
        try Scenario.parse(Array(WorldDrawer.text(seed: seed, profile: profile).utf8))
    }
}

/// Writes the text of a drawn world.
struct WorldDrawer {
    let dice: Dice
    let seed: UInt64
    let strategy: FuzzStrategy
    /// Whether the world calms down in the end, so that the protocols have to recover.
    let isLive: Bool
    var nodes: Int64 = 3
    /// Whether members of the group come and go.
    var isChanging = false
    /// When faults begin, in milliseconds: three of four worlds first do something that can be lost.
    var dawn: Int64 = 0
    /// When faults end, in milliseconds.
    var storm: Int64 = 6_000
    /// By how much the faults of one line are rarer because there are many lines.
    var stretch: Int64 = 1
    /// How long the quiet time lasts in which the protocols have to recover, in milliseconds.
    var calm: Int64 = 0
    var title = ""
    var budget = ["events 3000000"]
    var cluster: [String] = []
    var network: [String] = []
    var disk: [String] = []
    var workloads: [String] = []
    var timeline: [String] = []
    var expect: [String] = []

    static func text(seed: UInt64, profile: FuzzProfile) -> String {
        var drawer = WorldDrawer(seed: seed)
        drawer.draw(profile)
        return drawer.text
    }

    init(seed: UInt64) {
        self.seed = seed
        dice = Dice(seed: seed)
        strategy = FuzzStrategy.drawn(dice)
        isLive = dice.isSo(50, "live")
    }

    private mutating func draw(_ profile: FuzzProfile) {
        switch profile {
        case .raft: drawRaft(.steady)
        case .membership:
            switch dice.number(below: 10, "membership") {
            case 0..<6: drawRaft(.changing)
            case _: drawDetection()
            }
        case .gossip: drawGossip()
        case .storage: drawRaft(.stored)
        case .all:
            switch dice.number(below: 10, "kind") {
            case 0..<4: drawRaft(.steady)
            case 4..<6: drawRaft(.changing)
            case 6: drawRaft(.stored)
            case 7: drawDetection()
            case 8: drawGossip()
            case _: drawMesh()
            }
        }
    }

    /// The whole text.
    private var text: String {
        var text = "scenario \"\(title)\"\nabout \"Drawn from seed \(seed).\"\nformat 1\nseed \(seed)\n"
        text += "duration \(storm + calm)ms\n"
        func section(_ head: String, _ lines: [String]) {
            guard !lines.isEmpty else { return }
            text += "\n\(head)\n"
            for line in lines { text += "  \(line)\n" }
        }
        section("budget", budget)
        section("cluster", cluster)
        section("network", network)
        section("disk", disk)
        for workload in workloads { text += "\n\(workload)" }
        section("timeline", timeline)
        section("expect", expect)
        return text
    }

    /// Mostly three nodes: nearly every failure of real systems shows with three, and runs are cheaper.
    mutating func drawNodes(_ counts: [Int64]) { nodes = dice.one(of: counts, "nodes") }

    /// A length between two numbers of milliseconds.
    func length(_ low: Int64, _ high: Int64, _ question: String) -> String { "\(dice.number(low, high, question))ms" }

    /// A pace of faults: sometimes hectic, sometimes slow, mostly irregular.
    func pace(_ question: String) -> String {
        // In one world of four faults come so close that hardly anything recovers in between.
        let scales = dice.isSo(25, "hectic") ? [200, 500, 1_000] : [1_000, 1_500, 2_000] as [Int64]
        let scale = dice.one(of: scales, question + " scale") * stretch
        return (dice.isSo(80, question + " about") ? "~" : "") + length(scale / 2, scale * 2, question)
    }

    /// How long a fault lasts.
    func lasting(_ question: String) -> String {
        let scale = dice.one(of: [50, 200, 500, 1_000] as [Int64], question + " lasting scale")
        return "~" + length(max(scale / 2, 1), scale * 2, question + " lasting")
    }

    /// From when until when faults strike.
    var window: String { dawn > 0 ? "from \(dawn)ms until \(storm)ms" : "until \(storm)ms" }

    /// Lets three of four worlds elect a leader and answer clients before the first fault.
    mutating func drawDawn(_ timeouts: Timeouts) {
        guard dice.isSo(75, "dawn") else { return }
        dawn = timeouts.high * 2 + 500
        storm += dawn
    }
}
