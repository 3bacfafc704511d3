extension Rule {
    static let noDictionaryOrSet = Rule(
        "no Dictionary or Set", in: .pure,
        advice: "use SortedMap, an array or BitSet: their order is the same in every process",
        refuses: [
            "let a: Dictionary<Int, Int>", "var a = Set<NodeID>()", "let a: [NodeID: Int] = x",
            "let a = [1: 2, 3: 4]", "let a = [:]", "func f(_ a: [Int: [Int]]) {}",
            "let a: Array<[Int: Int]>",
        ],
        allows: [
            "let a: BitSet", "let a = [x ? 1 : 2]", "a[key, default: 0] += 1", "a[at: 3] = 4",
            "f(a: [1, 2], b: [g(c: 3)])", "struct A: OptionSet {}", "var a: Int { set { b = newValue } }",
            "let a = \"[1: 2]\" // a Set", "let a = \"\\(b, default: \"[:]\")\"", "let a = [{ (b: Int) in b }]",
            "switch a { case [let b]: c }",
        ]
    ) { file -> [(Int, String)] in
        dictionaries(in: file)
            + ["Dictionary", "Set", "NSDictionary"].flatMap { name in
                file.places(of: name).map { (file.tokens[$0].line, "`\(name)`") }
            }
    }

    static let noSystemRandomness = Rule(
        "no system randomness", in: .pure,
        bans: [
            ". random ( in", ". random ( using", ". random ( )", ". shuffled (", ". shuffle (", ". randomElement (",
            "SystemRandomNumberGenerator",
            "arc4random", "RandomNumberGenerator",
        ],
        advice: "ask Random.bits(purpose, occasion) for a keyed decision",
        refuses: [
            "let a = Int.random(in: 1...6)", "let a = Bool.random()", "a.shuffled()",
            "let a = \"\\(b.randomElement())\"",
        ],
        allows: [
            "let a = random.bits(.loss, link, now)", "case .random(let count): count", "/// a.shuffled() would differ",
        ])

    static let noClock = Rule(
        "no clock", in: .pure,
        bans: ["ContinuousClock", "SuspendingClock", "Date (", "clock_gettime", "DispatchTime", "CFAbsoluteTime"],
        advice: "take the `now` that step was given; timers measure elapsed time",
        refuses: ["let now = ContinuousClock().now", "let a = Date()"],
        allows: ["let a = Instant.zero", "let b = upDate()"])

    static let noTasksAndLocks = Rule(
        "no tasks and locks", in: .pure,
        bans: ["Task {", "Task .", "async", "await", "actor", "Mutex", "NSLock", "DispatchQueue", "Thread"],
        advice: "write an effect; the driver carries it out",
        refuses: ["Task { f() }", "func f() async {}", "actor A {}"], allows: ["struct Task2 {}"])

    static let noPrinting = Rule(
        "no printing", in: .pure, bans: ["print (", "debugPrint (", "dump (", "NSLog ("],
        advice: "write an .output effect, or put it into the report",
        refuses: ["print(\"here\")"], allows: ["reprint(a)", "// print(a)"])

    static let noFloatingPoint = Rule(
        "no floating point", in: .pure,
        advice: "use Ratio, Interval or integers: floating point must not reach a decision",
        refuses: ["let a: Double = 1", "let a = Float(b)", "let a = 0.5"],
        allows: ["let a = b.0.1", "let a = 0..<5", "let a = 1_000", "let a = \"0.5\"", "let a = 0x1f"]
    ) { file -> [(Int, String)] in
        let names = ["Double", "Float", "Float16", "Float32", "Float64", "Float80", "CGFloat"]
        let types = names.flatMap { name in
            file.places(of: name).map { (file.tokens[$0].line, "`\(name)`") }
        }
        // `tuple.0.1` is lexed as the number 0.1 behind a point.
        let literals = file.tokens.indices.filter { place in
            file.tokens[place].kind == .number && file.tokens[place].text.contains(".")
                && !(place > 0 && file.tokens[place - 1].isPunctuation("."))
        }
        return types + literals.map { (file.tokens[$0].line, "the literal \(file.tokens[$0].text)") }
    }

    static let noProcessDependentHashes = Rule(
        "no process-dependent hashes", in: .pure, bans: [". hashValue", "Hasher (", "ObjectIdentifier"],
        advice: "use Digest: it is the same in every process",
        refuses: ["let a = b.hashValue", "var a = Hasher()"],
        allows: ["struct A: Hashable {}", "func hash(into hasher: inout Hasher) {}"])

    static let no128BitArithmetic = Rule(
        "no 128-bit arithmetic", in: .pure,
        bans: ["Duration", "UInt128", "Int128", "multipliedFullWidth", "dividingFullWidth"],
        advice: "use Interval and 64-bit words: wasm32 has no 128-bit arithmetic",
        refuses: ["let a: Duration = b", "a.multipliedFullWidth(by: b)"], allows: ["let holdDuration = 1"])

    static let noExistentials = Rule(
        "no existentials", in: .pure,
        advice: "make it generic or an enum: Embedded Swift has no `any`",
        refuses: ["let a: any StateMachine", "func f(_ a: [any Error]) {}"],
        allows: ["case any", "let a = .any", "f(any: 3)", "// any Message"]
    ) { file -> [(Int, String)] in
        file.places(of: "any").filter { place in
            guard place + 1 < file.tokens.count, file.tokens[place + 1].kind == .word else { return false }
            return file.tokens[place + 1].text.first?.isUppercase == true
                && !(place > 0 && file.tokens[place - 1].isPunctuation("."))
        }.map { (file.tokens[$0].line, "`any \(file.tokens[$0 + 1].text)`") }
    }

    static let noKeyPaths = Rule(
        "no key paths", in: .pure, bans: ["\\"],
        advice: "write a closure, `{ $0.name }`: Embedded Swift has no key paths",
        refuses: ["let a = b.map(\\.c)", "let a = \\B.c"], allows: ["let a = \"\\(b)\\n\""])

    static let noClasses = Rule(
        "no classes", in: .pure,
        advice: "use a struct or an enum: a machine is a value that can be copied, forked and rewound",
        refuses: ["final class A {}"], allows: ["protocol A: AnyObject {}", "let a = b.class"]
    ) { file -> [(Int, String)] in
        file.places(of: "class").filter { place in
            place + 1 < file.tokens.count && file.tokens[place + 1].kind == .word
                && !(place > 0 && file.tokens[place - 1].isPunctuation("."))
        }.map { (file.tokens[$0].line, "a class") }
    }

    static let noUnsafe = Rule(
        "unsafe", in: .pure, bans: ["unsafe"],
        advice: "keep unsafe code in Outbox.swift; use arrays and spans elsewhere",
        refuses: ["let a = unsafe b[0]"], allows: ["let isUnsafe = true", "// unsafe"])

    static let invariantsKeepTheirText = Rule(
        "invariants keep their text", in: .pure,
        bans: ["precondition (", "preconditionFailure (", "assert (", "assertionFailure ("],
        advice: "use invariant(_:_:): the others lose their text, or their check, in release builds",
        refuses: ["precondition(a > 0, \"text\")", "assert(a)"], allows: ["invariant(a > 0, \"text\")"])

    /// Dictionary types and literals: `[`, not a subscript, with a colon of its own that no `?` explains.
    static func dictionaries(in file: SourceFile) -> [(Int, String)] {
        let tokens = file.tokens
        return file.places(of: "[").compactMap { open in
            if open > 0, tokens[open].isAttached, endsOperand(tokens[open - 1]) { return nil }
            var depth = 0
            var questions = 0
            for position in open..<tokens.count {
                let token = tokens[position]
                guard token.kind == .punctuation else { continue }
                switch token.text {
                case "(", "[", "{": depth += 1
                case ")", "]", "}":
                    depth -= 1
                    if depth == 0 { return nil }
                case "?" where depth == 1 && !token.isAttached: questions += 1
                case ":" where depth == 1:
                    if questions == 0 { return (token.line, "a dictionary, `[key: value]`") }
                    questions -= 1
                default: break
                }
            }
            return nil
        }
    }

    /// Whether a `[` right behind this token is a subscript.
    private static func endsOperand(_ token: Token) -> Bool {
        switch token.kind {
        case .word, .number, .string: true
        case .punctuation: [")", "]", "?", "!", "}", "`"].contains(token.text)
        }
    }
}
