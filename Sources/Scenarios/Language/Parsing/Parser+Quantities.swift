import MeshCore

/// A unit of a quantity and how many of the smallest unit it is.
struct Unit: Sendable {
    /// How the unit is written, such as `ms`.
    let text: Bytes

    /// How many of the smallest unit it is.
    let size: UInt64

    /// When greater than 1, the size is divided by it: `/min` is 1,000 thousandths of a hertz over 60.
    let divisor: UInt64

    /// Registers a unit.
    init(_ text: Bytes, _ size: UInt64, dividedBy divisor: UInt64 = 1) {
        self.text = text
        self.size = size
        self.divisor = divisor
    }
}

/// A kind of quantity: what it is called, its units and its bounds.
struct Dimension: Sendable {
    /// What messages call it, with an article: `a duration`.
    let name: String

    /// An example for messages: `50ms`.
    let example: String

    /// The unit messages propose when there is none.
    let usualUnit: String

    /// The units.
    let units: [Unit]

    /// The least value in smallest units.
    let least: Int64

    /// The greatest value in smallest units.
    let most: Int64

    /// The least and the greatest value as text.
    let bounds: (least: String, most: String)

    private static let timeUnits = [
        Unit("ns", 1), Unit("us", 1_000), Unit("ms", 1_000_000), Unit("s", 1_000_000_000),
        Unit("min", 60_000_000_000), Unit("h", 3_600_000_000_000),
    ]

    private static var thousandHours: Int64 { 3_600_000_000_000_000 }

    /// A length of time that may be 0: `at 0s`.
    static let time = Dimension(
        name: "a time", example: "50ms", usualUnit: "ms", units: timeUnits, least: 0, most: thousandHours,
        bounds: ("0s", "1000h"))

    /// A length of time that may not be 0: `heartbeat 50ms`.
    static let duration = Dimension(
        name: "a duration", example: "50ms", usualUnit: "ms", units: timeUnits, least: 1, most: thousandHours,
        bounds: ("1ns", "1000h"))

    /// A difference of clocks, which may be negative: `skew -2s`.
    static let difference = Dimension(
        name: "a difference", example: "+200ms", usualUnit: "ms", units: timeUnits, least: -thousandHours,
        most: thousandHours, bounds: ("-1000h", "1000h"))

    /// A share: `loss 5%`.
    static let share = Dimension(
        name: "a share", example: "5%", usualUnit: "%", units: [Unit("%", 10_000)], least: 0, most: 1_000_000,
        bounds: ("0%", "100%"))

    /// An amount of data: `queue 64KiB`.
    static let size = Dimension(
        name: "a size", example: "64KiB", usualUnit: "KiB",
        units: [Unit("B", 1), Unit("KiB", 1 << 10), Unit("MiB", 1 << 20), Unit("GiB", 1 << 30)], least: 1,
        most: 1 << 40, bounds: ("1B", "1024GiB"))

    /// An amount of data in a second: `bandwidth 10MiB/s`.
    static let bandwidth = Dimension(
        name: "a bandwidth", example: "10MiB/s", usualUnit: "MiB/s",
        units: [Unit("B/s", 1), Unit("KiB/s", 1 << 10), Unit("MiB/s", 1 << 20), Unit("GiB/s", 1 << 30)], least: 1,
        most: 1 << 40, bounds: ("1B/s", "1024GiB/s"))

    /// How often something happens: `rate 100/s`.
    static let rate = Dimension(
        name: "a rate", example: "100/s", usualUnit: "/s",
        units: [Unit("/s", 1_000), Unit("/min", 1_000, dividedBy: 60), Unit("/h", 1_000, dividedBy: 3_600)], least: 1,
        most: 1_000_000_000, bounds: ("0.001/s", "1000000/s"))

    /// A factor: `slow n3 by 10x`.
    static let factor = Dimension(
        name: "a factor", example: "10x", usualUnit: "x", units: [Unit("x", 1_000)], least: 1_000,
        most: 1_000_000_000, bounds: ("1x", "1000000x"))

    /// How fast a clock runs away: `drift +500ppm`.
    static let drift = Dimension(
        name: "a drift", example: "+500ppm", usualUnit: "ppm", units: [Unit("ppm", 1_000)], least: -999_999_000,
        most: 1_000_000_000, bounds: ("-999999ppm", "1000000ppm"))

    /// A plain number that may be 0: `elections <= 0`.
    static let number = Dimension(
        name: "a number", example: "12", usualUnit: "", units: [], least: 0, most: 1_000_000_000_000,
        bounds: ("0", "1000000000000"))

