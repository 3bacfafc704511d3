import MeshCore

extension Scenario.Action {
    /// The action as the language writes it.
    public var text: String {
        var writer = TextWriter()
        writer.action(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension Scenario.Claim {
    /// The expectation as the language writes it.
    public var text: String {
        var writer = TextWriter()
        ExpectSection.write(self, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension Scenario.Metric {
    /// The metric as the language writes it.
    public var text: String {
        var writer = TextWriter()
        writer.metric(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
