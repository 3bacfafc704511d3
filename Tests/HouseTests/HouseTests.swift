import Testing

@Suite("The house")
struct HouseTests {
    @Test("The repository keeps the rule", arguments: House.rules)
    func keeps(_ rule: Rule) {
        let findings = rule.findings(in: Repository.files, exceptions: House.exceptions)
        #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
    }

    @Test("The rule finds what it forbids and says what to do instead", arguments: House.rules)
    func refuses(_ rule: Rule) {
        #expect(!rule.refuses.isEmpty)
        for snippet in rule.refuses {
            let findings = rule.findings(in: [snippet.file])
            #expect(!findings.isEmpty, "\(rule.name) misses: \(snippet.file.text.prefix(200))")
            #expect(findings.allSatisfy { $0.message.contains(rule.advice) })
        }
    }

    @Test("The rule lets through what it does not forbid", arguments: House.rules)
    func allows(_ rule: Rule) {
        for snippet in rule.allows {
            let findings = rule.findings(in: [snippet.file])
            #expect(findings.isEmpty, "\(rule.name) stumbles over: \(snippet.file.text.prefix(200)): \(findings)")
        }
    }

    @Test("Every rule has a name of its own")
    func names() {
        let names = House.rules.map(\.name)
        #expect(names.count == Set(names).count)
    }

    @Test("Every exception gives a reason and is still needed")
    func exceptions() {
        for exception in House.exceptions {
            #expect(exception.reason.count >= 20, "\(exception.rule) for \(exception.path)")
            guard let rule = House.rules.first(where: { $0.name == exception.rule }) else {
                Issue.record("there is no rule called \(exception.rule)")
                continue
            }
            let findings = rule.findings(in: Repository.files.filter { $0.path == exception.path })
            #expect(!findings.isEmpty, "\(exception.path) keeps the rule \(rule.name) now: drop the exception")
        }
    }

    @Test("The planted leaks stand behind their trait from the first line to the last, in one file and one hook")
    func leaks() throws {
        let path = "Sources/Simulator/Leak.swift"
        #expect(House.exceptions.filter { $0.path == path }.count == 4)
        let leak = try #require(Repository.files.first { $0.path == path })
        #expect(leak.text.hasPrefix("#if MUTANTS\n"))
        #expect(leak.text.hasSuffix("\n#endif\n"))
        #expect(leak.lines.filter { $0.hasPrefix("#") }.count == 2, "another condition could end the trait's early")
        for file in Repository.files where file.path.hasPrefix("Sources/") && file.path.hasSuffix(".swift") {
            guard file.path != path else { continue }
            var isBehindTrait = false
            for (line, text) in file.lines.enumerated() {
                let text = text.drop { $0 == " " }
                if text.hasPrefix("#if") { isBehindTrait = text == "#if MUTANTS" }
                if text.hasPrefix("#else") || text.hasPrefix("#endif") { isBehindTrait = false }
                #expect(isBehindTrait || !text.contains("Leak."), "\(file.path):\(line + 1): a leak outside the trait")
            }
        }
    }

    @Test("The walk over the repository finds its files")
    func files() {
        let paths = Repository.files.map(\.path)
        #expect(paths.contains("Package.swift"))
        #expect(paths.contains("Sources/MeshCore/Machine/Outbox.swift"))
        #expect(paths.contains("scripts/test"))
        #expect(!paths.contains { $0.contains(".build/") })
    }

    @Test("The doors of the manifest have no cycle, and no product reaches the command or the test kit")
    func doors() throws {
        let manifest = try #require(Repository.files.first { $0.path == "Package.swift" })
        let targets = Doors.targets(of: manifest)
        #expect(Set(Doors.pure).isSubset(of: targets.map(\.name)))
        var settled: [String] = []
        var rest = targets
        while let next = rest.firstIndex(where: { $0.dependencies.allSatisfy(settled.contains) }) {
            settled.append(rest.remove(at: next).name)
        }
        #expect(rest.isEmpty, "a cycle among \(rest.map(\.name))")
        for target in targets where !target.isTest {
            #expect(!target.dependencies.contains("mesh"), "\(target.name) depends on the command")
            if target.name == "fuzz-decoders" { continue }  // A step of scripts/test, no product.
            #expect(!target.dependencies.contains("MeshTestKit"), "\(target.name) depends on the test kit")
        }
    }
}
