import MeshCore
import Testing

@Suite("Interval and Instant")
struct TimeTests {
    @Test(
        "An interval is written exactly, with one unit and no trailing zeros",
        arguments: [
            (0, "0s"), (1, "1ns"), (999, "999ns"), (1_000, "1us"), (1_500, "1.5us"), (250_000, "250us"),
            (150_000_000, "150ms"), (1_204_000_000, "1.204s"), (60_000_000_000, "60s"), (1_000_000_001, "1.000000001s"),
            (-1_500_000, "-1.5ms"), (Int64.max, "9223372036.854775807s"), (Int64.min, "-9223372036.854775808s"),
        ] as [(Int64, String)])
    func text(nanoseconds: Int64, text: String) {
        #expect(Interval(nanoseconds: nanoseconds).description == text)
        #expect(Instant(nanoseconds: nanoseconds).description == text)
    }

    @Test("Units mean what they say")
    func units() {
        #expect(Interval.seconds(2) == .milliseconds(2_000))
        #expect(Interval.milliseconds(3) == .microseconds(3_000))
        #expect(Interval.microseconds(4) == .nanoseconds(4_000))
        #expect(Interval.zero.nanoseconds == 0)
    }

    @Test("Interval arithmetic saturates instead of wrapping or trapping")
    func intervalSaturation() {
        let most = Interval(nanoseconds: .max)
        let least = Interval(nanoseconds: .min)
        let one = Interval(nanoseconds: 1)
        #expect(most + one == most && least - one == least)
        #expect(least + (Interval(nanoseconds: -1)) == least)
        #expect(most - Interval(nanoseconds: -1) == most)
        #expect(most * 2 == most && most * -2 == least && least * 2 == least && least * -1 == most)
        #expect(Interval(nanoseconds: 7) * 3 == Interval(nanoseconds: 21))
        #expect(Interval(nanoseconds: 7) / 2 == Interval(nanoseconds: 3))
        #expect(Interval(nanoseconds: -7) / 2 == Interval(nanoseconds: -3))
    }

    @Test("Instant arithmetic saturates instead of wrapping or trapping")
    func instantSaturation() {
        let one = Interval(nanoseconds: 1)
        let past = Instant(nanoseconds: .min)
        #expect(Instant.distantFuture + one == .distantFuture)
        #expect(Instant.distantFuture - Interval(nanoseconds: -1) == .distantFuture)
        #expect(past - one == past && past + Interval(nanoseconds: -1) == past)
        #expect(Instant.distantFuture - past == Interval(nanoseconds: .max))
        #expect(past - Instant.distantFuture == Interval(nanoseconds: .min))
        #expect((Instant.zero + .seconds(3)) - (Instant.zero + .seconds(1)) == .seconds(2))
    }

    @Test("Time is ordered by length, and a node's name by number")
    func order() {
        #expect(Interval(nanoseconds: -1) < .zero && .zero < Interval.seconds(1))
        #expect(Instant.zero < Instant(nanoseconds: 1) && Instant(nanoseconds: 1) < .distantFuture)
        #expect(NodeID(9) < NodeID(10) && NodeID(3).description == "n3")
    }
}

@Suite("Ratio")
struct RatioTests {
    @Test(
        "A ratio is written in percent with the digits that matter",
        arguments: [
            (0, "0%"), (1, "0.0001%"), (5_000, "0.5%"), (10_000, "1%"), (333_333, "33.3333%"), (12_050, "1.205%"),
            (1_000_000, "100%"),
        ] as [(Int64, String)])
    func text(millionths: Int64, text: String) {
        #expect(Ratio(millionths: millionths).description == text)
    }

    @Test("A ratio stays between never and always")
    func clamps() {
        #expect(Ratio(millionths: -1) == .zero && Ratio(millionths: .min) == .zero)
        #expect(Ratio(millionths: 1_000_001) == .one && Ratio(millionths: .max) == .one)
        #expect(Ratio.percent(100) == .one && Ratio.percent(250) == .one && Ratio.percent(-3) == .zero)
        #expect(Ratio.percent(30).millionths == 300_000 && Ratio.percent(1) < Ratio.percent(2))
    }
}
