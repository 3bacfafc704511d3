import MeshCore

/// What `write` writes, as text.
private func written(_ write: (inout TextWriter) -> Void) -> String {
    var writer = TextWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

extension Scenario.Target: CustomStringConvertible {
    /// The target as a file writes it, such as `{leader, random follower}`.
    public var description: String { written { $0.target(self) } }
}

extension Scenario.Links: CustomStringConvertible {
    /// The links as a file writes them, such as `n1 -> n2`.
    public var description: String { written { $0.links(self) } }
}

extension Scenario.Event: CustomStringConvertible {
    /// The event as a file writes it, such as `leader elected`.
    public var description: String { written { $0.event(self) } }
}

extension Scenario.Condition: CustomStringConvertible {
    /// The condition as a file writes it, such as `n3 dead everywhere`.
    public var description: String { written { $0.condition(self) } }
}

extension Scenario.Metric: CustomStringConvertible {
    /// The metric as a file writes it, such as `messages per node`.
    public var description: String { written { $0.metric(self) } }
}

extension Scenario.Comparison: CustomStringConvertible {
    /// The comparison as a file writes it, such as `elections <= 12`.
    public var description: String { written { $0.comparison(self) } }
}

extension Scenario.Claim: CustomStringConvertible {
    /// The claim as a file writes it, such as `within 2s after heal: one leader`.
    public var description: String { written { ExpectSection.write(self, to: &$0) } }
}

extension Scenario.Action: CustomStringConvertible {
    /// The action as a file writes it, such as `crash leader losing unsynced`.
    public var description: String { written { $0.action(self) } }
}

extension Scenario.TimelineStatement: CustomStringConvertible {
    /// The line of the timeline as a file writes it.
    public var description: String { written { TimelineSection.write(self, to: &$0) } }
}

extension Scenario.Latency: CustomStringConvertible {
    /// The distribution as a file writes it, such as `uniform 1ms..10ms`.
    public var description: String { written { $0.latency(self) } }
}

extension Scenario.Variation {
    /// The parameter as a file writes it, such as `gossip fanout`.
    public var name: String { Scenario.Variation.name(of: parameter) }

    /// A value of the parameter as a file writes it, such as `32KiB`.
    public func text(of value: Scenario.Quantity) -> String {
        written { $0.quantity(value, unit: VarySection.entry(of: parameter)?.suffix ?? "") }
    }

    private static func name(of parameter: Scenario.Parameter) -> String {
        written { writer in
            for word in VarySection.entry(of: parameter)?.words ?? [] { writer.word(word) }
        }
    }
}
