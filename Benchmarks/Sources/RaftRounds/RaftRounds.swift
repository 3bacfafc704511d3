import MeshCore

/// Replicas of Raft in one process, moved in rounds: what `peers/etcd-raft/main.go` does with etcd's raft.
///
/// A round proposes entries of 128 fresh bytes at the leader and goes on until every replica has applied them. The
/// bytes of a batch stand in one array, as in the buffer that a server read them into. Messages
/// are handed over as values, nothing is serialised and no timer runs. Each replica keeps its records in memory, as
/// etcd's `MemoryStorage` does, so that it could start again from them.
public struct RaftRounds: ~Copyable {
    /// How entries are proposed.
    public enum Mode: String, Sendable, CaseIterable {
        /// One, and the next when it is applied everywhere.
        case one
        /// A batch, each entry by a command of its own.
        case each
        /// A batch by one command.
        case batch
    }

    /// How many bytes an entry has.
    public static var entryBytes: Int { 128 }
    private static var compactEntries: UInt64 { 10_000 }
    private static var keptEntries: UInt64 { 1_000 }

    private struct Replica {
        var node: Raft.Node
        var disk = Raft.Stable()
        var sequence: UInt64 = 0
        var hash: UInt64 = 0
        var applied: UInt64 = 0
        var compacted: UInt64 = 0

        /// Checks that commands come in order and folds them into a hash.
        mutating func apply(_ entries: Raft.Entries) {
            entries.forEach { entry in
                guard case .command(let command) = entry.payload else { return }
                sequence += 1
                guard RaftRounds.sequence(in: command) == sequence else { fatalError("a command out of order") }
                hash = (hash ^ sequence ^ UInt64(command.count)) &* 0x9fb2_1c65_1e98_df25
            }
            applied += UInt64(entries.count)
        }
    }

    private struct Letter {
        let to: Int
        let from: NodeID
        let message: Raft.Message
    }

    private var replicas: [Replica]
    private var letters = Ring<Letter>()
    private var outbox = Outbox<Effect<Raft.Node>>()
    private var sequence: UInt64 = 0
    /// How many entries a batch has.
    public let batch: Int
    /// How many messages were sent.
    public private(set) var messages = 0

    /// Creates a group and lets its first replica take the lead.
    public init(replicas count: Int, batch: Int = 64) {
        self.batch = batch
        let voters = (1...UInt64(count)).map { NodeID($0) }
        let settings = Raft.Settings()
        self.replicas = voters.map { id in
            Replica(node: Raft.Node(id: id, voters: voters, settings: settings, random: Random(seed: 1)))
        }
        for place in 0..<count { step(place, .restarted) }
        step(0, .command(.campaign))
        settle()
        guard replicas[0].node.role == .leader else { fatalError("the first replica does not lead") }
    }

    /// Proposes `count` entries or a few more, in rounds.
    public mutating func run(_ count: Int, _ mode: Mode) {
        let target = sequence + UInt64(count)
        while sequence < target {
            switch mode {
            case .one:
                let memory = freshMemory(1)
                step(0, .command(.propose(command(0, in: memory), id: sequence)))
            case .each:
                let first = sequence + 1
                let memory = freshMemory(batch)
                for place in 0..<batch {
                    step(0, .command(.propose(command(place, in: memory), id: first + UInt64(place))))
                }
            case .batch:
                let first = sequence + 1
                let memory = freshMemory(batch)
                let commands = (0..<batch).map { command($0, in: memory) }
                step(0, .command(.proposeAll(commands, firstID: first)))
            }
            settle()
        }
    }

    /// What every replica has applied, as a hash; stops the program when two differ or one lacks something.
    public func finish() -> UInt64 {
        for replica in replicas where replica.sequence != sequence || replica.hash != replicas[0].hash {
            fatalError("a replica applied \(replica.sequence) of \(sequence) entries, or others")
        }
        return replicas[0].hash
    }

    /// How many entries were proposed.
    public var proposed: UInt64 { sequence }

    /// The memory of the next `count` commands, each with its number in front.
    private mutating func freshMemory(_ count: Int) -> [UInt8] {
        var memory = [UInt8](repeating: 0, count: count * Self.entryBytes)
        for start in stride(from: 0, to: memory.count, by: Self.entryBytes) {
            sequence += 1
            var rest = sequence
            for place in 0..<8 {
                memory[start + place] = UInt8(truncatingIfNeeded: rest)
                rest >>= 8
            }
        }
        return memory
    }

    private func command(_ place: Int, in memory: [UInt8]) -> Bytes {
        let start = place * Self.entryBytes
        return Bytes(memory, in: start..<(start + Self.entryBytes))
    }

    private static func sequence(in command: Bytes) -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<8 { value |= UInt64(command[place]) << UInt64(place * 8) }
        return value
    }

    /// Hands messages over until none is left.
    private mutating func settle() {
        while let letter = letters.popFirst() {
            step(letter.to, .receive(letter.message, from: letter.from))
        }
    }

    private mutating func step(_ place: Int, _ input: consuming Input<Raft.Node>) {
        replicas[place].node.step(input, at: .zero, into: &outbox)
        if let ticket = carryOut(place) { step(place, .persisted(ticket)) }
        if replicas[place].applied >= replicas[place].compacted + Self.compactEntries { compact(place) }
    }

    /// Carries the effects out; a record is durable as soon as it is in memory.
    private mutating func carryOut(_ place: Int) -> Ticket? {
        var written: Ticket?
        let from = replicas[place].node.id
        while !outbox.isEmpty {
            switch outbox.take() {
            case .send(let message, let to):
                messages += 1
                letters.append(Letter(to: Int(to.rawValue) - 1, from: from, message: message))
            case .persist(let record, let ticket):
                replicas[place].disk.apply(record)
                written = ticket
            // Every payload is taken out: what is left of a generic enum this large would be destroyed by asking the
            // runtime for its type.
            case .output(let output):
                if case .apply(let entries) = output { replicas[place].apply(entries) }
            case .setTimer(let timer, let instant): _ = (timer, instant)
            case .cancelTimer(let timer): _ = timer
            }
        }
        return written
    }

    private mutating func compact(_ place: Int) {
        replicas[place].compacted = replicas[place].applied
        let index = Raft.LogIndex(replicas[place].applied - Self.keptEntries)
        step(place, .command(.compact(upTo: index, state: "state")))
    }
}
