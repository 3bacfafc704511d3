import MeshCore

extension Parser {
    /// Whether a metric comes next, followed by what only a metric can be followed by.
    ///
    /// `leader changes` alone is an event, `leader changes <= 3` a comparison.
    var isMetricAhead: Bool {
        if isAhead("time"), isAhead("until", by: 1) { return true }
        for statistic in Words.statistics where isAhead(statistic.word) { return true }
        guard let (_, count) = metricName else { return false }
        if isAhead("per", by: count) { return true }
        for relation in Words.relations where isAhead(relation.word, by: count) { return true }
        return false
    }

    /// Whether the words of a metric come next.
    var isMetricKnown: Bool { isMetricAhead || metricName != nil }

    /// The longest metric of the vocabulary that comes next, and how many tokens it has.
    private var metricName: (name: Scenario.Vocabulary.Name, count: Int)? {
        var best: (name: Scenario.Vocabulary.Name, count: Int)?
        for metric in vocabulary.metrics where metric.words.count > best?.count ?? 0 && startsWith(metric.words) {
            best = (metric, metric.words.count)
        }
        return best
    }

    /// Whether these words come next.
    private func startsWith(_ words: [Bytes]) -> Bool {
        for index in 0..<words.count where !isAhead(words[index], by: index) { return false }
        return true
    }

    /// Takes a metric and gives its unit too.
    mutating func metric() throws(Scenario.ParseError) -> (metric: Scenario.Metric, unit: Scenario.MetricUnit) {
        if isAhead("time"), isAhead("until", by: 1) {
            advance()
            advance()
            return (.timeUntil(try condition()), .time)
        }
        let first = current
        let statistic = accept(Words.statistics)
        guard let (name, count) = metricName else {
            tried.append("time until")
            for candidate in vocabulary.metrics { tried.append(candidate.name) }
            throw expected("a metric such as elections or messages per node")
        }
        for _ in 0..<count { advance() }
        if statistic != nil, !name.isSampled {
            throw error("\"\(name.name.description)\" is one number: it has no \(first.map(shown) ?? "")", at: first)
        }
        let per = accept("per") ? try choose(Words.divisors, "\"node\" or \"second\"") : nil
        return (.named(name.name, statistic: statistic, per: per), name.unit)
    }

    /// Takes a metric compared with a number.
    mutating func comparison() throws(Scenario.ParseError) -> Scenario.Comparison {
        let (metric, unit) = try metric()
        let relation = try choose(Words.relations, "a comparison such as <=")
        return Scenario.Comparison(metric, relation, try bound(unit))
    }

    /// Takes a number in the unit of a metric.
    private mutating func bound(_ unit: Scenario.MetricUnit) throws(Scenario.ParseError) -> Scenario.Quantity {
        switch unit {
        case .count: return .count(try quantity(.number))
        case .time: return .time(Interval(nanoseconds: try quantity(.time)))
        case .size: return .size(Scenario.Size(bytes: try quantity(.size)))
        case .share: return .share(Ratio(millionths: try quantity(.share)))
        }
    }
}
