extension HyParView {
    /// How large the views are and how they are kept.
    public struct Settings: Hashable, Sendable {
        /// How many neighbours a node has; 5, the paper's for 10,000 nodes.
        public var activeSize: Int

        /// How many others it remembers; 30, the paper's.
        public var passiveSize: Int

        /// How many steps a newcomer's name and a shuffle walk; 6, the paper's ARWL.
        public var activeWalk: Int

        /// How many steps before its end a newcomer's walk leaves the name in a passive view; 3, the paper's PRWL.
        public var passiveWalk: Int

        /// How many neighbours a shuffle shows; 3, the paper's k_a.
        public var shuffleActive: Int

        /// How many others a shuffle shows; 4, the paper's k_p.
        public var shufflePassive: Int

        /// The time between two beats; 1 s.
        public var beatInterval: Interval

        /// How many beats of a neighbour may be missing before it is given up; 3.
        public var silenceLimit: Int

        /// How many beats there are between two shuffles; 10, as Partisan's 10 s.
        public var shuffleBeats: Int

        /// How many of the nodes it was told of at its creation a node joins through; 3, the first ones.
        public var contacts: Int

        /// How many beats a root may be silent before it is forgotten; 10.
        ///
        /// A root must have stood so long, too, before two parts of a mesh are held for separate.
        public var rootLife: Int

        /// Creates settings; every value has the default that its documentation gives.
        public init(
            activeSize: Int = 5, passiveSize: Int = 30, activeWalk: Int = 6, passiveWalk: Int = 3,
            shuffleActive: Int = 3, shufflePassive: Int = 4, beatInterval: Interval = .seconds(1),
            silenceLimit: Int = 3, shuffleBeats: Int = 10, contacts: Int = 3, rootLife: Int = 10
        ) {
            self.activeSize = activeSize
            self.passiveSize = passiveSize
            self.activeWalk = activeWalk
            self.passiveWalk = passiveWalk
            self.shuffleActive = shuffleActive
            self.shufflePassive = shufflePassive
            self.beatInterval = beatInterval
            self.silenceLimit = silenceLimit
            self.shuffleBeats = shuffleBeats
            self.contacts = contacts
            self.rootLife = rootLife
        }

        /// Refuses settings that cannot work.
        public func check() throws(SettingsError) {
            guard activeSize >= 2, activeSize <= 64 else { throw .activeSize(activeSize) }
            guard passiveSize >= activeSize, passiveSize <= 1_024 else { throw .passiveSize(passiveSize) }
            guard activeWalk >= 1, activeWalk <= 32, passiveWalk >= 0, passiveWalk < activeWalk else {
                throw .walks(activeWalk, passiveWalk)
            }
            guard shuffleActive >= 0, shufflePassive >= 0, shuffleActive + shufflePassive <= 62 else { throw .shuffle }
            guard beatInterval > .zero else { throw .beatInterval(beatInterval) }
            guard silenceLimit >= 1, shuffleBeats >= 1, rootLife > silenceLimit else { throw .beats }
            guard contacts >= 1 else { throw .contacts }
        }
    }

    /// Why settings cannot work, and what to do about it.
    public enum SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The active view is outside 2...64.
        case activeSize(Int)
        /// The passive view is smaller than the active one or larger than 1024.
        case passiveSize(Int)
        /// A walk is longer than 32 or the passive one not shorter than the active one.
        case walks(Int, Int)
        /// A shuffle shows more than 62 nodes.
        case shuffle
        /// The beat interval is not positive.
        case beatInterval(Interval)
        /// A number of beats is below 1, or a root would be forgotten before a neighbour.
        case beats
        /// There is no contact.
        case contacts

        /// The reason and the way out as a sentence.
        public var description: String {
            switch self {
            case .activeSize(let value): "\(value) neighbours are not possible; choose 2 to 64, 5 is usual"
            case .passiveSize(let value):
                "a passive view of \(value) is not possible; choose at least as many as neighbours and at most 1024, "
                    + "30 is usual"
            case .walks(let active, let passive):
                "walks of \(active) and \(passive) steps are not possible; choose 1 to 32 and fewer, 6 and 3 are usual"
            case .shuffle: "a shuffle cannot show so many; choose at most 62 together, 3 and 4 are usual"
            case .beatInterval(let value):
                "a beat interval of \(value) is not possible; choose more than 0, 1s is usual"
            case .beats:
                "a neighbour must miss at least one beat, and a root more than a neighbour; 3, 10 and 10 are usual"
            case .contacts: "a node must have a contact; 3 is usual"
            }
        }
    }
}

extension HyParView.Settings: CheckedSettings {}
