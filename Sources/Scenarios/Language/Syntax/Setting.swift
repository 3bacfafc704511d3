public import MeshCore

extension Scenario {
    /// A quantity of the language: something counted in a smallest unit, so that a range of it can be drawn from.
    public protocol Countable: Equatable, Sendable, CustomStringConvertible {
        /// The quantity in its smallest unit: nanoseconds, millionths, bytes, or ones.
        var smallestUnits: Int64 { get }

        /// Creates the quantity of this many smallest units.
        init(smallestUnits: Int64)
    }

    /// A value that is written down, or a range it is drawn from once per seed (`loss 0%..30%`).
    public enum Setting<Value: Countable>: Equatable, Sendable {
        /// Written down, or already drawn.
        case fixed(Value)

        /// Drawn once from the seed, both bounds included.
        case drawn(from: Value, to: Value)

        /// The value; of a range that was not drawn yet its lower bound.
        ///
        /// Run ``Scenario/drawn(seed:)`` first, then every setting is fixed.
        public var value: Value {
            switch self {
            case .fixed(let value): return value
            case .drawn(let low, _): return low
            }
        }

        /// The greatest value a draw can give.
        public var highest: Value {
            switch self {
            case .fixed(let value): return value
            case .drawn(_, let high): return high
            }
        }
    }

    /// A length of time that differs each time, such as the latency of a message or of an fsync.
    ///
    /// Unlike a drawn ``Setting`` it stays a range for the whole run.
    public struct IntervalRange: Equatable, Sendable {
        /// The shortest length.
        public var low: Interval

        /// The longest length, not below ``low``.
        public var high: Interval

        /// Creates the range between two lengths, both included.
        public init(_ low: Interval, _ high: Interval) {
            self.low = low
            self.high = high
        }
    }

    /// A length of time of a repeated event, exact (`2s`) or only about so long (`~2s`).
    public struct Pace: Equatable, Sendable {
        /// The length.
        public var length: Setting<Interval>

        /// Whether each occasion draws its own length between half and one and a half of ``length``.
        public var isApproximate: Bool

        /// Creates a pace.
        public init(_ length: Setting<Interval>, isApproximate: Bool = false) {
            self.length = length
            self.isApproximate = isApproximate
        }
    }

    /// An amount of data, such as `32KiB`.
    public struct Size: Hashable, Sendable, CustomStringConvertible {
        /// The amount in bytes.
        public var bytes: Int64

        /// Creates an amount of this many bytes.
        public init(bytes: Int64) {
            self.bytes = bytes
        }

        /// The amount in the largest unit that it is a whole number of, such as `32KiB`.
        public var description: String {
            if bytes != 0, bytes % (1 << 30) == 0 { return "\(bytes >> 30)GiB" }
            if bytes != 0, bytes % (1 << 20) == 0 { return "\(bytes >> 20)MiB" }
            if bytes != 0, bytes % (1 << 10) == 0 { return "\(bytes >> 10)KiB" }
            return "\(bytes)B"
        }
    }

    /// A factor, such as the `10x` of a slow node.
    public struct Factor: Hashable, Sendable, CustomStringConvertible {
        /// The factor in thousandths: `1.5x` is 1,500.
        public var thousandths: Int64

        /// Creates a factor of this many thousandths.
        public init(thousandths: Int64) {
            self.thousandths = thousandths
        }

        /// The factor with the digits that matter, such as `1.5x`.
        public var description: String { decimalThousandths(thousandths) + "x" }
    }

    /// How often something happens, such as `100/s`.
    public struct Rate: Hashable, Sendable, CustomStringConvertible {
        /// Occasions in a thousand seconds: `100/s` is 100,000 and `6/min` is 100.
        public var millihertz: Int64

        /// Creates a rate of this many occasions in a thousand seconds.
        public init(millihertz: Int64) {
            self.millihertz = millihertz
        }

