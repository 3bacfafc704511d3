extension Scenario {
    /// A change of who belongs to the Raft group, asked of its leader.
    public enum MemberChange: Equatable, Sendable {
        /// New members: `add n4`, `add n4 as learner`, `add n4, n5 explicitly`.
        case add(Target, Seat, isExplicit: Bool)

        /// Learners that become voters: `promote n4`.
        case promote(Target, isExplicit: Bool)

        /// Voters that become learners: `demote n1`.
        case demote(Target, isExplicit: Bool)

        /// Members that go: `remove leader`.
        case remove(Target, isExplicit: Bool)

        /// Exactly these vote from now on, and all other voters go: `change voters to n2, n3, n4`.
        case voters(Target, isExplicit: Bool)

        /// Ends a joint configuration that was entered `explicitly`: `leave joint`.
        case leaveJoint
    }

    /// What a new member is.
    public enum Seat: UInt8, Equatable, Sendable, CaseIterable {
        /// Votes at once.
        case voter

        /// Is replicated to, and does not vote.
        case learner

        /// A learner that becomes a voter as soon as it has caught up.
        case promotable

        /// Votes and keeps no commands.
        case witness
    }
}
