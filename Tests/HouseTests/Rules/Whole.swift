extension Rule {
    static let purposesAreUnique = Rule(
        name: "purposes are unique",
        advice: "take the next free number of the protocol's range: two questions must never share their answers",
        scope: .sources,
        refuses: ["static var a: Purpose { Purpose(0x0101) }\nstatic var b: Purpose { Random.Purpose(257) }"],
        allows: ["static var a: Purpose { Purpose(0x0101) }\nstatic var b: Purpose { Purpose(0x0102) }"]
    ) { files -> [(SourceFile, Int, String)] in
        var seen: [UInt64: String] = [:]
        var found: [(SourceFile, Int, String)] = []
        for file in files {
            for place in file.places(of: "Purpose (") where place + 2 < file.tokens.count {
                let token = file.tokens[place + 2]
                guard let number = value(of: token) else { continue }
                if let other = seen[number] {
                    found.append((file, token.line, "purpose \(token.text) is taken in \(other)"))
                } else {
                    seen[number] = "\(file.path):\(token.line)"
                }
            }
        }
        return found
    }

    static let scenariosSayWhy = Rule(
        "scenarios say why", in: .scenarios,
        advice: "begin with `scenario \"...\"` and `about \"...\"`: one sentence on why it exists",
        refuses: [
            Snippet("scenarios/a.mesh", "scenario \"A\"\nseeds 1..20\n"),
            Snippet("scenarios/a.mesh", "scenario \"A\"\nabout \"\"\n"),
            Snippet("scenarios/a.mesh", "about \"Because.\"\n"),
        ],
        allows: [Snippet("scenarios/a.mesh", "scenario \"A\"\nabout \"Nothing committed is lost.\"\n")]
    ) { file -> [(Int, String)] in
        ["scenario", "about"].filter { word in
            !file.lines.contains { line in
                let text = line.drop { $0 == " " }
                guard text.hasPrefix(word + " \"") else { return false }
                return text.dropFirst(word.count + 2).first.map { $0 != "\"" } ?? false
            }
        }.map { (1, "no `\($0)` line") }
    }

    static let noMachinePaths = Rule(
        "no machine paths", in: .all,
        advice: "write it relative to the repository, or find it at run time",
        refuses: machineFolders.map { Snippet("README.md", "see \($0)x") },
        allows: [Snippet("README.md", "see scenarios/raft and network/work/x")]
    ) { file -> [(Int, String)] in
        file.lines.enumerated().flatMap { offset, line in
            machineFolders.filter { mentions($0, in: line) }.map { (offset + 1, "the path \($0)") }
        }
    }

    static let linksLeadSomewhere = Rule(
        name: "links lead somewhere",
        advice: "name a file of this repository, relative to the page",
        scope: .all,
        refuses: [Snippet("docs/a.md", "see [b](b.md)"), Snippet("a.md", "[b](docs/) and [a](docs/a.md#part)")],
        allows: [
            Snippet("docs/a.md", "see [a](a.md), [part](#part), [a](../docs/a.md#part), [far](https://b.org/c.md)")
        ]
    ) { files -> [(SourceFile, Int, String)] in
        let paths = Set(files.map(\.path))
        return files.filter { $0.path.hasSuffix(".md") }.flatMap { file in
            links(in: file).filter { link in
                let target = resolved(link.target, from: file.path)
                return !paths.contains(target) && !paths.contains { $0.hasPrefix(target + "/") }
            }.map { (file, $0.line, "the link to \($0.target)") }
        }
    }

    /// The relative links of a page, without the parts behind `#`.
    private static func links(in file: SourceFile) -> [(target: String, line: Int)] {
        file.lines.enumerated().flatMap { offset, line in
            line.split(separator: "](").dropFirst().compactMap { rest -> (String, Int)? in
                let target = rest.prefix { $0 != ")" && $0 != "#" && $0 != " " }
                return target.isEmpty || target.contains(":") ? nil : (String(target), offset + 1)
            }
        }
    }

    /// A relative link as a path from the root.
    private static func resolved(_ link: String, from page: String) -> String {
        var parts = page.split(separator: "/").dropLast().map { String($0) }
        for part in link.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    /// Folders that exist on one machine only; in two parts, so that this file does not name them.
    private static let machineFolders: [String] = ["work", "root", "home", "Users", "opt/swift"].map { "/" + $0 + "/" }

    /// Whether an absolute path begins with this folder, and not a longer relative one.
    private static func mentions(_ folder: String, in line: Substring) -> Bool {
        guard line.utf8.contains(UInt8(ascii: "/")), let range = line.firstRange(of: folder) else { return false }
        guard range.lowerBound > line.startIndex else { return true }
        let before = line[line.index(before: range.lowerBound)]
        return !(before.isLetter || before.isNumber || "._-*}/".contains(before))
    }

    /// The value of an integer literal.
    private static func value(of token: Token) -> UInt64? {
        guard token.kind == .number else { return nil }
        let digits = token.text.filter { $0 != "_" }
        return digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
    }
}
