extension Raft {
    /// How a leader sends to a peer.
    ///
    /// Source: etcd-io/raft, package tracker.
    public enum Pace: Hashable, Sendable, CustomStringConvertible {
        /// The leader does not know where the peer's log agrees with its own: one message, then wait.
        case probe
        /// The peer's log agrees: messages follow each other without waiting, up to a window.
        case replicate
        /// The peer needs a snapshot: nothing else until it is installed.
        case snapshot

        /// The name.
        public var description: String {
            switch self {
            case .probe: "probe"
            case .replicate: "replicate"
            case .snapshot: "snapshot"
            }
        }
    }

    /// What a voter said in the campaign under way.
    enum Ballot: Sendable {
        case missing
        case granted
        case refused
    }

    /// A message with entries that is not acknowledged yet.
    struct Flight: Sendable {
        /// The last entry in it.
        let last: LogIndex
        /// The beat in which it was sent.
        let round: UInt64
        /// How many bytes of commands are in it.
        let byteCount: Int
    }

    /// What a node knows of one voter, itself included.
    struct Peer: Sendable {
        let id: NodeID
        /// The answer in the campaign under way.
        var ballot: Ballot = .missing
        /// Up to where the peer's durable log surely agrees with this leader's.
        var match: LogIndex = .zero
        /// In which beat ``match`` was last raised.
        var matchRound: UInt64 = 0
        /// The next entry to send.
        var next: LogIndex = LogIndex(1)
        var pace: Pace = .probe
        /// Whether a probe is out.
        var isWaiting: Bool = false
        /// The commit index the peer has been told and can act on.
        var toldCommit: LogIndex = .zero
        /// The latest beat that the peer has answered.
        var ackedRound: UInt64 = 0
        /// The latest beat that the peer has really answered in this term; ``ackedRound`` gives it time to do so.
        var promisedRound: UInt64 = 0
        /// The latest round of confirmation for reads that the peer has answered.
        var ackedRead: UInt64 = 0
        /// Whether it votes without keeping commands.
        var isWitness: Bool = false
        /// Whether failure detection believes it dead, and it has not answered since.
        var isDown: Bool = false
        /// Whether it may have forgotten what it acknowledged, and has not said that it is healed.
        var isAmnesiac: Bool = false
        /// The life in which it said so last; 0 if it never did.
        var life: UInt64 = 0
        /// Answers to beats up to this one may be from before the loss.
        var lifeRound: UInt64 = 0
        /// The entry that heals it once it is committed and held; 0 while there is none.
        var healIndex: LogIndex = .zero
        /// Messages with entries that are under way, oldest first.
        var flights: Ring<Flight> = Ring()
        /// How many bytes of commands are in them.
        var flightBytes: Int = 0
        /// Which forwarded proposals of this peer have been seen.
        var forwards: ReplayWindow = ReplayWindow()

        init(id: NodeID) {
            self.id = id
        }

        /// Starts over, as a new leader has to.
        mutating func reset(next: LogIndex, round: UInt64) {
            match = .zero
            matchRound = round
            self.next = next
            pace = .probe
            isWaiting = false
            toldCommit = .zero
            ackedRound = round
            promisedRound = 0
            ackedRead = 0
            isAmnesiac = false
            life = 0
            lifeRound = 0
            healIndex = .zero
            land()
            forwards = ReplayWindow()
        }

        /// Forgets what the peer acknowledged, because it may have forgotten it too.
        mutating func forget(life: UInt64, round: UInt64) {
            isAmnesiac = true
            self.life = life
            lifeRound = round
            healIndex = .zero
            match = .zero
            matchRound = round
            toldCommit = .zero
            promisedRound = 0
            ackedRead = 0
        }

        /// Whether nothing that it has forgotten matters any more: the entry behind its loss is committed, and it holds
        /// everything up to there again.
        func isHealed(by commit: LogIndex) -> Bool { healIndex > .zero && healIndex <= commit && healIndex <= match }

        /// Starts to look for the place where the logs agree.
        mutating func becomeProbe(next: LogIndex) {
            pace = .probe
            self.next = next
            isWaiting = false
            land()
        }

        /// Takes an acknowledgement that arrives in this beat; it never takes one back.
        ///
        /// - Complexity: O(messages acknowledged).
        mutating func acknowledge(_ index: LogIndex, round: UInt64) {
            if index > match {
                match = index
                matchRound = round
            }
            if match >= next { next = match.next }
            while let first = flights.first, first.last <= match {
                flightBytes -= first.byteCount
                _ = flights.popFirst()
            }
        }

        /// Notes a message with entries.
        mutating func send(_ flight: Flight) {
            flights.append(flight)
            flightBytes += flight.byteCount
            next = flight.last.next
        }

        /// Forgets what is under way.
        private mutating func land() {
            flights.removeAll()
            flightBytes = 0
        }

        /// Waits for a snapshot to arrive.
        mutating func becomeSnapshot() {
            pace = .snapshot
            isWaiting = false
            land()
        }

        /// Starts to stream from the acknowledged place.
        mutating func becomeReplicate() {
            pace = .replicate
            next = match.next
            isWaiting = false
            land()
        }
    }

    /// Recognises numbered messages that were seen before, over a window of 64 for each numbering.
    ///
    /// A sender that starts again begins another numbering, far from all others. What the network has doubled may come
    /// after that, so earlier numberings are remembered: with the latest one alone, a command forwarded before a
    /// restart was appended twice.
    ///
    /// Source: the anti-replay window of RFC 4303, appendix A2.
    struct ReplayWindow: Sendable {
        /// How many numberings are remembered: starts of one peer within one term of a leader.
        static var limit: Int { 16 }

        private var windows: [Window] = []

        /// Whether this number is new; it is not afterwards.
        ///
        /// - Complexity: O(numberings), of which there is one unless the peer has started again.
        mutating func admit(_ number: UInt64) -> Bool {
            var place = windows.count
            while place > 0 {
                place -= 1
                if windows[place].isNear(number) { return windows[place].admit(number) }
            }
            if windows.count == Self.limit { windows.removeFirst() }
            windows.append(Window(highest: number, seen: 1))
            return true
        }
    }

    /// The numbers of one numbering that were seen.
    private struct Window: Sendable {
        var highest: UInt64
        var seen: UInt64

        /// Whether a number belongs to this numbering.
        func isNear(_ number: UInt64) -> Bool { number &- highest < 1 << 32 || highest &- number < 1 << 32 }

        mutating func admit(_ number: UInt64) -> Bool {
            let ahead = number &- highest
            if ahead != 0 && ahead < 1 << 32 {
                seen = ahead < 64 ? seen << ahead : 0
                seen |= 1
                highest = number
                return true
            }
            let behind = highest &- number
            guard behind < 64 else { return false }
            let bit: UInt64 = 1 << behind
            if seen & bit != 0 { return false }
            seen |= bit
            return true
        }
    }
}
