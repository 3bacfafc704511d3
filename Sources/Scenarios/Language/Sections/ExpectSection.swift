import MeshCore

/// `expect`: `always raft-safety`, `never leader lost`, `within 2s after heal: one leader`, `elections <= 12`, ...
enum ExpectSection {
    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("expect")
    }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        let first = parser.tokens[parser.position]
        let claim: Scenario.Claim
        if parser.isMetricKnown {
            claim = .compares(try parser.comparison())
        } else if let read = try parser.accept(forms) {
            claim = read
        } else {
            for metric in parser.vocabulary.metrics { parser.tried.append(metric.name) }
            throw parser.unknown("word", in: "expect", .checker)
        }
        parser.scenario.expectations.append(Scenario.Expectation(claim, location: parser.location(of: first)))
    }

    static let forms: [Form<Scenario.Claim>] = [
        Form("always") { (parser: inout Parser) throws(Scenario.ParseError) in .always(try checker(&parser)) },
        Form("never") { (parser: inout Parser) throws(Scenario.ParseError) in .never(try parser.event()) },
        Form("sometimes") { (parser: inout Parser) throws(Scenario.ParseError) in .sometimes(try parser.event()) },
        Form("within") { (parser: inout Parser) throws(Scenario.ParseError) in
            let token = parser.current
            let bound: Scenario.Setting<Interval> = try parser.setting(.duration)
            if let token { parser.mention(.moment(bound.value), at: token) }
            let event = parser.accept("after") ? try parser.event() : nil
            try parser.expect(":")
            return .within(bound, after: event, try parser.condition())
        },
        Form("at") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("end")
            try parser.expect(":")
            return .atEnd(try parser.condition())
        },
        Form("failure") { (parser: inout Parser) throws(Scenario.ParseError) in .failure(try checker(&parser)) },
        Form("digest") { (parser: inout Parser) throws(Scenario.ParseError) in
            .digest(seed: try parser.wholeNumber("a seed such as 1"), try parser.digest())
        },
    ]

    /// Takes the name of a checker.
    private static func checker(_ parser: inout Parser) throws(Scenario.ParseError) -> Bytes {
        let token = parser.current
        let name = try parser.name("a checker such as raft-safety")
        guard let token else { return name }
        if let notYet = Unsupported.text(for: name.storage, in: .checker) {
            throw parser.error("not supported yet: \(notYet)", at: token)
        }
        for checker in parser.vocabulary.checkers where checker.name == name {
            parser.need(oneOf: checker.needs, for: token)
            return name
        }
        let near = nearest(to: name.storage, among: parser.vocabulary.checkers.map { $0.name })
        throw parser.error("unknown checker \(parser.shown(token))", at: token, suggestion: near)
    }

    static func write(_ expectations: [Scenario.Expectation], to writer: inout TextWriter) {
        guard !expectations.isEmpty else { return }
        writer.beginSection("expect")
        for expectation in expectations {
            writer.newLine()
            write(expectation.claim, to: &writer)
        }
    }

    static func write(_ claim: Scenario.Claim, to writer: inout TextWriter) {
        switch claim {
        case .always(let checker):
            writer.word("always")
            writer.word(checker)
        case .never(let event):
            writer.word("never")
            writer.event(event)
        case .sometimes(let event):
            writer.word("sometimes")
            writer.event(event)
        case .within(let bound, let event, let condition):
            writer.word("within")
            writer.setting(bound)
            if let event {
                writer.word("after")
                writer.event(event)
            }
            writer.glue(":")
            writer.condition(condition)
        case .atEnd(let condition):
            writer.words("at end:")
            writer.condition(condition)
        case .compares(let comparison): writer.comparison(comparison)
        case .failure(let checker):
            writer.word("failure")
            writer.word(checker)
        case .digest(let seed, let value):
            writer.word("digest")
            writer.text("\(seed)")
            writer.text(hexadecimal(value))
        }
    }
}

extension Parser {
    /// Takes a digest: sixteen hexadecimal digits.
    mutating func digest() throws(Scenario.ParseError) -> UInt64 {
        guard let token = current, token.kind != .string, token.end - token.start == 16 else {
            throw expected("a digest of sixteen hexadecimal digits")
        }
        var value: UInt64 = 0
        for index in token.start..<token.end {
            guard let digit = hexadecimalDigit(source[index]) else {
                throw expected("a digest of sixteen hexadecimal digits")
            }
            value = value << 4 | UInt64(digit)
        }
        advance()
        return value
    }
}

/// `measure`: a metric on each line.
enum MeasureSection {
    /// The most metrics of a table.
    private static var limit: Int { 64 }

    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("measure")
    }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        let first = parser.tokens[parser.position]
        if first.kind == .word, !parser.isMetricKnown {
            for metric in parser.vocabulary.metrics { parser.tried.append(metric.name) }
            throw parser.unknown("metric", in: "measure", .setting)
        }
        let metric = try parser.metric().metric
        let measure = Scenario.Measure(metric, location: parser.location(of: first))
        guard parser.scenario.measures.count < limit else {
            throw parser.error("a file has at most \(limit) measures", at: first)
        }
        for earlier in parser.scenario.measures where earlier == measure {
            throw parser.error("this is already measured on line \(earlier.location.line)", at: first)
        }
        parser.scenario.measures.append(measure)
    }

    static func write(_ measures: [Scenario.Measure], to writer: inout TextWriter) {
        guard !measures.isEmpty else { return }
        writer.beginSection("measure")
        for measure in measures {
            writer.newLine()
            writer.metric(measure.metric)
        }
    }
}
