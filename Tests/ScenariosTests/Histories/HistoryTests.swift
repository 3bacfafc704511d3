import MeshCore
import Scenarios
import Simulator
import Testing

@Suite("Histories")
struct HistoryTests {
    private typealias Lin = Linearizability

    private func parse(
        _ text: String, _ format: Histories.Format, _ model: Linearizability.Model
    ) throws -> Histories.History {
        try Histories.parse(Array(text.utf8), format, model: model)
    }

    private func verdict(
        _ text: String, _ format: Histories.Format, _ model: Linearizability.Model
    ) throws -> Linearizability.Verdict {
        let history = try parse(text, format, model)
        return Lin.check(history.operations, model: model, initial: history.initial, budget: 10_000).verdict
    }

    /// The mistake of a history that cannot be read, as `line:column: text`.
    private func mistake(_ text: String, _ format: Histories.Format, _ model: Linearizability.Model) -> String {
        do {
            _ = try Histories.parse(Array(text.utf8), format, model: model)
            return "read without a mistake"
        } catch {
            return "\(error.location.line):\(error.location.column): \(error.message)"
        }
    }

    // MARK: - Porcupine's key-value logs

    @Test("Porcupine's maps are read; a key that nobody wrote holds an empty text")
    func porcupine() throws {
        let text = """
            {:process 0, :type :invoke, :f :get, :key "0", :value nil}
            {:process 1, :type :invoke, :f :append, :key "0", :value "x 1 0 y"}
            {:process 0, :type :ok, :f :get, :key "0", :value ""}
            {:process 1, :type :ok, :f :append, :key "0", :value "x 1 0 y"}
            {:process 0, :type :invoke, :f :get, :key "0", :value nil}
            {:process 0, :type :ok, :f :get, :key "0", :value "x 1 0 y"}
            """
        let history = try parse(text, .porcupineKV, .keyValue)
        #expect(history.initial == .text(""))
        #expect(
            history.operations == [
                .init(client: 0, key: "0", .read(.text("")), called: 1, returned: 3),
                .init(client: 1, key: "0", .append(.text("x 1 0 y")), called: 2, returned: 4),
                .init(client: 0, key: "0", .read(.text("x 1 0 y")), called: 5, returned: 6),
            ])
        #expect(history.description(of: 1) == "client 1 0: append x 1 0 y, lines 2 to 4")
        #expect(try verdict(text, .porcupineKV, .keyValue) == .holds)
        let stale = text.replacing(":f :get, :key \"0\", :value \"x 1 0 y\"", with: ":f :get, :key \"0\", :value \"\"")
        #expect(try verdict(stale, .porcupineKV, .keyValue) != .holds)
    }

    // MARK: - Jepsen's logs of etcd

    private let etcd = """
        INFO  jepsen.util - 0\t:invoke\t:read\tnil
        INFO  jepsen.util - 0\t:ok\t:read\tnil
        INFO  jepsen.util - 1\t:invoke\t:write\t3
        INFO  jepsen.util - 1\t:info\t:write\t:timed-out
        INFO  jepsen.util - 2   :invoke :cas    [3 4]
        INFO  jepsen.util - 0   :invoke :cas    [9 1]
        INFO  jepsen.util - 0   :fail   :cas    [9 1]
        INFO  jepsen.util - 3   :invoke :read   nil
        INFO  jepsen.util - 3   :fail   :read   :timed-out
        INFO  jepsen.util - 2   :ok     :cas    [3 4]

        """

    @Test("Jepsen's lines are read with tabs and with blanks; a failed cas is kept, a read that failed is not")
    func jepsenEtcd() throws {
        let history = try parse(etcd, .jepsenEtcd, .register)
        #expect(
            history.operations == [
                .init(client: 0, key: "", .read(nil), called: 1, returned: 2),
                .init(client: 1, key: "", .write(.text("3")), called: 3, returned: nil),
                .init(
                    client: 2, key: "", .swap(expected: .text("3"), new: .text("4"), .succeeded), called: 5,
                    returned: 10),
                .init(
                    client: 0, key: "", .swap(expected: .text("9"), new: .text("1"), .failed), called: 6, returned: 7),
            ])
        #expect(history.description(of: 1) == "client 1 write 3 (never returned), called in line 3")
        #expect(try verdict(etcd, .jepsenEtcd, .register) == .holds)
    }

    @Test("A write that timed out explains a cas; without it the log would be broken")
    func jepsenEtcdPending() throws {
        let without = etcd.split(separator: "\n").filter { !$0.contains(":write") }.joined(separator: "\n")
        #expect(try verdict(without, .jepsenEtcd, .register) != .holds)
        let failed = etcd.replacing("[9 1]", with: "[3 1]")
        #expect(try verdict(failed, .jepsenEtcd, .register) == .holds)
    }

    // MARK: - Jepsen's histories

    @Test("EDN is read in one vector or as maps, with tags, comments and a nemesis")
    func edn() throws {
        let maps = """
            ; a history
            {:index 0, :time 12, :process 0, :type :invoke, :f :write, :value 1}
            #jepsen.history.Op{:index 1, :process :nemesis, :type :info, :f :start, :value {:isolated {"n1" #{"n2"}}}}
            {:process 0, :type :ok, :f :write, :value 1} #_ {:dropped true}
            {:process 0, :type :invoke, :f :read, :value nil}
            {:process 0, :type :ok, :f :read, :value 1}
            """
        for text in [maps, "[" + maps + "\n]"] {
            let history = try parse(text, .edn, .register)
            #expect(history.operations.map { $0.action } == [.write(.text("1")), .read(.text("1"))])
            #expect(try verdict(text, .edn, .register) == .holds)
        }
        #expect(
            try verdict(maps.replacing(":f :read, :value 1", with: ":f :read, :value 2"), .edn, .register) != .holds)
    }

    @Test("A cas that failed for an unknown reason did not happen; one that met another value is a read")
    func failedSwaps() throws {
        let text = """
            {:process 0, :type :invoke, :f :write, :value 1}
            {:process 0, :type :ok, :f :write, :value 1}
            {:process 0, :type :invoke, :f :cas, :value [1 2]}
            {:process 0, :type :fail, :f :cas, :value [1 2]}
            """
        #expect(try parse(text, .edn, .register).operations.count == 1)
        let mismatch = text.replacing(
            ":fail, :f :cas, :value [1 2]", with: ":fail, :f :cas, :value [1 2], :error :mismatch")
        #expect(try parse(mismatch, .edn, .register).operations.count == 2)
        #expect(try verdict(mismatch, .edn, .register) != .holds)
    }

    @Test("Lists are read from pairs of key and value and from transactions of one operation")
    func lists() throws {
        let pairs = """
            {:process 0, :type :invoke, :f :append, :value [:x 1]}
            {:process 0, :type :ok, :f :append, :value [:x 1]}
            {:process 1, :type :invoke, :f :append, :value [:x 2]}
            {:process 1, :type :info, :f :append, :value [:x 2]}
            {:process 0, :type :invoke, :f :read, :value [:x nil]}
            {:process 0, :type :ok, :f :read, :value [:x [1 2]]}
            """
        #expect(try verdict(pairs, .edn, .listAppend) == .holds)
        #expect(try verdict(pairs.replacing("[1 2]", with: "[2 1]"), .edn, .listAppend) != .holds)
        #expect(try verdict(pairs.replacing("[1 2]", with: "[2]"), .edn, .listAppend) != .holds)
        let transactions = """
            {:process 0, :type :invoke, :f :txn, :value [[:append 7 1]]}
            {:process 0, :type :ok, :f :txn, :value [[:append 7 1]]}
            {:process 0, :type :invoke, :f :txn, :value [[:r 7 nil]]}
            {:process 0, :type :ok, :f :txn, :value [[:r 7 [1]]]}
            """
        #expect(try verdict(transactions, .edn, .listAppend) == .holds)
        #expect(try verdict(transactions.replacing("[1]]]", with: "[]]]"), .edn, .listAppend) != .holds)
        let several = "{:process 0, :type :invoke, :f :txn, :value [[:append 7 1] [:r 8 nil]]}"
        #expect(mistake(several, .edn, .listAppend).hasPrefix("1:45: only transactions of one operation"))
    }

    @Test("JSON lines are read, with escapes, and the key in a field or in a pair")
    func jsonl() throws {
        let text = #"""
            {"process": 0, "type": "invoke", "f": "put", "key": "k", "value": "a\u00e9\n\ud83d\ude00"}
            {"process": 0, "type": "ok", "f": "put", "key": "k", "value": "a"}
            {"process":1,"type":"invoke","f":"get","value":["k",null]}
            {"process":1,"type":"ok","f":"get","value":["k","aé\n😀"]}
            {"process":1,"type":"invoke","f":"delete","key":"k"}
            {"process":1,"type":"ok","f":"delete","key":"k"}
            {"process":1,"type":"invoke","f":"cas","key":"k","value":[null,-2.5]}
            {"process":1,"type":"ok","f":"cas","key":"k","value":[null,-2.5]}
            """#
        let history = try parse(text, .jsonl, .keyValue)
        #expect(history.operations[0].action == .write(.text("aé\n😀")))
        #expect(history.operations[3].action == .swap(expected: nil, new: .text("-2.5"), .succeeded))
        #expect(try verdict(text, .jsonl, .keyValue) == .holds)
    }

    // MARK: - Mistakes

    @Test("Mistakes are told with line and column")
    func mistakes() {
        let call = #"{"process": 0, "type": "invoke", "f": "read", "value": null}"#
        #expect(mistake(call + "\n" + call, .jsonl, .register).hasPrefix("2:1: process 0 calls again before"))
        let answer = call.replacing("invoke", with: "ok")
        #expect(mistake("\n" + answer, .jsonl, .register) == "2:1: process 0 has called nothing that could end here")
        #expect(
            mistake(call + "\n" + answer.replacing("read", with: "write"), .jsonl, .register)
                == "2:1: process 0 called read in line 1, not write")
        #expect(
            mistake(call.replacing("invoke", with: "call"), .jsonl, .register)
                == "1:24: the type \"call\" is none of invoke, ok, fail and info")
        #expect(
            mistake(call.replacing("read", with: "push"), .jsonl, .register)
                == "1:1: this model has no operation \"push\"; it has read, write and cas")
        #expect(mistake(call, .jsonl, .keyValue).hasPrefix("1:56: this model needs a key"))
        #expect(mistake("{\"a\": [1, 2\n", .jsonl, .register) == "1:7: this bracket is never closed")
        #expect(mistake("{\"ä\": \"b\n\"}", .jsonl, .register) == "1:7: this text has no closing quote")
        #expect(mistake("{\"a\" 1}", .jsonl, .register) == "1:6: a key of JSON is followed by a colon")
        #expect(mistake("{\"a\": x}", .jsonl, .register) == "1:7: \"x\" is no JSON value; texts stand in quotes")
        #expect(mistake("{:a}", .edn, .register) == "1:2: this key has no value")
        #expect(mistake("}", .edn, .register) == "1:1: unexpected \"}\"")
        #expect(mistake("1", .edn, .register).hasPrefix("1:1: a line of a history is a map"))
        #expect(mistake("INFO something else", .jepsenEtcd, .register).hasPrefix("1:1: not of the form INFO"))
        let nested = String(repeating: "[", count: 100_000)
        #expect(mistake(nested, .edn, .register) == "1:33: values are nested more than 32 deep")
        let dropped = String(repeating: "#_", count: 100_000)
        #expect(mistake(dropped, .edn, .register).hasSuffix("values are nested more than 32 deep"))
    }

    @Test("A cas and a write say what they lack, and an answer must be for the key that was asked")
    func incomplete() {
        func call(_ rest: String) -> String { "{:process 0 :type :invoke \(rest)}" }
        #expect(mistake(call(":f :cas :value 3"), .edn, .register) == "1:42: a cas takes two values: [expected new]")
        #expect(mistake(call(":f :write :value nil"), .edn, .register) == "1:44: nothing cannot be written")
        #expect(mistake(call(":f :append :value [1 nil]"), .edn, .listAppend) == "1:48: nothing cannot be appended")
        #expect(mistake(call(":value 3"), .edn, .register) == "1:1: this line does not say what was called: f")
        #expect(mistake("{:type :ok}", .edn, .register) == "1:1: this line names no process")
        let other = call(":f :get :key 1") + "\n{:process 0 :type :ok :f :get :key 2 :value 3}"
        #expect(mistake(other, .edn, .keyValue) == "2:1: the key differs from the one that was called, 1")
    }

    @Test("Damaged histories are refused or read, and never stop the program")
    func damaged() {
        let texts: [(String, Histories.Format, Linearizability.Model)] = [
            (etcd, .jepsenEtcd, .register),
            ("[{:process 0, :type :invoke, :f :append, :value [:x 1]} #a {:process 0 :type :ok}]", .edn, .listAppend),
            (#"{"process": 0, "type": "invoke", "f": "put", "key": "k", "value": "\u00e9\\"}"#, .jsonl, .keyValue),
        ]
        let random = Random(seed: 11)
        var read = 0
        for (place, (text, format, model)) in texts.enumerated() {
            for round in 0..<3_000 as Range<UInt64> {
                var bytes = Array(text.utf8)
                let purpose = Random.Purpose(0xf0aa)
                for change in 0..<(1 + round % 3) {
                    let bits = random.bits(purpose, UInt64(place), round, change)
                    let index = Int(bits % UInt64(bytes.count))
                    let marks = Array("[]{}()\"\\:#_;, \n\t0nu".utf8)
                    switch (bits >> 32) % 3 {
                    case 0: bytes[index] = marks[Int((bits >> 40) % UInt64(marks.count))]
                    case 1: bytes.remove(at: index)
                    case _: bytes.insert(UInt8(truncatingIfNeeded: bits >> 48), at: index)
                    }
                }
                do {
                    _ = try Histories.parse(bytes, format, model: model)
                    read += 1
                } catch {
                    #expect(error.location.line >= 1 && error.location.column >= 1)
                    #expect(!error.render(source: bytes, file: "h").isEmpty)
                }
            }
        }
        #expect(read > 0)
    }
}
