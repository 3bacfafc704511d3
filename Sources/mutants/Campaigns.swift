#if MUTANTS
import Scenarios

/// A scenario made to bring a family of bugs to light.
enum Campaign: String, CaseIterable {
    case storm
    case figure8
    case rivals
    case preVotes
    case lossy
    case longTails
    case lateAnswers
    case snapshots
    case settling
    case stubborn
    case quickLinks
    case changes
    case rivalChanges
    case freshLeaders
    case oldLeaders
    case leases
    case transfers
    case lateRounds
    case slowAnswers
    case retries
    case membership
    case gossip

    /// How many seeds may pass before a bug counts as missed.
    var seedLimit: UInt64 { 2_000 }

    func scenario() throws -> Scenario { try Scenario.parse(Array(text.utf8)) }

    private var text: String {
        switch self {
        case .storm: Self.stormText
        case .figure8: Self.figure8Text
        case .rivals: Self.rivalsText
        case .preVotes: Self.preVotesText
        case .lossy: Self.lossyText
        case .longTails: Self.longTailsText
        case .lateAnswers: Self.lateAnswersText
        case .snapshots: Self.snapshotsText
        case .settling: Self.settlingText
        case .stubborn: Self.stubbornText
        case .quickLinks: Self.quickLinksText
        case .changes: Self.changesText
        case .rivalChanges: Self.rivalChangesText
        case .freshLeaders: Self.freshLeadersText
        case .oldLeaders: Self.oldLeadersText
        case .leases: Self.leasesText
        case .transfers: Self.transfersText
        case .lateRounds: Self.lateRoundsText
        case .slowAnswers: Self.slowAnswersText
        case .retries: Self.retriesText
        case .membership: Self.membershipText
        case .gossip: Self.gossipText
        }
    }
}
#endif
