import MeshCore
import Testing

private typealias Stamp = HybridLogicalClock.Stamp
private func wall(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

@Suite("A hybrid logical clock")
struct HybridLogicalClockTests {
    @Test("A stamp is 48 bits of milliseconds above 16 bits of counter (D3)")
    func layout() {
        let stamp = Stamp(milliseconds: 0x0123_4567_89ab, counter: 0xcdef)
        #expect(stamp.rawValue == 0x0123_4567_89ab_cdef)
        #expect(stamp.milliseconds == 0x0123_4567_89ab)
        #expect(stamp.counter == 0xcdef)
        #expect(Stamp(milliseconds: UInt64.max).milliseconds == 0xffff_ffff_ffff)
        #expect(Stamp(wall: Instant(nanoseconds: 1_999_999)).description == "1.0")
        #expect(Stamp(wall: Instant(nanoseconds: -5)) == .zero)
    }

    @Test("Stamps follow the wall clock and count within a millisecond")
    func follows() {
        var clock = HybridLogicalClock()
        #expect(clock.now(wall: wall(10)).description == "10.0")
        #expect(clock.now(wall: wall(10)).description == "10.1")
        #expect(clock.now(wall: wall(11)).description == "11.0")
    }

    @Test("A wall clock that jumps back does not take the stamps with it")
    func backwardJump() {
        var clock = HybridLogicalClock()
        let before = clock.now(wall: wall(100_000))
        let after = clock.now(wall: wall(10))
        #expect(after > before)
        #expect(after.description == "100000.1")
        #expect(clock.now(wall: wall(100_001)).description == "100001.0")
    }

    @Test("The counter carries into the milliseconds when it overflows")
    func carry() {
        var clock = HybridLogicalClock(ceiling: Stamp(milliseconds: 5, counter: 0xfffe))
        #expect(clock.now(wall: wall(1)).description == "5.65535")
        #expect(clock.now(wall: wall(1)).description == "6.0")
        #expect(clock.now(wall: wall(1)).description == "6.1")
    }

    @Test("A stamp of a received event is larger than the event's and than every one before")
    func receive() throws {
        var clock = HybridLogicalClock()
        _ = clock.now(wall: wall(10))
        #expect(try clock.receive(Stamp(milliseconds: 20, counter: 4), wall: wall(11)).description == "20.5")
        #expect(try clock.receive(Stamp(milliseconds: 15), wall: wall(11)).description == "20.6")
        #expect(try clock.receive(Stamp(milliseconds: 20, counter: 6), wall: wall(30)).description == "30.0")
    }

    @Test("One bad peer does not poison the clock: a stamp too far ahead is refused and leaves no trace (D3)")
    func driftRefusal() throws {
        var clock = HybridLogicalClock()
        let first = clock.now(wall: wall(1_000))
        let before = clock
        #expect(throws: ClockError.tooFarAhead(by: .milliseconds(60_001), limit: .seconds(60))) {
            try clock.receive(Stamp(milliseconds: 61_001), wall: wall(1_000))
        }
        #expect(throws: ClockError.self) { try clock.receive(Stamp(UInt64.max), wall: wall(1_000)) }
        #expect(clock == before)
        #expect(clock.now(wall: wall(1_001)).milliseconds == 1_001)
        #expect(clock.last > first)
        try clock.receive(Stamp(milliseconds: 61_001), wall: wall(1_001))
        #expect(clock.last.milliseconds == 61_001, "the limit itself is allowed")
    }

    @Test("A peer cannot walk the clock away step by step")
    func driftWalk() {
        var clock = HybridLogicalClock()
        for _ in 0..<1_000 {
            _ = try? clock.receive(Stamp(milliseconds: clock.last.milliseconds + 30_000), wall: wall(1_000))
        }
        #expect(clock.last.milliseconds <= 61_000)
    }

    @Test("A stamp that cannot move the clock is not refused, however wrong the wall clock is")
    func knownStamp() throws {
        var clock = HybridLogicalClock()
        let stamp = clock.now(wall: wall(500_000))
        #expect(try clock.receive(stamp, wall: wall(0)) > stamp)
    }

    @Test("With no bound at all, the end of time is still refused")
    func endOfTime() {
        var clock = HybridLogicalClock(driftLimit: Interval(nanoseconds: Int64.max))
        #expect(throws: ClockError.self) { try clock.receive(Stamp(UInt64.max), wall: wall(0)) }
        let first = clock.now(wall: wall(0))
        #expect(first < clock.now(wall: wall(0)))
    }

    @Test("After a restart with a clock that jumped back, stamps are above all earlier ones")
    func restart() {
        var clock = HybridLogicalClock()
        var disk = Stamp.zero
        var issued: [Stamp] = []
        for step in 0..<2_000 as Range<Int64> {
            let stamp = clock.now(wall: wall(1_000_000 + step * 7))
            if let ceiling = clock.reserve(.seconds(10)) { disk = ceiling }
            #expect(stamp <= disk, "no stamp may be used above what the disk holds")
            issued.append(stamp)
        }
        var revived = HybridLogicalClock(ceiling: disk)
        #expect(revived.now(wall: wall(3)) > issued[issued.count - 1])
        #expect(revived.reserve(.seconds(10)) != nil, "the first stamp above the ceiling needs a new one")
        #expect(revived.reserve(.seconds(10)) == nil)
    }

    @Test("A ceiling costs one write in its window, not one for each stamp")
    func reservationIsRare() {
        var clock = HybridLogicalClock()
        var writes = 0
        for step in 0..<60_000 as Range<Int64> {
            _ = clock.now(wall: wall(step))
            if clock.reserve(.seconds(10)) != nil { writes += 1 }
        }
        #expect(writes == 6)
    }

    @Test("Stamps grow under any jumps and any messages, and stay above what was received", arguments: 0..<30)
    func properties(_ seed: UInt64) {
        let random = Random(seed: seed)
        var clocks = [HybridLogicalClock(), HybridLogicalClock(), HybridLogicalClock()]
        var walls: [Int64] = [0, 5_000, 20_000]
        var highest: [Int64] = walls
        for turn in 0..<3_000 as Range<UInt64> {
            let bits = random.bits(.init(1), turn)
            let node = Int(bits % 3)
            let jump = Int64(bits >> 8 & 0xffff)
            walls[node] += bits >> 32 & 31 == 0 ? -jump : Int64(bits >> 8 & 15)
            highest[node] = max(highest[node], walls[node])
            let before = clocks[node]
            if bits >> 40 & 1 == 0 {
                #expect(clocks[node].now(wall: wall(walls[node])) > before.last)
            } else {
                let remote = clocks[Int(bits >> 41 % 3)].last
                do {
                    let stamp = try clocks[node].receive(remote, wall: wall(walls[node]))
                    #expect(stamp > remote && stamp > before.last)
                } catch {
                    #expect(clocks[node] == before)
                    #expect(remote.lead(over: wall(walls[node])) > .seconds(60))
                }
            }
            // Kulkarni et al., theorem 3: the distance to real time is bounded by the clocks themselves.
            let bound = highest.max() ?? 0
            #expect(Int64(clocks[node].last.milliseconds) <= max(bound, 0) + 1)
        }
    }
}
