import MeshCore
import Scenarios
import Testing

@Suite("Transcripts of a Raft group")
struct TranscriptTests {
    /// What the last command of a script gives.
    private func last(_ commands: String...) throws -> String {
        let text = commands.map { $0 + "\n----\n\n" }.joined()
        let outcome = try Conformance.check(Array(text.utf8))
        return String(decoding: try #require(outcome.differences.last).actual.storage, as: UTF8.self)
    }

    /// The mistake of a script, without its place.
    private func mistake(_ commands: String...) -> String {
        do {
            _ = try Conformance.check(Array(commands.map { $0 + "\n----\n\n" }.joined().utf8))
            return "none"
        } catch {
            return error.message
        }
    }

    @Test("A script gives the same transcript every time, whatever came before it")
    func deterministic() throws {
        for file in try ConformanceFiles.own("raft").prefix(10) {
            #expect(try Conformance.check(file.content).rewritten == Conformance.check(file.content).rewritten)
        }
    }

    @Test("What stands behind an unfinished write waits, and is let go in its order when the write is done")
    func durability() throws {
        let waiting = try last("add-nodes 3 pre-vote=off", "disk n2 slow", "campaign n1", "deliver n2")
        #expect(waiting.contains("  -> n1 voteReply term 1 granted (waits)\n"))
        let released = try last("add-nodes 3 pre-vote=off", "disk n2 slow", "campaign n1", "deliver n2", "persist n2")
        #expect(released.hasPrefix("n2 has written term 1 vote n1\n"))
        #expect(released.contains("  -> n1 voteReply term 1 granted\n"))
    }

    @Test("A broken promise is written below the transcript, even of a quiet command")
    func broken() throws {
        // Two disks lose the vote that they gave in term 1, so that the term gets a second leader.
        let text = try last(
            "add-nodes 3 pre-vote=off check-quorum=off", "campaign n1", "deliver n2", "deliver n1", "drop quiet",
            "crash n2 n3 wiped", "start n2 n3", "campaign n2", "deliver n3", "stabilize n2 n3 quiet")
        #expect(text.hasPrefix("ok\nBROKEN raft-election-safety: term 1 has two leaders: n1 and n2\n"), "\(text)")
    }

    @Test("Messages are chosen by sender, receiver, kind, number and age")
    func selection() throws {
        let script = ["add-nodes 3 pre-vote=off", "campaign n1", "campaign n2"]
        func left(_ command: String) throws -> Int {
            let text = (script + [command, "messages"]).map { $0 + "\n----\n\n" }.joined()
            let outcome = try Conformance.check(Array(text.utf8))
            let shown = String(decoding: try #require(outcome.differences.last).actual.storage, as: UTF8.self)
            return shown == "none\n" ? 0 : shown.split(separator: "\n").count
        }
        #expect(try left("drop") == 0)
        #expect(try left("drop n3") == 2)
        #expect(try left("drop to=(n1,n2)") == 2)
        #expect(try left("drop from=n2") == 2)
        #expect(try left("drop from=n2 to=n3") == 3)
        #expect(try left("drop kind=append") == 4)
        #expect(try left("drop kind=(append, vote) count=3") == 1)
        #expect(try left("double count=1 newest") == 5)
        #expect(try left("keep n3 as=x") == 4)
    }

    @Test("A timer moves the node's own clock; time passes for the nodes that are named, timers firing in order")
    func time() throws {
        #expect(try last("add-nodes 1", "advance ms=149") == "ok\n")
        let text = try last("add-nodes 1", "advance ms=400")
        #expect(text.hasPrefix("n1 timer election\n"))
        #expect(text.contains("n1 timer heartbeat\n"))
        #expect(try last("add-nodes 3", "advance n2 ms=301").hasPrefix("n2 timer election\n  became pre-candidate"))
        #expect(try last("add-nodes 1", "fire heartbeat n1") == "n1 has no heartbeat timer set\n")
    }

    @Test("A loop of messages that has no end is told and does not hang the script")
    func bounded() throws {
        #expect(try last("add-nodes 3", "stabilize") == "nothing to do\n")
        #expect(try last("add-nodes 3", "deliver") == "nothing to deliver\n")
    }

    @Test("What a script asks for and nobody can do is a mistake of the script, never an output")
    func mistakes() {
        #expect(mistake("add-nodes") == "say how many: add-nodes 3")
        #expect(mistake("add-nodes 17") == "a group has 1 to 16 nodes")
        #expect(mistake("add-nodes 3 inflight=0") == "set maxInflight and maxInflightBytes to at least 1")
        #expect(mistake("add-nodes 3 in-flight=1") == "there is no setting \"in-flight\"")
        #expect(mistake("add-nodes 3 pre-vote=no") == "pre-vote is on or off")
        #expect(mistake("add-nodes 3", "campaign n4") == "there is no node n4")
        #expect(mistake("add-nodes 3", "campaign 1") == "\"1\" is no node: write n1")
        #expect(mistake("add-nodes 3", "campaign n1 n2") == "\"campaign\" is for one node: campaign n1")
        #expect(mistake("add-nodes 3", "crash n1", "campaign n1") == "n1 is down")
        #expect(mistake("add-nodes 3", "crash n1", "crash n1") == "n1 is down already")
        #expect(mistake("add-nodes 3", "start n1") == "n1 runs already")
        #expect(mistake("add-nodes 3", "load n1 log=(1)") == "n1 runs")
        #expect(mistake("add-nodes 3 stopped", "load n1 log=(2,1)") == "terms fall along a log")
        #expect(mistake("add-nodes 3 stopped", "load n1 term=1 log=(2)") == "the log ends in a later term")
        #expect(mistake("add-nodes 3", "deliver kind=apend") == "there is no message \"apend\"")
        #expect(mistake("add-nodes 3", "deliver kid=append") == "\"deliver\" has no argument \"kid\"")
        #expect(mistake("add-nodes 3", "disk n1") == "a disk is slow or fast")
        #expect(mistake("add-nodes 3", "fire n1") == "say which timer: election, heartbeat or lease")
        #expect(mistake("add-nodes 3", "advance n1") == "say how far: advance ms=50")
        #expect(mistake("add-nodes 3", "propose n1") == "say what is proposed: propose n1 a b")
        #expect(mistake("add-nodes 3", "change n1") == "say in the input what changes: v4, l4, w4 or r4")
        #expect(mistake("add-nodes 3", "change n1\nx4") == "\"x4\" is no change: write v4, l4, w4 or r4")
        #expect(mistake("add-nodes 3", "change n1\nv") == "\"\" is no whole number")
        #expect(
            mistake("add-nodes 3", "change n1 transition=auto\nv4")
                == "a transition is automatic, implicit or explicit")
        #expect(mistake("add-nodes 3", "peer-down n1") == "say who: peer-down n1 to=n2")
        #expect(mistake("add-nodes 3", "ask n1 get a") == "n1 has no store: add-nodes 3 program=store")
        let known = "say what is asked: put k v, get k, delete k, swap k old new, open, or close 1"
        #expect(mistake("add-nodes 3 program=store", "ask n1") == known)
        #expect(mistake("add-nodes 3 program=store", "ask n1 put a") == known)
        #expect(mistake("add-nodes 3 program=store", "ask n1 close x") == "\"x\" is no whole number")
        #expect(
            mistake("add-nodes 3 program=store", "ask n1 get a session=1")
                == "say the client's number: session=1 number=1")
        #expect(mistake("add-nodes 3 program=tree") == "a program is a list or a store")
        #expect(mistake("add-nodes 3 sessions=2") == "sessions are for a store: program=store sessions=2")
        #expect(
            mistake("add-nodes 1 program=store", "campaign n1", "ask n1 put a 1", "compact n1 1")
                == "a store is there as it is now: compact n1")
        #expect(mistake("add-nodes 3", "release x") == "nothing is kept under this name")
        #expect(mistake("add-nodes 3", "keep n1") == "name them: keep as=old")
        #expect(mistake("add-nodes 3", "staus") == "unknown command \"staus\"")
    }

    @Test("No damage to a script traps: it runs, or is refused")
    func damage() throws {
        var refused = 0
        for file in try ConformanceFiles.own("raft").prefix(12) {
            for position in stride(from: 0, to: file.content.count, by: 211) {
                for byte in [0x0a, 0x31, 0x20, 0xff] as [UInt8] {
                    var content = file.content
                    content[position] = byte
                    do { _ = try Conformance.check(content) } catch { refused += 1 }
                }
            }
        }
        #expect(refused > 10)
    }
}
