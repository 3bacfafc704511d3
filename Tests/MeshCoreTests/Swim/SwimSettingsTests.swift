import MeshCore
import Testing

@Suite("SWIM settings")
struct SwimSettingsTests {
    @Test("The defaults are valid and are those of the sources")
    func defaults() throws {
        let settings = Swim.Settings()
        try settings.check()
        #expect(settings.period == .seconds(1))
        #expect(settings.probeTimeout == .milliseconds(500))
        #expect(settings.indirectProbes == 3)
    }

    @Test(
        "The suspicion timeout is multiplier x max(1, log10 N) periods",
        arguments: [
            (1, 4_000), (10, 4_000), (100, 8_000), (200, 9_204), (1_000, 12_000), (5_000, 14_796), (123_456, 20_366),
            (1_000_000_000, 36_000),
        ])
    func suspicionTimeout(_ liveCount: Int, _ milliseconds: Int64) {
        let timeout = Swim.Settings().suspicionTimeout(liveCount: liveCount)
        let error = timeout - .milliseconds(milliseconds)
        #expect(error <= .milliseconds(3) && error >= .milliseconds(-3), "\(timeout)")
    }

    @Test("The suspicion timeout grows with the group, and follows long and odd periods exactly")
    func suspicionTimeoutIsMonotonic() {
        var settings = Swim.Settings()
        var previous = Interval.zero
        for size in 1...20_000 {
            let timeout = settings.suspicionTimeout(liveCount: size)
            #expect(timeout >= previous)
            previous = timeout
        }
        settings.period = .seconds(86_400)
        #expect(settings.suspicionTimeout(liveCount: 100) == .seconds(8 * 86_400))
        settings.period = .nanoseconds(1_234_567_891)
        #expect(settings.suspicionTimeout(liveCount: 100) == .nanoseconds(1_234_567_891 * 8))
    }

    @Test(
        "Copies are multiplier x ceil(log10(N + 1)), at least one decade",
        arguments: [
            (0, 4), (1, 4), (9, 4), (10, 8), (99, 8), (100, 12), (999, 12), (1_000, 16), (5_000, 16), (10_000, 20),
        ])
    func copies(_ liveCount: Int, _ copies: Int) {
        #expect(Swim.Settings().copies(liveCount: liveCount) == copies)
    }

    @Test("Each broken rule is refused with its way out")
    func refusals() {
        func error(_ change: (inout Swim.Settings) -> Void) -> Swim.SettingsError? {
            var settings = Swim.Settings()
            change(&settings)
            do {
                try settings.check()
                return nil
            } catch {
                return error
            }
        }
        #expect(error { $0.period = .zero } == .notPositive(.period, .zero))
        #expect(error { $0.probeTimeout = .seconds(-1) } == .notPositive(.probeTimeout, .seconds(-1)))
        #expect(error { $0.probeTimeout = .seconds(1) } == .probeTimeoutTooLong(.seconds(1), period: .seconds(1)))
        #expect(error { $0.gossipInterval = .zero } == .notPositive(.gossipInterval, .zero))
        #expect(
            error { $0.deadRetention = .zero } == .belowPeriod(.deadRetention, .zero, period: .seconds(1)))
        #expect(error { $0.syncInterval = .zero } == .belowPeriod(.syncInterval, .zero, period: .seconds(1)))
        #expect(error { $0.rejoinInterval = .zero } == .belowPeriod(.rejoinInterval, .zero, period: .seconds(1)))
        #expect(error { $0.indirectProbes = -1 } == .outOfRange(.indirectProbes, -1, 0...64))
        #expect(error { $0.gossipFanout = 65 } == .outOfRange(.gossipFanout, 65, 0...64))
        #expect(error { $0.suspicionMultiplier = 0 } == .outOfRange(.suspicionMultiplier, 0, 1...1_000))
        #expect(error { $0.retransmitMultiplier = 0 } == .outOfRange(.retransmitMultiplier, 0, 1...1_000))
        #expect(error { $0.maxPayloadBytes = 127 } == .outOfRange(.maxPayloadBytes, 127, 128...65_507))
        #expect(
            "\(Swim.SettingsError.outOfRange(.maxPayloadBytes, 127, 128...65_507))"
                == "maxPayloadBytes is 127; give 128 to 65507")
        #expect(
            "\(Swim.SettingsError.probeTimeoutTooLong(.seconds(2), period: .seconds(1)))"
                == "probeTimeout 2s leaves helpers no time in a period of 1s; give at most half the period")
    }
}
