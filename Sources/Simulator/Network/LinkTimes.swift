/// A moment for each directed link on which something is still to come: when its last message arrives, or when its line
/// is free.
///
/// A moment that has passed says nothing about the future and is dropped when the table is full, so that memory follows
/// the links in use and not the pairs of nodes.
struct LinkTimes: Sendable {
    /// A link and its moment.
    private struct Cell: Sendable {
        var link: UInt64
        /// Virtual nanoseconds; `Int64.min` marks a free cell.
        var time: Int64

        static var free: Cell { Cell(link: 0, time: Int64.min) }
    }

    /// Open addressing with linear probing; a power of two of them, or none.
    private var cells: [Cell] = []
    /// How many cells are taken, by moments that have passed too.
    private var takenCount = 0

    private static var fewest: Int { 64 }

    /// How many links the table has room for.
    var capacity: Int { cells.count }

    /// The moment of a link; `Int64.min` when there is none, and possibly when it has passed.
    ///
    /// - Complexity: O(1) expected.
    func time(from: Int, to: Int) -> Int64 {
        guard !cells.isEmpty else { return Int64.min }
        return cells[place(of: Self.link(from, to))].time
    }

    /// Sets the moment of a link.
    ///
    /// - Parameter now: Virtual nanoseconds; moments up to this one may be dropped.
    /// - Complexity: O(1) expected, amortised.
    mutating func set(_ time: Int64, from: Int, to: Int, now: Int64) {
        if (takenCount + 1) * 4 > cells.count * 3 { dropThePast(now) }
        let link = Self.link(from, to)
        let place = place(of: link)
        if cells[place].time == Int64.min { takenCount += 1 }
        cells[place] = Cell(link: link, time: time)
    }

    /// Keeps what is still to come, in a table that is at most three eighths full.
    private mutating func dropThePast(_ now: Int64) {
        let old = cells
        var waiting = 1
        for cell in old where cell.time > now { waiting += 1 }
        var count = Self.fewest
        while count * 3 < waiting * 8 { count *= 2 }
        cells = [Cell](repeating: .free, count: count)
        takenCount = waiting - 1
        for cell in old where cell.time > now { cells[place(of: cell.link)] = cell }
    }

    /// The cell of a link, or the free one where it belongs.
    private func place(of link: UInt64) -> Int {
        let mask = cells.count - 1
        var place = Int(truncatingIfNeeded: (link &* 0x9e37_79b9_7f4a_7c15) >> 33) & mask
        while cells[place].time != Int64.min && cells[place].link != link { place = (place + 1) & mask }
        return place
    }

    private static func link(_ from: Int, _ to: Int) -> UInt64 {
        UInt64(UInt(bitPattern: from)) << 32 | UInt64(UInt(bitPattern: to))
    }
}