        /// The time from one occasion to the next; a rate of 0 gives the longest interval there is.
        public var interval: Interval {
            millihertz <= 0
                ? Interval(nanoseconds: Int64.max) : Interval(nanoseconds: 1_000_000_000_000 / millihertz)
        }

        /// The occasions in a second with the digits that matter, such as `0.1/s`.
        public var description: String { decimalThousandths(millihertz) + "/s" }
    }

    /// How fast a clock runs away from real time, such as `+500ppm`.
    public struct Drift: Hashable, Sendable, CustomStringConvertible {
        /// Nanoseconds gained in a second times 1,000, that is parts in a billion; negative for a slow clock.
        public var partsPerBillion: Int64

        /// Creates a drift of this many parts in a billion.
        public init(partsPerBillion: Int64) {
            self.partsPerBillion = partsPerBillion
        }

        /// The drift in parts in a million with its sign, such as `+500ppm`.
        public var description: String {
            (partsPerBillion < 0 ? "" : "+") + decimalThousandths(partsPerBillion) + "ppm"
        }
    }

    /// A number with its unit, where the unit depends on what is compared or varied.
    public enum Quantity: Equatable, Sendable {
        /// A plain number, such as `12`.
        case count(Int64)

        /// A length of time, such as `150ms`.
        case time(Interval)

        /// A share, such as `5%`.
        case share(Ratio)

        /// An amount of data, such as `32KiB`.
        case size(Size)

        /// A rate, such as `100/s`.
        case rate(Rate)

        /// Lengths of time, such as `150ms..300ms`.
        case times(IntervalRange)
    }
}

extension Int64: Scenario.Countable {
    /// The number itself.
    public var smallestUnits: Int64 { self }

    /// Creates the number.
    public init(smallestUnits: Int64) { self = smallestUnits }
}

extension Interval: Scenario.Countable {
    /// The length in nanoseconds.
    public var smallestUnits: Int64 { nanoseconds }

    /// Creates an interval of this many nanoseconds.
    public init(smallestUnits: Int64) { self.init(nanoseconds: smallestUnits) }
}

extension Ratio: Scenario.Countable {
    /// The share in millionths.
    public var smallestUnits: Int64 { millionths }

    /// Creates a share of this many millionths.
    public init(smallestUnits: Int64) { self.init(millionths: smallestUnits) }
}

extension Scenario.Size: Scenario.Countable {
    /// The amount in bytes.
    public var smallestUnits: Int64 { bytes }

    /// Creates an amount of this many bytes.
    public init(smallestUnits: Int64) { self.init(bytes: smallestUnits) }
}

extension Scenario.Factor: Scenario.Countable {
    /// The factor in thousandths.
    public var smallestUnits: Int64 { thousandths }

    /// Creates a factor of this many thousandths.
    public init(smallestUnits: Int64) { self.init(thousandths: smallestUnits) }
}

extension Scenario.Rate: Scenario.Countable {
    /// Occasions in a thousand seconds.
    public var smallestUnits: Int64 { millihertz }

    /// Creates a rate of this many occasions in a thousand seconds.
    public init(smallestUnits: Int64) { self.init(millihertz: smallestUnits) }
}

extension Scenario.Drift: Scenario.Countable {
    /// Parts in a billion.
    public var smallestUnits: Int64 { partsPerBillion }

    /// Creates a drift of this many parts in a billion.
    public init(smallestUnits: Int64) { self.init(partsPerBillion: smallestUnits) }
}

/// Writes a number of thousandths exactly, without trailing zeros.
func decimalThousandths(_ value: Int64) -> String {
    let magnitude = value.magnitude
    var text = (value < 0 ? "-" : "") + "\(magnitude / 1_000)"
    var rest = magnitude % 1_000
    if rest > 0 { text += "." }
    var place: UInt64 = 100
    while rest > 0 {
        text += "\(rest / place)"
        rest %= place
        place /= 10
    }
    return text
}
