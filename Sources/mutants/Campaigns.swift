#if MUTANTS
import Scenarios
import Simulator

/// Runs made to bring a family of bugs to light: of a scenario, or of a crash matrix.
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
    case crashedLog
    case rottenLog
    case fullDisk
    case crashedGroup
    case rottenGroup
    case watchers
    case sleepers
    case floods
    case trees
    case calmTrees
    case tellers
    case loneAccusers
    case lostNews
    case endings

    /// How many seeds may pass before a bug counts as missed.
    var seedLimit: UInt64 { 2_000 }

    /// What is run for each seed.
    func ground() throws -> Ground {
        switch self {
        case .crashedLog: .log(.none)
        case .rottenLog: .log(.rot)
        case .fullDisk: .log(.fullDisk)
        case .crashedGroup: .group
        case .rottenGroup: .rottenGroup
        case _: .scenario(try Scenario.parse(Array(text.utf8)))
        }
    }

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
        case .watchers: Self.watchersText
        case .sleepers: Self.sleepersText
        case .floods: Self.floodsText
        case .trees: Self.treesText
        case .calmTrees: Self.calmTreesText
        case .tellers: Self.tellersText
        case .loneAccusers: Self.loneAccusersText
        case .lostNews: Self.lostNewsText
        case .endings: Self.endingsText
        case .crashedLog, .rottenLog, .fullDisk, .crashedGroup, .rottenGroup: ""
        }
    }
}
#endif
