import MeshCore

extension Scenario: CustomStringConvertible {
    /// The scenario in its canonical text; reading it gives the same scenario again.
    ///
    /// - Complexity: O(length of the text).
    public var text: [UInt8] {
        var writer = TextWriter()
        HeaderSection.write(self, to: &writer)
        BudgetSection.write(budget, to: &writer)
        ClusterSection.write(cluster, to: &writer)
        VarySection.write(variations, to: &writer)
        NetworkSection.write(network, to: &writer)
        DiskSection.write(disk, to: &writer)
        for workload in workloads { WorkloadSection.write(workload, to: &writer) }
        TimelineSection.write(timeline, to: &writer)
        MeasureSection.write(measures, to: &writer)
        ExpectSection.write(expectations, to: &writer)
        writer.endLine()
        return writer.bytes
    }

    /// The canonical text.
    public var description: String { String(decoding: text, as: UTF8.self) }
}
