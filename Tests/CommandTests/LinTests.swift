import Foundation
import Testing

@Suite("mesh lin check")
struct LinTests {
    /// Runs the command on a history.
    private func check(_ text: String, _ options: [String], _ body: (String, MeshCommand.Result) throws -> Void) throws
    {
        try MeshCommand.withFile(text) { path in
            let arguments = ["lin", "check"] + options + [path]
            try body(path, try MeshCommand.run(arguments))
        }
    }

    private let good = """
        {:process 0, :type :invoke, :f :write, :value 1}
        {:process 0, :type :ok, :f :write, :value 1}
        {:process 1, :type :invoke, :f :read, :value nil}
        {:process 1, :type :ok, :f :read, :value 1}

        """
    private let edn = ["--model", "register", "--format", "edn"]

    @Test("A linearizable history ends with 0 and what it took")
    func holds() throws {
        try check(good, edn) { path, result in
            #expect(result.status == 0)
            #expect(result.output.hasPrefix("linearizable \(path)  2 operations on 1 key, "))
            #expect(result.error.isEmpty)
        }
    }

    @Test("One that is not ends with 1, the longest legal order and the operation that fits nowhere")
    func broken() throws {
        try check(good.replacing(":read, :value 1", with: ":read, :value 0"), edn) { path, result in
            #expect(result.status == 1)
            #expect(result.output.hasPrefix("not linearizable \(path)  2 operations on 1 key, "))
            #expect(
                result.output.hasSuffix(
                    """
                      the longest legal order that was found has 1 operation:
                        client 0 write 1, lines 1 to 2
                      then the value holds 1, and this fits nowhere:
                        client 1 read 0, lines 3 to 4

                    """))
        }
    }

    @Test("The worst history decides; --json has the verdict, the order and the offender")
    func machines() throws {
        try MeshCommand.withFile(good) { first in
            try MeshCommand.withFile(good.replacing(":read, :value 1", with: ":read, :value 0")) { second in
                let result = try MeshCommand.run(["lin", "check", "--json"] + edn + [first, second])
                #expect(result.status == 1)
                let objects = try result.output.split(separator: "\n").map {
                    try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
                #expect(objects.map { $0["verdict"] as? String } == ["linearizable", "not linearizable"])
                let offender = try #require(objects[1]["offender"] as? [String: Any])
                #expect(offender["called_line"] as? Int == 3)
                #expect((objects[1]["order"] as? [Any])?.count == 1)
            }
        }
    }

    @Test("A history that cannot be read ends with 2, its place and a caret")
    func unreadable() throws {
        try check(good.replacing(":ok", with: ":okay"), edn) { path, result in
            #expect(result.status == 2)
            #expect(result.output.isEmpty)
            #expect(
                result.error.hasPrefix("\(path):2:20: error: the type \"okay\" is none of invoke, ok, fail and info\n"))
            #expect(result.error.contains("\n                   ^"))
        }
    }

    @Test("A spent budget ends with 3 and never with a verdict")
    func unknown() throws {
        var hard = ""
        for client in 0..<7 { hard += "{:process \(client), :type :invoke, :f :write, :value \(client)}\n" }
        for client in 0..<7 { hard += "{:process \(client), :type :ok, :f :write, :value \(client)}\n" }
        for client in 0..<3 {
            hard += "{:process \(client), :type :invoke, :f :read}\n{:process \(client), :type :ok, :f :read, "
            hard += ":value \(client)}\n"
        }
        try check(hard, edn + ["--budget", "100"]) { path, result in
            #expect(result.status == 3)
            #expect(result.output.contains("unknown \(path)"))
            #expect(result.output.contains("--budget N gives it more"))
        }
        try check(hard, edn) { _, result in #expect(result.status == 1) }
    }

    @Test("The format follows from the name of the file, and so does the model of etcd's logs")
    func names() throws {
        try MeshCommand.withFile("") { path in
            let log = (path as NSString).deletingLastPathComponent + "/etcd.log"
            let line = "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\n"
            try Data(line.utf8).write(to: URL(fileURLWithPath: log))
            #expect(try MeshCommand.run("lin", "check", log).status == 0)
            let nameless = try MeshCommand.run("lin", "check", path)
            #expect(nameless.status == 2)
            #expect(nameless.error.contains("its name does not say how it is written"))
        }
    }

    @Test(
        "Wrong calls are refused with a way out",
        arguments: [
            (["lin"], "needs the word \"check\""), (["lin", "chek", "x"], "needs the word \"check\""),
            (["lin", "check"], "needs a history"),
            (["lin", "check", "--model", "registr", "x"], "did you mean \"register\"?"),
            (["lin", "check", "--format", "porcupine", "x"], "there is no format"),
            (["lin", "check", "--format", "ednn", "x"], "did you mean \"edn\"?"),
            (["lin", "check", "--budget", "0", "x"], "at least 1"),
            (["lin", "check", "--format", "edn", "/nonexistent/h"], "cannot be read"),
            (["lin", "check", "--model", "list-append", "--initial", "1", "x.edn"], "leave --initial out"),
        ])
    func wrong(_ arguments: [String], _ text: String) throws {
        let result = try MeshCommand.run(arguments)
        #expect(result.status == 2)
        #expect(result.error.contains(text), "\(result.error)")
    }

    @Test("A value at the start makes a register of 0 out of one that is absent")
    func initial() throws {
        let zero = good.replacing(":write, :value 1", with: ":cas, :value [0 1]")
        try check(zero, edn + ["--initial", "0"]) { _, result in #expect(result.status == 0) }
        try check(zero, edn) { _, result in #expect(result.status == 1) }
    }

    @Test("Completions know the word behind lin")
    func completions() throws {
        for shell in ["bash", "zsh", "fish"] {
            #expect(try MeshCommand.run("completions", shell).output.contains("check"))
            #expect(try MeshCommand.run("completions", shell).output.contains("--model") || shell == "fish")
        }
    }
}