    /// How much a node should rather lead: `priority n1 10`.
    static let priority = Dimension(
        name: "a priority", example: "10", usualUnit: "", units: [], least: 0, most: 255, bounds: ("0", "255"))

    /// The most entries in one message: `batch 64`.
    static let batch = Dimension(
        name: "a number of entries", example: "64", usualUnit: "", units: [], least: 1, most: 65_536,
        bounds: ("1", "65536"))

    /// A part of a snapshot that fits into one message: `snapshot-chunk 1KiB`.
    static let chunk = Dimension(
        name: "a size", example: "64KiB", usualUnit: "KiB", units: size.units, least: 1,
        most: Int64(Raft.Settings.messageByteLimit), bounds: ("1B", "4032KiB"))

    /// What a disk writes whole or not at all: `sector 4KiB`.
    static let sector = Dimension(
        name: "a sector", example: "4KiB", usualUnit: "B", units: size.units, least: 512, most: 1 << 16,
        bounds: ("512B", "64KiB"))

    /// How large a file of a log is: `segment 16KiB`.
    static let segment = Dimension(
        name: "a segment", example: "16KiB", usualUnit: "KiB", units: size.units, least: 1 << 10, most: 1 << 30,
        bounds: ("1KiB", "1GiB"))

    /// A number of steps of work: `events 5000000`.
    static let work = Dimension(
        name: "a number", example: "1000000", usualUnit: "", units: [], least: 1, most: 1_000_000_000_000,
        bounds: ("1", "1000000000000"))

    /// A number of nodes: `nodes 5`.
    static let nodes = Dimension(
        name: "a number of nodes", example: "5", usualUnit: "", units: [], least: 1, most: 10_000,
        bounds: ("1", "10000"))

    /// A plain number that may not be 0: `fanout 3`.
    static let count = Dimension(
        name: "a number", example: "3", usualUnit: "", units: [], least: 1, most: 1_000_000,
        bounds: ("1", "1000000"))
}

extension Parser {
    /// Takes a quantity in smallest units.
    mutating func quantity(_ dimension: Dimension) throws(Scenario.ParseError) -> Int64 {
        guard let token = current, token.kind == .number else {
            throw expected("\(dimension.name) such as \(dimension.example)")
        }
        let value = try number(token, dimension)
        advance()
        return value
    }

    /// Takes a quantity or a range of it that is drawn from.
    mutating func setting<Value: Scenario.Countable>(
        _ dimension: Dimension
    ) throws(Scenario.ParseError) -> Scenario.Setting<Value> {
        let first = current
        let low = try quantity(dimension)
        guard accept("..") else { return .fixed(Value(smallestUnits: low)) }
        let high = try quantity(dimension)
        try checkOrder(low, high, from: first)
        return .drawn(from: Value(smallestUnits: low), to: Value(smallestUnits: high))
    }

    /// Takes a length of time, or two between which each occasion draws its own.
    mutating func intervalRange(_ dimension: Dimension) throws(Scenario.ParseError) -> Scenario.IntervalRange {
        let first = current
        let low = try quantity(dimension)
        var high = low
        if accept("..") {
            high = try quantity(dimension)
            try checkOrder(low, high, from: first)
        }
        return Scenario.IntervalRange(Interval(nanoseconds: low), Interval(nanoseconds: high))
    }

    /// Takes an exact or an approximate length of time: `2s`, `~2s`.
    mutating func pace() throws(Scenario.ParseError) -> Scenario.Pace {
        let isApproximate = accept("~")
        return Scenario.Pace(try setting(.duration), isApproximate: isApproximate)
    }

    /// Takes a seed or another number of 64 bits.
    mutating func wholeNumber(_ what: String) throws(Scenario.ParseError) -> UInt64 {
        guard let token = current, token.kind == .number else { throw expected(what) }
        var value: UInt64 = 0
        for byte in bytes(of: token) {
            guard Lexer.isDigit(byte) else { throw error("expected \(what), found \(shown(token))") }
            let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (next, isStillTooLarge) = tenfold.addingReportingOverflow(UInt64(byte - 0x30))
            guard !isTooLarge, !isStillTooLarge else { throw error("the number is too large") }
            value = next
        }
        advance()
        return value
    }

    /// Complains about a range that runs backwards.
    func checkOrder(_ low: Int64, _ high: Int64, from first: Token?) throws(Scenario.ParseError) {
        guard low > high, let first else { return }
        let last = tokens[position - 1]
        let text = "the range runs backwards: write \(plain(last))..\(plain(first))"
        let length = last.column + self.length(of: last) - first.column
        throw Scenario.ParseError(at: location(of: first), length: length, text)
    }

