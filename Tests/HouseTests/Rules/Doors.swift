/// Which way the doors open: who may import whom.
enum Doors {
    /// What must run the same on every machine.
    static let pure: [String] = ["MeshCore", "Simulator", "Scenarios"]

    /// What each target may depend on; a target that is not listed is a finding.
    static let allowed: [String: [String]] = [
        "MeshCore": [],
        "Simulator": ["MeshCore"],
        "Scenarios": ["MeshCore", "Simulator"],
        "MeshRuntime": ["MeshCore"],
        "mesh": ["MeshCore", "Simulator", "Scenarios", "MeshRuntime"],
        "log-writer": ["MeshCore", "MeshRuntime"],
        "LogFuzz": ["MeshCore", "Simulator"],
        "fuzz-wal": ["MeshCore", "LogFuzz"],
        "fuzz-decoders": ["MeshCore", "Simulator", "MeshTestKit"],
        "mutants": ["MeshCore", "Simulator", "Scenarios"],
        "MeshTestKit": ["MeshCore", "Simulator", "Scenarios"],
    ]

    /// Platform modules, and the targets that may reach them.
    static let platform: [String] = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch", "Synchronization", "WASILibc",
    ]
    static let platformTargets: [String] = [
        "mesh", "MeshRuntime", "log-writer", "fuzz-decoders", "fuzz-wal", "mutants",
    ]

    /// The modules that a file imports, with their lines.
    static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        file.places(of: "import").compactMap { place in
            guard place + 1 < file.tokens.count else { return nil }
            var name = file.tokens[place + 1]
            // `import struct Foundation.Date`
            let kinds = ["struct", "class", "enum", "func", "var", "let", "typealias", "protocol"]
            if kinds.contains(name.text), place + 2 < file.tokens.count { name = file.tokens[place + 2] }
            return name.kind == .word ? (name.text, name.line) : nil
        }
    }

    /// A target of the manifest.
    struct Target {
        let name: String
        let isTest: Bool
        let dependencies: [String]
        let line: Int
    }

    /// The targets of a manifest, read from its text.
    static func targets(of manifest: SourceFile) -> [Target] {
        let tokens = manifest.tokens
        return ["target", "executableTarget", "testTarget"].flatMap { kind in
            manifest.places(of: ". \(kind) (").map { place in
                let end = manifest.closing(place + 2)
                var name = ""
                var dependencies: [String] = []
                for position in place..<end {
                    if tokens[position].isWord("name"), tokens[position + 2].kind == .string, name.isEmpty {
                        name = tokens[position + 2].text
                    }
                    if tokens[position].isWord("dependencies"), tokens[position + 2].isPunctuation("[") {
                        let list = tokens[position + 2..<manifest.closing(position + 2)]
                        dependencies = list.filter { $0.kind == .string }.map(\.text)
                    }
                }
                return Target(
                    name: name, isTest: kind == "testTarget", dependencies: dependencies, line: tokens[place].line)
            }
        }
    }
}

extension Rule {
    static let imports = Rule(
        "imports", in: .sources,
        advice:
            "doors open one way only: MeshCore <- Simulator <- Scenarios <- mesh; move the code or pass a value",
        refuses: [
            Snippet("Sources/MeshCore/A.swift", "import Simulator"),
            Snippet("Sources/MeshCore/A.swift", "public import Foundation"),
            Snippet("Sources/Simulator/A.swift", "import struct Foundation.Date"),
            Snippet("Sources/Scenarios/A.swift", "import mesh"),
            Snippet("Sources/MeshTestKit/A.swift", "import Glibc"),
        ],
        allows: [
            Snippet("Sources/Simulator/A.swift", "public import MeshCore // import Foundation"),
            Snippet("Sources/mesh/A.swift", "import Foundation\nimport Scenarios"),
        ]
    ) { file -> [(Int, String)] in
        let target = file.target ?? ""
        let reachable =
            (Doors.allowed[target] ?? []) + (Doors.platformTargets.contains(target) ? Doors.platform : [])
        return Doors.imports(of: file).filter { !reachable.contains($0.module) }
            .map { ($0.line, "\(target) imports \($0.module)") }
    }

    static let packageDoors = Rule(
        "package doors", in: .manifest,
        advice: "keep the dependencies of Package.swift to MeshCore <- Simulator <- Scenarios <- mesh",
        refuses: [
            Snippet("Package.swift", ".target(name: \"MeshCore\", dependencies: [\"Simulator\"])"),
            Snippet("Package.swift", ".target(name: \"Unheard\", dependencies: [])"),
            Snippet("Package.swift", ".executableTarget(name: \"mesh\", dependencies: [\"MeshTestKit\"])"),
            Snippet("Package.swift", ".package(url: \"somewhere\", from: \"1.0.0\")"),
        ],
        allows: [Snippet("Package.swift", ".testTarget(name: \"XTests\", dependencies: [\"MeshTestKit\"])")]
    ) { file -> [(Int, String)] in
        var found = file.places(of: ". package (").map { (file.tokens[$0].line, "an external package") }
        for target in Doors.targets(of: file) where !target.isTest {
            guard let allowed = Doors.allowed[target.name] else {
                found.append((target.line, "the target \(target.name) has no doors listed in Doors.swift"))
                continue
            }
            for dependency in target.dependencies where !allowed.contains(dependency) {
                found.append((target.line, "\(target.name) depends on \(dependency)"))
            }
        }
        return found
    }

    static let noTestable = Rule(
        "no @testable", in: .swift, bans: ["@ testable"],
        advice: "use `package` access for what our own targets share",
        refuses: ["@testable import MeshCore"], allows: ["import MeshCore"])
}
