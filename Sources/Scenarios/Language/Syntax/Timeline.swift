public import MeshCore

extension Scenario {
    /// A line of the timeline.
    public enum TimelineStatement: Equatable, Sendable {
        /// Something that happens at a stated time or after a stated event.
        case event(TimelineEvent)

        /// An antagonist that strikes at random.
        case chaos(Chaos)
    }

    /// Something that happens at a stated time or after a stated event.
    public struct TimelineEvent: Equatable, Sendable {
        /// When it happens.
        public var trigger: Trigger

        /// What happens.
        public var action: Action

        /// How long it lasts until it is undone (`for 2s`); `nil` for good.
        ///
        /// Undoing a crash restarts the node. See ``Scenario/Action/canBeUndone``.
        public var lasting: Pace?

        /// Where the statement stands.
        public var location: Location

        /// Creates a line of the timeline.
        public init(_ trigger: Trigger, _ action: Action, lasting: Pace? = nil, location: Location = .none) {
            self.trigger = trigger
            self.action = action
            self.lasting = lasting
            self.location = location
        }
    }

    /// When a line of the timeline happens.
    public enum Trigger: Equatable, Sendable {
        /// Once, this long after the start of the run: `at 2s`.
        case at(Setting<Interval>)

        /// Again and again: `every 3s from 12s until 18s`.
        case every(Repetition)

        /// When an event comes to pass: `when leader elected`.
        case when(Reaction)
    }

    /// Again and again in a window of time.
    public struct Repetition: Equatable, Sendable {
        /// The time between two occasions.
        public var period: Pace

        /// The first occasion; `nil` means one period after the start of the run.
        public var from: Setting<Interval>?

        /// No occasion after this; `nil` means until the end of the run.
        public var until: Setting<Interval>?

        /// Creates a repetition.
        public init(every period: Pace, from: Setting<Interval>? = nil, until: Setting<Interval>? = nil) {
            self.period = period
            self.from = from
            self.until = until
        }
    }

    /// What happens when an event comes to pass.
    public struct Reaction: Equatable, Sendable {
        /// The event.
        public var event: Event

        /// Whether it happens each time (`whenever`) or the first time only (`when`).
        public var isEachTime: Bool

        /// How long after the event; `nil` means at once.
        public var after: Setting<Interval>?

        /// Events before this do not count; `nil` means from the start of the run.
        public var from: Setting<Interval>?

        /// Events after this do not count; `nil` means until the end of the run.
        public var until: Setting<Interval>?

        /// Creates a reaction.
        public init(to event: Event, isEachTime: Bool = false, after: Setting<Interval>? = nil) {
            self.event = event
            self.isEachTime = isEachTime
            self.after = after
            self.from = nil
            self.until = nil
        }
    }

    /// An antagonist that strikes at random (`chaos partitions every ~2s lasting ~500ms from 5s until 20s`).
    public struct Chaos: Equatable, Sendable {
        /// What it does.
        public var kind: ChaosKind

        /// The nodes it chooses from; `nil` means all.
        public var target: Target?

        /// The time from one strike to the next.
        public var every: Pace

        /// How long a strike lasts until it is undone.
        public var lasting: Pace

        /// The first strike comes after this; `nil` means from the start of the run.
        public var from: Setting<Interval>?

        /// No strike after this; `nil` means until the end of the run.
        public var until: Setting<Interval>?

        /// Where the statement stands.
        public var location: Location

        /// Creates an antagonist.
        public init(_ kind: ChaosKind, every: Pace, lasting: Pace) {
            self.kind = kind
            self.target = nil
            self.every = every
            self.lasting = lasting
            self.from = nil
            self.until = nil
            self.location = .none
        }
    }

    /// What an antagonist does.
    public enum ChaosKind: Equatable, Sendable {
        /// Splits the nodes into two random groups.
        case partitions

        /// Crashes a random node and restarts it afterwards.
        case crashes(CrashMode)

        /// Pauses a random node.
        case pauses

        /// Slows a random node down tenfold.
        case slowdowns

        /// Holds back what travels on a random directed link.
        case clogs

        /// Cuts a random link in one direction.
        case cuts

        /// Cuts a random link in both directions.
        case flaps

        /// Stalls the disk of a random node.
        case stalls

        /// Lets the disk of a random node do something wrong, of any kind that its node can notice.
        case diskFaults

        /// Flips a bit at rest on the disk of a random node.
        case bitRot

        /// Lets the power of a random node fail within a write.
        case tornWrites

        /// Leaves no room on the disk of a random node.
        case fullDisks
    }
}
