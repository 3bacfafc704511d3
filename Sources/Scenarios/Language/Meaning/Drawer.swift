import MeshCore

extension Random.Purpose {
    /// Which value of its range a setting has.
    static var setting: Random.Purpose { Random.Purpose(0x20f0) }
}

/// Draws settings from a seed.
///
/// A draw is keyed by the name of the setting, or by the text of the statement and which of several equal statements it
/// is. So adding, removing or changing one statement leaves what the others draw as it was.
struct Drawer {
    private let random: Random

    /// How often each subject came so far.
    private var occurrences = SortedMap<UInt64, UInt64>()

    /// What is being drawn for.
    private var subject: UInt64 = 0

    /// Which of the equal subjects it is.
    private var occurrence: UInt64 = 0

    /// How many draws the subject has had.
    private var draws: UInt64 = 0

    /// Prepares to draw from a seed.
    init(seed: UInt64) {
        self.random = Random(seed: seed)
    }

    /// Begins the settings of a statement, named by a word or by its text.
    mutating func begin(_ name: Bytes) {
        var digest = Digest()
        digest.mix(name)
        subject = digest.value
        occurrence = occurrences[subject] ?? 0
        occurrences[subject] = occurrence + 1
        draws = 0
    }

    /// The value of a setting; a range gives one of about a thousand values or more, with few digits.
    ///
    /// A setting that is not drawn counts as well, so that the place of the others in their statement stays.
    mutating func draw<Value>(_ setting: Scenario.Setting<Value>) -> Scenario.Setting<Value> {
        draws += 1
        guard case .drawn(let low, let high) = setting else { return setting }
        let width = UInt64(bitPattern: high.smallestUnits &- low.smallestUnits)
        let step = granularity(low.smallestUnits, width: width)
        let bits = random.bits(.setting, subject, occurrence, draws)
        let steps = Random.number(below: width / step + 1, from: bits)
        return .fixed(Value(smallestUnits: low.smallestUnits &+ Int64(bitPattern: steps &* step)))
    }

    /// The value of a setting that may be missing.
    mutating func draw<Value>(_ setting: Scenario.Setting<Value>?) -> Scenario.Setting<Value>? {
        guard let setting else {
            draws += 1
            return nil
        }
        return .some(draw(setting))
    }

    /// The pace with its length drawn.
    mutating func draw(_ pace: Scenario.Pace) -> Scenario.Pace {
        Scenario.Pace(draw(pace.length), isApproximate: pace.isApproximate)
    }

    /// The greatest round number of which the width holds a thousand; round in binary when the bounds are.
    private func granularity(_ low: Int64, width: UInt64) -> UInt64 {
        let isBinary = low != 0 && low % 1_024 == 0 && width % 1_024 == 0
        let base: UInt64 = isBinary ? 2 : 10
        var step: UInt64 = 1
        while width / step / base >= 1_000 { step *= base }
        return step
    }
}
