/// Places of a campaign, as ranges.
struct PlaceSet: Equatable, Codable, Sendable {
    /// Places from one to another, both included.
    struct Range: Equatable, Sendable {
        var first: UInt64
        var last: UInt64
    }

    /// Ascending, and at least one place apart.
    private(set) var ranges: [Range] = []

    init() {}

    /// The places from 0 up to a count.
    init(below count: UInt64) {
        if count > 0 { ranges = [Range(first: 0, last: count - 1)] }
    }

    /// Pairs of numbers; refuses what is out of order or overlaps.
    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        while !list.isAtEnd {
            let pair = try list.decode([UInt64].self)
            let end = ranges.last.map { $0.last + 2 } ?? 0
            guard pair.count == 2, pair[0] >= end, pair[0] <= pair[1], pair[1] < 1 << 48 else {
                throw DecodingError.dataCorruptedError(
                    in: list, debugDescription: "\(pair) is no range behind the last")
            }
            ranges.append(Range(first: pair[0], last: pair[1]))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for range in ranges { try list.encode([range.first, range.last]) }
    }

    var isEmpty: Bool { ranges.isEmpty }

    var count: UInt64 { ranges.reduce(0) { $0 + ($1.last - $1.first + 1) } }

    func contains(_ place: UInt64) -> Bool { ranges.contains { $0.first <= place && place <= $0.last } }

    mutating func insert(_ place: UInt64) {
        let index = ranges.firstIndex { place <= $0.last } ?? ranges.count
        if index < ranges.count, ranges[index].first <= place { return }
        let joinsLeft = index > 0 && ranges[index - 1].last + 1 == place
        let joinsRight = index < ranges.count && ranges[index].first == place + 1
        switch (joinsLeft, joinsRight) {
        case (true, true):
            ranges[index - 1].last = ranges[index].last
            ranges.remove(at: index)
        case (true, false): ranges[index - 1].last = place
        case (false, true): ranges[index].first = place
        case (false, false): ranges.insert(Range(first: place, last: place), at: index)
        }
    }

    /// The places of both.
    func intersection(_ other: PlaceSet) -> PlaceSet {
        var result = PlaceSet()
        for left in ranges {
            for right in other.ranges {
                let first = max(left.first, right.first)
                let last = min(left.last, right.last)
                if first <= last { result.ranges.append(Range(first: first, last: last)) }
            }
        }
        return result
    }

    /// The places that only this one has.
    func subtracting(_ other: PlaceSet) -> PlaceSet {
        var result = PlaceSet()
        for range in ranges {
            var first = range.first
            for hole in other.ranges where hole.last >= first && hole.first <= range.last {
                if hole.first > first { result.ranges.append(Range(first: first, last: hole.first - 1)) }
                first = hole.last + 1
            }
            if first <= range.last { result.ranges.append(Range(first: first, last: range.last)) }
        }
        return result
    }

    /// The places of either.
    func union(_ other: PlaceSet) -> PlaceSet {
        var result = PlaceSet()
        for range in (ranges + other.ranges).sorted(by: { $0.first < $1.first }) {
            if let last = result.ranges.last, range.first <= last.last + 1 {
                result.ranges[result.ranges.count - 1].last = max(last.last, range.last)
            } else {
                result.ranges.append(range)
            }
        }
        return result
    }

    /// The first place that is not here, from one on.
    func firstMissing(from place: UInt64) -> UInt64 {
        ranges.first { $0.first <= place && place <= $0.last }.map { $0.last + 1 } ?? place
    }
}
