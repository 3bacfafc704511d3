import MeshCore
import MeshRuntime
import Testing

@Suite("The driver of a node")
struct NodeDriverTests {
    private typealias Driver = NodeDriver<MeshNode, RecordingJournal>

    private func moment(_ milliseconds: Int64, wallAhead: Int64 = 0) -> Moment {
        let elapsed = Instant.zero + .milliseconds(milliseconds)
        return Moment(wall: elapsed + .seconds(1_000 + wallAhead), elapsed: elapsed)
    }

    private func driver(_ journal: RecordingJournal = RecordingJournal()) -> Driver {
        var configuration = MeshNode.Configuration(id: NodeID(1), peers: [NodeID(1), NodeID(2), NodeID(3)])
        configuration.raft = Raft.Settings()
        return Driver(MeshNode(configuration, random: Random(seed: 7)), journal: journal)
    }

    /// A vote that nobody else was given: the last leader's word is long ago.
    private let ask = Raft.VoteRequest(
        term: Raft.Term(9), lastIndex: Raft.LogIndex(0), lastTerm: Raft.Term(0), campaign: 1)

    private func departures(_ driver: inout Driver) -> [String] {
        var texts: [String] = []
        while let departure = driver.nextDeparture() {
            switch departure {
            case .send(let message, to: let peer): texts.append("\(peer) \(message)")
            case .output(let output): texts.append("\(output)")
            }
        }
        return texts
    }

    @Test("A vote leaves the node only when it is durable, and one sync serves everything that arrived before it")
    func durability() throws {
        var driver = driver()
        driver.take(.restarted, at: moment(0))
        try driver.settle(at: moment(0))
        _ = departures(&driver)
        let commits = RecordingJournal.commits(of: driver.journal)
        driver.take(.receive(.raft(.vote(ask)), from: NodeID(2)), at: moment(20))
        driver.take(.receive(.raft(.vote(ask)), from: NodeID(3)), at: moment(20))
        let before = departures(&driver)
        #expect(!before.contains { $0.contains("vote") }, "nothing is durable yet")
        try driver.settle(at: moment(20))
        let after = departures(&driver)
        #expect(after.contains { $0.hasPrefix("n2") && $0.contains("granted") }, "\(after)")
        let commitsAfter = RecordingJournal.commits(of: driver.journal)
        #expect(commitsAfter == commits + 1)
    }

    @Test("A disk that fails stops the node before anything leaves it")
    func failure() {
        var driver = driver(RecordingJournal(failsAfter: 0))
        driver.take(.restarted, at: moment(0))
        driver.take(.receive(.raft(.vote(ask)), from: NodeID(2)), at: moment(20))
        var failure: FileError?
        do throws(FileError) {
            try driver.settle(at: moment(20))
        } catch {
            failure = error
        }
        #expect(failure == .full(path: "journal"))
        let sent = departures(&driver)
        #expect(!sent.contains { $0.contains("vote") }, "\(sent)")
    }

    @Test("Timers measure elapsed time: a wall clock that is set neither fires nor delays them")
    func wallClock() throws {
        var driver = driver()
        driver.take(.restarted, at: moment(0))
        try driver.settle(at: moment(0))
        _ = departures(&driver)
        let next = driver.nextDeadline
        let deadline = try #require(next)
        #expect(deadline > .zero + .milliseconds(100) && deadline < .zero + .milliseconds(400))
        for wallAhead in [-500, 500] as [Int64] {
            try driver.settle(at: moment(90, wallAhead: wallAhead))
            let nothing = departures(&driver)
            #expect(nothing.isEmpty)
            let same = driver.nextDeadline
            #expect(same == deadline)
        }
        try driver.settle(at: moment(400, wallAhead: -500))
        let after = departures(&driver)
        #expect(after.contains { $0.contains("preVote") }, "\(after)")
    }

    @Test("What ran out while the process was frozen comes before what arrived")
    func frozen() throws {
        var driver = driver()
        driver.take(.restarted, at: moment(0))
        try driver.settle(at: moment(0))
        _ = departures(&driver)
        driver.take(.command(.raft(.propose("x", id: 1))), at: moment(60_000))
        try driver.settle(at: moment(60_000))
        let after = departures(&driver)
        let campaign = try #require(after.firstIndex { $0.contains("preVote") })
        let answer = try #require(after.firstIndex { $0.contains("proposal #1 rejected") })
        #expect(campaign < answer, "\(after)")
    }
}

/// Counts syncs, and fails when it is told to.
private struct RecordingJournal: Journal {
    typealias Stable = MeshNode.Stable

    private var last: Ticket?
    private var commits = 0
    private var failsAfter = Int.max

    init(failsAfter: Int = Int.max) { self.failsAfter = failsAfter }

    static func commits(of journal: RecordingJournal) -> Int { journal.commits }

    mutating func append(_ record: consuming MeshNode.Stable.Record, _ ticket: Ticket) { last = ticket }

    mutating func commit() throws(FileError) -> Ticket? {
        guard commits < failsAfter else { throw .full(path: "journal") }
        commits += 1
        defer { last = nil }
        return last
    }
}
