#if MUTANTS
import MeshCore

extension Plant {
    /// Bugs in changes of the group.
    static let changes: [Plant] = [
        Plant(
            .changeBeforeOwnTerm, "Ongaro on raft-dev 2015, copycat #23", .rivalChanges,
            [
                "raft-one-change", "raft-quorum-commit", "raft-election-safety", "raft-leader-completeness",
                "raft-state-machine-safety", "raft-log-matching",
            ]),
        Plant(.changeWhilePending, "guarded in etcd", .changes, ["raft-one-change"]),
        Plant(
            .jointByOneMajority, "async-raft 6c0ccaf3", .changes,
            [
                "raft-quorum-commit", "raft-election-safety", "raft-leader-completeness", "raft-state-machine-safety",
                "raft-log-matching",
            ]),
        Plant(
            .configurationNotRolledBack, "rafter #34, canonical/raft #250, ra #609", .rivalChanges,
            ["raft-one-change", "raft-quorum-commit", "raft-election-safety"]),
        Plant(
            .configurationNotRestored, "openraft 01e813a5, dba24036", .changes,
            [
                "raft-one-change", "raft-quorum-commit", "raft-election-safety", "raft-leader-completeness",
                "raft-state-machine-safety", "raft-log-matching", "raft-no-lost-write",
            ]),
        Plant(
            .learnersCounted, "octo-im #43", .changes,
            ["raft-quorum-commit", "raft-election-safety", "raft-leader-completeness"]),
    ]
}
#endif
