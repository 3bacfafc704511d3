import Testing

@Suite("The lexer of the rules")
struct LexerTests {
    private func words(_ text: String) -> [String] { Lexer(text).tokens.filter { $0.kind == .word }.map(\.text) }

    @Test("Comments hold no tokens, nested ones included")
    func comments() {
        #expect(words("a // b\nc /* d /* e */ f */ g") == ["a", "c", "g"])
    }

    @Test("Strings hold no tokens, but their interpolations do")
    func strings() {
        #expect(words(#"a("b \(c("d") + e) f") g"#) == ["a", "c", "e", "g"])
        #expect(words("a(#\"b \\(c) \\#(d) \"e\" \"#) f") == ["a", "d", "f"])
        #expect(words("a(\"\"\"\n  b \"c\" \\(d)\n  \"\"\") e") == ["a", "d", "e"])
    }

    @Test("An escaped quote does not end a string")
    func escapes() {
        #expect(words(#"a("b \" c") d"#) == ["a", "d"])
    }

    @Test("Lines are counted through strings and comments")
    func lines() {
        let tokens = Lexer("a\n/* b\n */ c\n\"\"\"\n d\n\"\"\"\ne").tokens
        #expect(tokens.map(\.line) == [1, 3, 4, 7])
    }

    @Test("Numbers keep their point only before a digit")
    func numbers() {
        #expect(
            Lexer("0.5 0..<5 1_000 0xff a.0").tokens.filter { $0.kind == .number }.map(\.text)
                == ["0.5", "0", "5", "1_000", "0xff", "0"])
    }
}
