import MeshCore

// Stands in until the language draws ranges itself; the commit that brings `drawn(seed:)` and `end` deletes this file.
extension Scenario {
    func drawn(seed: UInt64) -> Scenario { self }
    var end: Interval { .seconds(20) }
}
