public import MeshCore

/// How long something takes: a distribution over intervals, drawn with integers only.
public enum Latency: Hashable, Sendable {
    /// Always the same.
    case constant(Interval)
    /// Evenly between two bounds, both included.
    case uniform(Interval, Interval)
    /// A floor plus an exponential tail with this mean, cut off at 20 means.
    case exponential(minimum: Interval, mean: Interval)
    /// Half of the draws lie below the median; one standard deviation multiplies or divides by the spread, which is
    /// given in thousandths (1,500 is a factor of 1.5).
    case lognormal(median: Interval, spreadThousandths: Int64)
    /// Mostly fast, sometimes slow: `slowShare` of the draws lie evenly in the slow range, the others in the fast one.
    case bimodal(fast: ClosedRange<Interval>, slow: ClosedRange<Interval>, slowShare: Ratio)

    /// The length that belongs to these random bits.
    public func draw(_ bits: UInt64) -> Interval {
        switch self {
        case .constant(let interval):
            return interval
        case .uniform(let low, let high):
            return Random.interval(low, high, from: bits)
        case .exponential(let minimum, let mean):
            return minimum + FixedPoint.scaled(mean, by: FixedPoint.negativeLogarithm(bits))
        case .lognormal(let median, let spread):
            return FixedPoint.scaled(median, by: FixedPoint.lognormal(bits, spreadThousandths: spread))
        case .bimodal(let fast, let slow, let slowShare):
            let range = Random.isHit(slowShare, from: Random.further(bits, 1)) ? slow : fast
            return Random.interval(range.lowerBound, range.upperBound, from: bits)
        }
    }
}

/// Logarithms and powers in fixed point, so that a draw is the same on every machine.
enum FixedPoint {
    /// One, in the 16 fractional bits used here.
    static var one: Int64 { 1 << 16 }

    /// `interval` times a factor with 16 fractional bits; saturates.
    static func scaled(_ interval: Interval, by factor: Int64) -> Interval {
        let whole = interval * (factor >> 16)
        let share = factor & 0xffff
        let fraction = interval.nanoseconds / one * share + interval.nanoseconds % one * share / one
        return whole + Interval(nanoseconds: fraction)
    }

    /// The natural logarithm of 1/u for u evenly in (0, 1], with 16 fractional bits, at most 20.
    static func negativeLogarithm(_ bits: UInt64) -> Int64 {
        // u = (bits + 1) / 2^64, so -log2(u) = 64 - log2(bits + 1).
        let value = bits == UInt64.max ? bits : bits + 1
        let logarithm = 64 * one - binaryLogarithm(value)
        // ln 2 = 45426 / 65536.
        let natural = (logarithm * 45_426) >> 16
        return min(natural, 20 * one)
    }

    /// The binary logarithm of a number above 0, with 16 fractional bits.
    static func binaryLogarithm(_ value: UInt64) -> Int64 {
        let exponent = 63 - value.leadingZeroBitCount
        // The mantissa in 1..<2 with 31 fractional bits; squaring it yields one more bit of the logarithm each time.
        var mantissa = exponent >= 31 ? value >> UInt64(exponent - 31) : value << UInt64(31 - exponent)
        var result = Int64(exponent) << 16
        var bit: Int64 = 1 << 15
        while bit > 0 {
            mantissa = (mantissa * mantissa) >> 31
            if mantissa >= 1 << 32 {
                mantissa >>= 1
                result += bit
            }
            bit >>= 1
        }
        return result
    }

    /// Two to the power of a number with 16 fractional bits, in 16 fractional bits.
    static func powerOfTwo(_ exponent: Int64) -> Int64 {
        let whole = exponent >> 16
        let fraction = exponent & 0xffff
        // 2^f for f in 0..<1 as a cubic; the largest error is 2e-4.
        let cubic = ((fraction * 5_074) >> 16) + 14_750
        let square = ((fraction * cubic) >> 16) + 45_712
        let mantissa = one + ((fraction * square) >> 16)
        if whole >= 30 { return Int64(1) << 46 }
        return whole >= 0 ? mantissa << whole : mantissa >> min(-whole, 40)
    }

    /// The factor e^(sigma * z) with e^sigma the spread and z roughly normal, with 16 fractional bits.
    static func lognormal(_ bits: UInt64, spreadThousandths: Int64) -> Int64 {
        // The sum of eight uniform bytes has a variance of 8 * (2^16 - 1) / 12, a standard deviation of 209.
        var rest = bits
        var sum: Int64 = 0
        for _ in 0..<8 {
            sum += Int64(rest & 0xff)
            rest >>= 8
        }
        let z = (sum - 1_020) * one / 209
        let spread = UInt64(max(spreadThousandths, 1_000))
        let sigma = binaryLogarithm(spread) - binaryLogarithm(1_000)
        return powerOfTwo((z * sigma) >> 16)
    }
}
