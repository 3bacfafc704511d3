/// Remembers exactly which events have been seen, each named by its origin and its sequence number.
///
/// For every origin: a contiguous prefix 1...n, and beyond it the runs that arrived early. A maximum alone would hide
/// a lost middle for ever; here a gap stays visible in ``missing(from:)`` until it is filled. The runs of one origin
/// are bounded: an event that would need one more run is refused, which means "not seen", so that it is fetched again.
/// It is never claimed without having been seen.
///
/// The vector is not derived from stored events: dropping old events from a log leaves it as it is, so they do not
/// come back.
///
/// Source: Parker et al., "Detection of Mutual Inconsistency in Distributed Systems", 1983, with the exceptions of
/// Malkhi and Terry, "Concise Version Vectors in WinFS", 2005.
public struct VersionVector: Equatable, Sendable {
    /// Events of one origin with consecutive numbers.
    public struct Run: Hashable, Sendable {
        /// The first number, at least 1.
        public let first: UInt64
        /// The last number, at least ``first``.
        public let last: UInt64

        /// Creates the run of these numbers, both included.
        public init(_ first: UInt64, _ last: UInt64) {
            self.first = first
            self.last = last
        }
    }

    /// A run and whose it is.
    public struct Missing: Hashable, Sendable {
        /// The origin of the events.
        public let origin: NodeID
        /// Their numbers.
        public let run: Run

        /// Creates the description of missing events.
        public init(origin: NodeID, run: Run) {
            self.origin = origin
            self.run = run
        }
    }

    /// What became of an event that was added.
    public enum Addition: Hashable, Sendable {
        /// It was not known before.
        case fresh
        /// It was known already, or its number is 0, which names no event.
        case known
        /// It is too far out of order to be remembered; it counts as not seen.
        case refused
    }

    /// How many runs beyond the prefix one origin may have, unless told otherwise.
    ///
    /// A guess: a stream that loses every second message for 256 messages.
    public static let defaultRunLimit = 128

    /// How many runs beyond the prefix one origin may have.
    public let runLimit: Int

    var origins: SortedMap<NodeID, Seen>

    /// Creates the vector that has seen nothing.
    ///
    /// - Parameter runLimit: How many runs beyond the prefix one origin may have, at least 1.
    public init(runLimit: Int = VersionVector.defaultRunLimit) {
        self.runLimit = runLimit < 1 ? 1 : runLimit
        self.origins = SortedMap()
    }

    /// The origins of which anything was seen, in ascending order.
    public var knownOrigins: [NodeID] { origins.keys }

    /// Marks an event as seen.
    ///
    /// - Complexity: O(log origins + runs of this origin).
    @discardableResult
    public mutating func add(_ origin: NodeID, _ sequence: UInt64) -> Addition {
        add(origin, Run(sequence, sequence))
    }

    /// Marks a run of events as seen.
    ///
    /// - Returns: ``Addition/fresh`` when at least one of them was not known.
    /// - Complexity: O(log origins + runs of this origin).
    @discardableResult
    public mutating func add(_ origin: NodeID, _ run: Run) -> Addition {
        guard run.first > 0, run.first <= run.last else { return .known }
        let (index, isPresent) = origins.position(of: origin)
        if isPresent {
            let limit = runLimit
            return origins.updateValue(at: index) { seen in seen.add(run, limit: limit) }
        }
        var seen = Seen()
        let addition = seen.add(run, limit: runLimit)
        if addition == .fresh { origins[origin] = seen }
        return addition
    }

    /// Whether an event was seen.
    ///
    /// - Complexity: O(log origins + log runs of this origin).
    public func contains(_ origin: NodeID, _ sequence: UInt64) -> Bool {
        let (index, isPresent) = origins.position(of: origin)
        return isPresent && origins.values[index].contains(sequence)
    }

    /// The number up to which every event of an origin was seen; 0 when the first is missing.
    ///
    /// - Complexity: O(log origins).
    public func contiguous(_ origin: NodeID) -> UInt64 {
        origins[origin]?.prefix ?? 0
    }

    /// The largest number seen of an origin; what lies below it may have gaps.
    ///
    /// - Complexity: O(log origins).
    public func largest(_ origin: NodeID) -> UInt64 {
        guard let seen = origins[origin] else { return 0 }
        return seen.ahead.last?.last ?? seen.prefix
    }

    /// What was seen of an origin, as runs in ascending order.
    public func runs(of origin: NodeID) -> [Run] {
        origins[origin]?.runs ?? []
    }

    /// The events that `other` has seen and this vector has not, by origin and number.
    ///
    /// - Complexity: O(runs of both).
    public func missing(from other: VersionVector) -> [Missing] {
        var result: [Missing] = []
        for index in 0..<other.origins.count {
            let origin = other.origins.keys[index]
            let mine = origins[origin]?.runs ?? []
            for run in Seen.subtract(mine, from: other.origins.values[index].runs) {
                result.append(Missing(origin: origin, run: run))
            }
        }
        return result
    }

