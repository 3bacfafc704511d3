import MeshCore
import MeshTestKit
import Testing

/// A store and a way to ask it in a session.
private struct Client {
    var store: KeyValueStore
    var session: UInt64 = 0

    init(_ store: KeyValueStore = KeyValueStore()) {
        self.store = store
        self.session = open()
    }

    mutating func open() -> UInt64 {
        guard case .session(let number)? = apply(.openSession)?.result else { return 0 }
        return number
    }

    mutating func apply(_ operation: KeyValueStore.Operation, _ stamp: Sessions.Stamp? = nil) -> KeyValueStore.Answer? {
        store.apply(KeyValueStore.Request(id: 7, operation, in: stamp).command)
    }

    mutating func put(
        _ value: Bytes, _ sequence: UInt64, answered: UInt64 = 0, session number: UInt64? = nil
    ) -> KeyValueStore.Answer? {
        apply(
            .put(key: "k", value: value),
            Sessions.Stamp(session: number ?? session, sequence: sequence, answeredUpTo: answered))
    }
}

@Suite("Client sessions")
struct SessionTests {
    @Test("A copy of a command is answered with what was noted, and changes nothing")
    func copies() {
        var client = Client()
        #expect(client.put("a", 1)?.isRepeat == false)
        #expect(client.put("b", 2)?.result == .done)
        let copy = client.put("a", 1)
        #expect(copy?.result == .done && copy?.isRepeat == true && copy?.request == 7)
        #expect(client.store.value(of: "k") == "b")
        // A comparison that failed stays failed, also when it would succeed now.
        let stamp = Sessions.Stamp(session: client.session, sequence: 3, answeredUpTo: 0)
        let swap = KeyValueStore.Operation.compareAndSwap(key: "k", expected: "c", value: "d")
        #expect(client.apply(swap, stamp)?.result == .mismatch("b"))
        _ = client.put("c", 4)
        #expect(client.apply(swap, stamp)?.result == .mismatch("b"))
        #expect(client.store.value(of: "k") == "c")
    }

    @Test("Numbers may come out of order, each counts once")
    func order() {
        var client = Client()
        #expect(client.put("later", 2)?.isRepeat == false)
        #expect(client.put("earlier", 1)?.isRepeat == false)
        #expect(client.put("later", 2)?.isRepeat == true)
        #expect(client.store.value(of: "k") == "earlier")
    }

    @Test("What the client has answers to is forgotten, and a late copy of it is refused instead of applied")
    func answered() {
        var client = Client()
        _ = client.put("a", 1)
        let before = client.store.sessions.byteCount
        _ = client.put("b", 2, answered: 1)
        #expect(client.store.sessions.byteCount == before)
        #expect(client.put("a", 1)?.result == .refused(.answered))
        // A client that says less than before takes nothing back.
        #expect(client.put("c", 3, answered: 0)?.result == .done)
        #expect(client.put("a", 1)?.result == .refused(.answered))
        #expect(client.store.value(of: "k") == "c")
    }

    @Test("The session that was used least recently makes room, is refused ever after, and nothing of it is applied")
    func expiry() {
        var client = Client(KeyValueStore(sessionLimit: 3))
        let first = client.session
        let second = client.open()
        _ = client.open()
        _ = client.put("a", 1)
        let fourth = client.open()
        #expect(fourth == 4 && client.store.sessions.count == 3)
        #expect(client.put("x", 1, session: second)?.result == .refused(.expired))
        #expect(client.put("b", 2)?.result == .done)
        #expect(client.store.value(of: "k") == "b")
        #expect(client.apply(.closeSession(first))?.result == .done)
        #expect(client.put("c", 3)?.result == .refused(.expired))
        #expect(client.put("c", 1, session: 99)?.result == .refused(.expired))
        #expect(client.store.value(of: "k") == "b")
        #expect(client.open() == 5, "a number is never given again")
    }

