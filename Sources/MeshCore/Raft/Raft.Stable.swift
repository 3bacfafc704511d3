extension Raft {
    /// What a node's disk holds: the fold of its records.
    public struct Stable: StableState, Equatable {
        /// The last term the node took part in.
        public private(set) var term: Term
        /// Whom the node voted for in that term.
        public private(set) var votedFor: NodeID?
        /// The log behind the last snapshot.
        public private(set) var log: Log
        /// The embedding program's state at the snapshot; empty without one.
        public private(set) var snapshotState: Bytes
        /// The configuration at the snapshot; empty without one.
        public private(set) var snapshotConfiguration: Configuration

        /// Whether records were lost in front of which this image ends, see ``StableState/amnesia``.
        public private(set) var isAmnesiac: Bool

        /// Creates the image of an empty disk.
        public init() {
            self.term = .zero
            self.votedFor = nil
            self.log = Log()
            self.snapshotState = Bytes()
            self.snapshotConfiguration = Configuration()
            self.isAmnesiac = false
        }

        /// Marks a node that may have forgotten what it promised.
        public static var amnesia: Record? { .amnesia(true) }

        /// Whether a record can follow what the image holds; a reader of a damaged disk asks before it folds.
        public func accepts(_ record: Record) -> Bool {
            switch record {
            case .hardState(let term, _): term >= self.term
            case .append(let from, _): from > log.snapshotIndex && from <= log.lastIndex.next
            case .snapshot(let index, _, _, _): index > log.snapshotIndex
            case .compact(let index): index > log.baseIndex && index <= log.snapshotIndex
            case .amnesia: true
            }
        }

        /// Folds a record; one that ``accepts(_:)`` refuses changes nothing.
        ///
        /// - Complexity: O(entries in the record), plus amortised O(1) for each entry it removes.
        public mutating func apply(_ record: consuming Record) {
            guard accepts(record) else { return }
            switch record {
            case .hardState(let term, let votedFor):
                self.term = term
                self.votedFor = votedFor
            case .append(let from, let entries):
                log.replaceSuffix(from: from, with: entries)
            case .snapshot(let index, let term, let configuration, let state):
                log.cover(upTo: index, term: term)
                snapshotConfiguration = configuration
                snapshotState = state
            case .compact(let index):
                log.drop(upTo: index)
            case .amnesia(let isAmnesiac):
                self.isAmnesiac = isAmnesiac
            }
        }

        /// The snapshot, the entries in pieces of about 1 MiB, and term and vote.
        ///
        /// A snapshot stands behind entries that it covers and that stay; an empty one where they begin makes room.
        ///
        /// - Complexity: O(entries).
        public var records: [Record] {
            var records: [Record] = []
            if log.baseIndex > .zero {
                let state = log.baseIndex == log.snapshotIndex ? snapshotState : Bytes()
                records.append(
                    .snapshot(
                        index: log.baseIndex, term: log.baseTerm, configuration: snapshotConfiguration, state: state))
            }
            var from = log.firstIndex
            while from <= log.lastIndex {
                let entries = log.entries(
                    from: from, upTo: log.lastIndex, countLimit: Raft.Entry.countLimit, byteLimit: 1 << 20)
                records.append(.append(from: from, entries: entries))
                from = from.advanced(by: entries.count)
            }
            if log.snapshotIndex > log.baseIndex {
                records.append(
                    .snapshot(
                        index: log.snapshotIndex, term: log.snapshotTerm, configuration: snapshotConfiguration,
                        state: snapshotState))
            }
            if isAmnesiac { records.append(.amnesia(true)) }
            if term > .zero { records.append(.hardState(term: term, votedFor: votedFor)) }
            return records
        }
    }
}

extension Raft.Stable {
    /// One durable change.
    public enum Record: Hashable, Sendable {
        /// The term, and the vote in it.
        case hardState(term: Raft.Term, votedFor: NodeID?)
        /// Consecutive entries from `from` on; whatever the log held there and behind goes.
        case append(from: Raft.LogIndex, entries: Raft.Entries)
        /// A snapshot: all entries go, unless the log agrees with it at `index`.
        ///
        /// Boxed, because it is rare and records travel in queues that reserve room for the largest.
        indirect case snapshot(
            index: Raft.LogIndex, term: Raft.Term, configuration: Raft.Configuration, state: Bytes)
        /// The entries up to here go; a snapshot that was written before covers them.
        case compact(upTo: Raft.LogIndex)
        /// From here on the node may have forgotten what it promised, or what it has forgotten matters no more.
        case amnesia(Bool)
    }
}

extension Raft.Stable.Record: Traceable {
    /// Mixes the case and every field in.
    public func digest(into digest: inout Digest) {
        switch self {
        case .hardState(let term, let votedFor):
            digest.mix(0 as UInt64)
            digest.mix(term)
            digest.mix(votedFor)
        case .append(let from, let entries):
            digest.mix(1 as UInt64)
            digest.mix(from)
            entries.digest(into: &digest)
        case .snapshot(let index, let term, let configuration, let state):
            digest.mix(2 as UInt64)
            digest.mix(index)
            digest.mix(term)
            configuration.digest(into: &digest)
            digest.mix(state)
        case .compact(let index):
            digest.mix(3 as UInt64)
            digest.mix(index)
        case .amnesia(let isAmnesiac):
            digest.mix(4 as UInt64)
            digest.mix(isAmnesiac)
        }
    }

    /// One line, such as `term 3 vote n2`.
    public var description: String {
        switch self {
        case .hardState(let term, let votedFor?): "term \(term) vote \(votedFor)"
        case .hardState(let term, nil): "term \(term) no vote"
        case .append(let from, let entries): "entries from \(from) +\(entries.count)"
        case .compact(let index): "compact up to \(index)"
        case .amnesia(true): "may have forgotten something"
        case .amnesia(false): "is healed"
        case .snapshot(let index, let term, _, let state): "snapshot at \(index)/\(term) (\(state.count) bytes)"
        }
    }
}

extension Raft.Stable.Record: WireCodable {
    /// Writes the case and every field.
    public func encode(into writer: inout WireWriter) {
        switch self {
        case .hardState(let term, let votedFor):
            writer.byte(0)
            writer.number(term.rawValue)
            writer.node(votedFor)
        case .append(let from, let entries):
            writer.byte(1)
            writer.number(from.rawValue)
            writer.entries(entries)
        case .snapshot(let index, let term, let configuration, let state):
            writer.byte(2)
            writer.number(index.rawValue)
            writer.number(term.rawValue)
            configuration.encode(into: &writer)
            writer.bytes(state)
        case .compact(let index):
            writer.byte(3)
            writer.number(index.rawValue)
        case .amnesia(let isAmnesiac):
            writer.byte(4)
            writer.flag(isAmnesiac)
        }
    }

    /// Reads a record.
    public init(from reader: inout WireReader) throws(WireError) {
        let tag = try reader.byte()
        switch tag {
        case 0:
            let term = try reader.term()
            self = .hardState(term: term, votedFor: try reader.optionalNode())
        case 1:
            let from = try reader.logIndex()
            self = .append(from: from, entries: try reader.entries(at: from))
        case 2:
            let index = try reader.logIndex()
            let term = try reader.term()
            let configuration = try Raft.Configuration(from: &reader)
            self = .snapshot(
                index: index, term: term, configuration: configuration,
                state: try reader.bytes(limit: Raft.Settings.snapshotSizeLimit))
        case 3:
            self = .compact(upTo: try reader.logIndex())
        case 4:
            self = .amnesia(try reader.flag())
        default:
            throw .unknownTag(UInt64(tag))
        }
    }
}