    /// The holes below the largest number of each origin: what was certainly sent and never arrived.
    ///
    /// - Complexity: O(runs).
    public var gaps: [Missing] {
        var result: [Missing] = []
        for index in 0..<origins.count {
            let seen = origins.values[index]
            // Nothing follows the largest number; `next` is not read then.
            var next = seen.prefix &+ 1
            for run in seen.ahead {
                result.append(Missing(origin: origins.keys[index], run: Run(next, run.first - 1)))
                next = run.last &+ 1
            }
        }
        return result
    }

    /// Takes over everything the other vector has seen.
    ///
    /// - Returns: Whether all of it could be remembered within ``runLimit``.
    /// - Complexity: O(runs of both, squared in the worst case for one origin).
    @discardableResult
    public mutating func merge(_ other: VersionVector) -> Bool {
        var isComplete = true
        for index in 0..<other.origins.count {
            for run in other.origins.values[index].runs where add(other.origins.keys[index], run) == .refused {
                isComplete = false
            }
        }
        return isComplete
    }

    /// Whether everything the other vector has seen was seen here too.
    ///
    /// - Complexity: O(runs of both).
    public func dominates(_ other: VersionVector) -> Bool {
        for index in 0..<other.origins.count {
            let mine = origins[other.origins.keys[index]]?.runs ?? []
            if !Seen.subtract(mine, from: other.origins.values[index].runs).isEmpty { return false }
        }
        return true
    }

    /// Relates this vector to another.
    ///
    /// - Complexity: O(runs of both).
    public func compare(to other: VersionVector) -> Causality {
        switch (other.dominates(self), dominates(other)) {
        case (true, true): .equal
        case (true, false): .before
        case (false, true): .after
        case (false, false): .concurrent
        }
    }

    /// Compares what was seen; the limits do not matter.
    public static func == (left: VersionVector, right: VersionVector) -> Bool {
        left.origins == right.origins
    }
}

extension VersionVector: Traceable {
    /// Mixes every run in.
    public func digest(into digest: inout Digest) {
        digest.mix(origins.count)
        for index in 0..<origins.count {
            digest.mix(origins.keys[index])
            let seen = origins.values[index]
            digest.mix(seen.prefix)
            digest.mix(seen.ahead.count)
            for run in seen.ahead {
                digest.mix(run.first)
                digest.mix(run.last)
            }
        }
    }

    /// The prefixes and the runs beyond them, such as `n1:5 n2:3+7..9+12`.
    public var description: String {
        var text = ""
        for index in 0..<origins.count {
            if !text.isEmpty { text += " " }
            let seen = origins.values[index]
            text += "\(origins.keys[index]):\(seen.prefix)"
            for run in seen.ahead {
                text += run.first == run.last ? "+\(run.first)" : "+\(run.first)..\(run.last)"
            }
        }
        return text
    }
}

extension VersionVector: WireCodable {
    /// The most origins a vector from the wire may name.
    public static let wireOriginLimit = 65_536
    /// The most runs beyond the prefix that a vector from the wire may have for one origin.
    public static let wireRunLimit = 1_024

    /// Writes the runs in ascending order, each as the distance to the one before and its length.
    public func encode(into writer: inout WireWriter) {
        writer.number(origins.count)
        for index in 0..<origins.count {
            let seen = origins.values[index]
            writer.node(origins.keys[index])
            writer.number(seen.prefix)
            writer.number(seen.ahead.count)
            var end = seen.prefix
            for run in seen.ahead {
                writer.number(run.first - end)
                writer.number(run.last - run.first)
                end = run.last
            }
        }
    }

    /// Reads a vector; runs that touch, overlap or overflow are refused.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init(runLimit: VersionVector.wireRunLimit)
        let count = try reader.count(each: 3, limit: VersionVector.wireOriginLimit)
        for _ in 0..<count {
            let origin = try reader.node()
            if let last = origins.keys.last, origin <= last { throw .invalid("a version vector out of order") }
            var seen = Seen()
            seen.prefix = try reader.number()
            let runs = try reader.count(each: 2, limit: VersionVector.wireRunLimit)
            guard seen.prefix > 0 || runs > 0 else { throw .invalid("an origin of which nothing was seen") }
            var end = seen.prefix
            for _ in 0..<runs {
                let distance = try reader.number()
                let length = try reader.number()
                let (first, overflowsFirst) = end.addingReportingOverflow(distance)
                let (last, overflowsLast) = first.addingReportingOverflow(length)
                guard distance > 1, !overflowsFirst, !overflowsLast else { throw .invalid("a run of events") }
                seen.ahead.append(Run(first, last))
                end = last
            }
            origins[origin] = seen
        }
    }
}