    @Test("A client with too many numbers under way is refused until it takes its answers")
    func full() {
        var client = Client()
        for sequence in 1...UInt64(Sessions.outstandingLimit) { _ = client.put("a", sequence) }
        #expect(client.put("b", 65)?.result == .refused(.full))
        #expect(client.store.value(of: "k") == "a")
        #expect(client.put("b", 65, answered: 1)?.result == .done)
    }

    @Test("Noted answers have a bound in bytes, and the oldest sessions pay for it")
    func bytes() {
        var client = Client()
        _ = client.apply(.put(key: "big", value: Bytes([UInt8](repeating: 1, count: 1 << 20))))
        for _ in 0..<20 {
            let session = client.open()
            let stamp = Sessions.Stamp(session: session, sequence: 1, answeredUpTo: 0)
            let answer = client.apply(.compareAndSwap(key: "big", expected: nil, value: "x"), stamp)
            #expect(answer?.isRepeat == false)
        }
        #expect(client.store.sessions.byteCount <= Sessions.byteLimit)
        #expect(client.store.sessions.count < 20)
        #expect(!client.store.sessions.contains(1) && client.store.sessions.contains(21))
    }

    @Test("Sessions are part of a snapshot (atomix #417, #466), and a restored store decides as the old one does")
    func snapshot() throws {
        var dice = Dice(seed: 5)
        var client = Client(KeyValueStore(sessionLimit: 8))
        var sequences: [UInt64: UInt64] = [:]
        func step(_ client: inout Client, _ dice: inout Dice) -> KeyValueStore.Answer? {
            let session = UInt64(1 + dice.number(below: Int(client.store.sessions.openedCount) + 1))
            let sequence = UInt64(1 + dice.number(below: 6)) + (sequences[session] ?? 0)
            switch dice.number(below: 8) {
            case 0: return client.apply(.openSession)
            case 1: return client.apply(.closeSession(session))
            default:
                let value = Bytes("v\(dice.number(below: 1_000))")
                return client.put(value, sequence, answered: sequence > 3 ? sequence - 3 : 0, session: session)
            }
        }
        for round in 0..<400 {
            _ = step(&client, &dice)
            guard round % 20 == 0 else { continue }
            var copy = client
            copy.store = try KeyValueStore(snapshot: client.store.snapshot)
            #expect(copy.store == client.store)
            var other = dice
            for _ in 0..<30 {
                var twin = dice
                let expected = step(&client, &twin)
                #expect(step(&copy, &other) == expected)
                dice = twin
            }
            #expect(copy.store == client.store)
            sequences[UInt64(round % 7)] = UInt64(round)
        }
        #expect(client.store.sessions.openedCount > 20)
    }

    @Test("Commands with a stamp survive their encoding; mutated snapshots are a store or an error")
    func wire() throws {
        var client = Client(KeyValueStore(sessionLimit: 4))
        for sequence in 1...UInt64(5) { _ = client.put("a", sequence, answered: sequence / 2) }
        let stamp = Sessions.Stamp(session: 1, sequence: 2, answeredUpTo: 1)
        for operation in [.put(key: "a", value: "b"), .openSession, .closeSession(4)] as [KeyValueStore.Operation] {
            let request = KeyValueStore.Request(id: 9, operation, in: stamp)
            var reader = WireReader(request.command.storage)
            #expect(try KeyValueStore.Request(from: &reader) == request)
        }
        var dice = Dice(seed: 1)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = client.store.snapshot.storage
            bytes[dice.number(below: bytes.count)] = UInt8(dice.number(below: 256))
            if dice.number(below: 3) == 0 { bytes.removeLast(dice.number(below: bytes.count)) }
            guard let store = try? KeyValueStore(snapshot: Bytes(bytes)) else { continue }
            accepted += 1
            #expect(try KeyValueStore(snapshot: store.snapshot) == store)
        }
        #expect(accepted > 100)
    }
}