    /// A token without quotes, for proposals.
    private func plain(_ token: Token) -> String { Bytes(bytes(of: token)).description }

    /// Reads a number token exactly, without overflow and without floating point.
    private func number(_ token: Token, _ dimension: Dimension) throws(Scenario.ParseError) -> Int64 {
        let digits = try Decimal(bytes(of: token), in: self, at: token)
        let unit = try unit(of: token, from: digits.end, dimension)
        let least = dimension.bounds.least
        let most = dimension.bounds.most
        if digits.isNegative, dimension.least >= 0 {
            throw error("\(dimension.name) cannot be negative: \(plain(token))", at: token)
        }
        let magnitude: Int64
        switch digits.scaled(by: unit) {
        case .exact(let value): magnitude = value
        case .tooLarge:
            throw error("\(plain(token)) is too large: \(dimension.name) is at most \(most)", at: token)
        case .inexact:
            if unit.divisor > 1 { throw error("\(plain(token)) is not exact: write it per second", at: token) }
            throw error("\(plain(token)) is finer than \(dimension.name) can be", at: token)
        }
        let value = digits.isNegative ? -magnitude : magnitude
        if value < dimension.least { throw error("\(dimension.name) is at least \(least)", at: token) }
        if value > dimension.most { throw error("\(dimension.name) is at most \(most)", at: token) }
        return value
    }

    /// Finds the unit that begins at an offset of a number token.
    private func unit(of token: Token, from end: Int, _ dimension: Dimension) throws(Scenario.ParseError) -> Unit {
        let all = bytes(of: token)
        let written = Array(all[end...])
        if dimension.units.isEmpty {
            if written.isEmpty { return Unit("", 1) }
            throw error("expected a plain number such as \(dimension.example), found \(shown(token))", at: token)
        }
        if written.isEmpty {
            let proposal = "\(Bytes(Array(all[..<end])).description)\(dimension.usualUnit)"
            throw error("\(dimension.name) needs a unit: \(proposal)", at: token)
        }
        for unit in dimension.units where unit.text.storage == written { return unit }
        let words = dimension.units.map { $0.text }
        let text = "expected \(dimension.name) such as \(dimension.example), found \(shown(token))"
        let near = nearest(to: written, among: words)
        throw error(text, at: token, suggestion: near.map { Bytes(Array(all[..<end]) + $0.storage) })
    }
}

/// A decimal number as written: sign, digits and where the digits end.
private struct Decimal {
    /// The digits without the dot.
    var mantissa: UInt64 = 0

    /// How many of the digits stand after the dot.
    var decimals = 0

    /// Whether it begins with a minus.
    var isNegative = false

    /// The offset of the first byte that is not part of the number.
    var end = 0

    /// Reads the number at the beginning of a token.
    init(_ bytes: [UInt8], in parser: Parser, at token: Token) throws(Scenario.ParseError) {
        if bytes[0] == 0x2d || bytes[0] == 0x2b {
            isNegative = bytes[0] == 0x2d
            end = 1
        }
        var isFraction = false
        while end < bytes.count {
            let byte = bytes[end]
            if byte == 0x2e, !isFraction {
                isFraction = true
            } else if Lexer.isDigit(byte) {
                let (tenfold, isTooLarge) = mantissa.multipliedReportingOverflow(by: 10)
                let (next, isStillTooLarge) = tenfold.addingReportingOverflow(UInt64(byte - 0x30))
                guard !isTooLarge, !isStillTooLarge else {
                    throw parser.error("the number is too large", at: token)
                }
                mantissa = next
                if isFraction { decimals += 1 }
            } else {
                break
            }
            end += 1
        }
    }

    /// What becomes of a number that is counted in smallest units.
    enum Scaled {
        /// A whole number of them.
        case exact(Int64)

        /// Something between two of them.
        case inexact

        /// More than can be counted.
        case tooLarge
    }

    /// The number without its sign, in smallest units.
    func scaled(by unit: Unit) -> Scaled {
        var value = mantissa
        var size = unit.size
        var places = decimals
        while places > 0, size % 10 == 0 {
            size /= 10
            places -= 1
        }
        while places > 0, value % 10 == 0 {
            value /= 10
            places -= 1
        }
        var divisor = unit.divisor
        for _ in 0..<places {
            let (next, isTooLarge) = divisor.multipliedReportingOverflow(by: 10)
            guard !isTooLarge else { return .inexact }
            divisor = next
        }
        let (product, isTooLarge) = value.multipliedReportingOverflow(by: size)
        guard !isTooLarge, product / divisor <= UInt64(Int64.max) else { return .tooLarge }
        return product % divisor == 0 ? .exact(Int64(product / divisor)) : .inexact
    }
}
