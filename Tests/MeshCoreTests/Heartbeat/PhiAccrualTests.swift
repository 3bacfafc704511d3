import MeshCore
import MeshTestKit
import Testing

/// Published conviction times: from the last heartbeat to the suspicion, at heartbeats of 1 s.
@Suite("Phi accrual")
struct PhiAccrualTests {
    private typealias Bench = StepBench<Heartbeat.Node>

    private func settings(_ configure: (inout Heartbeat.PhiAccrual) -> Void = { _ in }) -> Heartbeat.Settings {
        var settings = Heartbeat.Settings()
        settings.interval = .seconds(1)
        var phi = Heartbeat.PhiAccrual()
        configure(&phi)
        settings.phi = phi
        return settings
    }

    /// Lets peer 2 beat after each of these times.
    private func bench(_ settings: Heartbeat.Settings, _ gaps: [Interval]) -> Bench {
        var bench = Bench(Heartbeat.Node(id: NodeID(1), peers: [NodeID(2)], settings: settings))
        bench.feed(.restarted)
        bench.feed(.receive(.beat(life: 5, count: 1), from: NodeID(2)))
        for (index, gap) in gaps.enumerated() {
            bench.advance(gap)
            bench.feed(.receive(.beat(life: 5, count: UInt64(index) + 2), from: NodeID(2)))
        }
        return bench
    }

    /// How long the peer has to be silent until a status is told, in steps of 10 ms.
    private func silence(_ bench: inout Bench, until output: Heartbeat.Output) -> Interval? {
        let start = bench.elapsed
        while bench.elapsed - start < .seconds(120) {
            bench.advance(.milliseconds(10))
            if bench.outputs.contains(output) { return bench.elapsed - start }
        }
        return nil
    }

    @Test("Akka's settings suspect after 4.5 s: the mean, the pause of 3 s and 5.6 deviations of 100 ms")
    func akka() throws {
        let regular = [Interval](repeating: .seconds(1), count: 300)
        var bench = bench(settings(), regular)
        let suspected = try #require(silence(&bench, until: .suspect(NodeID(2))))
        #expect(suspected >= .milliseconds(4_550) && suspected <= .milliseconds(4_580))
        let dead = try #require(silence(&bench, until: .dead(NodeID(2))))
        // (7.034 - 5.612) x 100 ms later.
        #expect(dead >= .milliseconds(130) && dead <= .milliseconds(160))
    }

    @Test("Cassandra's exponential suspects after 8 ln 10 means, 18.4 s")
    func cassandra() throws {
        let regular = [Interval](repeating: .seconds(1), count: 300)
        var bench = bench(settings { $0.distribution = .exponential }, regular)
        let suspected = try #require(silence(&bench, until: .suspect(NodeID(2))))
        #expect(suspected >= .milliseconds(18_410) && suspected <= .milliseconds(18_440))
    }

    @Test("A peer that beats irregularly is given more time, and one that becomes regular again less")
    func adapts() throws {
        let wild: [Interval] = (0..<200).map { .milliseconds($0 % 2 == 0 ? 400 : 1_600) }
        let calm = [Interval](repeating: .seconds(1), count: 220)
        var irregular = bench(settings(), wild)
        let patient = try #require(silence(&irregular, until: .suspect(NodeID(2))))
        // 1 s + 3 s + 5.612 x 0.6 s.
        #expect(patient >= .milliseconds(7_340) && patient <= .milliseconds(7_420))
        var calmed = bench(settings(), wild + calm)
        let quick = try #require(silence(&calmed, until: .suspect(NodeID(2))))
        #expect(quick <= .milliseconds(4_580))
    }

    @Test("Three heartbeats lost in a row suspect nobody, and a restart forgets what was learnt")
    func losses() throws {
        var gaps = [Interval](repeating: .seconds(1), count: 50)
        gaps.append(.seconds(4))
        var bench = bench(settings(), gaps)
        #expect(!bench.outputs.contains(.suspect(NodeID(2))))
        bench.feed(.restarted)
        bench.forget()
        // Nothing is known but the interval: 1 s + 3 s + 5.612 x 0.25 s.
        let first = try #require(silence(&bench, until: .suspect(NodeID(2))))
        #expect(first >= .milliseconds(5_390) && first <= .milliseconds(5_420))
    }

    @Test("The silence that made a peer suspect teaches nothing")
    func recovery() throws {
        var bench = bench(settings(), [Interval](repeating: .seconds(1), count: 300))
        bench.advance(.seconds(60))
        for count in 1_000..<1_010 as Range<UInt64> {
            bench.feed(.receive(.beat(life: 5, count: count), from: NodeID(2)))
            bench.advance(.seconds(1))
        }
        #expect(bench.outputs.contains(.recovered(NodeID(2))))
        bench.forget()
        let again = try #require(silence(&bench, until: .suspect(NodeID(2))))
        #expect(again <= .milliseconds(3_600), "one second has passed since its last heartbeat")
    }

    @Test("Mean and deviation are those of the window, with integers only, up to intervals of an hour")
    func history() {
        var history = Heartbeat.History(expecting: .seconds(3_600), window: 100)
        for index in 0..<1_000 { history.add(.seconds(index % 2 == 0 ? 3_000 : 4_200)) }
        #expect(history.mean == .seconds(3_600))
        let error = history.deviation - .seconds(600)
        #expect(error < .milliseconds(1) && error > .milliseconds(-1))
        var steady = Heartbeat.History(expecting: .milliseconds(100), window: 1_000)
        for _ in 0..<5_000 { steady.add(.milliseconds(100)) }
        #expect(steady.mean == .milliseconds(100) && steady.deviation == .zero)
    }

    @Test("Each broken rule of the settings is refused with its way out")
    func refusals() throws {
        func error(_ configure: (inout Heartbeat.PhiAccrual) -> Void) -> Heartbeat.SettingsError? {
            do throws(Heartbeat.SettingsError) {
                try settings(configure).check()
                return nil
            } catch {
                return error
            }
        }
        #expect(error { _ in } == nil)
        #expect(error { $0.suspectThreshold = 0 } == .thresholdOutOfRange(0))
        #expect(error { $0.deadThreshold = 17 } == .thresholdOutOfRange(17))
        #expect(error { $0.deadThreshold = 8 } == .thresholdsNotInOrder(suspect: 8, dead: 8))
        #expect(error { $0.window = 1 } == .windowOutOfRange(1))
        #expect(error { $0.pause = .seconds(-1) } == .phiNegative(.seconds(-1)))
        #expect(Heartbeat.SettingsError.thresholdOutOfRange(17).description == "a threshold of phi is 17; give 1 to 16")
    }
}
