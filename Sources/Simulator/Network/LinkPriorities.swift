public import MeshCore

extension Random.Purpose {
    /// Which priority a link has, and where priorities change.
    static var linkPriority: Random.Purpose { Random.Purpose(0x100a) }
}

/// Lets links wait for others, by priorities that change at few and random points.
///
/// Each directed link has a random priority; the lower it is, the longer its messages wait, up to half of ``delay``. At
/// `depth - 1` random messages out of every ``period`` the link of that message falls below all others and waits longer
/// still, up to ``delay``. After each period everything is drawn anew. Nothing waits longer than ``delay``, so that
/// whatever has to come to pass in the end still does.
///
/// Source: probabilistic concurrency testing, Burckhardt et al., ASPLOS 2010, which finds a bug that needs *d*
/// orderings among *n* threads of *k* steps with a probability of at least 1/(n·k^(d-1)); for messages, Ozkan et al.,
/// OOPSLA 2018.
/// Deviation: what is ordered are links instead of causal chains, a low priority waits for a bounded time instead of
/// for ever, and a long run is many short schedules.
public struct LinkPriorities: Hashable, Sendable {
    /// One more than the number of changes of each period; at least 1.
    public var depth: Int
    /// The longest that a message waits for others.
    public var delay: Interval
    /// After how many messages of the whole network everything is drawn anew; at least 1.
    public var period: UInt64

    /// Creates priorities.
    public init(depth: Int, delay: Interval, period: UInt64) {
        self.depth = max(depth, 1)
        self.delay = delay
        self.period = max(period, 1)
    }
}

/// How far the priorities of a network are.
struct LinkTurns: Sendable {
    /// Whether the points of this period are drawn.
    var isDrawn = false
    private var epoch: UInt64 = 0
    /// The messages of this period, from 0, at which a link falls, in ascending order.
    private var points: [UInt64] = []
    /// The links that fell in this period, in that order.
    private var fallen: [UInt64] = []

    /// How long a message waits for others.
    ///
    /// - Parameter message: The number of the message, from 1.
    /// - Complexity: O(depth).
    mutating func wait(
        from: Int, to: Int, message: UInt64, _ priorities: LinkPriorities, _ random: Random
    ) -> Interval {
        let (period, place) = message.quotientAndRemainder(dividingBy: priorities.period)
        if !isDrawn || period != epoch { draw(period, priorities, random) }
        let link = UInt64(UInt(bitPattern: from)) << 32 | UInt64(UInt(bitPattern: to))
        while let point = points.first, point <= place {
            points.removeFirst()
            // The link of the message that stands at the point falls, again if it has before.
            fallen.removeAll { $0 == link }
            fallen.append(link)
        }
        let half = priorities.delay.nanoseconds / 2
        if let rank = fallen.firstIndex(of: link) {
            return Interval(nanoseconds: half + half / Int64(fallen.count) * Int64(rank + 1))
        }
        let share = Int64(random.bits(.linkPriority, link, epoch) & 0xff)
        return Interval(nanoseconds: half / 255 * share)
    }

    private mutating func draw(_ period: UInt64, _ priorities: LinkPriorities, _ random: Random) {
        isDrawn = true
        epoch = period
        fallen = []
        points = []
        for index in 1..<max(priorities.depth, 1) {
            let bits = random.bits(.linkPriority, UInt64.max, period, UInt64(UInt(bitPattern: index)))
            points.append(Random.number(below: priorities.period, from: bits))
        }
        points.sort()
    }
}
